/* Tables of shares and comparing with them, on made-up numbers: nothing is timed here. */
#include "apps/bench/shares.h"
#include "host/base/file.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static const bench_scope everything = {.ops = true, .networks = true};

static bc_status read_table(const char *text, bench_shares *out) {
    const char *path = test_path("table.txt");
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
    return bench_shares_read(&test_error, path, out);
}

static bench_shares table_of(const char *lines) {
    char text[2048];
    bench_shares table;
    snprintf(text, sizeof text, "[board]\n%s", lines);
    ck_ok(read_table(text, &table));
    return table;
}

static bench_share one(double share, double seconds) {
    return (bench_share){.name = "conv", .share = share, .seconds = seconds};
}

/* --- the file --- */

START_TEST(reads_a_table) {
    bench_shares table;
    ck_ok(read_table("# a comment\r\n\n  [Board [2] (R), driver 1.*]\r\n"
                     " 93.10 %  11.5 ms  tiny b(2x2, none) to 4 forward\r\n"
                     "250 % 0.02 ms\ttiny a\n\n#5 % 1 ms tiny c",
                     &table));
    ck_assert_str_eq(table.device, "Board [2] (R), driver 1.*");
    ck_assert_int_eq(table.count, 2);
    ck_assert_str_eq(table.items[0].name, "tiny a");
    ck_assert_int_eq(table.items[0].line, 5);
    const bench_share *b = bench_shares_find(&table, "tiny b(2x2, none) to 4 forward");
    ck_assert_ptr_nonnull(b);
    ck_assert_double_eq_tol(b->share, 0.931, 1e-9);
    ck_assert_double_eq_tol(b->seconds, 0.0115, 1e-9);
    ck_assert_ptr_null(bench_shares_find(&table, "tiny c"));
    bench_shares_release(&table);

    ck_ok(read_table("[Board]\n", &table));
    ck_assert_ptr_null(bench_shares_find(&table, "tiny a"));
    bench_shares_release(&table);
}
END_TEST

START_TEST(names_the_damaged_line) {
    static const struct {
        const char *text, *message;
    } files[] = {
        {"", "is no table of shares"},
        {"# nothing\n\n", "is no table of shares"},
        {"[Board]\n1 % 1 ms a\001\n", "is not text"},
        {"{\"version\": \"0.2.0\", \"results\": [\n",
         "line 1: expected '[device, driver version]', found '{"},
        {"\n5 % 1 ms a\n[Board]\n", "line 2: expected '[device"},
        {"[]\n", "line 1: expected '[device"},
        {"[Board]\n1 % 1 ms a\n[Other]\n", "line 3: a table is of one device"},
        {"[Board]\n\n1 % 1 a\n", "line 3: expected 'SHARE % TIME ms CASE'"},
        {"[Board]\nconv3x3 = direct\n", "line 2: expected 'SHARE"},
        {"[Board]\n1 1 ms a\n", "line 2: expected 'SHARE"},
        {"[Board]\n-1 % 1 ms a\n", "line 2: expected 'SHARE"},
        {"[Board]\nnan % 1 ms a\n", "line 2: expected 'SHARE"},
        {"[Board]\n1 % inf ms a\n", "line 2: expected 'SHARE"},
        {"[Board]\n1e300 % 1 ms a\n", "line 2: expected 'SHARE"},
        {"[Board]\n1 % 1 ms\n", "line 2: expected 'SHARE"},
        {"[Board]\n1 % 1 msa\n", "line 2: expected 'SHARE"},
        {"[Board]\n1 % 1 ms b\n2 % 2 ms a\n3 % 3 ms b\n", "line 4: 'b' stands in line 2 already"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        bench_shares table;
        bc_status status = read_table(files[i].text, &table);
        bench_shares_release(&table);
        test_expect_failure(status, BC_E_FORMAT, &test_error, "table.txt", files[i].message);
    }
}
END_TEST

START_TEST(refuses_names_that_are_too_long) {
    char text[BC_TUNING_SECTION + BENCH_NAME + 64];
    bench_shares table;
    snprintf(text, sizeof text, "[%0*d]\n", BC_TUNING_SECTION, 0);
    bc_status status = read_table(text, &table);
    bench_shares_release(&table);
    test_expect_failure(status, BC_E_FORMAT, &test_error, "line 1", "longer than");
    snprintf(text, sizeof text, "[board]\n1 %% 1 ms %0*d\n", BENCH_NAME, 0);
    status = read_table(text, &table);
    bench_shares_release(&table);
    test_expect_failure(status, BC_E_FORMAT, &test_error, "line 2", "199 characters at most");
    ck_assert_int_eq(bench_shares_read(&test_error, test_path("nowhere.txt"), &table), BC_E_FILE);
    bench_shares_release(&table);
    test_expect_failure(BC_E_FILE, BC_E_FILE, &test_error, "nowhere.txt", "");
}
END_TEST

START_TEST(writes_what_it_reads) {
    static const char text[] = "# first\n# second\n\n[board]\n"
                               "    0.40 %       0.0123 ms  a\n"
                               "  250.00 %   12345.6000 ms  b\n";
    bench_shares table;
    uint8_t *written;
    size_t bytes;
    ck_ok(read_table("[board]\n250 % 12345.6 ms b\n.4 % .0123 ms a\n", &table));
    const char *path = test_path("written.txt");
    ck_ok(bench_shares_write(&test_error, path, &table, "first\nsecond"));
    bench_shares_release(&table);
    ck_ok(bc_file_read(&test_error, path, &written, &bytes));
    ck_assert_str_eq((char *)written, text);
    free(written);
}
END_TEST

/* --- comparing --- */

START_TEST(fell_means_a_lower_share_and_a_longer_time) {
    bench_share before = one(1, 1e-3), held = one(0.86, 1.16e-3), fell = one(0.84, 1.19e-3);
    ck_assert(!bench_share_fell(&before, &held));
    ck_assert(bench_share_fell(&before, &fell));
    bench_share higher_ceiling = one(0.5, 1e-3); /* as fast as before */
    ck_assert(!bench_share_fell(&before, &higher_ceiling));
    ck_assert(!bench_ceiling_fell(&before, &higher_ceiling));
    bench_share lower_ceiling = one(1, 1.3e-3); /* slower, and the share does not show it */
    ck_assert(!bench_share_fell(&before, &lower_ceiling));
    ck_assert(bench_ceiling_fell(&before, &lower_ceiling));
}
END_TEST

START_TEST(short_cases_do_not_fall_unless_they_became_long) {
    bench_share before = one(1, 0.03e-3), still_short = one(0.4, 0.09e-3), long_now = one(0.1, 0.3e-3);
    ck_assert(!bench_share_fell(&before, &still_short));
    ck_assert(bench_share_fell(&before, &long_now));
}
END_TEST

START_TEST(scope_is_the_name_and_the_part) {
    static const char network[] = "network tiny 64x128 batch 8 training", conv[] = "tiny conv2d(4x4) forward";
    ck_assert(bench_scope_has(&everything, network) && bench_scope_has(&everything, conv));
    bench_scope ops = {.ops = true}, networks = {.networks = true}, some = everything;
    ck_assert(!bench_scope_has(&ops, network) && bench_scope_has(&ops, conv));
    ck_assert(bench_scope_has(&networks, network) && !bench_scope_has(&networks, conv));
    some.only = "CONV2D(";
    ck_assert(!bench_scope_has(&some, network) && bench_scope_has(&some, conv));
}
END_TEST

START_TEST(compares_every_case) {
    static const struct {
        bench_change change;
        const char *name;
    } expected[] = {
        {BENCH_FELL, "worst"},   {BENCH_FELL, "bad"},   {BENCH_FELL, "slow"},   {BENCH_NEW, "fresh"},
        {BENCH_MISSING, "gone"}, {BENCH_SHORT, "tiny"}, {BENCH_HELD, "better"}, {BENCH_HELD, "same"},
    };
    bench_shares before =
        table_of("80 % 1 ms bad\n90 % 5 ms worst\n50 % 2 ms slow\n70 % 1 ms same\n60 % 1 ms better\n"
                 "50 % 0.02 ms tiny\n50 % 1 ms gone\n50 % 1 ms network gone\n");
    bench_shares now =
        table_of("40 % 2 ms bad\n9 % 50 ms worst\n40 % 2.5 ms slow\n69 % 1 ms same\n90 % 0.6 ms better\n"
                 "25 % 0.04 ms tiny\n50 % 1 ms fresh\n");
    bench_scope ops = {.ops = true};
    bench_compared *cases;
    int count;
    ck_ok(bench_compare(&test_error, &before, &now, &ops, &cases, &count));
    ck_assert_int_eq(count, sizeof expected / sizeof expected[0]);
    for (int i = 0; i < count; i++) {
        const bench_share *any = cases[i].now ? cases[i].now : cases[i].before;
        ck_assert_str_eq(any->name, expected[i].name);
        ck_assert_int_eq(cases[i].change, expected[i].change);
        ck_assert_int_eq(cases[i].now == NULL, expected[i].change == BENCH_MISSING);
        ck_assert_int_eq(cases[i].before == NULL, expected[i].change == BENCH_NEW);
    }
    free(cases);
    bench_shares_release(&before);
    bench_shares_release(&now);
}
END_TEST

START_TEST(compares_nothing_with_nothing) {
    bench_shares before = table_of(""), now = {0};
    bench_compared *cases;
    int count;
    ck_ok(bench_compare(&test_error, &before, &now, &everything, &cases, &count));
    ck_assert_int_eq(count, 0);
    free(cases);
    bench_shares_release(&before);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shares");
    TCase *file = tcase_create("file"), *comparing = tcase_create("comparing");
    tcase_add_test(file, reads_a_table);
    tcase_add_test(file, names_the_damaged_line);
    tcase_add_test(file, refuses_names_that_are_too_long);
    tcase_add_test(file, writes_what_it_reads);
    tcase_add_test(comparing, fell_means_a_lower_share_and_a_longer_time);
    tcase_add_test(comparing, short_cases_do_not_fall_unless_they_became_long);
    tcase_add_test(comparing, scope_is_the_name_and_the_part);
    tcase_add_test(comparing, compares_every_case);
    tcase_add_test(comparing, compares_nothing_with_nothing);
    suite_add_tcase(suite, file);
    suite_add_tcase(suite, comparing);
    return test_run(suite);
}
