/* Every case of every operation, in every variant, against its reference (net/reference/check.h).
 * BICROSS_TEST_SHARE=1/3: only the first of every three cases. */
#include "bicross/reference/operations.h"
#include "net/reference/check.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

static bool wanted(const bc_op_case *test) {
    return test->use == BC_CASE_TINY || (test->use == BC_CASE_CHECK && !test_tiny());
}

/* The case of this index among all that are wanted. */
static const bc_op_case *case_at(int index, const bc_operation **operation) {
    for (int i = 0; (*operation = bc_operation_at(i)) != NULL; i++)
        for (const bc_op_case *c = (*operation)->op->cases; c && c->label; c++)
            if (wanted(c) && index-- == 0)
                return c;
    return NULL;
}

static int case_count(void) {
    const bc_operation *operation;
    int count = 0;
    while (case_at(count, &operation))
        count++;
    return count;
}

/* Whether this run has it to do. */
static bool in_share(int index) {
    int share = 1, shares = 1;
    const char *text = getenv("BICROSS_TEST_SHARE");
    if (text)
        ck_assert_int_eq(sscanf(text, "%d/%d", &share, &shares), 2);
    return index % shares == share - 1;
}

START_TEST(case_matches_reference) {
    const bc_operation *operation;
    const bc_op_case *test = case_at(_i, &operation);
    enum {
        INTERPRETED = 3
    }; /* the rule's choice and the first two variants: the other tiles run the same lines */
    bc_check checks[BC_CHECKS];
    int count;
    if (!in_share(_i))
        return;
    ck_ok(bc_check_case(test_host(), operation, test, test_interpreted() ? INTERPRETED : BC_CHECKS, checks,
                        &count));
    for (int i = 0; i < count; i++) {
        const char *variant = checks[i].variant;
        ck_assert_msg(!checks[i].fault[0], "%s, %s%s%s: %s", operation->op->name, test->label,
                      variant ? ", " : "", variant ? variant : "", checks[i].fault);
    }
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
    tcase_set_timeout(t, 300);
    tcase_add_test(t, every_operation_has_cases);
    tcase_add_loop_test(t, case_matches_reference, 0, case_count());
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
