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

/* The checksum before it was rotated and added to. */
static uint32_t checksum(const void *data, size_t bytes) {
    uint32_t rotated = bc_crc32c_masked(data, bytes) - 0xA282EAD8u;
    return (rotated >> 17) | (rotated << 15);
}

START_TEST(test_checksum) {
    ck_assert_uint_eq(checksum("123456789", 9), 0xE3069283u);
    ck_assert_uint_eq(checksum("", 0), 0);
    uint8_t zeros[32] = {0};
    ck_assert_uint_eq(checksum(zeros, 32), 0x8A9136AAu); /* RFC 3720, B.4 */
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

/* Checks the frame at p, whose event has these bytes after its time, and returns what comes after it. */
static const uint8_t *check_frame(const uint8_t *p, const uint8_t *end, const void *expected, size_t bytes) {
    enum { TIME = 9 };
    ck_assert(p + 16 <= end);
    size_t length = number_at(p, 8);
    const uint8_t *data = p + 12;
    ck_assert(p + 16 + length <= end);
    ck_assert_uint_eq(number_at(p + 8, 4), bc_crc32c_masked(p, 8));
    ck_assert_uint_eq(number_at(data + length, 4), bc_crc32c_masked(data, length));
    ck_assert_uint_eq(data[0], 1 << 3 | 1);
    ck_assert_uint_eq(length, TIME + bytes);
    ck_assert_mem_eq(data + TIME, expected, bytes);
    return data + length + 4;
}

/* The only file of events has a first frame with the version, and a second one with these bytes. */
static void check_events(const void *expected, size_t count) {
    static const char version[] = "\x1a\x0d"
                                  "brain.Event:2";
    char name[256];
    ck_assert_int_eq(count_event_files(name), 1);
    uint8_t *file;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path_of(name), &file, &bytes));
    const uint8_t *end = file + bytes, *second = check_frame(file, end, version, sizeof version - 1);
    ck_assert_ptr_eq(check_frame(second, end, expected, count), end);
    free(file);
}

START_TEST(test_events) {
    static const char *const names[] = {"a", "bc"};
    static const uint8_t expected[] = {2 << 3,     0xAC,    0x02, /* step 300 */
                                       5 << 3 | 2, 10 + 11,       /* summary */
                                       1 << 3 | 2, 8,       1 << 3 | 2, 1,          'a', 2 << 3 | 5, 0,
                                       0,          0x80,    0x3f,       1 << 3 | 2, 9,   1 << 3 | 2, 2,
                                       'b',        'c',     2 << 3 | 5, 0,          0,   0,          0xc0};
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    ck_ok(bc_runlog_write(log, &test_error, 300, 2, names, (float[]){1.0f, -2.0f}));
    bc_runlog_close(log);
    check_events(expected, sizeof expected);
}
END_TEST

/* Long ones have lengths of two bytes; a switch is a bool of protobuf's Value. */
START_TEST(test_settings_and_text) {
    static const uint8_t text[] = {
        2 << 3,     0, 5 << 3 | 2, 28, 1 << 3 | 2, 26, 1 << 3 | 2, 1,   't', 8 << 3 | 2, 11,
        1 << 3,     7, 2 << 3 | 2, 0,  8 << 3 | 2, 5,  'w',        'o', 'r', 'd',        's',
        9 << 3 | 2, 8, 1 << 3 | 2, 6,  1 << 3 | 2, 4,  't',        'e', 'x', 't'};
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    ck_ok(bc_runlog_text(log, &test_error, "t", "words"));
    bc_runlog_close(log);
    check_events(text, sizeof text);
    setup();
    const bc_tfevents_setting settings[] = {{"flip", BC_SETTING_SWITCH, 1, NULL},
                                            {"stage", BC_SETTING_TEXT, 0, "pretrain"}};
    ck_ok(bc_runlog_open(&test_error, folder, 0, &log));
    ck_ok(bc_runlog_settings(log, &test_error, 2, settings));
    ck_ok(bc_runlog_image(log, &test_error, 7, "picture", 2, 1, (const uint8_t[6]){0}));
    ck_ok(bc_runlog_done(log, &test_error));
    bc_runlog_close(log);
    static const uint8_t entry[] = {1 << 3 | 2, 10,  1 << 3 | 2, 4, 'f',    'l',
                                    'i',        'p', 2 << 3 | 2, 2, 4 << 3, 1};
    static const char *const words[] = {
        "_hparams_/session_start_info", "hparams", "pretrain", "picture", "\x89PNG",
        "_hparams_/session_end_info"};
    char name[256];
    uint8_t *file;
    size_t bytes;
    ck_assert_int_eq(count_event_files(name), 1);
    ck_ok(bc_file_read(&test_error, path_of(name), &file, &bytes));
    ck_assert_ptr_nonnull(memmem(file, bytes, entry, sizeof entry));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_msg(memmem(file, bytes, words[i], strlen(words[i])), "no %s", words[i]);
    free(file);
}
END_TEST

/* What TensorBoard forgets by: a session that starts after the step that was resumed. */
START_TEST(test_a_resumed_session_says_where_it_starts) {
    static const uint8_t expected[] = {2 << 3, 0xAC, 0x02, 7 << 3 | 2, 2, 1 << 3, 1}; /* step 300, START */
    bc_runlog *log;
    ck_ok(bc_runlog_open(&test_error, folder, 299, &log));
    bc_runlog_close(log);
    check_events(expected, sizeof expected);
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
    tcase_add_test(t, test_settings_and_text);
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
