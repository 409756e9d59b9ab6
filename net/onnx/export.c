/* From the graph, as it was described, to ONNX.
 *
 * What an operation becomes in ONNX stands here, in a table as net/reference has one, and not in the operation's object: it is a form of
 * inference alone, which half of the operations (losses, masks, what packed spikes need) never take, and net/ops would otherwise know a file
 * format. What is not in the table is refused by its name.
 *
 * What depends on parameters alone (standardised weights, positions for another size) is no node: the device computes it once, as for any
 * run, and it becomes a constant. */
#include "net/onnx/export.h"

#include "net/graph/internal.h"
#include "net/onnx/emitters.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const bc_op *op;
    bc_onnx_emitter *emit;
} table[] = {
    {&bc_conv_op, bc_onnx_conv},
    {&bc_conv_relu_op, bc_onnx_conv},
    {&bc_linear_op, bc_onnx_linear},
    {&bc_linear_relu_op, bc_onnx_linear},
    {&bc_group_norm_op, bc_onnx_group_norm},
    {&bc_batch_norm_op, bc_onnx_batch_norm},
    {&bc_layer_norm_op, bc_onnx_layer_norm},
    {&bc_relu_op, bc_onnx_relu},
    {&bc_gelu_op, bc_onnx_gelu},
    {&bc_sigmoid_op, bc_onnx_sigmoid},
    {&bc_inverse_depth_op, bc_onnx_inverse_depth},
    {&bc_inverse_depth_open_op, bc_onnx_inverse_depth},
    {&bc_add_op, bc_onnx_sum},
    {&bc_scale_channels_op, bc_onnx_scale_channels},
    {&bc_concat_channels_op, bc_onnx_concat_channels},
    {&bc_max_pool_op, bc_onnx_max_pool},
    {&bc_global_pool_op, bc_onnx_global_pool},
    {&bc_resize_op, bc_onnx_resize},
    {&bc_tokens_op, bc_onnx_tokens},
    {&bc_readout_op, bc_onnx_readout},
    {&bc_attention_tiled_op, bc_onnx_attention},
    {&bc_attention_plain_op, bc_onnx_attention},
};

static bc_onnx_emitter *emitter_of(const bc_op *op) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].op == op)
            return table[i].emit;
    return NULL;
}

typedef struct job {
    bc_onnx_emission e;
    bool *wanted; /* values that the outputs need */
    int input_count, output_count;
    const bc_onnx_port *inputs, *outputs;
} job;

/* --- what is written, and what is computed for it --- */

static void mark_wanted(job *j) {
    const bc_graph *graph = j->e.graph;
    for (int i = 0; i < j->output_count; i++)
        j->wanted[j->outputs[i].value->id] = true;
    for (int i = graph->node_count - 1; i >= 0; i--) {
        const bc_node *node = graph->nodes[i];
        for (int k = 0; j->wanted[node->output->id] && k < node->op->input_count; k++)
            if (node->inputs[k])
                j->wanted[node->inputs[k]->id] = true;
    }
}

static void mark_constant(job *j) {
    const bc_graph *graph = j->e.graph;
    for (int i = 0; i < graph->value_count; i++)
        j->e.constant[i] = graph->values[i]->kind != VALUE_INPUT;
    for (int i = 0; i < graph->node_count; i++) {
        const bc_node *node = graph->nodes[i];
        for (int k = 0; k < node->op->input_count; k++)
            if (node->inputs[k] && !j->e.constant[node->inputs[k]->id])
                j->e.constant[node->output->id] = false;
    }
}

static bool is_written(const job *j, const bc_node *node) {
    return j->wanted[node->output->id] && !j->e.constant[node->output->id];
}

/* What written nodes read of parameters. */
static void keep_constants(job *j) {
    const bc_graph *graph = j->e.graph;
    for (int i = 0; i < graph->node_count; i++) {
        bc_node *node = graph->nodes[i];
        for (int k = 0; is_written(j, node) && k < node->op->input_count; k++)
            if (node->inputs[k] && node->inputs[k]->producer && j->e.constant[node->inputs[k]->id])
                bc_graph_keep(j->e.graph, node->inputs[k]);
    }
}

/* --- names --- */

static bool is_taken(const bc_onnx_emission *e, const char *scope) {
    for (int i = 0; i < e->graph->value_count; i++)
        if (e->scopes[i] && strcmp(e->scopes[i], scope) == 0)
            return true;
    return false;
}

/* The published name of a node's layer: its first parameter's without the last part. NULL: it has none. */
static const char *layer_of(const bc_onnx_emission *e, const bc_node *node) {
    for (int i = 0; i < node->op->input_count; i++) {
        const bc_value *value = node->inputs[i];
        if (!value || !e->constant[value->id])
            continue;
        while (value->producer)
            value = value->producer->inputs[0];
        const char *end = strrchr(value->name, '.');
        return bc_onnx_text(e->model, "%.*s", end ? (int)(end - value->name) : (int)strlen(value->name),
                            value->name);
    }
    return NULL;
}

/* Else it is called after its input and its operation. */
static void name_scope(bc_onnx_emission *e, const bc_node *node) {
    const char *scope = layer_of(e, node);
    if (!scope)
        scope = bc_onnx_text(e->model, "%s.%s", e->scopes[node->inputs[0]->id], node->op->name);
    if (scope && is_taken(e, scope))
        scope = bc_onnx_text(e->model, "%s.%d", scope, node->id);
    e->scopes[node->output->id] = scope;
}

/* --- the walk --- */

static void emit_node(bc_onnx_emission *e, const bc_node *node) {
    bc_onnx_emitter *emit = emitter_of(node->op);
    e->node = node;
    name_scope(e, node);
    if (emit)
        emit(e);
    else
        bc_onnx_fail(e->model, BC_E_ARGUMENT, "the operation %s has no form in ONNX (%s)", node->op->name,
                     e->scopes[node->output->id]);
}

static void emit_inputs(job *j) {
    for (int i = 0; i < j->input_count; i++) {
        const bc_onnx_port *port = &j->inputs[i];
        bc_shape s = port->value->shape;
        bc_onnx_model_input(j->e.model, port->name, (bc_onnx_dims){4, {BC_ONNX_BATCH, s.c, s.h, s.w}},
                            port->doc);
        j->e.names[BC_ONNX_MAP][port->value->id] = port->name;
        j->e.scopes[port->value->id] = port->name;
    }
}

static void emit_outputs(job *j) {
    bc_onnx_model *m = j->e.model;
    for (int i = 0; bc_onnx_model_status(m) == BC_OK && i < j->output_count; i++) {
        const bc_onnx_port *port = &j->outputs[i];
        bc_shape s = port->value->shape;
        if (s.c != 1)
            bc_onnx_fail(m, BC_E_ARGUMENT, "the output %s should have one channel, it has %d", port->name,
                         s.c);
        const char *axis = bc_onnx_ints(m, bc_onnx_text(m, "%s/axis", port->name), 1, &(int64_t){1});
        const char *map = bc_onnx_value(&j->e, port->value, BC_ONNX_MAP);
        bc_onnx_model_node(m, &(bc_onnx_node){.type = "Squeeze", .name = port->name, .inputs = {map, axis}});
        bc_onnx_model_output(m, port->name, (bc_onnx_dims){3, {BC_ONNX_BATCH, s.h, s.w}}, port->doc);
    }
}

static bc_status emit(job *j, const char *path, bc_onnx_size *size) {
    const bc_graph *graph = j->e.graph;
    emit_inputs(j);
    for (int i = 0; bc_onnx_model_status(j->e.model) == BC_OK && i < graph->node_count; i++)
        if (is_written(j, graph->nodes[i]))
            emit_node(&j->e, graph->nodes[i]);
    emit_outputs(j);
    return bc_onnx_model_write(j->e.model, path, size);
}

static bc_status compute_and_emit(job *j, const char *path, bc_onnx_size *size) {
    bc_plan *plan;
    mark_wanted(j);
    mark_constant(j);
    keep_constants(j);
    BC_TRY(bc_plan_create(j->e.graph, BC_INFER, &plan));
    bc_status status = bc_plan_forward(plan);
    if (status == BC_OK)
        status = emit(j, path, size);
    bc_plan_release(plan);
    return status;
}

static bc_status open_job(job *j, const char *name) {
    bc_error *err = bc_host_error(bc_graph_host(j->e.graph));
    size_t count = (size_t)j->e.graph->value_count + 1;
    BC_TRY(bc_onnx_model_create(err, name, &j->e.model));
    for (int form = 0; form < BC_ONNX_FORMS; form++)
        j->e.names[form] = calloc(count, sizeof(char *));
    j->e.constants = calloc(count, sizeof(char *));
    j->e.scopes = calloc(count, sizeof(char *));
    j->e.constant = calloc(count, sizeof(bool));
    j->wanted = calloc(count, sizeof(bool));
    if (j->e.names[BC_ONNX_MAP] && j->e.names[BC_ONNX_ROWS] && j->e.constants && j->e.scopes &&
        j->e.constant && j->wanted)
        return BC_OK;
    return bc_fail(err, BC_E_MEMORY, "no host memory to export a graph");
}

static void close_job(job *j) {
    bc_onnx_model_release(j->e.model);
    for (int form = 0; form < BC_ONNX_FORMS; form++)
        free(j->e.names[form]);
    free(j->e.constants);
    free(j->e.scopes);
    free(j->e.constant);
    free(j->wanted);
}

bc_status bc_onnx_export(bc_graph *graph, const char *name, int input_count, const bc_onnx_port *inputs,
                         int output_count, const bc_onnx_port *outputs, const char *path,
                         bc_onnx_size *size) {
    job j = {.e = {.graph = graph},
             .input_count = input_count,
             .output_count = output_count,
             .inputs = inputs,
             .outputs = outputs};
    BC_TRY(bc_graph_status(graph));
    bc_status status = open_job(&j, name);
    if (status == BC_OK)
        status = compute_and_emit(&j, path, size);
    close_job(&j);
    return status;
}
