/* Sums, channel scaling, concatenation and slices: one value as both inputs, and mistakes. */
#include "net/ops/ops.h"
#include "tests/support.h"

/* Both inputs of a node may be one value, and the value may have another such node: gradients add up. */
START_TEST(a_value_added_to_itself) {
    enum { COUNT = 7 };
    float x[COUNT], y[COUNT], dx[COUNT], seeds[2][COUNT];
    bc_buffer data, grad;
    bc_graph *graph;
    bc_plan *plan;
    bc_value *sums[2];
    for (int i = 0; i < COUNT; i++) {
        x[i] = (float)(i - 3);
        seeds[0][i] = (float)(i + 1);
        seeds[1][i] = (float)(10 * i);
    }
    ck_ok(bc_buffer_create(test_host(), sizeof x, "x", &data));
    ck_ok(bc_buffer_create(test_host(), sizeof x, "dx", &grad));
    ck_ok(bc_buffer_write(test_host(), data, 0, x, sizeof x));
    ck_ok(bc_buffer_fill(test_host(), grad, 0, sizeof x, 1e30f));
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *in = bc_graph_external(graph, "x", (bc_shape){1, 1, 1, COUNT}, &data, &grad);
    for (int k = 0; k < 2; k++) {
        sums[k] = bc_graph_keep(graph, bc_add(graph, in, in));
        bc_graph_root(graph, sums[k]);
    }
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    for (int k = 0; k < 2; k++)
        ck_ok(bc_value_write_grad(graph, sums[k], seeds[k]));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_value_read(graph, sums[1], y));
    ck_ok(bc_value_read_grad(graph, in, dx));
    for (int i = 0; i < COUNT; i++) {
        ck_assert_float_eq(y[i], 2 * x[i]);
        ck_assert_float_eq(dx[i], 2 * (seeds[0][i] + seeds[1][i]));
    }
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_buffer_release(&data);
    bc_buffer_release(&grad);
}
END_TEST

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 5; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *a = bc_graph_input(graph, "a", (bc_shape){2, 3, 4, 5});
        bc_value *b = bc_graph_input(graph, "b", (bc_shape){2, 4, 3, 5});
        bc_value *y = i == 0   ? bc_add(graph, a, b)
                      : i == 1 ? bc_scale_channels(graph, a, b)
                      : i == 2 ? bc_concat_channels(graph, a, b)
                      : i == 3 ? bc_slice_batch(graph, a, 1, 2)
                               : bc_slice_batch(graph, a, -1, 1);
        ck_assert_ptr_null(y);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("combine");
    TCase *t = tcase_create("combine");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_value_added_to_itself);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
