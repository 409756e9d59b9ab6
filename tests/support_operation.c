/* The checker of operations: see support.h. The operation is built twice on the same inputs, so that its
 * gradients have to add up; both outputs are roots with random gradients r1 and r2, and the expected gradient
 * of an input is the derivative of sum((r1 + r2) * reference). */
#include "support.h"

#include "host/base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bench {
    const test_operation *operation;
    bc_graph *graph;
    bc_plan *plan;
    bc_buffer data[BC_NODE_INPUTS], grad[BC_NODE_INPUTS];
    float *host[BC_NODE_INPUTS];   /* input data */
    double *exact[BC_NODE_INPUTS]; /* the same as doubles */
    bc_value *inputs[BC_NODE_INPUTS];
    bc_value *outputs[2];
    float *seed[2]; /* gradients of the outputs */
    size_t output_count;
} bench;

static size_t input_count_of(const bench *b, int i) {
    return bc_shape_count(b->operation->inputs[i].shape);
}

static void make_inputs(bench *b) {
    bc_random random = {.seed = 7, .stream = (uint32_t)strlen(b->operation->label)};
    for (int i = 0; i < b->operation->input_count; i++) {
        const test_input *input = &b->operation->inputs[i];
        if (input->absent)
            continue;
        size_t count = input_count_of(b, i);
        b->host[i] = malloc(count * sizeof(float));
        b->exact[i] = malloc(count * sizeof(double));
        for (size_t k = 0; k < count; k++) {
            b->host[i][k] = input->fixed ? input->fixed[k]
                                         : bc_random_range(&random, (float)input->low, (float)input->high);
            b->exact[i][k] = b->host[i][k];
        }
        ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test input", &b->data[i]));
        ck_ok(bc_buffer_write(test_host(), b->data[i], 0, b->host[i], count * sizeof(float)));
        if (input->grad)
            ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test gradient", &b->grad[i]));
        b->inputs[i] =
            bc_graph_external(b->graph, "input", input->shape, &b->data[i], input->grad ? &b->grad[i] : NULL);
    }
}

static bool wants_backward(const test_operation *operation) {
    for (int i = 0; i < operation->input_count; i++)
        if (operation->inputs[i].grad && !operation->inputs[i].absent)
            return true;
    return false;
}

static void open_bench(bench *b, const test_operation *operation) {
    *b = (bench){.operation = operation};
    bc_random random = {.seed = 11, .stream = 3};
    ck_ok(bc_graph_create(test_host(), &b->graph));
    make_inputs(b);
    for (int o = 0; o < 2; o++) {
        b->outputs[o] = bc_graph_keep(b->graph, operation->build(b->graph, b->inputs, operation->user));
        ck_ok(bc_graph_status(b->graph));
        b->output_count = bc_shape_count(b->outputs[o]->shape);
        b->seed[o] = malloc(b->output_count * sizeof(float));
        for (size_t k = 0; k < b->output_count; k++)
            b->seed[o][k] = bc_random_range(&random, -1.0f, 1.0f);
        if (wants_backward(operation))
            bc_graph_root(b->graph, b->outputs[o]);
    }
    ck_ok(bc_plan_create(b->graph, wants_backward(operation) ? BC_TRAIN : BC_INFER, &b->plan));
}

static void close_bench(bench *b) {
    bc_plan_release(b->plan);
    bc_graph_release(b->graph);
    for (int i = 0; i < BC_NODE_INPUTS; i++) {
        bc_buffer_release(&b->data[i]);
        bc_buffer_release(&b->grad[i]);
        free(b->host[i]);
        free(b->exact[i]);
    }
    free(b->seed[0]);
    free(b->seed[1]);
}

/* Runs both passes after filling all gradients with garbage, and returns everything that came out in one
 * array. */
static float *run(bench *b, size_t *count) {
    *count = 2 * b->output_count;
    for (int i = 0; i < b->operation->input_count; i++)
        *count += b->grad[i].mem ? input_count_of(b, i) : 0;
    float *all = malloc(*count * sizeof(float)), *next = all;
    for (int i = 0; i < b->operation->input_count; i++)
        if (b->grad[i].mem)
            ck_ok(bc_buffer_fill(test_host(), b->grad[i], 0, input_count_of(b, i) * sizeof(float), 1e30f));
    ck_ok(bc_plan_forward(b->plan));
    for (int o = 0; o < 2; o++, next += b->output_count)
        ck_ok(bc_value_read(b->graph, b->outputs[o], next));
    if (wants_backward(b->operation)) {
        for (int o = 0; o < 2; o++)
            ck_ok(bc_value_write_grad(b->graph, b->outputs[o], b->seed[o]));
        ck_ok(bc_plan_backward(b->plan));
    }
    for (int i = 0; i < b->operation->input_count; i++)
        if (b->grad[i].mem) {
            ck_ok(bc_buffer_read(test_host(), b->grad[i], 0, next, input_count_of(b, i) * sizeof(float)));
            next += input_count_of(b, i);
        }
    return all;
}

/* Largest difference relative to the largest magnitude of the expected values. */
static void compare(const char *label, const char *what, const float *found, const double *expected,
                    size_t count, double tolerance) {
    double largest = 1e-6, worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (size_t i = 0; i < count; i++) {
        double difference = fabs(found[i] - expected[i]);
        if (isnan(difference))
            difference = INFINITY;
        if (difference > worst) {
            worst = difference;
            where = i;
        }
    }
    ck_assert_msg(worst <= tolerance * largest,
                  "%s: %s element %zu is %g, expected %g (difference %.3g of %.3g)", label, what, where,
                  (double)found[where], expected[where], worst, largest);
}

/* d sum((r1 + r2) * reference) / d input[i], by central differences in double precision. */
static void expected_gradient(bench *b, int i, double *out) {
    const test_operation *operation = b->operation;
    double step = operation->step > 0 ? operation->step : 1e-5;
    double *low = malloc(b->output_count * sizeof(double)), *high = malloc(b->output_count * sizeof(double));
    for (size_t k = 0; k < input_count_of(b, i); k++) {
        double x = b->exact[i][k];
        b->exact[i][k] = x + step;
        operation->reference(b->exact, high, operation->user);
        b->exact[i][k] = x - step;
        operation->reference(b->exact, low, operation->user);
        b->exact[i][k] = x;
        out[k] = 0;
        for (size_t j = 0; j < b->output_count; j++)
            out[k] += ((double)b->seed[0][j] + b->seed[1][j]) * (high[j] - low[j]) / (2 * step);
    }
    free(low);
    free(high);
}

void test_check_operation(const test_operation *operation) {
    bench b;
    open_bench(&b, operation);
    size_t count;
    float *first = run(&b, &count), *second = run(&b, &count);
    ck_assert_msg(memcmp(first, second, count * sizeof(float)) == 0, "%s: a second run gives other bits",
                  operation->label);
    double *expected = malloc(b.output_count * sizeof(double));
    operation->reference(b.exact, expected, operation->user);
    double tolerance = operation->tolerance > 0 ? operation->tolerance : 1e-5;
    for (int o = 0; o < 2; o++)
        compare(operation->label, "output", first + (size_t)o * b.output_count, expected, b.output_count,
                tolerance);
    const float *found = first + 2 * b.output_count;
    double grad_tolerance = operation->grad_tolerance > 0 ? operation->grad_tolerance : 1e-4;
    for (int i = 0; i < operation->input_count; i++) {
        if (!b.grad[i].mem)
            continue;
        char what[32];
        snprintf(what, sizeof what, "gradient of input %d,", i);
        double *gradient = malloc(input_count_of(&b, i) * sizeof(double));
        expected_gradient(&b, i, gradient);
        compare(operation->label, what, found, gradient, input_count_of(&b, i), grad_tolerance);
        free(gradient);
        found += input_count_of(&b, i);
    }
    free(first);
    free(second);
    free(expected);
    close_bench(&b);
}

void check_bad_conv(conv_builder *build, bc_shape x, const bad_conv *bad) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *in = bc_graph_input(graph, "x", x);
    bc_value *weight = bc_graph_input(graph, "w", bad->weight);
    bc_value *bias = bad->bias ? bc_graph_input(graph, "b", (bc_shape){1, 1, 1, bad->bias}) : NULL;
    ck_assert_ptr_null(build(graph, in, weight, bias, bad->geometry));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, bad->message));
    ck_assert_ptr_null(build(graph, NULL, weight, NULL, bad->geometry));
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
