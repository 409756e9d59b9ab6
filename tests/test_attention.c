/* Attention: its tiled form against the plain one, and what a case cannot say. */
#include "host/base/random.h"
#include "net/ops/attributes.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>

typedef bc_value *(*builder)(bc_graph *, bc_value *, int heads);

typedef struct attention_case {
    int n, t, d, heads;
    builder build;
} attention_case;

/* A head larger than any tile: the plain form does it. */
START_TEST(a_large_head_takes_the_plain_form) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *small = bc_graph_input(graph, "small", (bc_shape){1, 1, 3, 3 * 64});
    bc_value *large = bc_graph_input(graph, "large", (bc_shape){1, 1, 3, 3 * 260});
    ck_assert_ptr_eq(bc_attention(graph, small, 1)->producer->op, &bc_attention_tiled_op);
    ck_assert_ptr_eq(bc_attention(graph, large, 1)->producer->op, &bc_attention_plain_op);
    bc_graph_release(graph);
}
END_TEST

/* Runs forward and backward of one form; `y` (n,t,d) and `dx` (n,t,3d) receive what comes out. */
static void run_form(const attention_case *test, const float *x, const float *dy, float *y, float *dx) {
    bc_graph *graph;
    bc_plan *plan;
    bc_buffer data, grad;
    bc_shape shape = {test->n, 1, test->t, 3 * test->d};
    size_t bytes = bc_shape_count(shape) * sizeof(float);
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_buffer_create(test_host(), bytes, "qkv", &data));
    ck_ok(bc_buffer_create(test_host(), bytes, "the gradient of qkv", &grad));
    ck_ok(bc_buffer_write(test_host(), data, 0, x, bytes));
    bc_value *qkv = bc_graph_external(graph, "qkv", shape, &data, &grad);
    bc_value *out = bc_graph_keep(graph, test->build(graph, qkv, test->heads));
    bc_graph_root(graph, out);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, out, y));
    ck_ok(bc_value_write_grad(graph, out, dy));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_buffer_read(test_host(), grad, 0, dx, bytes));
    bc_plan_release(plan);
    bc_graph_release(graph);
    bc_buffer_release(&data);
    bc_buffer_release(&grad);
}

static float *random_array(size_t count, float range, uint32_t stream) {
    bc_random random = {.seed = 5, .stream = stream};
    float *x = malloc(count * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < count; i++)
        x[i] = bc_random_range(&random, -range, range);
    return x;
}

static void check_close(const char *what, const float *a, const float *b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(b[i]));
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(a[i] - b[i]) <= 1e-5 * largest, "%s: element %zu is %g tiled, %g plain", what, i,
                      a[i], b[i]);
}

static void check_forms_agree(int n, int t, int d, int heads) {
    attention_case tiled = {n, t, d, heads, bc_attention}, plain = {n, t, d, heads, bc_attention_plain};
    size_t count = (size_t)n * t * d;
    float *x = random_array(3 * count, 1.5f, 1), *dy = random_array(count, 1, 2);
    float *y[2] = {malloc(count * sizeof(float)), malloc(count * sizeof(float))};
    float *dx[2] = {malloc(3 * count * sizeof(float)), malloc(3 * count * sizeof(float))};
    run_form(&tiled, x, dy, y[0], dx[0]);
    run_form(&plain, x, dy, y[1], dx[1]);
    check_close("output", y[0], y[1], count);
    check_close("gradient", dx[0], dx[1], 3 * count);
    free(x);
    free(dy);
    for (int i = 0; i < 2; i++) {
        free(y[i]);
        free(dx[i]);
    }
}

START_TEST(tiled_and_plain_forms_agree) {
    check_forms_agree(2, 17, 32, 2);
    if (test_tiny())
        return;
    check_forms_agree(2, 33, 192, 3);
    check_forms_agree(1, 145, 128, 2);
    check_forms_agree(1, 64, 80, 1);
    check_forms_agree(1, 200, 10, 2);
}
END_TEST

/* Value 1 of the first key and 0 of the others: the output is a quotient of exponentials, small ones included. */
START_TEST(exponentials_are_accurate) {
    enum { TOKENS = 41 };
    float qkv[TOKENS][3] = {{0}}, out[TOKENS], dx[TOKENS][3], dy[TOKENS] = {0};
    for (int i = 0; i < TOKENS; i++)
        qkv[i][0] = -1.97f * (float)i;
    qkv[0][1] = qkv[0][2] = 1;
    run_form(&(attention_case){1, TOKENS, 1, 1, bc_attention}, qkv[0], dy, out, dx[0]);
    for (int i = 0; i < TOKENS; i++) {
        double e = exp(qkv[i][0]), expected = e / (e + TOKENS - 1);
        /* the score has a rounding error of its own, relative to its size */
        double tolerance = (6 + 1.5 * fabs(qkv[i][0])) * 6e-8;
        ck_assert_msg(fabs(out[i] - expected) <= tolerance * expected,
                      "exp(%g): %.9g, expected %.9g (%.2g of it apart)", qkv[i][0], out[i], expected,
                      out[i] / expected - 1);
    }
}
END_TEST

/* A query that is not a number shows in its own output, whatever running maxima make of it. */
START_TEST(nan_stays_visible) {
    float qkv[3][3] = {{1, 2, 3}, {NAN, 1, 1}, {2, 0, -1}}, out[3], dx[3][3], dy[3] = {0};
    run_form(&(attention_case){1, 3, 1, 1, bc_attention}, qkv[0], dy, out, dx[0]);
    ck_assert(!isnan(out[0]) && isnan(out[1]) && !isnan(out[2]));
}
END_TEST

/* What is kept for backward of t tokens, and its scratch. */
static void memory_of(builder build_form, int t, size_t *saved, size_t *workspace) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *y = build_form(graph, bc_graph_input(graph, "qkv", (bc_shape){2, 1, t, 3 * 64}), 4);
    ck_assert_ptr_nonnull(y);
    *saved = y->producer->op->saved_bytes(y->producer);
    *workspace = y->producer->op->workspace_bytes(y->producer, true);
    bc_graph_release(graph);
}

START_TEST(memory_grows_linearly) {
    size_t saved[2], workspace[2];
    memory_of(bc_attention, 320, &saved[0], &workspace[0]);
    memory_of(bc_attention, 3200, &saved[1], &workspace[1]);
    ck_assert_uint_eq(saved[0], 2 * 4 * 320 * sizeof(float));
    ck_assert_uint_eq(saved[1], 10 * saved[0]);
    ck_assert_uint_eq(workspace[1], 10 * workspace[0]);
    memory_of(bc_attention_plain, 320, &saved[0], &workspace[0]);
    memory_of(bc_attention_plain, 3200, &saved[1], &workspace[1]);
    ck_assert_uint_eq(saved[1], 100 * saved[0]);
}
END_TEST

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 3; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, i == 2 ? 2 : 1, 4, i == 0 ? 10 : 12});
        ck_assert_ptr_null(bc_attention(graph, x, i == 1 ? 3 : 1));
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("attention");
    TCase *t = tcase_create("attention");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_large_head_takes_the_plain_form);
    tcase_add_test(t, tiled_and_plain_forms_agree);
    tcase_add_test(t, exponentials_are_accurate);
    tcase_add_test(t, nan_stays_visible);
    tcase_add_test(t, memory_grows_linearly);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
