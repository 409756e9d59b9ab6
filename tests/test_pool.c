/* Pooling: what decides among equals, and mistakes. */
#include "tests/support.h"

#include "net/ops/ops.h"

#include <math.h>
#include <string.h>

/* Among equals the first wins, and the gradient goes there alone; NaN shows. */
START_TEST(max_pool_decides_ties) {
    bc_graph *graph;
    bc_plan *plan;
    float x[8] = {1, 1, 1, 1, 0, NAN, 2, 3}, y[2], gradient[8];
    const float ones[2] = {1, 1};
    bc_buffer data, grad;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_buffer_create(test_host(), sizeof x, "x", &data));
    ck_ok(bc_buffer_create(test_host(), sizeof x, "dx", &grad));
    ck_ok(bc_buffer_write(test_host(), data, 0, x, sizeof x));
    bc_value *in = bc_graph_external(graph, "x", (bc_shape){2, 2, 2, 1}, &data, &grad);
    bc_value *out = bc_graph_keep(graph, bc_max_pool(graph, in, 2, bc_conv_symmetric(2, 0)));
    bc_graph_root(graph, out);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_write_grad(graph, out, ones));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_value_read(graph, out, y));
    ck_ok(bc_value_read_grad(graph, in, gradient));
    ck_assert(y[0] == 1.0f && isnan(y[1]));
    const float expected[8] = {1, 0, 0, 0, 0, 1, 0, 0};
    for (int i = 0; i < 8; i++)
        ck_assert(gradient[i] == expected[i]);
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_buffer_release(&data);
    bc_buffer_release(&grad);
}
END_TEST

/* --- mistakes --- */

static void expect_message(bc_graph *graph, const bc_value *value, const char *message) {
    ck_assert_ptr_null(value);
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, message) != NULL, "\"%s\" is not in \"%s\"", message,
                  test_error.text);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}

static bc_graph *fresh_graph(bc_value **x) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    *x = bc_graph_input(graph, "features", (bc_shape){2, 5, 6, 3});
    return graph;
}

START_TEST(bad_pools_are_named) {
    bc_value *x;
    bc_graph *g = fresh_graph(&x);
    expect_message(g, bc_max_pool(g, x, 16, bc_conv_symmetric(1, 0)), "max_pool of features: kernel 16");
    g = fresh_graph(&x);
    expect_message(g, bc_max_pool(g, x, 3, bc_conv_symmetric(0, 0)), "stride 0");
    g = fresh_graph(&x);
    expect_message(g, bc_max_pool(g, x, 3, bc_conv_symmetric(2, 3)), "padding 3, expected 0 to 2");
    g = fresh_graph(&x);
    expect_message(g, bc_max_pool(g, x, 6, bc_conv_symmetric(2, 0)),
                   "a window of 6 does not fit in its padded 5x6");
    g = fresh_graph(&x);
    expect_message(g, bc_average_pool(g, x, 2),
                   "average_pool of features: 5x6 is not divisible into windows of 2");
    g = fresh_graph(&x);
    bc_value *weight = bc_graph_input(g, "weight", (bc_shape){2, 5, 5, 1});
    expect_message(g, bc_global_pool(g, x, weight), "weight is (2,5,5,1), expected (2,5,6,1)");
}
END_TEST

START_TEST(pools_pass_failures_on) {
    bc_value *x;
    bc_graph *g = fresh_graph(&x);
    ck_assert_ptr_null(bc_max_pool(g, NULL, 3, bc_conv_symmetric(2, 1)));
    ck_assert_ptr_null(bc_average_pool(g, NULL, 3));
    ck_assert_ptr_null(bc_global_pool(g, NULL, NULL));
    bc_graph_release(g);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("pool");
    TCase *pool = tcase_create("pool");
    tcase_set_timeout(pool, 120);
    tcase_add_test(pool, max_pool_decides_ties);
    tcase_add_test(pool, bad_pools_are_named);
    tcase_add_test(pool, pools_pass_failures_on);
    suite_add_tcase(s, pool);
    return s;
}

int main(void) {
    return test_run(suite());
}
