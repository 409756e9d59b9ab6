/* Elementwise functions: values, gradients, and what happens at their kinks and extremes. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>

static const bc_shape SHAPE = {2, 3, 5, 7};
enum { COUNT = 2 * 3 * 5 * 7 };

typedef struct function {
    const char *name;
    bc_value *(*build)(bc_graph *graph, bc_value *x);
    double (*value)(double x);
    double low, high;
} function;

static bc_value *build_clamp(bc_graph *g, bc_value *x) {
    return bc_clamp_min(g, x, 0.25f);
}

static bc_value *build_inverse(bc_graph *g, bc_value *x) {
    return bc_inverse_depth(g, x, 0.5f, 0.25f, 0.125f, false);
}

static double value_relu(double x) {
    return x > 0 ? x : 0;
}

static double value_gelu(double x) {
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}

static double value_sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static double value_clamp(double x) {
    return x > 0.25 ? x : 0.25;
}

static double value_inverse(double x) {
    return 1 / fmax(0.5 * x + 0.25, 0.125);
}

static bc_value *build(bc_graph *graph, bc_value **inputs, const void *user) {
    return ((const function *)user)->build(graph, inputs[0]);
}

static void reference(double *const *inputs, double *output, const void *user) {
    for (int i = 0; i < COUNT; i++)
        output[i] = ((const function *)user)->value(inputs[0][i]);
}

START_TEST(functions_and_gradients) {
    static const function functions[] = {
        {"relu", bc_relu, value_relu, -1, 1},
        {"gelu", bc_gelu, value_gelu, -6, 6},
        {"gelu near 0", bc_gelu, value_gelu, -0.1, 0.1},
        {"sigmoid", bc_sigmoid, value_sigmoid, -8, 8},
        {"clamp_min", build_clamp, value_clamp, -1, 1},
        {"inverse_depth", build_inverse, value_inverse, -1, 2},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const function *f = &functions[i];
        test_check_operation(&(test_operation){.label = f->name,
                                               .input_count = 1,
                                               .inputs = {{SHAPE, f->low, f->high, NULL, true, false}},
                                               .build = build,
                                               .reference = reference,
                                               .user = f});
    }
}
END_TEST

/* One function on given values, with gradient 1 for every output; its input is a parameter. */
static void run(bc_value *(*build_one)(bc_graph *, bc_value *), int count, const float *x, float *y,
                float *dx) {
    bc_host *host = test_host();
    bc_buffer data, grad;
    bc_graph *graph;
    bc_plan *plan;
    float ones[16];
    size_t bytes = (size_t)count * sizeof(float);
    for (int i = 0; i < count; i++)
        ones[i] = 1;
    ck_ok(bc_buffer_create(host, bytes, "x", &data));
    ck_ok(bc_buffer_create(host, bytes, "dx", &grad));
    ck_ok(bc_buffer_write(host, data, 0, x, bytes));
    ck_ok(bc_graph_create(host, &graph));
    bc_value *in = bc_graph_external(graph, "x", (bc_shape){1, 1, 1, count}, &data, &grad);
    bc_value *out = bc_graph_keep(graph, build_one(graph, in));
    bc_graph_root(graph, out);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, out, y));
    ck_ok(bc_value_write_grad(graph, out, ones));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_value_read_grad(graph, in, dx));
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_buffer_release(&data);
    bc_buffer_release(&grad);
}

static void check_values(const char *name, int count, const float *found, const float *expected) {
    for (int i = 0; i < count; i++)
        ck_assert_msg(fabsf(found[i] - expected[i]) <= 1e-6f * (1 + fabsf(expected[i])),
                      "%s[%d] is %g, expected %g", name, i, (double)found[i], (double)expected[i]);
}

/* Large arguments neither overflow nor give NaN. */
START_TEST(extreme_arguments) {
    static const float x[] = {-1e30f, -100, -20, 20, 100, 1e30f};
    static const float gelu[] = {0, 0, 0, 20, 100, 1e30f}, slope[] = {0, 0, 0, 1, 1, 1};
    static const float sigmoid[] = {0, 0, 2.0611537e-9f, 1, 1, 1}, flat[6] = {0};
    float y[6], dx[6];
    run(bc_gelu, 6, x, y, dx);
    check_values("gelu", 6, y, gelu);
    check_values("gelu's slope", 6, dx, slope);
    run(bc_sigmoid, 6, x, y, dx);
    check_values("sigmoid", 6, y, sigmoid);
    check_values("sigmoid's slope", 6, dx, flat);
}
END_TEST

START_TEST(nan_stays_visible) {
    float x = NAN, y, dx;
    run(bc_relu, 1, &x, &y, &dx);
    ck_assert(isnan(y));
    run(build_inverse, 1, &x, &y, &dx);
    ck_assert(isnan(y));
}
END_TEST

static bc_value *build_reversal(bc_graph *g, bc_value *x) {
    return bc_gradient_reversal(g, x, 0.01f);
}

START_TEST(gradient_reversal_is_the_identity_forward) {
    static const float x[] = {1, -2, 3}, expected[] = {-0.01f, -0.01f, -0.01f};
    float y[3], dx[3];
    run(build_reversal, 3, x, y, dx);
    check_values("reversal", 3, y, x);
    check_values("reversal's gradient", 3, dx, expected);
}
END_TEST

/* The input serves twice: its gradient is the sum 1 - beta. */
static bc_value *build_reversal_sum(bc_graph *g, bc_value *x) {
    return bc_add(g, x, bc_gradient_reversal(g, x, 0.25f));
}

START_TEST(gradient_reversal_adds_up) {
    static const float x[] = {1, -2}, expected[] = {0.75f, 0.75f};
    float y[2], dx[2];
    run(build_reversal_sum, 2, x, y, dx);
    check_values("sum of gradients", 2, dx, expected);
}
END_TEST

static bc_value *build_open(bc_graph *g, bc_value *x) {
    return bc_inverse_depth(g, x, 0.5f, 0.25f, 0.125f, true);
}

/* 0.5 x + 0.25 is below the floor of 0.125 at x = -1: depth 8, slope 0 or -0.5 * 64. */
START_TEST(inverse_depth_at_the_floor) {
    static const float x[] = {-1, 0.5f}, depth[] = {8, 2}, closed[] = {0, -2}, open[] = {-32, -2};
    float y[2], dx[2];
    run(build_inverse, 2, x, y, dx);
    check_values("depth", 2, y, depth);
    check_values("slope", 2, dx, closed);
    run(build_open, 2, x, y, dx);
    check_values("depth", 2, y, depth);
    check_values("open slope", 2, dx, open);
}
END_TEST

/* Raw values of the outdoor scale (method 8.6). */
static bc_value *build_outdoor(bc_graph *g, bc_value *x) {
    return bc_inverse_depth(g, x, 0.00006016f, 0.00579f, 1e-8f, false);
}

START_TEST(inverse_depth_outdoors) {
    static const float x[] = {16526, 1566, 112, 0}, metres[] = {1, 10, 80, 172.7f};
    float y[4], dx[4];
    run(build_outdoor, 4, x, y, dx);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq_tol(y[i], metres[i], 0.003f * metres[i]);
}
END_TEST

START_TEST(wrong_arguments_fail) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", SHAPE);
    ck_assert_ptr_null(bc_inverse_depth(graph, x, 1, 1, 0, false));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_ptr_null(bc_relu(graph, NULL));
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("activation");
    TCase *t = tcase_create("activation");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, functions_and_gradients);
    tcase_add_test(t, extreme_arguments);
    tcase_add_test(t, nan_stays_visible);
    tcase_add_test(t, gradient_reversal_is_the_identity_forward);
    tcase_add_test(t, gradient_reversal_adds_up);
    tcase_add_test(t, inverse_depth_at_the_floor);
    tcase_add_test(t, inverse_depth_outdoors);
    tcase_add_test(t, wrong_arguments_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
