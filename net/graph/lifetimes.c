/* How long everything lives: one walk over the steps. A value begins a life where it is made, in forward or again, and
 * each reader prolongs the latest one. A step has two moments, so that a gradient can begin in the second one, in the
 * place of data that was read in the first one. */
#include "net/graph/plan_internal.h"

#include <stdlib.h>

/* The latest block of memory of each: an index into the memory plan; -1: none so far. */
typedef struct lives {
    int *data, *grad;    /* of values */
    int *saved, *halved; /* of nodes */
} lives;

static int start_of(int step) {
    return 2 * step;
}

static int end_of(int step) {
    return 2 * step + 1;
}

static bc_status begin(bc_plan *plan, int *life, size_t bytes, int first, int last, bc_buffer *target) {
    *life = plan->memory.count;
    return bc_memory_plan_add(bc_host_error(plan->graph->host), &plan->memory, bytes, first, last, target);
}

/* What is made once is there in all runs if one of them reads it. */
static void prolong(bc_plan *plan, int life, int moment) {
    if (life < 0)
        return;
    bool in_all_runs =
        plan->memory.blocks[life].first < start_of(plan->run_start) && moment >= start_of(plan->run_start);
    plan->memory.blocks[life].last = in_all_runs ? end_of(plan->step_count) : moment;
}

static size_t bytes_of(const bc_value *value) {
    return bc_shape_count(value->shape) * sizeof(float);
}

/* Inputs hold data for all the time; what others own only has to be pointed at. */
static bc_status begin_inputs(bc_plan *plan, lives *l) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++) {
        value_record *record = graph->values[i];
        bc_value *value = &record->value;
        if (record->kind == VALUE_INPUT)
            BC_TRY(begin(plan, &l->data[i], bytes_of(value), 0, end_of(plan->step_count), &value->data));
        if (record->kind != VALUE_EXTERNAL)
            continue;
        value->data = *record->data_source;
        value->grad = record->grad_source ? *record->grad_source : (bc_buffer){0};
    }
    return BC_OK;
}

/* Only kept values outlive their last reader, and inputs, which are read at any time. */
static void read_data(bc_plan *plan, const lives *l, const bc_value *value, int moment) {
    if (value && value->producer && !value->keep)
        prolong(plan, l->data[value->id], moment);
}

static bc_status make_data(bc_plan *plan, lives *l, bc_value *value, int step) {
    int last = end_of(value->keep ? plan->step_count : step);
    return begin(plan, &l->data[value->id], bytes_of(value), start_of(step), last, &value->data);
}

/* What is added up from the first contribution, at `moment` of a step, until the node that made the value reads it. */
static bc_status touch_gradient(bc_plan *plan, lives *l, bc_value *value, int moment, int step) {
    if (!value || !value->needs_grad || !value->producer || !plan->active[value->producer->id])
        return BC_OK;
    if (l->grad[value->id] < 0)
        return begin(plan, &l->grad[value->id], bytes_of(value), moment, end_of(step), &value->grad);
    prolong(plan, l->grad[value->id], end_of(step));
    return BC_OK;
}

/* The gradients of roots are given between the passes. */
static bc_status begin_roots(bc_plan *plan, lives *l) {
    int step = plan->backward_start;
    for (int i = 0; i < plan->graph->value_count; i++)
        if (plan->graph->values[i]->root)
            BC_TRY(touch_gradient(plan, l, &plan->graph->values[i]->value, start_of(step), step));
    return BC_OK;
}

static bc_status add_scratch(bc_plan *plan, int *life, const bc_node *node, size_t bytes, int step,
                             bc_buffer *target) {
    if (bytes / sizeof(float) > INT32_MAX)
        return bc_fail(
            bc_host_error(plan->graph->host), BC_E_ARGUMENT,
            "%s needs %.1f GiB of scratch, more than kernels can count: a smaller batch or input is needed",
            node->op->name, (double)bytes / 1073741824.0);
    return bytes ? begin(plan, life, bytes, start_of(step), end_of(step), target) : BC_OK;
}

static bc_status add_workspace(bc_plan *plan, bc_node *node, bool backward, int step) {
    int life;
    size_t bytes = node->op->workspace_bytes ? node->op->workspace_bytes(node, backward) : 0;
    return add_scratch(plan, &life, node, bytes, step, &node->workspace);
}

static bool reads_prepared(const bc_node *node, int k) {
    return node->is_prepared && (node->op->prepares & BC_INPUT(k));
}

static bc_status live_prepare(bc_plan *plan, lives *l, bc_node *node, int step) {
    int life;
    size_t bytes = node->op->prepared_bytes(node);
    node->is_prepared = bytes > 0;
    for (int k = 0; k < node->op->input_count; k++)
        if (reads_prepared(node, k))
            read_data(plan, l, node->inputs[k], end_of(step));
    return bytes ? begin(plan, &life, bytes, start_of(step), end_of(plan->step_count), &node->prepared)
                 : BC_OK;
}

/* In forward, or again. What is saved is written with the outputs, unless they are made again from it. */
static bc_status live_forward(bc_plan *plan, lives *l, plan_pass pass, bc_node *node, int step) {
    for (int k = 0; k < node->op->input_count; k++)
        if (!reads_prepared(node, k))
            read_data(plan, l, node->inputs[k], end_of(step));
    BC_TRY(make_data(plan, l, node->output, step));
    BC_TRY(add_workspace(plan, node, false, step));
    size_t saved = plan->active[node->id] && node->op->saved_bytes ? node->op->saved_bytes(node) : 0;
    if (pass == PASS_FORWARD || !node->op->rematerialise)
        return add_scratch(plan, &l->saved[node->id], node, saved, step, &node->saved);
    prolong(plan, l->saved[node->id], end_of(step));
    return BC_OK;
}

static bc_status live_backward(bc_plan *plan, lives *l, bc_node *node, int step) {
    for (int k = 0; k < node->op->input_count; k++) {
        bool in_place = k == 0 && node->op->gradient_in_place;
        if (plan_reads_input(node, k))
            read_data(plan, l, node->inputs[k], in_place ? start_of(step) : end_of(step));
        BC_TRY(touch_gradient(plan, l, node->inputs[k], in_place ? end_of(step) : start_of(step), step));
    }
    if (node->op->backward_reads & BC_OUTPUT)
        read_data(plan, l, node->output, end_of(step));
    BC_TRY(touch_gradient(plan, l, node->output, start_of(step), step));
    prolong(plan, l->saved[node->id], end_of(step));
    return add_workspace(plan, node, true, step);
}

static bc_status live_halve(bc_plan *plan, lives *l, bc_node *node, int step) {
    read_data(plan, l, node->output, end_of(step));
    return begin(plan, &l->halved[node->id], bytes_of(node->output) / 2, start_of(step), end_of(step),
                 &node->halved);
}

static bc_status live_restore(bc_plan *plan, lives *l, bc_node *node, int step) {
    prolong(plan, l->halved[node->id], end_of(step));
    return make_data(plan, l, node->output, step);
}

static bc_status live(bc_plan *plan, lives *l) {
    BC_TRY(begin_inputs(plan, l));
    for (int i = 0; i < plan->step_count; i++) {
        const plan_step *step = &plan->steps[i];
        if (i == plan->backward_start)
            BC_TRY(begin_roots(plan, l));
        if (step->pass == PASS_PREPARE)
            BC_TRY(live_prepare(plan, l, step->node, i));
        else if (step->pass == PASS_HALVE)
            BC_TRY(live_halve(plan, l, step->node, i));
        else if (step->pass == PASS_RESTORE)
            BC_TRY(live_restore(plan, l, step->node, i));
        else if (step->pass == PASS_BACKWARD)
            BC_TRY(live_backward(plan, l, step->node, i));
        else
            BC_TRY(live_forward(plan, l, step->pass, step->node, i));
    }
    return BC_OK;
}

bc_status bc_plan_lifetimes(bc_plan *plan) {
    size_t values = (size_t)plan->graph->value_count, nodes = (size_t)plan->graph->node_count;
    size_t count = 2 * values + 2 * nodes;
    int *all = malloc((count + 1) * sizeof *all);
    if (!all)
        return bc_fail(bc_host_error(plan->graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    for (size_t i = 0; i < count; i++)
        all[i] = -1;
    bc_status status = live(plan, &(lives){all, all + values, all + 2 * values, all + 2 * values + nodes});
    free(all);
    return status;
}
