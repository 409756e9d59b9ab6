/* GroupNorm, BatchNorm and LayerNorm against double-precision references. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>

enum { N = 2, H = 5, W = 7 };
static const double EPSILON = 1e-3;

typedef struct group_case {
    bc_shape shape;
    int groups;
    bool relu;
} group_case;

/* Mean and 1/sqrt(variance + epsilon) over `pixels` rows of `size` channels out of c. */
static void statistics(const double *x, int pixels, int size, int c, double *mean, double *scale) {
    double sum = 0, squares = 0, count = (double)pixels * size;
    for (int p = 0; p < pixels; p++)
        for (int j = 0; j < size; j++)
            sum += x[p * c + j];
    *mean = sum / count;
    for (int p = 0; p < pixels; p++)
        for (int j = 0; j < size; j++)
            squares += (x[p * c + j] - *mean) * (x[p * c + j] - *mean);
    *scale = 1 / sqrt(squares / count + EPSILON);
}

static void reference_group(double *const *in, double *y, const void *user) {
    const group_case *test = user;
    int c = test->shape.c, size = c / test->groups, pixels = test->shape.h * test->shape.w;
    for (int n = 0; n < test->shape.n; n++)
        for (int g = 0; g < test->groups; g++) {
            double mean, scale;
            int start = n * pixels * c + g * size;
            statistics(in[0] + start, pixels, size, c, &mean, &scale);
            for (int p = 0; p < pixels; p++)
                for (int j = 0; j < size; j++) {
                    double value =
                        (in[0][start + p * c + j] - mean) * scale * in[1][g * size + j] + in[2][g * size + j];
                    y[start + p * c + j] = test->relu && value < 0 ? 0 : value;
                }
        }
}

static bc_value *build_group(bc_graph *graph, bc_value **in, const void *user) {
    const group_case *test = user;
    return bc_group_norm(graph, in[0], in[1], in[2], test->groups, (float)EPSILON, test->relu);
}

static void check_group(const char *label, group_case test, double low, double high, double tolerance) {
    bc_shape vector = {1, 1, 1, test.shape.c};
    test_check_operation(&(test_operation){.label = label,
                                           .input_count = 3,
                                           .inputs = {{test.shape, low, high, NULL, true, false},
                                                      {vector, 0.5, 1.5, NULL, true, false},
                                                      {vector, -1, 1, NULL, true, false}},
                                           .build = build_group,
                                           .reference = reference_group,
                                           .user = &test,
                                           .tolerance = tolerance,
                                           .grad_tolerance = tolerance * 10});
}

START_TEST(group_norm_of_odd_sizes) {
    check_group("6 channels, 2 groups", (group_case){{N, H, W, 6}, 2, false}, -2, 3, 0);
    check_group("6 channels, 2 groups, relu", (group_case){{N, H, W, 6}, 2, true}, -2, 3, 0);
    check_group("12 channels, 3 groups", (group_case){{3, H, W, 12}, 3, true}, -2, 3, 0);
    check_group("32 channels, 32 groups", (group_case){{1, H, W, 32}, 32, true}, -2, 3, 0);
    check_group("48 channels, 3 groups, 2 chunks", (group_case){{N, 1, 33, 48}, 3, false}, -2, 3, 0);
}
END_TEST

/* A one-pass sum of squares in float would lose everything here. */
START_TEST(group_norm_of_a_large_mean) {
    check_group("mean 1000 times the deviation", (group_case){{1, H, W, 4}, 2, false}, 1000, 1003, 3e-4);
}
END_TEST

START_TEST(group_norm_of_known_values) {
    static const float x[] = {1, 3, 5, 7}, one[] = {1, 1}, zero[] = {0, 0};
    bc_host *host = test_host();
    bc_buffer gamma, beta;
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_buffer_create(host, sizeof one, "gamma", &gamma));
    ck_ok(bc_buffer_create(host, sizeof zero, "beta", &beta));
    ck_ok(bc_buffer_write(host, gamma, 0, one, sizeof one));
    ck_ok(bc_buffer_write(host, beta, 0, zero, sizeof zero));
    ck_ok(bc_graph_create(host, &graph));
    bc_value *in = bc_graph_input(graph, "x", (bc_shape){1, 1, 2, 2});
    bc_value *y = bc_graph_keep(
        graph,
        bc_group_norm(graph, in, bc_graph_external(graph, "gamma", (bc_shape){1, 1, 1, 2}, &gamma, NULL),
                      bc_graph_external(graph, "beta", (bc_shape){1, 1, 1, 2}, &beta, NULL), 1, 0, false));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_value_write(graph, in, x));
    ck_ok(bc_plan_forward(plan));
    float found[4];
    ck_ok(bc_value_read(graph, y, found));
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq_tol(found[i], (x[i] - 4) / sqrtf(5), 1e-6f);
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_buffer_release(&gamma);
    bc_buffer_release(&beta);
}
END_TEST

typedef struct row_case {
    int rows, c;
    bool training; /* BatchNorm */
} row_case;

static void reference_layer(double *const *in, double *y, const void *user) {
    const row_case *test = user;
    for (int r = 0; r < test->rows; r++) {
        double mean, scale;
        statistics(in[0] + r * test->c, 1, test->c, test->c, &mean, &scale);
        for (int j = 0; j < test->c; j++)
            y[r * test->c + j] = (in[0][r * test->c + j] - mean) * scale * in[1][j] + in[2][j];
    }
}

static bc_value *build_layer(bc_graph *graph, bc_value **in, const void *user) {
    (void)user;
    return bc_layer_norm(graph, in[0], in[1], in[2], (float)EPSILON);
}

static void check_layer(const char *label, row_case test) {
    bc_shape vector = {1, 1, 1, test.c};
    test_check_operation(&(test_operation){.label = label,
                                           .input_count = 3,
                                           .inputs = {{{1, 1, test.rows, test.c}, -2, 3, NULL, true, false},
                                                      {vector, 0.5, 1.5, NULL, true, false},
                                                      {vector, -1, 1, NULL, true, false}},
                                           .build = build_layer,
                                           .reference = reference_layer,
                                           .user = &test});
}

START_TEST(layer_norm_of_any_width) {
    check_layer("7 channels", (row_case){19, 7, false});
    check_layer("20 channels", (row_case){3, 20, false});
    check_layer("48 channels", (row_case){9, 48, false});
}
END_TEST

static void reference_batch(double *const *in, double *y, const void *user) {
    const row_case *test = user;
    for (int j = 0; j < test->c; j++) {
        double mean = in[3][j], scale = 1 / sqrt(in[4][j] + EPSILON);
        if (test->training)
            statistics(in[0] + j, test->rows, 1, test->c, &mean, &scale);
        for (int r = 0; r < test->rows; r++)
            y[r * test->c + j] = (in[0][r * test->c + j] - mean) * scale * in[1][j] + in[2][j];
    }
}

static bc_value *build_batch(bc_graph *graph, bc_value **in, const void *user) {
    const row_case *test = user;
    return bc_batch_norm(graph, in[0], in[1], in[2], in[3], in[4], (float)EPSILON, 0.1f, test->training);
}

static void check_batch(const char *label, bc_shape shape, bool training) {
    row_case test = {shape.n * shape.h * shape.w, shape.c, training};
    bc_shape vector = {1, 1, 1, shape.c};
    test_check_operation(&(test_operation){.label = label,
                                           .input_count = 5,
                                           .inputs = {{shape, -2, 3, NULL, true, false},
                                                      {vector, 0.5, 1.5, NULL, true, false},
                                                      {vector, -1, 1, NULL, true, false},
                                                      {vector, -1, 1, NULL, false, false},
                                                      {vector, 0.5, 2, NULL, false, false}},
                                           .build = build_batch,
                                           .reference = reference_batch,
                                           .user = &test});
}

START_TEST(batch_norm_in_training_and_evaluation) {
    check_batch("training", (bc_shape){3, H, W, 5}, true);
    check_batch("training, 2 rows", (bc_shape){2, 1, 1, 16}, true);
    check_batch("evaluation", (bc_shape){2, H, W, 5}, false);
    check_batch("evaluation, 1 row", (bc_shape){1, 1, 1, 16}, false);
}
END_TEST

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
    tcase_add_test(t, group_norm_of_odd_sizes);
    tcase_add_test(t, group_norm_of_a_large_mean);
    tcase_add_test(t, group_norm_of_known_values);
    tcase_add_test(t, layer_norm_of_any_width);
    tcase_add_test(t, batch_norm_in_training_and_evaluation);
    tcase_add_test(t, batch_norm_updates_running_statistics);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
