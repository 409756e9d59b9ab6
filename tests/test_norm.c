/* Normalisation: running statistics, and mistakes. */
#include "net/ops/ops.h"
#include "tests/support.h"

/* Two runs of x = {1, 2, 6}: mean 3, unbiased variance 7, momentum 0.25 from (0, 1). */
START_TEST(batch_norm_updates_running_statistics) {
    static const float x[] = {1, 2, 6};
    float start[] = {1, 0, 0, 1}, mean, variance; /* gamma, beta, mean, variance */
    bc_host *host = test_host();
    bc_buffer buffers[4];
    bc_value *values[4];
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(host, &graph));
    for (int i = 0; i < 4; i++) {
        ck_ok(bc_buffer_create(host, sizeof(float), "a parameter", &buffers[i]));
        ck_ok(bc_buffer_write(host, buffers[i], 0, &start[i], sizeof(float)));
        values[i] = bc_graph_external(graph, "parameter", (bc_shape){1, 1, 1, 1}, &buffers[i], NULL);
    }
    bc_value *in = bc_graph_input(graph, "x", (bc_shape){3, 1, 1, 1});
    bc_graph_keep(graph,
                  bc_batch_norm(graph, in, values[0], values[1], values[2], values[3], 1e-5f, 0.25f, true));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_value_write(graph, in, x));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_buffer_read(host, buffers[2], 0, &mean, sizeof mean));
    ck_ok(bc_buffer_read(host, buffers[3], 0, &variance, sizeof variance));
    ck_assert_float_eq_tol(mean, 3 * (1 - 0.5625f), 1e-5f);
    ck_assert_float_eq_tol(variance, 0.5625f + 7 * (1 - 0.5625f), 1e-5f);
    bc_plan_release(plan);
    bc_graph_release(graph);
    for (int i = 0; i < 4; i++)
        bc_buffer_release(&buffers[i]);
}
END_TEST

/* Every builder refuses what does not fit, through the graph. */
START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 4; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, 1, 1, 6});
        bc_value *fits = bc_graph_input(graph, "fits", (bc_shape){1, 1, 1, 6});
        bc_value *wrong = bc_graph_input(graph, "wrong", (bc_shape){1, 1, 1, 5});
        bc_value *y = i == 0   ? bc_group_norm(graph, x, fits, fits, 4, 1e-5f, false)
                      : i == 1 ? bc_layer_norm(graph, x, fits, wrong, 1e-5f)
                      : i == 2 ? bc_batch_norm(graph, x, fits, fits, wrong, fits, 1e-5f, 0.1f, false)
                               : bc_batch_norm(graph, x, fits, fits, fits, fits, 1e-5f, 0.1f, true);
        ck_assert_ptr_null(y);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        ck_assert(test_error.text[0]);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("norm");
    TCase *t = tcase_create("norm");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, batch_norm_updates_running_statistics);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
