/* Every case of every operation, in every variant, against its reference (net/reference/check.h).
 * BICROSS_TEST_SHARE=1/3: only the first of every three. */
#include "bicross/reference/operations.h"
#include "host/open.h"
#include "net/reference/check.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

/* One test. */
typedef struct entry {
    const bc_operation *operation;
    const bc_op_case *test;
    const char *variant;
} entry;

static entry *entries;
static int entry_count;

/* The list is made before there is a test that could fail. */
static void need(bool good, const char *what) {
    if (good)
        return;
    fprintf(stderr, "%s: %s\n", what, test_error.text);
    exit(EXIT_FAILURE);
}

static void add(const bc_operation *operation, const bc_op_case *test, const char *variant) {
    entries = realloc(entries, (size_t)(entry_count + 1) * sizeof *entries);
    need(entries, "no memory");
    entries[entry_count++] = (entry){operation, test, variant};
}

static void add_case(bc_host *host, const bc_operation *operation, const bc_op_case *test) {
    const char *variants[BC_CASE_VARIANTS];
    int count;
    need(bc_case_variants(host, operation->op, test, variants, &count) == BC_OK, test->label);
    for (int i = 0; i < count; i++)
        add(operation, test, variants[i]);
}

static void add_all(bc_host *host) {
    const bc_operation *o;
    for (int i = 0; (o = bc_operation_at(i)) != NULL; i++)
        for (const bc_op_case *c = o->op->cases; c && c->label; c++)
            if (c->use == BC_CASE_TINY || (c->use == BC_CASE_CHECK && !test_tiny()))
                add_case(host, o, c);
}

START_TEST(case_matches_reference) {
    const entry *e = &entries[_i];
    int share = 1, shares = 1;
    const char *wanted = getenv("BICROSS_TEST_SHARE");
    if (wanted)
        ck_assert_int_eq(sscanf(wanted, "%d/%d", &share, &shares), 2);
    if (_i % shares != share - 1)
        return;
    bc_check check;
    ck_ok(bc_check_case(test_host(), e->operation, e->test, e->variant, &check));
    ck_assert_msg(!check.fault[0], "%s, %s%s%s: %s", e->operation->op->name, e->test->label,
                  e->variant ? ", " : "", e->variant ? e->variant : "", check.fault);
}
END_TEST

/* Who writes an operation writes its cases, too, and the list is no good where one is missing. */
START_TEST(every_operation_has_cases) {
    const bc_operation *o;
    for (int i = 0; (o = bc_operation_at(i)) != NULL; i++) {
        bool tiny = false;
        for (const bc_op_case *c = o->op->cases; c && c->label; c++)
            tiny = tiny || c->use == BC_CASE_TINY;
        ck_assert_msg(tiny && o->reference, "%s has no tiny case or no reference", o->op->name);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("operations");
    TCase *t = tcase_create("operations");
    bc_host *host;
    tcase_set_timeout(t, 300);
    need(bc_host_open(NULL, &test_error, &host) == BC_OK, "opening a device");
    add_all(host);
    bc_host_close(host);
    tcase_add_test(t, every_operation_has_cases);
    tcase_add_loop_test(t, case_matches_reference, 0, entry_count);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    int status = test_run(suite());
    free(entries);
    return status;
}
