/* The training log: CSV rows, resuming, curves read back, and TensorBoard records byte by byte. */
#include "bicross/formats/tfevents.h"
#include "bicross/train/runlog.h"
#include "tests/support.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static char folder[512];

static void setup(void) {
    static int number;
    bc_error_clear(&test_error);
    snprintf(folder, sizeof folder, "%s/run-%d", test_folder(), number++);
    ck_ok(bc_make_folder(&test_error, folder));
}

static const char *path_of(const char *name) {
    return test_path_in(folder, name);
}

static void check_csv(const char *expected) {
    uint8_t *text;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path_of("log.csv"), &text, &bytes));
    ck_assert_str_eq((char *)text, expected);
    free(text);
}

/* Writes rows of two values at steps first, first+10, .. last. */
static void write_rows(long resume_step, long first, long last) {
    static const char *const names[] = {"total", "validation/SigLoss"};
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, resume_step, &log));
    for (long step = first; step <= last; step += 10) {
        float values[] = {0.5f / (float)step, 0.1f};
        ck_ok(bc_runlog_write(log, &test_error, step, 2, names, values));
    }
    bc_runlog_close(log);
}

static int count_event_files(char name[256]) {
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    int count = 0;
    for (struct dirent *e; (e = readdir(entries)) != NULL;)
        if (strncmp(e->d_name, "events.out.tfevents.", 20) == 0 && strstr(e->d_name, ".bicross")) {
            snprintf(name, 256, "%s", e->d_name);
            count++;
        }
    closedir(entries);
    return count;
}

START_TEST(test_checksum) {
    ck_assert_uint_eq(bc_crc32c("123456789", 9), 0xE3069283u);
    ck_assert_uint_eq(bc_crc32c("", 0), 0);
    uint8_t zeros[32] = {0};
    ck_assert_uint_eq(bc_crc32c(zeros, 32), 0x8A9136AAu); /* RFC 3720, B.4 */
    uint32_t masked = bc_crc32c_masked("123456789", 9) - 0xA282EAD8u;
    ck_assert_uint_eq((masked >> 17) | (masked << 15), 0xE3069283u);
}
END_TEST

START_TEST(test_rows) {
    write_rows(0, 10, 20);
    check_csv("step,name,value\n10,total,0.0500000007\n10,validation/SigLoss,0.100000001\n"
              "20,total,0.0250000004\n20,validation/SigLoss,0.100000001\n");
    write_rows(0, 30, 20); /* starting afresh drops what was there */
    check_csv("step,name,value\n");
}
END_TEST

START_TEST(test_resume) {
    write_rows(0, 10, 30);
    FILE *csv = fopen(path_of("log.csv"), "a");
    ck_assert_ptr_nonnull(csv);
    fputs("20,tot", csv); /* as a kill leaves it */
    fclose(csv);
    write_rows(20, 30, 40);
    bc_curve *curves;
    int count;
    ck_ok(bc_runlog_curves(&test_error, folder, &curves, &count));
    ck_assert_int_eq(count, 2);
    ck_assert_str_eq(curves[0].name, "total");
    ck_assert_str_eq(curves[1].name, "validation/SigLoss");
    ck_assert_int_eq(curves[0].count, 4);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(curves[0].steps[i], 10 * (i + 1));
        ck_assert_float_eq(curves[0].values[i], 0.5f / (float)(10 * (i + 1)));
    }
    bc_curves_release(curves, count);
    char name[256];
    ck_assert_int_eq(count_event_files(name), 2); /* each start has its own */
}
END_TEST

/* A little-endian number at p. */
static uint64_t number_at(const uint8_t *p, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)p[i] << (8 * i);
    return value;
}

/* Checks the frame at p and returns its data. */
static const uint8_t *check_frame(const uint8_t *p, const uint8_t *end, size_t *length) {
    ck_assert(p + 16 <= end);
    *length = number_at(p, 8);
    ck_assert(p + 16 + *length <= end);
    ck_assert_uint_eq(number_at(p + 8, 4), bc_crc32c_masked(p, 8));
    ck_assert_uint_eq(number_at(p + 12 + *length, 4), bc_crc32c_masked(p + 12, *length));
    return p + 12;
}

START_TEST(test_events) {
    static const char *const names[] = {"a", "bc"};
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    ck_ok(bc_runlog_write(log, &test_error, 300, 2, names, (float[]){1.0f, -2.0f}));
    bc_runlog_close(log);
    char name[256];
    ck_assert_int_eq(count_event_files(name), 1);
    uint8_t *file;
    size_t bytes, length;
    ck_ok(bc_file_read(&test_error, path_of(name), &file, &bytes));
    const uint8_t *data = check_frame(file, file + bytes, &length);
    ck_assert_uint_eq(data[0], 1 << 3 | 1);
    ck_assert_uint_eq(length, 9 + 2 + 13);
    ck_assert_mem_eq(data + 9,
                     "\x1a\x0d"
                     "brain.Event:2",
                     15);
    const uint8_t *second = data + length + 4;
    data = check_frame(second, file + bytes, &length);
    static const uint8_t expected[] = {2 << 3,     0xAC,    0x02, /* step 300 */
                                       5 << 3 | 2, 10 + 11,       /* summary */
                                       1 << 3 | 2, 8,       1 << 3 | 2, 1,          'a', 2 << 3 | 5, 0,
                                       0,          0x80,    0x3f,       1 << 3 | 2, 9,   1 << 3 | 2, 2,
                                       'b',        'c',     2 << 3 | 5, 0,          0,   0,          0xc0};
    ck_assert_uint_eq(length, 9 + sizeof expected);
    ck_assert_mem_eq(data + 9, expected, sizeof expected);
    ck_assert_ptr_eq(data + length + 4, file + bytes);
    free(file);
}
END_TEST

/* What TensorBoard forgets by: a session that starts after the step that was resumed. */
START_TEST(test_a_resumed_session_says_where_it_starts) {
    bc_runlog *log;
    char name[256];
    uint8_t *file;
    size_t bytes, length;
    ck_ok(bc_runlog_open(&test_error, folder, 299, &log));
    bc_runlog_close(log);
    ck_assert_int_eq(count_event_files(name), 1);
    ck_ok(bc_file_read(&test_error, path_of(name), &file, &bytes));
    const uint8_t *data = check_frame(file, file + bytes, &length);
    data = check_frame(data + length + 4, file + bytes, &length);
    static const uint8_t expected[] = {2 << 3, 0xAC, 0x02, 7 << 3 | 2, 2, 1 << 3, 1}; /* step 300, START */
    ck_assert_uint_eq(length, 9 + sizeof expected);
    ck_assert_mem_eq(data + 9, expected, sizeof expected);
    ck_assert_ptr_eq(data + length + 4, file + bytes);
    free(file);
}
END_TEST

START_TEST(test_only_our_logs_are_removed) {
    static const char *const others[] = {"events.out.tfevents.7.other", "events.out.tfevents.x.bicross",
                                         "log.csv.old"};
    bc_runlog *log;
    char name[256];
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    bc_runlog_close(log);
    for (int i = 0; i < 3; i++)
        ck_ok(bc_file_write(&test_error, path_of(others[i]), "", 0));
    ck_ok(bc_runlog_remove(&test_error, folder));
    ck_assert(!bc_file_exists(path_of("log.csv")));
    ck_assert_int_eq(count_event_files(name), 1); /* somebody else's */
    for (int i = 0; i < 3; i++)
        ck_assert(bc_file_exists(path_of(others[i])));
}
END_TEST

START_TEST(test_a_log_that_is_gone) {
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    ck_ok(bc_runlog_remove(&test_error, folder));
    ck_assert_int_eq(
        bc_runlog_write(log, &test_error, 1, 1, (const char *const[]){"total"}, (const float[]){1}),
        BC_E_FILE);
    ck_assert_ptr_nonnull(strstr(test_error.text, "log.csv was removed"));
    bc_error_clear(&test_error);
    bc_runlog_close(log);
}
END_TEST

START_TEST(test_refused) {
    bc_runlog *log;
    ck_assert_int_eq(bc_runlog_open(&test_error, "/nowhere/run", 0, &log), BC_E_FILE);
    ck_assert_ptr_null(log);
    ck_assert_ptr_nonnull(strstr(test_error.text, "/nowhere/run"));
    bc_error_clear(&test_error);
    bc_curve *curves;
    int count;
    ck_assert_int_eq(bc_runlog_curves(&test_error, folder, &curves, &count), BC_E_FILE);
    ck_assert_ptr_nonnull(strstr(test_error.text, "log.csv"));
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("runlog");
    TCase *t = tcase_create("runlog");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, test_checksum);
    tcase_add_test(t, test_rows);
    tcase_add_test(t, test_resume);
    tcase_add_test(t, test_events);
    tcase_add_test(t, test_a_resumed_session_says_where_it_starts);
    tcase_add_test(t, test_only_our_logs_are_removed);
    tcase_add_test(t, test_a_log_that_is_gone);
    tcase_add_test(t, test_refused);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
