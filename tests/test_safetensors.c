/* Reading and writing safetensors files: round trips, conversions, and every way a file can be wrong. */
#include "tests/support.h"

#include "host/base/file.h"
#include "net/store/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file from its header text and data; `length` is what the first eight bytes claim (0: the truth). */
static const char *make_file(const char *header, uint64_t length, const void *data, size_t bytes) {
    const char *path = test_path("made.safetensors");
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    if (!length)
        length = strlen(header);
    fwrite(&length, sizeof length, 1, file);
    fputs(header, file);
    if (bytes)
        fwrite(data, 1, bytes, file);
    fclose(file);
    return path;
}

static bc_status open_made(const char *header, const void *data, size_t bytes, bc_tensor_file *out) {
    bc_error_clear(&test_error);
    return bc_safetensors_open(&test_error, make_file(header, 0, data, bytes), out);
}

/* `expected` NULL: there is none. */
static void expect_metadata(const bc_tensor_file *file, const char *key, const char *expected) {
    char *value;
    ck_ok(bc_tensor_file_metadata(&test_error, file, key, &value));
    if (expected) {
        ck_assert_ptr_nonnull(value);
        ck_assert_str_eq(value, expected);
    } else {
        ck_assert_ptr_null(value);
    }
    free(value);
}

START_TEST(what_is_written_can_be_read) {
    const bc_tensor_entry entries[] = {{.name = "a.weight", .rank = 2, .shape = (long[]){2, 3}},
                                       {.name = "an \"odd\" \\ name", .rank = 0},
                                       {.name = "empty", .rank = 1, .shape = (long[]){0}}};
    const float a[6] = {1, 2, 3, 4, 5, -6.5f}, b = 7;
    const bc_metadata pairs[] = {{"step", "12"},
                                 {"an \"odd\"\tkey", "a \\ b\n\xf0\x9f\x98\x80 \"c\" \x01 \x7f"}};
    const char *path = test_path("written.safetensors");
    bc_safetensors_writer *writer;
    bc_tensor_file file;
    float out[6];
    ck_ok(bc_safetensors_write_open(&test_error, path, 3, entries, pairs, 2, &writer));
    ck_ok(bc_safetensors_write_next(&test_error, writer, a, 6));
    ck_ok(bc_safetensors_write_next(&test_error, writer, &b, 1));
    ck_ok(bc_safetensors_write_next(&test_error, writer, NULL, 0));
    ck_ok(bc_safetensors_write_close(&test_error, writer, true));
    ck_ok(bc_safetensors_open(&test_error, path, &file));
    ck_assert_int_eq(file.count, 3);
    ck_assert_int_eq(file.metadata_count, 2);
    for (int i = 0; i < 2; i++)
        expect_metadata(&file, pairs[i].key, pairs[i].value);
    expect_metadata(&file, "absent", NULL);
    ck_assert_int_eq((file.data - file.bytes) % 8, 0);
    const bc_tensor_entry *entry = bc_tensor_file_find(&file, "a.weight");
    ck_assert_ptr_nonnull(entry);
    ck_assert_int_eq(entry->rank, 2);
    ck_assert_int_eq(entry->shape[1], 3);
    ck_ok(bc_tensor_file_floats(&test_error, &file, entry, out, 6));
    ck_assert_mem_eq(out, a, sizeof a);
    entry = bc_tensor_file_find(&file, entries[1].name);
    ck_assert_ptr_nonnull(entry);
    ck_ok(bc_tensor_file_floats(&test_error, &file, entry, out, 1));
    ck_assert_float_eq(out[0], 7);
    ck_assert_ptr_nonnull(bc_tensor_file_find(&file, "empty"));
    ck_assert_ptr_null(bc_tensor_file_find(&file, "a"));
    bc_tensor_file_close(&file);
}
END_TEST

START_TEST(an_unfinished_file_does_not_appear) {
    const bc_tensor_entry entry = {.name = "a", .rank = 1, .shape = (long[]){2}};
    const char *path = test_path("unfinished.safetensors");
    const float a[2] = {1, 2};
    bc_safetensors_writer *writer;
    ck_ok(bc_safetensors_write_open(&test_error, path, 1, &entry, NULL, 0, &writer));
    ck_assert_int_eq(bc_safetensors_write_next(&test_error, writer, a, 1), BC_E_ARGUMENT);
    ck_assert_int_eq(bc_safetensors_write_close(&test_error, writer, true), BC_E_ARGUMENT);
    ck_assert(!bc_file_exists(path));
    ck_ok(bc_safetensors_write_open(&test_error, path, 1, &entry, NULL, 0, &writer));
    ck_ok(bc_safetensors_write_close(&test_error, writer, false));
    ck_assert(!bc_file_exists(path));
    bc_error_clear(&test_error);
}
END_TEST

#define ONE(dtype, bytes) "{\"t\":{\"dtype\":\"" dtype "\",\"shape\":[4],\"data_offsets\":[0," #bytes "]}}"

START_TEST(other_number_formats_are_converted) {
    const uint16_t half[4] = {0x3c00, 0xc500, 0x0001, 0x7c00};  /* 1, -5, 2^-24, inf */
    const uint16_t brain[4] = {0x3f80, 0xc0a0, 0x0000, 0x4049}; /* 1, -5, 0, 3.140625 */
    const double wide[4] = {1, -5, 0.1, 1e10};
    const float expected[3][4] = {{1, -5, 0x1p-24f, INFINITY}, {1, -5, 0, 3.140625f}, {1, -5, 0.1f, 1e10f}};
    const struct {
        const char *header;
        const void *data;
        size_t bytes;
    } made[3] = {{ONE("F16", 8), half, 8}, {ONE("BF16", 8), brain, 8}, {ONE("F64", 32), wide, 32}};
    for (int i = 0; i < 3; i++) {
        bc_tensor_file file;
        float out[4];
        ck_ok(open_made(made[i].header, made[i].data, made[i].bytes, &file));
        ck_ok(bc_tensor_file_floats(&test_error, &file, file.entries, out, 4));
        for (int k = 0; k < 4; k++)
            ck_assert_float_eq(out[k], expected[i][k]);
        ck_assert_int_eq(bc_tensor_file_floats(&test_error, &file, file.entries, out, 3), BC_E_FORMAT);
        bc_tensor_file_close(&file);
        bc_error_clear(&test_error);
    }
}
END_TEST

START_TEST(whole_numbers_are_not_weights) {
    bc_tensor_file file;
    const int32_t data[4] = {1, 2, 3, 4};
    float out[4];
    ck_ok(open_made(ONE("I32", 16), data, sizeof data, &file));
    ck_assert_int_eq(bc_tensor_file_floats(&test_error, &file, file.entries, out, 4), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "I32"));
    bc_tensor_file_close(&file);
    bc_error_clear(&test_error);
}
END_TEST

#define T(shape, begin, end) "{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

#define ENDLESS                                                                                              \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

/* What the format's own library takes. */
static const struct {
    const char *header, *name; /* of the first tensor */
    int bytes, rank;
} right[] = {
    {"{\n \"caf\\u00e9 \\u20ac\\n\" : { \"shape\" : [ ] , \"data_offsets\":[0, 4], \"dtype\":\"F32\"}} "
     "\r\n\t",
     "caf\xc3\xa9 \xe2\x82\xac\n", 4, 0},
    {"{\"\\ud83d\\ude00 \xf0\x9f\x98\x80\":" T("[1]", "0", "4") "}", "\xf0\x9f\x98\x80 \xf0\x9f\x98\x80", 4,
     1},
    {"{\"a\\u0000b\\/\":" T("[1]", "0", "4") "}",
     "a\xc0\x80"
     "b/",
     4, 1},
    {"{\"" ENDLESS ENDLESS ENDLESS "\":" T("[1]", "0", "4") "}", ENDLESS ENDLESS ENDLESS, 4, 1},
    {"{\"__metadata__\":null,\"t\":" T("[1]", "0", "4") "}", "t", 4, 1},
    {"{\"t\":" T("[1]", "0", "4") ",\"__metadata__\":{\"n\":\"\\ud83d\\ude00\"}}", "t", 4, 1},
    {"{\"t\":" T("[1,1,1,1,1,1,1,1,1]", "0", "4") "}", "t", 4, 9},
    {"{\"t\":" T("[4611686018427387904,0]", "0", "0") "}", "t", 0, 2},
    {"{\"t\":{\"dtype\":\"F8_E8M0\",\"shape\":[3],\"data_offsets\":[0,3]}}", "t", 3, 1},
    {"{\"t\":{\"dtype\":\"F4\",\"shape\":[3,2],\"data_offsets\":[0,3]}}", "t", 3, 2},
    {"{\"t\":{\"dtype\":\"C64\",\"shape\":[2],\"data_offsets\":[0,16]}}", "t", 16, 1},
    {"{\"t\":{\"dtype\":\"F1_OF_TOMORROW\",\"shape\":[9],\"data_offsets\":[0,5]}}", "t", 5, 1},
    {"{\"t\":{\"x\":{\"a\":[1.5e3,null,{},[],[{\"b\":true}]],\"c\":\"d\"},\"dtype\":\"F32\",\"shape\":[1],"
     "\"data_offsets\":[0,4]}}",
     "t", 4, 1},
    {"{\"t\":" T("[1]", "4", "8") ",\"e\":" T("[0]", "4", "4") ",\"s\":" T("[1]", "0", "4") "}", "t", 8, 1},
};

START_TEST(right_files_are_read) {
    bc_tensor_file file;
    static const uint8_t data[16];
    ck_ok(open_made(right[_i].header, data, (size_t)right[_i].bytes, &file));
    ck_assert_str_eq(file.entries[0].name, right[_i].name);
    ck_assert_int_eq(file.entries[0].rank, right[_i].rank);
    ck_assert_ptr_eq(bc_tensor_file_find(&file, right[_i].name), &file.entries[0]);
    bc_tensor_file_close(&file);
}
END_TEST

START_TEST(a_file_may_be_empty) {
    bc_tensor_file file;
    ck_ok(open_made("{}", NULL, 0, &file));
    ck_assert_int_eq(file.count, 0);
    ck_assert_ptr_null(bc_tensor_file_find(&file, "t"));
    expect_metadata(&file, "t", NULL);
    bc_tensor_file_close(&file);
}
END_TEST

START_TEST(the_last_of_two_equal_keys_counts) {
    bc_tensor_file file;
    ck_ok(open_made("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", NULL, 0, &file));
    expect_metadata(&file, "a", "2");
    bc_tensor_file_close(&file);
}
END_TEST

START_TEST(unknown_types_are_no_numbers) {
    bc_tensor_file file;
    float out[3];
    ck_ok(open_made(right[8].header, "abc", 3, &file));
    ck_assert_int_eq(bc_tensor_file_floats(&test_error, &file, file.entries, out, 3), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "F8_E8M0"));
    bc_tensor_file_close(&file);
    bc_error_clear(&test_error);
}
END_TEST

#define TWO(a, b) "{\"" a "\":" T("[1]", "0", "4") ",\"" b "\":" T("[1]", "4", "8") "}"

START_TEST(a_prefix_is_taken_off) {
    bc_tensor_file file;
    const float data[2] = {1, 2};
    float out;
    ck_ok(open_made(TWO("net.module.b.weight", "net.module.a.weight"), data, sizeof data, &file));
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "a.weight"));
    ck_assert_str_eq(file.entries[0].name, "b.weight");
    ck_ok(bc_tensor_file_floats(&test_error, &file, bc_tensor_file_find(&file, "a.weight"), &out, 1));
    ck_assert_float_eq(out, 2);
    bc_tensor_file_close(&file);
    ck_ok(open_made(TWO("other.b", "student.a"), data, sizeof data, &file));
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "a"));
    ck_assert_int_eq(file.count, 1);
    ck_assert_str_eq(file.by_name[0]->name, "a");
    bc_tensor_file_close(&file);
}
END_TEST

START_TEST(only_a_whole_prefix_is_taken_off) {
    bc_tensor_file file;
    const float data[2] = {1, 2};
    ck_ok(open_made(TWO("x.a", "a"), data, sizeof data, &file)); /* not needed */
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "a"));
    ck_assert_int_eq(file.count, 2);
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "b")); /* not there */
    ck_assert_int_eq(file.count, 2);
    bc_tensor_file_close(&file);
    ck_ok(open_made(TWO("xa", ".a"), data, sizeof data, &file)); /* not a prefix and a dot */
    ck_ok(bc_tensor_file_strip_prefix(&test_error, &file, "a"));
    ck_assert_ptr_null(bc_tensor_file_find(&file, "a"));
    bc_tensor_file_close(&file);
    ck_ok(open_made(TWO("student.a", "teacher.a"), data, sizeof data, &file));
    ck_assert_int_eq(bc_tensor_file_strip_prefix(&test_error, &file, "a"), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "student.a and teacher.a"));
    bc_tensor_file_close(&file);
    bc_error_clear(&test_error);
}
END_TEST

static const struct {
    const char *header, *message;
} wrong[] = {
    {"[]", "'{'"},
    {" {}", "'{'"},
    {"{", "a string"},
    {"{\"t\":" T("[1]", "0", "4"), "'}'"},
    {"{\"t\":" T("[1]", "0", "4") "} x", "end of the header"},
    {"{\"t\":" T("[1]", "0", "4") ",}", "a string"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}", "dtype, shape and data_offsets"},
    {"{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "once each"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "two data offsets"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", "two data offsets"},
    {"{\"t\":" T("[-1]", "0", "4") "}", "a whole number"},
    {"{\"t\":" T("[01]", "0", "4") "}", "a whole number"},
    {"{\"t\":" T("[1.5]", "0", "4") "}", "']'"},
    {"{\"t\":" T("[99999999999999999999]", "0", "4") "}", "63 bits"},
    {"{\"t\":" T("[4611686018427387905]", "0", "4") "}", "does not fit its shape"},
    {"{\"t\":" T("[3]", "0", "8") "}", "does not fit its shape"},
    {"{\"t\":" T("[3]", "0", "12") "}", "truncated"},
    {"{\"t\":" T("[0]", "8", "4") "}", "claims bytes"},
    {"{\"t\":" T("[1]", "0", "4") ",\"u\":" T("[2]", "0", "8") "}", "overlap"},
    {"{\"t\":" T("[1]", "0", "4") ",\"t\":" T("[1]", "4", "8") "}", "occurs twice"},
    {"{\"t\":" T("[1]", "4", "8") "}", "no tensor owns the bytes 0 to 4"},
    {"{\"t\":" T("[1]", "0", "4") "}", "take 4 bytes of data, the file has 8"},
    {"{}", "take 0 bytes of data, the file has 8"},
    {"{\"t\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}", "does not fit its shape"},
    {"{\"t\":{\"x\":[1,}", "a value"},
    {"{\"t\":{\"x\":[1}", "']'"},
    {"{\"t\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested less deeply"},
    {"{\"__metadata__\":nul}", "'{'"},
    {"{\"__metadata__\":{\"a\":null}}", "a string"},
    {"{\"__metadata__\":{\"a\":1}}", "a string"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", "one __metadata__"},
    {"{\"a\\x\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\\ud800\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\\ude00\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\\ud83d\\u0041\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\\ud83dx\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\xc0\x80\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\xed\xa0\x80\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\xf5\x80\x80\x80\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\xff\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"a\n\":" T("[1]", "0", "4") "}", "valid character"},
    {"{\"abc", "end of a string"},
};

START_TEST(wrong_files_are_refused) {
    bc_tensor_file file;
    const float data[2] = {1, 2};
    ck_assert_int_eq(open_made(wrong[_i].header, data, sizeof data, &file), BC_E_FORMAT);
    ck_assert_msg(strstr(test_error.text, wrong[_i].message) != NULL, "%s\ngave: %s\nexpected: %s",
                  wrong[_i].header, test_error.text, wrong[_i].message);
    ck_assert_msg(strstr(test_error.text, "made.safetensors") != NULL, "the file is not named: %s",
                  test_error.text);
    ck_assert_ptr_null(file.bytes);
    bc_error_clear(&test_error);
}
END_TEST

START_TEST(wrong_lengths_are_refused) {
    bc_tensor_file file;
    const uint64_t lengths[] = {3, 1000, UINT64_MAX};
    for (int i = 0; i < 3; i++) {
        bc_error_clear(&test_error);
        ck_assert_int_eq(bc_safetensors_open(&test_error, make_file("{  }", lengths[i], NULL, 0), &file),
                         BC_E_FORMAT);
    }
    bc_error_clear(&test_error);
    ck_ok(bc_file_write(&test_error, test_path("short"), "abc", 3));
    ck_assert_int_eq(bc_safetensors_open(&test_error, test_path("short"), &file), BC_E_FORMAT);
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_safetensors_open(&test_error, test_path("absent"), &file), BC_E_FILE);
    bc_error_clear(&test_error);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("safetensors");
    TCase *c = tcase_create("files");
    tcase_add_test(c, what_is_written_can_be_read);
    tcase_add_test(c, an_unfinished_file_does_not_appear);
    tcase_add_test(c, other_number_formats_are_converted);
    tcase_add_test(c, whole_numbers_are_not_weights);
    tcase_add_loop_test(c, right_files_are_read, 0, (int)(sizeof right / sizeof *right));
    tcase_add_test(c, a_file_may_be_empty);
    tcase_add_test(c, the_last_of_two_equal_keys_counts);
    tcase_add_test(c, unknown_types_are_no_numbers);
    tcase_add_test(c, a_prefix_is_taken_off);
    tcase_add_test(c, only_a_whole_prefix_is_taken_off);
    tcase_add_loop_test(c, wrong_files_are_refused, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(c, wrong_lengths_are_refused);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
