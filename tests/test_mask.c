/* Masks: the crop's published bounds, and the quantile by hand and of many values. */
#include "support.h"

#include "bicross/losses/attributes.h"
#include "bicross/reference/references.h"
#include "host/base/random.h"
#include "net/reference/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(garg_bounds) {
    const int known[][6] = {{352, 1216, 143, 349, 43, 1172}, {375, 1242, 153, 371, 44, 1197},
                            {384, 384, 156, 380, 13, 370},   {384, 864, 156, 380, 31, 832},
                            {400, 881, 163, 396, 31, 849},   {480, 640, 195, 476, 23, 616},
                            {250, 400, 102, 247, 14, 385},   {224, 224, 91, 222, 8, 215}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        bc_window w = bc_garg_window(known[i][0], known[i][1]);
        ck_assert_int_eq(w.top, known[i][2]);
        ck_assert_int_eq(w.bottom, known[i][3]);
        ck_assert_int_eq(w.left, known[i][4]);
        ck_assert_int_eq(w.right, known[i][5]);
    }
}
END_TEST

/* --- quantile --- */

/* Of a mask that keeps all. */
static void expect_quantile(int count, const float *values, float q, bool keep_below, const float *expected) {
    bc_graph *graph;
    bc_plan *plan;
    const float ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    float found[sizeof ones / sizeof ones[0]];
    bc_shape shape = {1, 1, count, 1};
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *u = bc_graph_input(graph, "u", shape), *mask = bc_graph_input(graph, "mask", shape);
    bc_value *kept = bc_graph_keep(graph, bc_quantile_mask(graph, u, mask, q, keep_below));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_value_write(graph, u, values));
    ck_ok(bc_value_write(graph, mask, ones));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, kept, found));
    ck_assert_mem_eq(found, expected, (size_t)count * sizeof *found);
    bc_plan_release(plan);
    bc_graph_release(graph);
}

/* 0.7 * 10 is 7, although the float next to 0.7 lies below it. */
START_TEST(quantile_of_decimals) {
    const float values[] = {0, 7, 4, 1, 8, 5, 2, 9, 6, 3}, above7[] = {0, 0, 0, 0, 1, 0, 0, 1, 0, 0};
    expect_quantile(10, values, 0.7f, false, above7);
}
END_TEST

/* Around 0 the added 1e-8 lets the threshold itself pass; where the spacing of floats is wider, it stays out,
 * as in the published float computation. */
START_TEST(quantile_keeps_its_own_element_only_near_zero) {
    const float small[] = {0, 0.01f, 0.02f}, large[] = {1, 2, 3};
    expect_quantile(3, small, 0.5f, true, (const float[]){1, 1, 0});
    expect_quantile(3, large, 0.5f, true, (const float[]){1, 0, 0});
}
END_TEST

/* More elements than one block for each work-item, all magnitudes and both signs, pooled over the batch. */
START_TEST(quantile_of_many) {
    const bc_operation operation = {&bc_quantile_mask_op, bc_reference_quantile_mask, NULL};
    const bc_quantile_attributes quantiles[] = {{0.5f, false}, {0.125f, false}, {0.5f, true}, {0.125f, true}};
    bc_shape shape = test_tiny() ? (bc_shape){2, 3, 17, 1} : (bc_shape){3, 67, 101, 1};
    int count = (int)bc_shape_count(shape);
    float *values = malloc((size_t)count * sizeof(float)), *mask = malloc((size_t)count * sizeof(float));
    bc_random random = {.seed = 9};
    for (int i = 0; i < count; i++) {
        values[i] = bc_random_normal(&random) * powf(10, bc_random_range(&random, -20, 20));
        mask[i] = bc_random_uniform(&random) < 0.6f;
    }
    for (size_t k = 0; k < sizeof quantiles / sizeof quantiles[0]; k++) {
        bc_check checks[BC_CHECKS];
        int check_count;
        bc_op_case test = {.label = "many",
                           .inputs = {{.shape = shape, .values = values, .value_count = count},
                                      {.shape = shape, .values = mask, .value_count = count}},
                           .attributes = &quantiles[k]};
        ck_ok(bc_check_case(test_host(), &operation, &test, 1, checks, &check_count));
        ck_assert_msg(!checks[0].fault[0], "quantile %g: %s", (double)quantiles[k].quantile, checks[0].fault);
    }
    free(values);
    free(mask);
}
END_TEST

/* --- misuse --- */

START_TEST(misuse) {
    const char *words[] = {"[0,1]", "pair of masks", "one channel"};
    for (int k = 0; k < 3; k++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *a = bc_graph_input(graph, "a", (bc_shape){1, 2, 3, 1});
        bc_value *b = bc_graph_input(graph, "b", (bc_shape){1, 2, 3, 2});
        bc_value *made = k == 0   ? bc_quantile_mask(graph, a, a, 1.5f, true)
                         : k == 1 ? bc_mask_and(graph, a, b)
                                  : bc_valid_mask(graph, b, 80, NULL);
        ck_assert_ptr_null(made);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(test_error.text, words[k]));
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("mask");
    TCase *t = tcase_create("mask");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, garg_bounds);
    tcase_add_test(t, quantile_of_decimals);
    tcase_add_test(t, quantile_keeps_its_own_element_only_near_zero);
    tcase_add_test(t, quantile_of_many);
    tcase_add_test(t, misuse);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
