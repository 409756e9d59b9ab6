/* Sensors as NPZ files: what is written is read back, NumPy's files are read, and everything that is not what it should be is named. */
#include "bicross/data/sensor.h"
#include "tests/support.h"
#include "tests/support_npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The call failed with this status, and its message holds the file's name and both words. */
static void expect_failure(bc_status status, bc_status wanted, bc_error *err, const char *first,
                           const char *second) {
    ck_assert_msg(strstr(err->text, test_path_text), "\"%s\" lacks %s", err->text, test_path_text);
    test_expect_failure(status, wanted, err, first, second);
}

static float pattern[12] = {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f, 1, 1.125f, 1.25f, 1.375f};
static bc_light light[2] = {{0.25f, 0.5f}, {0, 1}};
static const bc_sensor known = {3, 4, pattern, 2, light};
static const bc_npy_array known_pattern = {"<f4", 2, (const long[]){3, 4}, pattern},
                          known_light = {"<f4", 2, (const long[]){2, 2}, light};

static void check_known(const char *path) {
    bc_sensor read;
    ck_ok(bc_sensor_read(&test_error, path, &read));
    ck_assert(read.height == 3 && read.width == 4 && read.image_count == 2);
    ck_assert_mem_eq(read.pattern, pattern, sizeof pattern);
    ck_assert_mem_eq(read.images, light, sizeof light);
    bc_sensor_release(&read);
}

static void read_bytes(uint8_t **bytes, size_t *size) {
    ck_ok(bc_file_read(&test_error, test_path_text, bytes, size));
}

START_TEST(sensors_round_trip) {
    uint8_t *bytes[2];
    size_t sizes[2];
    static const char *const zones[] = {"UTC", "Asia/Tokyo"};
    for (int i = 0; i < 2; i++) { /* wherever and whenever */
        setenv("TZ", zones[i], 1);
        tzset();
        ck_ok(bc_sensor_write(&test_error, test_path("own.npz"), &known));
        check_known(test_path_text);
        read_bytes(&bytes[i], &sizes[i]);
    }
    ck_assert_uint_eq(sizes[0], sizes[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}
END_TEST

START_TEST(archives_of_others_are_read) {
    const double seven = 7;
    const bc_npz_member members[] = {
        {"light", known_light}, {"other", {"<f8", 0, NULL, &seven}}, {"pattern", known_pattern}};
    test_pack_npz(test_path("stored.npz"), ZIP_CM_STORE, members, 3);
    check_known(test_path_text);
    test_pack_npz(test_path("deflated.npz"), ZIP_CM_DEFLATE, members, 3);
    check_known(test_path_text);
    check_known(TEST_SOURCE_DIR "/fuzz/corpus/npz/savez"); /* by NumPy 2 */
    check_known(TEST_SOURCE_DIR "/fuzz/corpus/npz/savez_compressed");
}
END_TEST

START_TEST(arrays_that_are_no_sensor_s) {
    static const double one = 1;
    static const float bad[8] = {1, 1, 1, 1, NAN, 1, -1, INFINITY}, falls[2] = {0.5f, 0.25f};
    static const struct {
        const char *member, *type;
        int rank;
        long shape[2];
        const void *data;
        const char *found;
    } cases[] = {
        {"pattern", "<f8", 2, {1, 1}, &one, "<f8"},
        {"pattern", "<f4", 1, {4, 0}, pattern, "found 1"},
        {"pattern", "<f4", 2, {0, 4}, pattern, "(0, 4)"},
        {"pattern", "<f4", 2, {2, 3}, bad, "nan in row 1, column 1"},
        {"pattern", "<f4", 2, {1, 2}, bad + 5, "-1 in row 0, column 1"},
        {"pattern", "<f4", 2, {1, 1}, bad + 7, "inf in row 0, column 0"},
        {"light", "|u1", 2, {1, 2}, "ab", "|u1"},
        {"light", "<f4", 2, {0, 2}, light, "(0, 2)"},
        {"light", "<f4", 2, {1, 3}, pattern, "(1, 3)"},
        {"light", "<f4", 2, {1, 2}, bad + 6, "-1 in row 0, column 0"},
        {"light", "<f4", 2, {2, 2}, pattern + 8, "1 and 1.125 in row 0"},
        {"light", "<f4", 2, {1, 2}, falls, "0.5 and 0.25 in row 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_error err = {0};
        bc_sensor sensor;
        char member[32];
        bc_npz_member members[] = {{"pattern", known_pattern}, {"light", known_light}};
        members[strcmp(cases[i].member, "light") == 0].array =
            (bc_npy_array){cases[i].type, cases[i].rank, cases[i].shape, cases[i].data};
        ck_ok(bc_npz_write(&test_error, test_path("bad.npz"), members, 2));
        snprintf(member, sizeof member, ", %s.npy: ", cases[i].member);
        expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err, member,
                       cases[i].found);
        ck_assert(!sensor.pattern && !sensor.images);
    }
}
END_TEST

/* As the known sensor's file, but for one part of it. */
static void refuse_changed(size_t at, const char *with, size_t length, const char *first,
                           const char *second) {
    bc_error err = {0};
    bc_sensor sensor;
    uint8_t *bytes;
    size_t size;
    ck_ok(bc_sensor_write(&test_error, test_path("changed.npz"), &known));
    read_bytes(&bytes, &size);
    memcpy(bytes + at, with, length);
    ck_ok(bc_file_write(&test_error, test_path_text, bytes, size));
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err, first, second);
    free(bytes);
}

/* Where the list of members begins at the end of the known sensor's file. */
static size_t central_directory(void) {
    uint8_t *bytes;
    size_t size;
    ck_ok(bc_sensor_write(&test_error, test_path("whole.npz"), &known));
    read_bytes(&bytes, &size);
    const uint8_t *found = memmem(bytes, size, "PK\1\2", 4);
    ck_assert_ptr_nonnull(found);
    size_t at = (size_t)(found - bytes);
    free(bytes);
    return at;
}

START_TEST(damaged_archives) {
    enum { METHOD = 10, LENGTH = 24 }; /* of a member, in the list */
    size_t list = central_directory();
    refuse_changed(41 + 128, "\x55", 1, ", pattern.npy: ", "cannot be unpacked"); /* an element */
    refuse_changed(list + METHOD, "\x0c", 1,
                   ", pattern.npy: ", "stored or deflated member, found zip's method 12");
    refuse_changed(list + LENGTH, "\0\0\0\x7f", 4, ", pattern.npy: ", "2032.0 MiB, expected at most 64 MiB");
    refuse_changed(list + LENGTH, "\xb1", 1, ", pattern.npy: ", "unpacked");
    refuse_changed(list + LENGTH, "\xaf", 1, ", pattern.npy: ", "unpacked");
    refuse_changed(list, "PX", 2, "expected an NPZ file", "zip");
    const bc_npz_member half = {"pattern", known_pattern};
    bc_error err = {0};
    bc_sensor sensor;
    ck_ok(bc_file_write(&test_error, test_path("text.npz"), "no archive", 10));
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err, "expected an NPZ file",
                   "zip");
    ck_ok(bc_file_write(&test_error, test_path("empty.npz"), "", 0));
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err, "empty.npz", "expected");
    ck_ok(bc_npz_write(&test_error, test_path("half.npz"), &half, 1));
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err,
                   ", light.npy: ", "found none among 1");
    expect_failure(bc_sensor_read(&err, test_path("missing.npz"), &sensor), BC_E_FILE, &err, "missing.npz",
                   "No such file");
}
END_TEST

START_TEST(archives_that_are_too_large) {
    enum { SIDE = 4096 };
    bc_error err = {0};
    bc_sensor sensor, large = {SIDE + 1, SIDE, calloc((SIDE + 1) * SIDE, sizeof(float)), 2, light};
    const long shape[2] = {large.height, large.width};
    const bc_npz_member bomb = {"pattern", {"<f4", 2, shape, large.pattern}};
    ck_assert_ptr_nonnull(large.pattern);
    test_pack_npz(test_path("bomb.npz"), ZIP_CM_DEFLATE, &bomb, 1);
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FORMAT, &err,
                   ", pattern.npy: ", "64.0 MiB, expected at most 64 MiB");
    expect_failure(bc_sensor_write(&err, test_path("never.npz"), &large), BC_E_FORMAT, &err,
                   ", pattern.npy: ", "expected at most 64 MiB");
    ck_assert(!bc_file_exists(test_path_text));
    free(large.pattern);
    ck_ok(bc_file_write(&test_error, test_path("sparse.npz"), "PK", 2));
    ck_assert_int_eq(truncate(test_path_text, (off_t)1 << 30), 0);
    expect_failure(bc_sensor_read(&err, test_path_text, &sensor), BC_E_FILE, &err, "1024.0 MiB",
                   "expected at most 256 MiB");
    expect_failure(bc_sensor_write(&err, test_path("no/where.npz"), &known), BC_E_FILE, &err, "cannot write",
                   "No such file");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("npz");
    TCase *t = tcase_create("npz");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, sensors_round_trip);
    tcase_add_test(t, archives_of_others_are_read);
    tcase_add_test(t, arrays_that_are_no_sensor_s);
    tcase_add_test(t, damaged_archives);
    tcase_add_test(t, archives_that_are_too_large);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
