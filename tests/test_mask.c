/* Masks: the crop's published bounds, validity of labels, and the exact quantile. */
#include "support.h"

#include "bicross/losses/losses.h"
#include "host/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- running one mask operation --- */

typedef struct mask_case {
    bc_shape shape;
    const float *values, *mask;
    float dmax;
    const bc_window *window;
    float q;
    bool keep_below;
} mask_case;

typedef bc_value *(*mask_builder)(bc_graph *g, bc_value *values, bc_value *mask, const mask_case *c);

static bc_value *build_valid(bc_graph *g, bc_value *values, bc_value *mask, const mask_case *c) {
    (void)mask;
    return bc_valid_mask(g, values, c->dmax, c->window);
}

static bc_value *build_quantile(bc_graph *g, bc_value *values, bc_value *mask, const mask_case *c) {
    return bc_quantile_mask(g, values, mask, c->q, c->keep_below);
}

static bc_value *build_and(bc_graph *g, bc_value *values, bc_value *mask, const mask_case *c) {
    (void)c;
    return bc_mask_and(g, values, mask);
}

static bc_value *build_or_all(bc_graph *g, bc_value *values, bc_value *mask, const mask_case *c) {
    (void)mask;
    (void)c;
    return bc_mask_or_all(g, values);
}

static void run_mask(mask_builder build, const mask_case *c, float *out) {
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *values = bc_graph_input(graph, "values", c->shape),
             *mask = bc_graph_input(graph, "mask", c->shape);
    bc_value *result = bc_graph_keep(graph, build(graph, values, mask, c));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_assert(!result->needs_grad);
    ck_ok(bc_value_write(graph, values, c->values));
    if (c->mask)
        ck_ok(bc_value_write(graph, mask, c->mask));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, result, out));
    bc_plan_release(plan);
    bc_graph_release(graph);
}

/* --- validity --- */

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

START_TEST(valid_values) {
    const float values[] = {0, 1e-3f, 2e-3f, 79.9f, 80, 1000, NAN, INFINITY, -INFINITY, -1, 5, 80.1f};
    const float expected[] = {0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0};
    float out[12];
    mask_case c = {.shape = {2, 2, 3, 1}, .values = values, .dmax = 80};
    run_mask(build_valid, &c, out);
    ck_assert_mem_eq(out, expected, sizeof out);
}
END_TEST

START_TEST(valid_window) {
    float values[2 * 4 * 5], out[2 * 4 * 5];
    for (int i = 0; i < 40; i++)
        values[i] = 3;
    bc_window window = {1, 3, 2, 4};
    mask_case c = {.shape = {2, 4, 5, 1}, .values = values, .dmax = 80, .window = &window};
    run_mask(build_valid, &c, out);
    for (int i = 0; i < 40; i++) {
        int row = i / 5 % 4, column = i % 5;
        ck_assert_float_eq(out[i], row >= 1 && row < 3 && column >= 2 && column < 4);
    }
}
END_TEST

START_TEST(both) {
    const float a[] = {0, 0, 1, 1}, b[] = {0, 1, 0, 1}, expected[] = {0, 0, 0, 1};
    float out[4];
    mask_case c = {.shape = {1, 2, 2, 1}, .values = a, .mask = b};
    run_mask(build_and, &c, out);
    ck_assert_mem_eq(out, expected, sizeof out);
}
END_TEST

/* --- quantile --- */

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The rule by sorting. `index` is the expected place in the ascending order; -1: int(q * n). */
static void check_quantile(const mask_case *c, int index) {
    size_t count = bc_shape_count(c->shape), n = 0;
    float *sorted = malloc(count * sizeof(float)), *out = malloc(count * sizeof(float));
    for (size_t i = 0; i < count; i++)
        if (c->mask[i] == 1)
            sorted[n++] = c->values[i];
    qsort(sorted, n, sizeof(float), ascending);
    if (index < 0)
        index = (int)(c->q * n) < (int)n ? (int)(c->q * n) : (int)n - 1;
    float threshold = n ? sorted[index] : 0;
    run_mask(build_quantile, c, out);
    for (size_t i = 0; i < count; i++) {
        bool side = c->keep_below ? c->values[i] < threshold + 1e-8f : c->values[i] > threshold;
        float expected = n > 0 && c->mask[i] == 1 && side;
        ck_assert_msg(out[i] == expected, "element %zu: value %g, threshold %g, found %g", i,
                      (double)c->values[i], (double)threshold, (double)out[i]);
    }
    free(sorted);
    free(out);
}

START_TEST(quantile_of_few) {
    const float values[] = {0.5f, -0.25f, 0, 3, 2, 1e-9f, -4}, mask[] = {1, 1, 1, 1, 0, 1, 1};
    const float quantiles[] = {0, 0.25f, 0.5f, 0.99f, 1};
    const int index[] = {0, 1, 3, 5, 5};
    for (int k = 0; k < 5; k++)
        for (int below = 0; below < 2; below++) {
            mask_case c = {.shape = {1, 1, 7, 1},
                           .values = values,
                           .mask = mask,
                           .q = quantiles[k],
                           .keep_below = below};
            check_quantile(&c, index[k]);
        }
}
END_TEST

/* 0.7 * 10 is 7, although the float next to 0.7 lies below it. */
START_TEST(quantile_of_decimals) {
    float values[10], mask[10];
    for (int i = 0; i < 10; i++) {
        values[i] = (float)((i * 7) % 10);
        mask[i] = 1;
    }
    mask_case c = {.shape = {1, 2, 5, 1}, .values = values, .mask = mask, .q = 0.7f};
    check_quantile(&c, 7);
}
END_TEST

/* Around 0 the added 1e-8 lets the threshold itself pass; where the spacing of floats is wider, it stays out,
 * as in the published float computation. */
START_TEST(quantile_keeps_its_own_element_only_near_zero) {
    const float small[] = {0, 0.01f, 0.02f}, large[] = {1, 2, 3}, mask[] = {1, 1, 1};
    const float expected_small[] = {1, 1, 0}, expected_large[] = {1, 0, 0};
    float out[3];
    mask_case c = {.shape = {1, 1, 3, 1}, .values = small, .mask = mask, .q = 0.5f, .keep_below = true};
    run_mask(build_quantile, &c, out);
    ck_assert_mem_eq(out, expected_small, sizeof out);
    c.values = large;
    run_mask(build_quantile, &c, out);
    ck_assert_mem_eq(out, expected_large, sizeof out);
}
END_TEST

START_TEST(quantile_of_nothing) {
    const float values[] = {1, 2, 3, -1}, mask[4] = {0}, expected[4] = {0};
    float out[4];
    for (int below = 0; below < 2; below++) {
        mask_case c = {.shape = {1, 2, 2, 1}, .values = values, .mask = mask, .q = 0.5f, .keep_below = below};
        run_mask(build_quantile, &c, out);
        ck_assert_mem_eq(out, expected, sizeof out);
    }
}
END_TEST

START_TEST(quantile_of_equals) {
    float values[37], mask[37];
    for (int i = 0; i < 37; i++) {
        values[i] = i < 20 ? 0.25f : 0.75f;
        mask[i] = 1;
    }
    mask_case c = {.shape = {1, 1, 37, 1}, .values = values, .mask = mask, .q = 0.5f};
    check_quantile(&c, 18);
    c.keep_below = true;
    check_quantile(&c, 18);
}
END_TEST

/* More elements than one block for each work-item, all magnitudes and both signs, pooled over the batch. */
START_TEST(quantile_of_many) {
    bc_shape shape = test_tiny() ? (bc_shape){2, 3, 17, 1} : (bc_shape){3, 67, 101, 1};
    size_t count = bc_shape_count(shape);
    float *values = malloc(count * sizeof(float)), *mask = malloc(count * sizeof(float));
    bc_random random = {.seed = 9};
    for (size_t i = 0; i < count; i++) {
        values[i] = bc_random_normal(&random) * powf(10, bc_random_range(&random, -20, 20));
        mask[i] = bc_random_uniform(&random) < 0.6f;
    }
    for (int below = 0; below < 2; below++) {
        mask_case c = {.shape = shape, .values = values, .mask = mask, .q = 0.5f, .keep_below = below};
        check_quantile(&c, -1);
        c.q = 0.125f;
        check_quantile(&c, -1);
    }
    free(values);
    free(mask);
}
END_TEST

/* --- misuse --- */

START_TEST(misuse) {
    const char *words[] = {"[0,1]", "mask and", "one channel"};
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

START_TEST(an_empty_sample_counts_as_a_whole) {
    const float mask[] = {0, 1, 0, 0, 0, 0, 0, 0, 0}, expected[] = {0, 1, 0, 1, 1, 1, 1, 1, 1};
    mask_case c = {.shape = {3, 1, 3, 1}, .values = mask};
    float found[9];
    run_mask(build_or_all, &c, found);
    for (int i = 0; i < 9; i++)
        ck_assert_msg(found[i] == expected[i], "element %d is %g", i, (double)found[i]);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("mask");
    TCase *t = tcase_create("mask");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, an_empty_sample_counts_as_a_whole);
    tcase_add_test(t, garg_bounds);
    tcase_add_test(t, valid_values);
    tcase_add_test(t, valid_window);
    tcase_add_test(t, both);
    tcase_add_test(t, quantile_of_few);
    tcase_add_test(t, quantile_of_decimals);
    tcase_add_test(t, quantile_keeps_its_own_element_only_near_zero);
    tcase_add_test(t, quantile_of_nothing);
    tcase_add_test(t, quantile_of_equals);
    tcase_add_test(t, quantile_of_many);
    tcase_add_test(t, misuse);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
