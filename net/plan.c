/* Planning: which values live when, where each lies in memory, and the two tapes.
 *
 * Time is counted in node passes: forward of node i happens at i, its backward at 2N-1-i. A value, a
 * gradient, a saved statistic or a workspace is a block with a first and a last moment; two blocks may share
 * memory when their moments do not overlap. Blocks are placed largest first at the lowest free place of the
 * first slab that has room.
 *
 * A large value that is cheap to make (bc_op.again) and that backward reads is not kept until then: it has one
 * block in forward and another in backward, where it is made again. */
#include "net/graph_internal.h"
#include "net/memory_plan.h"

#include <stdlib.h>

struct bc_plan {
    bc_graph *graph;
    bool train;
    bool *active;  /* a node whose backward runs: a root lies downstream and a parameter upstream */
    bool *reached; /* a value whose gradient is formed */
    bool *again;   /* a value that backward makes again */
    bc_memory_plan memory;
    bc_arena *arena;
    bc_tape *forward, *backward;
};

static int backward_time(const bc_plan *plan, const bc_node *node) {
    return 2 * plan->graph->node_count - 1 - node->id;
}

/* Walks from the roots towards the inputs and marks what takes part in backward. */
static void mark_active(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->value_count; i++)
        plan->reached[i] = graph->values[i]->root;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        bc_node *node = graph->nodes[i];
        bool reached = false;
        for (int o = 0; o < node->output_count; o++)
            reached |= node->outputs[o]->needs_grad && plan->reached[node->outputs[o]->id];
        plan->active[i] = reached;
        for (int k = 0; reached && k < node->input_count; k++)
            if (node->inputs[k] && node->inputs[k]->needs_grad)
                plan->reached[node->inputs[k]->id] = true;
    }
}

/* Whether the backward of a node reads the data of its input k. */
static bool reads_in_backward(const bc_plan *plan, const bc_node *node, int k) {
    return plan->active[node->id] && (node->op->backward_reads & BC_READS_INPUT(k));
}

/* First moment of backward at which a consumer reads the data of a value; 0: none does. */
static int first_read_in_backward(const bc_plan *plan, const bc_value *value) {
    const bc_graph *graph = plan->graph;
    for (int i = graph->node_count - 1; i >= 0; i--)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k] == value && reads_in_backward(plan, graph->nodes[i], k))
                return backward_time(plan, graph->nodes[i]);
    return 0;
}

static int later(int a, int b) {
    return a > b ? a : b;
}

/* Last moment at which the data of a value is read. */
static int last_read(const bc_plan *plan, const bc_value *value) {
    const bc_graph *graph = plan->graph;
    int last = value->producer ? value->producer->id : 0;
    if (value->producer && plan->active[value->producer->id] &&
        (value->producer->op->backward_reads & BC_READS_OUTPUT))
        last = backward_time(plan, value->producer);
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        for (int k = 0; k < node->input_count; k++) {
            if (node->inputs[k] != value)
                continue;
            last = later(last, reads_in_backward(plan, node, k) ? backward_time(plan, node) : i);
            if (plan->again[node->outputs[0]->id])
                last = later(last, first_read_in_backward(plan, node->outputs[0]));
        }
    }
    return last;
}

/* Last moment of forward at which the data of a value is read. */
static int last_read_in_forward(const bc_plan *plan, const bc_value *value) {
    const bc_graph *graph = plan->graph;
    for (int i = graph->node_count - 1; i > value->producer->id; i--)
        for (int k = 0; k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k] == value)
                return i;
    return value->producer->id;
}

/* Bytes of a node's inputs that nobody else would keep until `moment`; -1 when one is itself made again. */
static double bytes_to_keep(const bc_plan *plan, const bc_node *node, int moment) {
    double bytes = 0;
    for (int k = 0; k < node->input_count; k++) {
        const bc_value *input = node->inputs[k];
        if (!input || record_of(input)->kind != VALUE_NODE || input->keep)
            continue;
        if (plan->again[input->id])
            return -1;
        if (last_read(plan, input) < moment)
            bytes += (double)bc_shape_count(input->shape) * sizeof(float);
    }
    return bytes;
}

/* Decides, in the order of forward, which values backward makes again: where that saves at least half of them. */
static void mark_again(bc_plan *plan) {
    enum { SMALLEST = 1 << 20 }; /* bytes: below, another launch costs more than it saves */
    const bc_graph *graph = plan->graph;
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        const bc_value *value = node->outputs[0];
        double bytes = (double)bc_shape_count(value->shape) * sizeof(float);
        int moment = first_read_in_backward(plan, value);
        if (!plan->active[i] || !node->op->again || (node->op->backward_reads & BC_READS_OUTPUT) ||
            node->output_count > 1 || value->keep || bytes < SMALLEST || moment == 0)
            continue;
        double kept = bytes_to_keep(plan, node, moment);
        plan->again[value->id] = kept >= 0 && kept <= bytes / 2;
    }
}

/* First moment at which the gradient of a value is written. */
static int first_gradient(const bc_plan *plan, const bc_value *value) {
    const bc_graph *graph = plan->graph;
    if (record_of(value)->root)
        return graph->node_count;
    for (int i = graph->node_count - 1; i >= 0; i--)
        for (int k = 0; plan->active[i] && k < graph->nodes[i]->input_count; k++)
            if (graph->nodes[i]->inputs[k] == value)
                return backward_time(plan, graph->nodes[i]);
    return backward_time(plan, value->producer);
}

static bc_status describe_values(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    bc_error *err = bc_host_error(graph->host);
    int end = 2 * graph->node_count;
    for (int i = 0; i < graph->value_count; i++) {
        bc_value *value = &graph->values[i]->value;
        size_t bytes = bc_shape_count(value->shape) * sizeof(float);
        if (graph->values[i]->kind == VALUE_EXTERNAL) {
            value->data = *graph->values[i]->data_source;
            value->grad = graph->values[i]->grad_source ? *graph->values[i]->grad_source : (bc_buffer){0};
            continue;
        }
        bool input = graph->values[i]->kind == VALUE_INPUT;
        int first = input ? 0 : value->producer->id;
        int last = input || value->keep ? end : last_read(plan, value);
        if (plan->again[value->id]) {
            BC_TRY(bc_memory_plan_add(err, &plan->memory, bytes, first, last_read_in_forward(plan, value),
                                      &value->data));
            first = first_read_in_backward(plan, value);
        }
        BC_TRY(bc_memory_plan_add(err, &plan->memory, bytes, first, last, &value->data));
        /* A second output of an active node gets a (zero) gradient even when nothing downstream uses it. */
        if (!input && value->needs_grad && plan->active[value->producer->id])
            BC_TRY(bc_memory_plan_add(err, &plan->memory, bytes, first_gradient(plan, value),
                                      backward_time(plan, value->producer), &value->grad));
    }
    return BC_OK;
}

static bc_status describe_scratch(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    bc_error *err = bc_host_error(graph->host);
    for (int i = 0; i < graph->node_count; i++) {
        bc_node *node = graph->nodes[i];
        size_t forward = node->op->workspace_bytes ? node->op->workspace_bytes(node, false) : 0;
        size_t backward =
            plan->active[i] && node->op->workspace_bytes ? node->op->workspace_bytes(node, true) : 0;
        size_t saved = plan->active[i] && node->op->saved_bytes ? node->op->saved_bytes(node) : 0;
        int later = backward_time(plan, node);
        if (saved)
            BC_TRY(bc_memory_plan_add(err, &plan->memory, saved, i, later, &node->saved));
        if (forward)
            BC_TRY(bc_memory_plan_add(err, &plan->memory, forward, i, i, &node->workspace));
        if (backward)
            BC_TRY(bc_memory_plan_add(err, &plan->memory, backward, later, later, &node->workspace));
    }
    return BC_OK;
}

/* A field with up to two blocks, one for forward and one for backward, is set when its pass is recorded. */
static bc_status set_for_pass(bc_plan *plan, bc_buffer *field, int moment) {
    return bc_memory_plan_resolve(&plan->memory, plan->arena, field, moment);
}

static bc_status record_forward(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    BC_TRY(bc_tape_create(graph->host, &plan->forward));
    for (int i = 0; i < graph->node_count; i++) {
        bc_node *node = graph->nodes[i];
        BC_TRY(set_for_pass(plan, &node->workspace, i));
        if (plan->again[node->outputs[0]->id])
            BC_TRY(set_for_pass(plan, &node->outputs[0]->data, i));
        BC_TRY(node->op->forward(node, plan->forward));
    }
    return BC_OK;
}

/* Makes those inputs of a node again whose first reader in backward it is. */
static bc_status record_again(bc_plan *plan, bc_node *node, int moment) {
    for (int k = 0; k < node->input_count; k++) {
        bc_value *input = node->inputs[k];
        if (!input || !plan->again[input->id] || first_read_in_backward(plan, input) != moment)
            continue;
        bool repeated = false; /* an input that is given twice */
        for (int j = 0; j < k; j++)
            repeated |= node->inputs[j] == input;
        if (repeated)
            continue;
        BC_TRY(set_for_pass(plan, &input->data, moment));
        BC_TRY(input->producer->op->again(input->producer, plan->backward));
    }
    return BC_OK;
}

static bc_status record_backward(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    BC_TRY(bc_tape_create(graph->host, &plan->backward));
    for (int i = 0; i < graph->value_count; i++)
        graph->values[i]->value.grad_written = graph->values[i]->root;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        bc_node *node = graph->nodes[i];
        if (!plan->active[i])
            continue;
        for (int o = 0; o < node->output_count; o++)
            if (!node->outputs[o]->grad_written)
                BC_TRY(bc_tape_fill(plan->backward, node->outputs[o]->grad, 0,
                                    bc_shape_count(node->outputs[o]->shape) * sizeof(float), 0.0f));
        BC_TRY(record_again(plan, node, backward_time(plan, node)));
        BC_TRY(set_for_pass(plan, &node->workspace, backward_time(plan, node)));
        BC_TRY(node->op->backward(node, plan->backward));
    }
    return BC_OK;
}

static bc_status create(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    bc_error *err = bc_host_error(graph->host);
    plan->active = calloc((size_t)graph->node_count + 1, sizeof *plan->active);
    plan->reached = calloc((size_t)graph->value_count + 1, sizeof *plan->reached);
    plan->again = calloc((size_t)graph->value_count + 1, sizeof *plan->again);
    if (!plan->active || !plan->reached || !plan->again)
        return bc_fail(err, BC_E_MEMORY, "no host memory to plan a graph");
    if (plan->train) {
        mark_active(plan);
        mark_again(plan);
    }
    BC_TRY(describe_values(plan));
    BC_TRY(describe_scratch(plan));
    const bc_device_info *device = bc_host_device(graph->host);
    BC_TRY(
        bc_memory_plan_place(err, &plan->memory, bc_buffer_alignment(graph->host), device->max_allocation));
    BC_TRY(bc_arena_create(graph->host, plan->memory.slab_count, plan->memory.slab_bytes,
                           "the network's activations", &plan->arena));
    BC_TRY(bc_memory_plan_resolve_all(&plan->memory, plan->arena));
    BC_TRY(record_forward(plan));
    return plan->train ? record_backward(plan) : BC_OK;
}

bc_status bc_plan_create(bc_graph *graph, bc_plan_mode mode, bc_plan **out) {
    *out = NULL;
    if (graph->status != BC_OK)
        return graph->status;
    bc_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return bc_fail(bc_host_error(graph->host), BC_E_MEMORY, "no host memory to plan a graph");
    plan->graph = graph;
    plan->train = mode == BC_TRAIN;
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
    bc_tape_release(plan->forward);
    bc_tape_release(plan->backward);
    bc_arena_release(plan->arena);
    bc_memory_plan_release(&plan->memory);
    free(plan->active);
    free(plan->reached);
    free(plan->again);
    free(plan);
}

bc_status bc_plan_forward(bc_plan *plan) {
    return bc_tape_run(plan->forward);
}

bc_status bc_plan_backward(bc_plan *plan) {
    bc_graph *graph = plan->graph;
    if (!plan->train)
        return bc_fail(bc_host_error(graph->host), BC_E_ARGUMENT,
                       "this plan was made for inference: it has no backward");
    for (int i = 0; i < graph->value_count; i++) {
        value_record *record = graph->values[i];
        if (record->loss)
            BC_TRY(bc_buffer_fill(graph->host, record->value.grad, 0, sizeof(float), record->weight));
    }
    return bc_tape_run(plan->backward);
}

size_t bc_plan_bytes(const bc_plan *plan) {
    return bc_arena_bytes(plan->arena);
}

void bc_plan_cost(const bc_plan *plan, double *forward_flops, double *backward_flops) {
    double bytes;
    *backward_flops = 0;
    bc_tape_cost(plan->forward, forward_flops, &bytes);
    if (plan->backward)
        bc_tape_cost(plan->backward, backward_flops, &bytes);
}
