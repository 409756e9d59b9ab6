/* Pooling of windows and of whole maps. */
#include "tests/support.h"

#include "net/ops/ops.h"

#include <math.h>
#include <string.h>

typedef struct pool_case {
    const char *label;
    bc_shape x;
    int kernel;
    bc_conv geometry;
} pool_case;

/* --- largest --- */

static const pool_case max_pools[] = {
    {"3x3 stride 2, padding after only", {2, 6, 8, 5}, 3, {2, 0, 0, 1, 1, BC_CONV_AUTO}},
    {"3x3 stride 2, padding 1, odd sides", {1, 7, 5, 4}, 3, {2, 1, 1, 1, 1, BC_CONV_AUTO}},
    {"3x3 stride 1", {1, 5, 4, 16}, 3, {1, 1, 1, 1, 1, BC_CONV_AUTO}},
    {"2x2 stride 2", {2, 4, 6, 32}, 2, {2, 0, 0, 0, 0, BC_CONV_AUTO}},
    {"2x2 stride 3, gaps", {1, 9, 8, 3}, 2, {3, 0, 1, 0, 0, BC_CONV_AUTO}},
    {"15x15", {1, 16, 17, 1}, 15, {1, 0, 0, 14, 3, BC_CONV_AUTO}},
};

static bc_shape pool_output(const pool_case *c) {
    const bc_conv *g = &c->geometry;
    return (bc_shape){c->x.n, (c->x.h + g->pad_top + g->pad_bottom - c->kernel) / g->stride + 1,
                      (c->x.w + g->pad_left + g->pad_right - c->kernel) / g->stride + 1, c->x.c};
}

static double largest(const pool_case *c, const double *x, int n, int oy, int ox, int channel) {
    double best = -INFINITY;
    for (int ky = 0; ky < c->kernel; ky++)
        for (int kx = 0; kx < c->kernel; kx++) {
            int iy = oy * c->geometry.stride + ky - c->geometry.pad_top;
            int ix = ox * c->geometry.stride + kx - c->geometry.pad_left;
            if (iy >= 0 && iy < c->x.h && ix >= 0 && ix < c->x.w)
                best = fmax(best, x[(((size_t)n * c->x.h + iy) * c->x.w + ix) * c->x.c + channel]);
        }
    return best;
}

static void max_reference(double *const *inputs, double *output, const void *user) {
    const pool_case *c = user;
    bc_shape y = pool_output(c);
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++)
                for (int k = 0; k < y.c; k++)
                    *output++ = largest(c, inputs[0], n, oy, ox, k);
}

static bc_value *build_max(bc_graph *graph, bc_value **inputs, const void *user) {
    const pool_case *c = user;
    bc_value *y = bc_max_pool(graph, inputs[0], c->kernel, c->geometry);
    if (y)
        ck_assert(bc_shape_same(y->shape, pool_output(c)));
    return y;
}

START_TEST(max_pool_matches_reference) {
    const pool_case *c = &max_pools[_i];
    test_check_operation(&(test_operation){
        .label = c->label,
        .input_count = 1,
        .inputs = {{.shape = c->x, .low = -2, .high = -1, .grad = true}}, /* below the 0 of a wrong padding */
        .build = build_max,
        .reference = max_reference,
        .user = c,
        .step = 1e-9, /* smaller than the gaps between random numbers */
    });
}
END_TEST

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

/* --- mean of windows --- */

static const pool_case average_pools[] = {
    {"2x2 mean", {2, 4, 6, 5}, 2, {2, 0, 0, 0, 0, BC_CONV_AUTO}},
    {"3x3 mean", {1, 6, 3, 16}, 3, {3, 0, 0, 0, 0, BC_CONV_AUTO}},
    {"1x1 mean", {1, 2, 3, 4}, 1, {1, 0, 0, 0, 0, BC_CONV_AUTO}},
};

static void average_reference(double *const *inputs, double *output, const void *user) {
    const pool_case *c = user;
    bc_shape y = pool_output(c);
    size_t count = bc_shape_count(y);
    for (size_t i = 0; i < count; i++)
        output[i] = 0;
    for (int n = 0; n < c->x.n; n++)
        for (int h = 0; h < c->x.h; h++)
            for (int w = 0; w < c->x.w; w++)
                for (int k = 0; k < c->x.c; k++)
                    output[(((size_t)n * y.h + h / c->kernel) * y.w + w / c->kernel) * y.c + k] +=
                        inputs[0][(((size_t)n * c->x.h + h) * c->x.w + w) * c->x.c + k] /
                        (c->kernel * c->kernel);
}

static bc_value *build_average(bc_graph *graph, bc_value **inputs, const void *user) {
    return bc_average_pool(graph, inputs[0], ((const pool_case *)user)->kernel);
}

START_TEST(average_pool_matches_reference) {
    const pool_case *c = &average_pools[_i];
    test_check_operation(&(test_operation){
        .label = c->label,
        .input_count = 1,
        .inputs = {{.shape = c->x, .low = -1, .high = 1, .grad = true}},
        .build = build_average,
        .reference = average_reference,
        .user = c,
    });
}
END_TEST

/* --- mean of maps --- */

typedef struct global_case {
    const char *label;
    bc_shape x;
    bool weighted;
    double low, high; /* of the weights */
} global_case;

static const global_case global_pools[] = {
    {"plain mean", {2, 3, 5, 7}, false, 0, 0},
    {"plain mean of a large map", {1, 20, 30, 4}, false, 0, 0},
    {"weighted mean", {3, 4, 5, 16}, true, 0, 2},
    {"weighted mean, no weight anywhere", {2, 2, 3, 4}, true, 0, 0},
};

static void global_reference(double *const *inputs, double *output, const void *user) {
    const global_case *c = user;
    int pixels = c->x.h * c->x.w, channels = c->x.c;
    for (int n = 0; n < c->x.n; n++) {
        double total = 0;
        for (int p = 0; p < pixels; p++)
            total += c->weighted ? inputs[1][n * pixels + p] : 1;
        for (int k = 0; k < channels; k++) {
            double sum = 0;
            for (int p = 0; p < pixels; p++)
                sum += (c->weighted ? inputs[1][n * pixels + p] : 1) *
                       inputs[0][(n * pixels + p) * channels + k];
            output[n * channels + k] = sum / fmax(total, 1e-6);
        }
    }
}

static bc_value *build_global(bc_graph *graph, bc_value **inputs, const void *user) {
    (void)user;
    return bc_global_pool(graph, inputs[0], inputs[1]);
}

START_TEST(global_pool_matches_reference) {
    const global_case *c = &global_pools[_i];
    test_check_operation(&(test_operation){
        .label = c->label,
        .input_count = 2,
        .inputs =
            {{.shape = c->x, .low = -1, .high = 1, .grad = true},
             {.shape = {c->x.n, c->x.h, c->x.w, 1}, .low = c->low, .high = c->high, .absent = !c->weighted}},
        .build = build_global,
        .reference = global_reference,
        .user = c,
    });
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
    tcase_add_loop_test(pool, max_pool_matches_reference, 0, sizeof max_pools / sizeof *max_pools);
    tcase_add_test(pool, max_pool_decides_ties);
    tcase_add_loop_test(pool, average_pool_matches_reference, 0,
                        sizeof average_pools / sizeof *average_pools);
    tcase_add_loop_test(pool, global_pool_matches_reference, 0, sizeof global_pools / sizeof *global_pools);
    tcase_add_test(pool, bad_pools_are_named);
    tcase_add_test(pool, pools_pass_failures_on);
    suite_add_tcase(s, pool);
    return s;
}

int main(void) {
    return test_run(suite());
}
