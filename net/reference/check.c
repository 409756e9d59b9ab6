#include "net/reference/check.h"

#include "host/base/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TWICE = 2, INPUTS = BC_NODE_INPUTS };

/* An input as the device has it. */
typedef union number {
    float value;
    uint32_t word;
} number;

/* What all variants of a case share, and the one that is looked at. */
struct bc_checker {
    bc_host *host;
    const bc_operation *operation;
    const bc_op_case *test;
    bc_buffer data[INPUTS], grad[INPUTS];
    number *given[INPUTS];
    double *exact[INPUTS];
    bool backward;

    bc_check *result;
    bc_graph *graph;
    bc_plan *plan;
    bc_value *inputs[INPUTS], *outputs[TWICE];

    float *seeds;     /* gradients of the two outputs */
    double *expected; /* the output, then the gradients; made with the first variant */
    float *results;   /* of two runs: both outputs, then the gradients */
};
typedef bc_checker checker;

static bc_status no_memory(const checker *c) {
    return bc_fail(bc_host_error(c->host), BC_E_MEMORY, "no memory to check %s", c->operation->op->name);
}

static size_t input_count(const checker *c, int i) {
    return bc_shape_count(c->test->inputs[i].shape);
}

static size_t output_count(const checker *c) {
    return bc_shape_count(c->outputs[0]->shape);
}

static size_t gradient_count(const checker *c) {
    size_t count = 0;
    for (int i = 0; i < INPUTS; i++)
        count += c->grad[i].mem ? input_count(c, i) : 0;
    return count;
}

/* --- inputs --- */

static void fill(const bc_case_input *input, bc_random *random, size_t count, number *given, double *exact) {
    bool usual = input->low == 0 && input->high == 0;
    for (size_t k = 0; k < count; k++) {
        if (input->bits)
            given[k].word = bc_random_bits(random);
        else if (input->values)
            given[k].value = input->values[k % (size_t)input->value_count];
        else
            given[k].value = bc_random_range(random, usual ? -1 : input->low, usual ? 1 : input->high);
        exact[k] = input->bits ? given[k].word : (double)given[k].value;
    }
}

static bool wants_gradient(const checker *c, int i) {
    return c->operation->op->backward && !c->test->inputs[i].frozen && !c->test->inputs[i].bits;
}

static bc_status make_input(checker *c, int i, bc_random *random) {
    size_t count = input_count(c, i), bytes = count * sizeof(float);
    c->given[i] = malloc(bytes);
    c->exact[i] = malloc(count * sizeof(double));
    if (!c->given[i] || !c->exact[i])
        return no_memory(c);
    fill(&c->test->inputs[i], random, count, c->given[i], c->exact[i]);
    BC_TRY(bc_buffer_create(c->host, bytes, "an input to check with", &c->data[i]));
    if (!wants_gradient(c, i))
        return BC_OK;
    c->backward = true;
    return bc_buffer_create(c->host, bytes, "its gradient", &c->grad[i]);
}

static bc_status make_inputs(checker *c) {
    bc_random random = {.seed = 7, .stream = (uint32_t)strlen(c->test->label)};
    for (int i = 0; i < c->operation->op->input_count; i++)
        if (c->test->inputs[i].shape.n)
            BC_TRY(make_input(c, i, &random));
    return BC_OK;
}

static void release_inputs(checker *c) {
    for (int i = 0; i < INPUTS; i++) {
        bc_buffer_release(&c->data[i]);
        bc_buffer_release(&c->grad[i]);
        free(c->given[i]);
        free(c->exact[i]);
    }
    free(c->seeds);
    free(c->expected);
    free(c->results);
}

/* --- the graph of a variant --- */

static bc_status build(checker *c) {
    BC_TRY(bc_graph_create(c->host, &c->graph));
    bc_graph_prefer(c->graph, c->result->variant);
    for (int i = 0; i < INPUTS; i++)
        c->inputs[i] = c->given[i] ? bc_graph_external(c->graph, "an input", c->test->inputs[i].shape,
                                                       &c->data[i], c->grad[i].mem ? &c->grad[i] : NULL)
                                   : NULL;
    for (int i = 0; i < TWICE; i++) {
        c->outputs[i] = bc_graph_keep(
            c->graph, bc_graph_node(c->graph, c->operation->op, c->inputs, c->test->attributes));
        if (c->backward)
            bc_graph_root(c->graph, c->outputs[i]);
    }
    return bc_plan_create(c->graph, c->backward ? BC_TRAIN : BC_INFER, &c->plan);
}

static void release_graph(checker *c) {
    bc_plan_release(c->plan);
    bc_graph_release(c->graph);
    c->plan = NULL;
    c->graph = NULL;
}

/* --- what is expected --- */

static bc_status allocate(checker *c) {
    size_t outputs = TWICE * output_count(c), gradients = gradient_count(c);
    bc_random random = {.seed = 11};
    c->seeds = malloc(outputs * sizeof *c->seeds);
    c->expected = malloc((output_count(c) + gradients) * sizeof *c->expected);
    c->results = malloc(2 * (outputs + gradients) * sizeof *c->results);
    if (!c->seeds || !c->expected || !c->results)
        return no_memory(c);
    for (size_t k = 0; k < outputs; k++)
        c->seeds[k] = bc_random_range(&random, -1, 1);
    return BC_OK;
}

/* d sum((r1 + r2) * reference) / d input i, by central differences. low, high: room for an output each. */
static void expect_gradient(checker *c, int i, double *low, double *high, double *gradient) {
    const bc_node *node = c->outputs[0]->producer;
    const bc_operation *o = c->operation;
    bc_reference *reference = o->differentiated ? o->differentiated : o->reference;
    double step = c->test->step > 0 ? c->test->step : 1e-5;
    size_t outputs = output_count(c);
    for (size_t k = 0; k < input_count(c, i); k++) {
        double x = c->exact[i][k], sum = 0;
        c->exact[i][k] = x + step;
        reference(node, c->exact, high);
        c->exact[i][k] = x - step;
        reference(node, c->exact, low);
        c->exact[i][k] = x;
        for (size_t j = 0; j < outputs; j++)
            sum += ((double)c->seeds[j] + c->seeds[outputs + j]) * (high[j] - low[j]);
        gradient[k] = sum / (2 * step);
    }
}

/* What is expected is the same for all variants: it is made once. */
static bc_status expect(checker *c) {
    if (c->expected)
        return BC_OK;
    BC_TRY(allocate(c));
    size_t outputs = output_count(c);
    double *room = malloc(2 * outputs * sizeof *room), *gradient = c->expected + outputs;
    if (!room)
        return no_memory(c);
    c->operation->reference(c->outputs[0]->producer, c->exact, c->expected);
    for (int i = 0; i < INPUTS; i++)
        if (c->grad[i].mem) {
            expect_gradient(c, i, room, room + outputs, gradient);
            gradient += input_count(c, i);
        }
    free(room);
    return BC_OK;
}

/* --- running --- */

/* An operation may change its inputs (running statistics), and must not mind what lies in gradients. */
static bc_status prepare(checker *c) {
    for (int i = 0; i < INPUTS; i++) {
        size_t bytes = c->data[i].mem ? input_count(c, i) * sizeof(float) : 0;
        if (bytes)
            BC_TRY(bc_buffer_write(c->host, c->data[i], 0, c->given[i], bytes));
        if (c->grad[i].mem)
            BC_TRY(bc_buffer_fill(c->host, c->grad[i], 0, bytes, 1e30f));
    }
    return BC_OK;
}

static bc_status run(checker *c, float *results) {
    BC_TRY(prepare(c));
    BC_TRY(bc_plan_forward(c->plan));
    for (int i = 0; i < TWICE; i++, results += output_count(c))
        BC_TRY(bc_value_read(c->graph, c->outputs[i], results));
    if (!c->backward)
        return BC_OK;
    for (int i = 0; i < TWICE; i++)
        BC_TRY(bc_value_write_grad(c->graph, c->outputs[i], c->seeds + (size_t)i * output_count(c)));
    BC_TRY(bc_plan_backward(c->plan));
    for (int i = 0; i < INPUTS; i++)
        if (c->grad[i].mem) {
            BC_TRY(bc_buffer_read(c->host, c->grad[i], 0, results, input_count(c, i) * sizeof(float)));
            results += input_count(c, i);
        }
    return BC_OK;
}

/* --- comparing --- */

/* Largest difference over the largest magnitude expected, which is noted in `worst`. Both may have the same NaN or infinity. */
static void compare(checker *c, const char *what, const float *found, const double *expected, size_t count,
                    double allowed, double *worst) {
    double largest = 1e-6, most = 0;
    size_t where = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(expected[i]))
            largest = fmax(largest, fabs(expected[i]));
    for (size_t i = 0; i < count; i++) {
        double difference = fabs(found[i] - expected[i]);
        if (found[i] == expected[i] || (isnan(found[i]) && isnan(expected[i])))
            difference = 0;
        else if (isnan(difference))
            difference = INFINITY;
        if (difference > most) {
            most = difference;
            where = i;
        }
    }
    *worst = fmax(*worst, most / largest);
    if (most > allowed * largest && !c->result->fault[0])
        snprintf(c->result->fault, sizeof c->result->fault,
                 "%s: element %zu is %g, expected %g (difference %.3g of %.3g)", what, where,
                 (double)found[where], expected[where], most, largest);
}

static void compare_all(checker *c) {
    bc_check *r = c->result;
    const float *found = c->results;
    const double *expected = c->expected + output_count(c);
    for (int i = 0; i < TWICE; i++, found += output_count(c))
        compare(c, "output", found, c->expected, output_count(c), r->output_allowed, &r->output);
    for (int i = 0; i < INPUTS; i++) {
        if (!c->grad[i].mem)
            continue;
        char what[40];
        snprintf(what, sizeof what, "gradient of input %d", i);
        compare(c, what, found, expected, input_count(c, i), r->gradient_allowed, &r->gradient);
        found += input_count(c, i);
        expected += input_count(c, i);
    }
}

static bc_status check_variant(checker *c) {
    BC_TRY(build(c));
    BC_TRY(expect(c));
    size_t count = TWICE * output_count(c) + gradient_count(c);
    BC_TRY(run(c, c->results));
    BC_TRY(run(c, c->results + count));
    compare_all(c);
    if (memcmp(c->results, c->results + count, count * sizeof(float)) != 0 && !c->result->fault[0])
        snprintf(c->result->fault, sizeof c->result->fault, "a second run gives other bits");
    return BC_OK;
}

void bc_check_variant(bc_checker *c, const char *variant, bc_check *out) {
    const bc_op_case *test = c->test;
    bc_error *err = bc_host_error(c->host);
    *out = (bc_check){.variant = variant,
                      .output_allowed = test->tolerance > 0 ? test->tolerance : 1e-5,
                      .gradient_allowed = test->grad_tolerance > 0 ? test->grad_tolerance : 1e-4};
    c->result = out;
    if (check_variant(c) != BC_OK) {
        snprintf(out->fault, sizeof out->fault, "%.290s", err->text);
        bc_error_clear(err);
    }
    release_graph(c);
}

bc_status bc_case_variants(bc_host *host, const bc_op *op, const bc_op_case *test,
                           const char *variants[BC_CHECKS], int *count) {
    bc_graph *graph;
    BC_TRY(bc_graph_create(host, &graph));
    const bc_value *y = bc_case_node(graph, op, test);
    bc_status status = bc_graph_status(graph);
    variants[0] = NULL;
    *count = 1;
    for (int i = 0; y && op->variants && op->variants[i] && *count < BC_CHECKS; i++)
        if (op->can(y->producer, op->variants[i]))
            variants[(*count)++] = op->variants[i];
    bc_graph_release(graph);
    return status;
}

bc_status bc_checker_create(bc_host *host, const bc_operation *operation, const bc_op_case *test,
                            bc_checker **out) {
    checker *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to check %s", operation->op->name);
    *c = (checker){.host = host, .operation = operation, .test = test};
    bc_status status = make_inputs(c);
    if (status == BC_OK)
        *out = c;
    else
        bc_checker_release(c);
    return status;
}

void bc_checker_release(bc_checker *c) {
    if (c)
        release_inputs(c);
    free(c);
}

bc_status bc_check_case(bc_host *host, const bc_operation *operation, const bc_op_case *test, int most,
                        bc_check checks[BC_CHECKS], int *count) {
    const char *variants[BC_CHECKS];
    checker *c;
    BC_TRY(bc_case_variants(host, operation->op, test, variants, count));
    *count = *count < most ? *count : most;
    BC_TRY(bc_checker_create(host, operation, test, &c));
    for (int i = 0; i < *count; i++)
        bc_check_variant(c, variants[i], &checks[i]);
    bc_checker_release(c);
    return BC_OK;
}

bc_value *bc_case_node(bc_graph *graph, const bc_op *op, const bc_op_case *test) {
    static const bc_buffer nothing; /* only says that there are data and gradients */
    bc_value *inputs[INPUTS] = {0};
    for (int i = 0; i < op->input_count; i++) {
        const bc_case_input *input = &test->inputs[i];
        if (input->shape.n)
            inputs[i] = bc_graph_external(graph, test->label, input->shape, &nothing,
                                          input->frozen || input->bits ? NULL : &nothing);
    }
    return bc_graph_node(graph, op, inputs, test->attributes);
}
