/* Which nodes run, and in which order.
 *
 * Forward runs what is needed, and first of it what takes no part in backward (frozen networks, masks), while there is
 * still nothing to be kept. Backward runs the active nodes in the opposite order. Where it reads an output that was
 * not kept after forward, the output is recomputed just before (rematerialised), and what its node reads before it: so a block is
 * recomputed from its border on when backward comes to it. */
#include "host/base/grow.h"
#include "net/graph/plan_internal.h"

#include <stdlib.h>

/* --- what takes part --- */

static void mark_needed(bc_plan *plan, bool *wanted) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++)
        wanted[i] = graph->values[i]->value.keep || graph->values[i]->root;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        const bc_node *node = graph->nodes[i];
        plan->needed[i] = wanted[node->output->id];
        for (int k = 0; plan->needed[i] && k < node->op->input_count; k++)
            if (node->inputs[k])
                wanted[node->inputs[k]->id] = true;
    }
}

/* `reached`: values whose gradient is formed. */
static void mark_active(bc_plan *plan, bool *reached) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++)
        reached[i] = graph->values[i]->root;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        const bc_node *node = graph->nodes[i];
        plan->active[i] = node->output->needs_grad && reached[node->output->id];
        for (int k = 0; plan->active[i] && k < node->op->input_count; k++)
            if (node->inputs[k] && node->inputs[k]->needs_grad)
                reached[node->inputs[k]->id] = true;
    }
}

/* --- what is recomputed: large values that are cheap to make --- */

/* What backward reads of a value: by the nodes from `first` down to `last`; -1: by none. */
typedef struct readers {
    int first, last;
} readers;

static void add_reader(readers *r, int node) {
    r->first = r->first > node ? r->first : node;
    r->last = r->last >= 0 && r->last < node ? r->last : node;
}

static void find_readers(const bc_plan *plan, readers *all) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++)
        all[i] = (readers){-1, -1};
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        for (int k = 0; plan->active[i] && k < node->op->input_count; k++)
            if (plan_reads_input(node, k))
                add_reader(&all[node->inputs[k]->id], i);
        if (plan->active[i] && (node->op->backward_reads & BC_OUTPUT))
            add_reader(&all[node->output->id], i);
    }
}

static double bytes_of(const bc_value *value) {
    return (double)bc_shape_count(value->shape) * sizeof(float);
}

/* Bytes of a node's inputs that nobody else would keep until backward comes to node `reader`; -1 when one is recomputed
 * itself. */
static double bytes_to_keep(const bc_plan *plan, const bc_node *node, int reader, const readers *all) {
    double bytes = 0;
    for (int k = 0; k < node->op->input_count; k++) {
        const bc_value *input = node->inputs[k];
        if (!input || !input->producer || input->keep)
            continue;
        if (plan->recomputed[input->producer->id])
            return -1;
        if (all[input->id].last < 0 || all[input->id].last > reader)
            bytes += bytes_of(input);
    }
    return bytes;
}

/* Recomputes, in the order of forward, what can be rematerialised where that saves at least half of it. */
static void recompute_cheap(bc_plan *plan, readers *all) {
    enum { SMALLEST = 1 << 20 }; /* bytes: below, another launch costs more than it saves */
    const bc_graph *graph = plan->graph;
    find_readers(plan, all);
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        const bc_value *value = node->output;
        int reader = all[value->id].first;
        if (!plan->active[i] || !node->op->rematerialise || (node->op->backward_reads & BC_OUTPUT) ||
            value->keep || reader < 0 || bytes_of(value) < SMALLEST)
            continue;
        double kept = bytes_to_keep(plan, node, reader, all);
        plan->recomputed[i] = kept >= 0 && kept <= bytes_of(value) / 2;
        for (int k = 0; plan->recomputed[i] && k < node->op->input_count; k++)
            if (node->inputs[k])
                add_reader(&all[node->inputs[k]->id], reader);
    }
}

/* --- what is recomputed: the inside of blocks --- */

/* Backward begins with this block: what would be recomputed at once may as well be kept. */
static int last_block(const bc_plan *plan) {
    for (int i = plan->graph->node_count - 1; i >= 0; i--)
        if (plan->active[i] && plan->graph->nodes[i]->block)
            return plan->graph->nodes[i]->block;
    return 0;
}

static bool can_be_inside(const bc_plan *plan, const bc_node *node) {
    return !node->output->keep && !record_of(node->output)->root && plan->active[node->id] && node->block;
}

/* `inside`: nodes of which only their own block reads something. */
static void recompute_blocks(bc_plan *plan, bool *inside) {
    const bc_graph *graph = plan->graph;
    int kept = last_block(plan);
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        inside[i] = can_be_inside(plan, node) && node->block != kept;
        for (int k = 0; plan->needed[i] && k < node->op->input_count; k++)
            if (node->inputs[k] && node->inputs[k]->producer &&
                node->inputs[k]->producer->block != node->block)
                inside[node->inputs[k]->producer->id] = false;
    }
    for (int i = 0; i < graph->node_count; i++)
        plan->recomputed[i] |= inside[i];
}

/* --- the order --- */

static bc_status append(bc_plan *plan, plan_pass pass, bc_node *node) {
    if (!bc_grow((void **)&plan->steps, plan->step_count, &plan->step_capacity, sizeof *plan->steps))
        return bc_fail(bc_host_error(plan->graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    plan->steps[plan->step_count++] = (plan_step){.pass = pass, .node = node};
    return BC_OK;
}

/* `fixed`: nodes that read nothing but what stays as it is. */
static bool only_fixed(const bc_node *node, const bool *fixed, unsigned inputs) {
    for (int k = 0; k < node->op->input_count; k++) {
        bc_value *input = node->inputs[k];
        if (input && (inputs & BC_INPUT(k)) &&
            (input->producer ? !fixed[input->producer->id] : record_of(input)->kind != VALUE_EXTERNAL))
            return false;
    }
    return true;
}

/* What is done once, before all runs. Sets `fixed`, which is all false before. */
static bc_status order_fixed(bc_plan *plan, bool *fixed) {
    const bc_graph *graph = plan->graph;
    if (plan->mode != BC_INFER_FIXED)
        return BC_OK;
    for (int i = 0; i < graph->node_count; i++) {
        bc_node *node = graph->nodes[i];
        fixed[i] = only_fixed(node, fixed, ~0u);
        if (plan->needed[i] && fixed[i])
            BC_TRY(append(plan, PASS_FORWARD, node));
        else if (plan->needed[i] && node->op->prepare && only_fixed(node, fixed, node->op->prepares))
            BC_TRY(append(plan, PASS_PREPARE, node));
    }
    plan->run_start = plan->step_count;
    return BC_OK;
}

/* `early`: nodes of which no part of backward lies upstream. */
static bc_status order_forward(bc_plan *plan, const bool *fixed, bool *early) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->node_count; i++) {
        bc_node *node = graph->nodes[i];
        early[i] = !plan->active[i];
        for (int k = 0; k < node->op->input_count; k++)
            if (node->inputs[k] && node->inputs[k]->producer)
                early[i] &= early[node->inputs[k]->producer->id];
        if (plan->needed[i] && early[i] && !fixed[i])
            BC_TRY(append(plan, PASS_FORWARD, node));
    }
    for (int i = 0; i < graph->node_count; i++)
        if (plan->needed[i] && !early[i])
            BC_TRY(append(plan, PASS_FORWARD, graph->nodes[i]));
    return BC_OK;
}

/* Recomputes a node, unless its outputs are there (`missing`: they are not), and before it those that it reads. */
static bc_status make(bc_plan *plan, bc_node *node, bool *missing) {
    if (!node || !missing[node->id])
        return BC_OK;
    missing[node->id] = false;
    for (int k = 0; k < node->op->input_count; k++)
        if (node->inputs[k])
            BC_TRY(make(plan, node->inputs[k]->producer, missing));
    return append(plan, PASS_REMATERIALISE, node);
}

static bc_status order_backward(bc_plan *plan, bool *missing) {
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->node_count; i++)
        missing[i] = plan->recomputed[i];
    for (int i = graph->node_count - 1; i >= 0; i--) {
        bc_node *node = graph->nodes[i];
        if (!plan->active[i])
            continue;
        if (node->op->backward_reads & BC_OUTPUT)
            BC_TRY(make(plan, node, missing));
        for (int k = 0; k < node->op->input_count; k++)
            if (plan_reads_input(node, k))
                BC_TRY(make(plan, node->inputs[k]->producer, missing));
        BC_TRY(append(plan, PASS_BACKWARD, node));
    }
    return BC_OK;
}

static bc_status schedule(bc_plan *plan, bool *fixed, bool *marks, readers *all) {
    mark_needed(plan, marks);
    if (plan->mode == BC_TRAIN) {
        mark_active(plan, marks);
        recompute_cheap(plan, all);
        recompute_blocks(plan, marks);
    }
    BC_TRY(order_fixed(plan, fixed));
    BC_TRY(order_forward(plan, fixed, marks));
    plan->backward_start = plan->step_count;
    return plan->mode == BC_TRAIN ? order_backward(plan, marks) : BC_OK;
}

bc_status bc_plan_schedule(bc_plan *plan) {
    size_t nodes = (size_t)plan->graph->node_count + 1, values = (size_t)plan->graph->value_count + 1;
    plan->needed = calloc(nodes, sizeof *plan->needed);
    plan->active = calloc(nodes, sizeof *plan->active);
    plan->recomputed = calloc(nodes, sizeof *plan->recomputed);
    bool *fixed = calloc(nodes, sizeof *fixed);
    bool *marks = calloc(nodes + values, sizeof *marks); /* of nodes, or of values */
    readers *all = calloc(values, sizeof *all);
    bc_status status = BC_OK;
    if (plan->needed && plan->active && plan->recomputed && fixed && marks && all)
        status = schedule(plan, fixed, marks, all);
    else
        status = bc_fail(bc_host_error(plan->graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    free(fixed);
    free(marks);
    free(all);
    return status;
}
