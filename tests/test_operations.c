/* Every case of every operation, in every variant, against its reference (net/reference/check.h).
 * BICROSS_TEST_SHARE=1/3: only the first of every three cases. */
#include "bicross/losses/losses.h"
#include "bicross/reference/operations.h"
#include "bicross/train/metric_sums.h"
#include "bicross/train/paste.h"
#include "net/ops/ops.h"
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

/* An interpreter looks at the rule's choice and the first two variants: the other tiles run the same lines. */
enum { INTERPRETED = 3 };

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

/* The references take the output's shape from the node: that the shape rules are right is seen here, where they do more than to copy the
 * first input's. */
START_TEST(shapes_follow_the_formulas) {
    bc_graph *g;
    ck_ok(bc_graph_create(test_host(), &g));
    bc_value *map = bc_graph_input(g, "map", (bc_shape){2, 6, 9, 4}),
             *wide = bc_graph_input(g, "wide", (bc_shape){2, 6, 9, 7});
    bc_value *odd = bc_graph_input(g, "odd", (bc_shape){1, 7, 5, 4}),
             *words = bc_graph_input(g, "bits", (bc_shape){2, 6, 8, 3});
    bc_value *pos = bc_graph_input(g, "pos", (bc_shape){1, 1, 1 + 2 * 3, 4}),
             *cls = bc_graph_input(g, "cls", (bc_shape){1, 1, 1, 4});
    bc_value *far = bc_position_resize(g, pos, 2, 3, 6, 9), *tokens = bc_tokens(g, map, cls, far);
    bc_value *one = bc_graph_input(g, "depth", (bc_shape){2, 6, 9, 1}),
             *kernel = bc_graph_input(g, "w", (bc_shape){3, 3, 96, 5});
    bc_value *dense = bc_graph_input(g, "dense", (bc_shape){1, 1, 4, 11}),
             *classes = bc_graph_input(g, "rows", (bc_shape){3, 1, 1, 2});
    const struct {
        const bc_value *y;
        bc_shape expected;
    } made[] = {
        {bc_max_pool(g, map, 3, (bc_conv){2, 0, 0, 1, 1}), {2, 3, 4, 4}},
        {bc_max_pool(g, odd, 3, bc_conv_symmetric(2, 1)), {1, 4, 3, 4}},
        {bc_max_pool(g, map, 2, (bc_conv){3, 0, 1, 0, 0}), {2, 2, 3, 4}},
        {bc_average_pool(g, map, 3), {2, 2, 3, 4}},
        {bc_global_pool(g, map, NULL), {2, 1, 1, 4}},
        {bc_resize(g, map, 4, 20, BC_RESIZE_BICUBIC), {2, 4, 20, 4}},
        {bc_concat_channels(g, map, wide), {2, 6, 9, 11}},
        {bc_slice_batch(g, map, 1, 1), {1, 6, 9, 4}},
        {far, {1, 1, 1 + 6 * 9, 4}},
        {tokens, {2, 1, 1 + 6 * 9, 4}},
        {bc_readout(g, tokens, 6, 9), {2, 6, 9, 8}},
        {bc_attention(g, bc_graph_input(g, "qkv", (bc_shape){2, 1, 7, 12}), 2), {2, 1, 7, 4}},
        {bc_attention_plain(g, bc_graph_input(g, "qkv", (bc_shape){2, 1, 7, 12}), 2), {2, 1, 7, 4}},
        {bc_linear(g, map, dense, NULL), {2, 6, 9, 11}},
        {bc_spike_unpack(g, words), {2, 6, 8, 96}},
        {bc_spike_conv2d(g, words, kernel, NULL, bc_conv_symmetric(2, 1)), {2, 3, 4, 5}},
        {bc_sig_loss(g, one, one, one), {1, 1, 1, 1}},
        {bc_uncertainty_loss(g, one, one, one, one, BC_UNCERTAINTY_L1), {1, 1, 1, 1}},
        {bc_ssi_loss(g, one, one, one), {1, 1, 1, 1}},
        {bc_divergence_loss(g, map, map, one), {1, 1, 1, 1}},
        {bc_feature_loss(g, map, map, one), {1, 1, 1, 1}},
        {bc_info_nce_loss(g, classes, classes), {1, 1, 1, 1}},
        {bc_nll_loss(g, classes, 1), {1, 1, 1, 1}},
        {bc_metric_sums(g, one, one, one), {1, 1, 1, 9}},
        {bc_paste(g, odd, 20, 30, &(bc_pasting){.crop = {1, 2, 7, 5}}), {1, 20, 30, 1}},
    };
    ck_ok(bc_graph_status(g));
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        ck_assert_msg(bc_shape_same(made[i].y->shape, made[i].expected), "%s (%zu) is %dx%dx%dx%d",
                      made[i].y->name, i, made[i].y->shape.n, made[i].y->shape.h, made[i].y->shape.w,
                      made[i].y->shape.c);
    bc_graph_release(g);
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
    tcase_add_test(t, shapes_follow_the_formulas);
    tcase_add_loop_test(t, case_matches_reference, 0, case_count());
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
