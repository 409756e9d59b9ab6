/* Plans: a graph becomes memory and two tapes.
 *
 * Which nodes run, when, and what is recomputed (schedule.c); how each of them does it (choose); from which step to which everything
 * lives (lifetimes.c); where that lies, so that what lives at the same time shares nothing (memory_plan.c); and one tape each for
 * forward and backward. After that a run allocates nothing and decides nothing: it is bc_tape_run. */
#include "net/graph/plan_internal.h"

#include <math.h>
#include <stdlib.h>

static bc_status place(bc_plan *plan) {
    bc_host *host = plan->graph->host;
    BC_TRY(bc_memory_plan_place(bc_host_error(host), &plan->memory, bc_buffer_alignment(host),
                                bc_host_device(host)->max_allocation));
    return bc_arena_create(
        host, plan->memory.slab_count, plan->memory.slab_bytes, "the network's activations",
        plan->mode == BC_TRAIN ? "a smaller batch or input takes less, and so does model.recompute = blocks"
                               : "a smaller batch or input takes less",
        &plan->arena);
}

static bc_status record_backward(bc_plan *plan, bc_node *node) {
    if (!node->output->grad_written) /* who reads it passes no gradient on */
        BC_TRY(bc_tape_fill(plan->backward, node->output->grad, 0,
                            bc_shape_count(node->output->shape) * sizeof(float), 0.0f));
    return node->op->backward(node, plan->backward);
}

static bc_status record_step(bc_plan *plan, const plan_step *step, bool once) {
    bc_node *node = step->node;
    switch (step->pass) {
    case PASS_PREPARE:
        return node->is_prepared ? node->op->prepare(node, plan->once) : BC_OK;
    case PASS_FORWARD:
        return node->op->forward(node, once ? plan->once : plan->forward);
    case PASS_HALVE:
        return bc_plan_record_halve(plan, node);
    case PASS_RESTORE:
        return bc_plan_record_restore(plan, node);
    case PASS_REMATERIALISE:
        return (node->op->rematerialise ? node->op->rematerialise : node->op->forward)(node, plan->backward);
    default:
        return record_backward(plan, node);
    }
}

static double recorded_flops(const bc_plan *plan) {
    return bc_tape_flops(plan->forward) + (plan->backward ? bc_tape_flops(plan->backward) : 0);
}

/* Every buffer is the one of its latest life when its step is recorded. */
static bc_status record(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    BC_TRY(bc_tape_create(graph->host, &plan->forward));
    if (plan->run_start)
        BC_TRY(bc_tape_create(graph->host, &plan->once));
    if (plan->mode == BC_TRAIN)
        BC_TRY(bc_tape_create(graph->host, &plan->backward));
    for (int i = 0; i < graph->value_count; i++)
        graph->values[i]->value.grad_written = graph->values[i]->root;
    for (int i = 0; i < plan->step_count; i++) {
        plan->steps[i].node->workspace = (bc_buffer){0};
        BC_TRY(bc_memory_plan_enter(&plan->memory, plan->arena, 2 * i + 1));
        double before = recorded_flops(plan);
        BC_TRY(record_step(plan, &plan->steps[i], i < plan->run_start));
        plan->steps[i].flops = recorded_flops(plan) - before;
        plan->steps[i].end = plan->backward ? bc_tape_length(plan->backward) : 0;
    }
    return bc_memory_plan_enter(&plan->memory, plan->arena,
                                2 * plan->step_count); /* of an empty graph: inputs */
}

static void choose(bc_plan *plan) {
    for (int i = 0; i < plan->step_count; i++) {
        bc_node *node = plan->steps[i].node;
        plan_pass pass = plan->steps[i].pass;
        bool computes = pass == PASS_FORWARD || pass == PASS_REMATERIALISE || pass == PASS_BACKWARD;
        if (node->op->choose && computes)
            node->op->choose(node, pass == PASS_BACKWARD);
    }
}

static bc_status create(bc_plan *plan) {
    BC_TRY(bc_plan_schedule(plan));
    BC_TRY(bc_plan_halve(plan));
    choose(plan);
    BC_TRY(bc_plan_lifetimes(plan));
    BC_TRY(place(plan));
    BC_TRY(record(plan));
    if (plan->once)
        BC_TRY(bc_tape_run(plan->once));
    bc_tape_release(plan->once);
    plan->once = NULL;
    return BC_OK;
}

bc_status bc_plan_create(bc_graph *graph, bc_plan_mode mode, bc_plan **out) {
    *out = NULL;
    if (graph->status != BC_OK)
        return graph->status;
    bc_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return bc_fail(bc_host_error(graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    plan->graph = graph;
    plan->mode = mode;
    bc_status status = create(plan);
    if (status != BC_OK) {
        bc_plan_release(plan);
        return status;
    }
    *out = plan;
    return BC_OK;
}

void bc_plan_release(bc_plan *plan) {
    if (!plan)
        return;
    bc_tape_release(plan->once);
    bc_tape_release(plan->forward);
    bc_tape_release(plan->backward);
    bc_arena_release(plan->arena);
    bc_memory_plan_release(&plan->memory);
    free(plan->needed);
    free(plan->active);
    free(plan->recomputed);
    free(plan->steps);
    free(plan);
}

bc_status bc_plan_forward(bc_plan *plan) {
    return bc_tape_run(plan->forward);
}

static bc_status give_weights(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    if (plan->mode != BC_TRAIN)
        return bc_fail(bc_host_error(graph->host), BC_E_ARGUMENT,
                       "this plan was made for inference: it has no backward");
    for (int i = 0; i < graph->value_count; i++) {
        value_record *record = graph->values[i];
        if (record->loss)
            BC_TRY(bc_buffer_fill(graph->host, record->value.grad, 0, sizeof(float), record->weight));
    }
    return BC_OK;
}

bc_status bc_plan_backward(bc_plan *plan) {
    return bc_plan_backward_part(plan, 0, bc_plan_backward_steps(plan));
}

int bc_plan_backward_steps(const bc_plan *plan) {
    return plan->step_count - plan->backward_start;
}

static int tape_place(const bc_plan *plan, int step) {
    return step > 0 ? plan->steps[plan->backward_start + step - 1].end : 0;
}

bc_status bc_plan_backward_part(bc_plan *plan, int from, int to) {
    if (from == 0)
        BC_TRY(give_weights(plan));
    return bc_tape_run_part(plan->backward, tape_place(plan, from), tape_place(plan, to));
}

static bool reads(const bc_node *node, const bc_value *value) {
    for (int k = 0; k < node->op->input_count; k++)
        if (node->inputs[k] == value)
            return true;
    return false;
}

int bc_plan_gradient_ready(const bc_plan *plan, const bc_buffer *grad) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++) {
        if (graph->values[i]->kind != VALUE_EXTERNAL || graph->values[i]->grad_source != grad)
            continue;
        for (int s = plan->step_count - 1; s >= plan->backward_start; s--)
            if (plan->steps[s].pass == PASS_BACKWARD && reads(plan->steps[s].node, &graph->values[i]->value))
                return s + 1 - plan->backward_start;
    }
    return 0;
}

size_t bc_plan_bytes(const bc_plan *plan) {
    return bc_arena_bytes(plan->arena);
}

/* What lives in the moment between the passes. */
size_t bc_plan_waiting_bytes(const bc_plan *plan) {
    int border = 2 * plan->backward_start;
    size_t bytes = 0;
    for (int i = 0; i < plan->memory.count; i++)
        if (plan->memory.blocks[i].first < border && plan->memory.blocks[i].last >= border)
            bytes += plan->memory.blocks[i].bytes;
    return bytes;
}

bc_cost bc_plan_cost(const bc_plan *plan, bool backward) {
    bc_cost sum = {0};
    for (int i = plan->run_start; i < plan->step_count; i++)
        if (plan->steps[i].pass == (backward ? PASS_BACKWARD : PASS_FORWARD)) {
            bc_cost cost = bc_node_cost(plan->steps[i].node, backward);
            sum.flops += cost.flops;
            sum.bytes += cost.bytes;
        }
    return sum;
}

double bc_plan_least_seconds(const bc_plan *plan, double flops_per_second, double bytes_per_second) {
    double seconds = 0;
    for (int i = plan->run_start; i < plan->step_count; i++) {
        const plan_step *step = &plan->steps[i];
        if (step->pass == PASS_FORWARD || step->pass == PASS_BACKWARD || step->pass == PASS_PREPARE)
            seconds += fmax(step->flops / flops_per_second,
                            bc_node_cost(step->node, step->pass == PASS_BACKWARD).bytes / bytes_per_second);
    }
    return seconds;
}
