/* Activations and residuals in the node of the linear layer or convolution before them: what a case cannot say. */
#include "host/base/random.h"
#include "net/ops/attributes.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- a layer whose own input is added to what it gives: the gradient of x comes from two sides --- */

enum { X, WEIGHT, BIAS, INPUTS, RESULTS = INPUTS + 1 }; /* gradients of the inputs, then y */

typedef struct layer {
    const char *label, *variant;
    bc_shape x;
    int kernel; /* 1: linear */
} layer;

static void shapes_of(const layer *l, bc_shape shapes[RESULTS]) {
    int channels = l->x.c;
    shapes[X] = shapes[INPUTS] = l->x;
    shapes[WEIGHT] = (bc_shape){l->kernel, l->kernel, channels, channels};
    shapes[BIAS] = (bc_shape){1, 1, 1, channels};
}

static bc_value *build(bc_graph *graph, const layer *l, bool fused, bc_value *const *in) {
    bc_conv geometry = bc_conv_symmetric(1, l->kernel / 2);
    bc_graph_prefer(graph, l->variant);
    return fused ? bc_conv2d_fused(graph, in[X], in[WEIGHT], in[BIAS], geometry,
                                   (bc_epilogue){.residual = in[X]})
                 : bc_add(graph, bc_conv2d(graph, in[X], in[WEIGHT], in[BIAS], geometry), in[X]);
}

static float *random_array(bc_shape s, uint32_t stream) {
    bc_random random = {.seed = 5, .stream = stream};
    float *data = malloc(bc_shape_count(s) * sizeof *data);
    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < bc_shape_count(s); i++)
        data[i] = bc_random_range(&random, -1, 1);
    return data;
}

/* Takes the inputs and the gradient of y from where it leaves the results. */
static void run(const layer *l, bool fused, float *results[RESULTS]) {
    bc_shape shapes[RESULTS];
    bc_buffer data[INPUTS], grad[INPUTS];
    bc_value *in[INPUTS];
    bc_graph *graph;
    bc_plan *plan;
    shapes_of(l, shapes);
    ck_ok(bc_graph_create(test_host(), &graph));
    for (int i = 0; i < INPUTS; i++) {
        size_t bytes = bc_shape_count(shapes[i]) * sizeof(float);
        ck_ok(bc_buffer_create(test_host(), bytes, "a test input", &data[i]));
        ck_ok(bc_buffer_create(test_host(), bytes, "a test gradient", &grad[i]));
        ck_ok(bc_buffer_write(test_host(), data[i], 0, results[i], bytes));
        in[i] = bc_graph_external(graph, "input", shapes[i], &data[i], &grad[i]);
    }
    bc_value *y = bc_graph_keep(graph, build(graph, l, fused, in));
    bc_graph_root(graph, y);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_write_grad(graph, y, results[INPUTS]));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_value_read(graph, y, results[INPUTS]));
    for (int i = 0; i < INPUTS; i++)
        ck_ok(bc_value_read_grad(graph, in[i], results[i]));
    bc_plan_release(plan);
    bc_graph_release(graph);
    for (int i = 0; i < INPUTS; i++) {
        bc_buffer_release(&data[i]);
        bc_buffer_release(&grad[i]);
    }
}

static void check_close(const char *label, const float *a, const float *b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(b[i]));
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(a[i] - b[i]) <= 1e-5 * largest, "%s: element %zu is %g in one node, %g in two",
                      label, i, a[i], b[i]);
}

static const layer layers[] = {
    {"linear", NULL, {1, 3, 3, 8}, 1},
    {"3x3", BC_CONV_DIRECT, {1, 4, 5, 4}, 3},
    {"3x3", BC_CONV_WINOGRAD, {1, 4, 5, 16}, 3},
};

START_TEST(the_input_may_be_added_again) {
    const layer *l = &layers[_i];
    bc_shape shapes[RESULTS];
    float *one[RESULTS], *two[RESULTS];
    shapes_of(l, shapes);
    for (int i = 0; i < RESULTS; i++) {
        one[i] = random_array(shapes[i], (uint32_t)i);
        two[i] = random_array(shapes[i], (uint32_t)i);
    }
    run(l, true, one);
    run(l, false, two);
    for (int i = 0; i < RESULTS; i++) {
        check_close(l->label, one[i], two[i], bc_shape_count(shapes[i]));
        free(one[i]);
        free(two[i]);
    }
}
END_TEST

/* --- GELU --- */

/* The layer's node and what follows it, if anything does, where the weight is trainable or not. */
static void expect_gelu(int kernel, bool trainable, const bc_op *last, const bc_op *before) {
    static const bc_buffer nothing;
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, 4, 5, 2});
    bc_value *weight = bc_graph_external(graph, "w", (bc_shape){kernel, kernel, 2, 3}, &nothing,
                                         trainable ? &nothing : NULL);
    bc_value *y = bc_conv2d_fused(graph, x, weight, NULL, bc_conv_symmetric(1, kernel / 2),
                                  (bc_epilogue){.activation = BC_ACTIVATION_GELU});
    ck_ok(bc_graph_status(graph));
    ck_assert_ptr_eq(y->producer->op, last);
    if (before)
        ck_assert_ptr_eq(y->producer->inputs[0]->producer->op, before);
    bc_graph_release(graph);
}

START_TEST(gelu_is_a_node_where_backward_needs_the_sums) {
    expect_gelu(1, true, &bc_gelu_op, &bc_linear_op);
    expect_gelu(1, false, &bc_linear_op, NULL);
    expect_gelu(3, true, &bc_gelu_op, &bc_conv_op);
    expect_gelu(3, false, &bc_gelu_op, &bc_conv_op); /* no network has it */
}
END_TEST

/* --- mistakes --- */

static void expect_failure(bc_epilogue epilogue, bc_shape residual, const char *message) {
    for (int kernel = 1; kernel <= 3; kernel += 2) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){2, 4, 3, 4});
        bc_value *weight = bc_graph_input(graph, "w", (bc_shape){kernel, kernel, 4, 6});
        epilogue.residual = bc_graph_input(graph, "r", residual);
        ck_assert_ptr_null(
            bc_conv2d_fused(graph, x, weight, NULL, bc_conv_symmetric(1, kernel / 2), epilogue));
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        ck_assert_msg(strstr(test_error.text, message) != NULL, "%s", test_error.text);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}

START_TEST(bad_epilogues_are_named) {
    expect_failure((bc_epilogue){0}, (bc_shape){2, 4, 3, 4}, "is 2x4x3x4, expected 2x4x3x6");
    expect_failure((bc_epilogue){.activation = BC_ACTIVATION_RELU}, (bc_shape){2, 4, 3, 6}, "weight w");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("epilogue");
    TCase *c = tcase_create("epilogue");
    tcase_set_timeout(c, 240);
    tcase_add_loop_test(c, the_input_may_be_added_again, 0, sizeof layers / sizeof *layers);
    tcase_add_test(c, gelu_is_a_node_where_backward_needs_the_sums);
    tcase_add_test(c, bad_epilogues_are_named);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
