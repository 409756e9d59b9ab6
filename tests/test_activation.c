/* Elementwise functions: what happens at their kinks and extremes, and mistakes. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static bc_value *build_inverse(bc_graph *g, bc_value *x) {
    return bc_inverse_depth(g, x, 0.5f, 0.25f, 0.125f, false);
}

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
    for (int i = 0; i < 2; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){2, 3, 5, 7});
        ck_assert_ptr_null(i == 0 ? bc_inverse_depth(graph, x, 1, 1, 0, false) : bc_relu(graph, NULL));
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        const char *message = i == 0 ? "a floor above 0, found 0" : "relu: input 0 of 1 is missing";
        ck_assert_msg(strstr(test_error.text, message) != NULL, "\"%s\" is not in \"%s\"", message,
                      test_error.text);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("activation");
    TCase *t = tcase_create("activation");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, extreme_arguments);
    tcase_add_test(t, nan_stays_visible);
    tcase_add_test(t, inverse_depth_at_the_floor);
    tcase_add_test(t, inverse_depth_outdoors);
    tcase_add_test(t, wrong_arguments_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
