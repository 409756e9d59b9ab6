/* Description of graphs: values, nodes and the sticky error. Memory and recording are those of plan.c. */
#include "host/base/divide.h"
#include "host/base/grow.h"
#include "net/graph/internal.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t bc_shape_count(bc_shape s) {
    return (size_t)s.n * (size_t)s.h * (size_t)s.w * (size_t)s.c;
}

bool bc_shape_of_first(bc_graph *graph, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)graph;
    (void)attributes;
    *out = inputs[0]->shape;
    return true;
}

bc_status bc_graph_create(bc_host *host, bc_graph **out) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no host memory for a graph");
    (*out)->host = host;
    return BC_OK;
}

void bc_graph_release(bc_graph *graph) {
    if (!graph)
        return;
    for (int i = 0; i < graph->node_count; i++)
        free(graph->nodes[i]);
    for (int i = 0; i < graph->value_count; i++)
        free(graph->values[i]);
    free(graph->nodes);
    free(graph->values);
    free(graph);
}

bc_host *bc_graph_host(const bc_graph *graph) {
    return graph->host;
}

void bc_graph_share(bc_graph *graph, const bc_share *share) {
    graph->share = *share;
}

const bc_share *bc_graph_share_of(const bc_graph *graph) {
    return &graph->share;
}

bc_status bc_graph_status(const bc_graph *graph) {
    return graph->status;
}

bc_value *bc_graph_fail(bc_graph *graph, const char *format, ...) {
    if (graph->status != BC_OK)
        return NULL;
    char text[BC_ERROR_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    graph->status = bc_fail(bc_host_error(graph->host), BC_E_ARGUMENT, "%s", text);
    return NULL;
}

bool bc_graph_countable(bc_graph *graph, const char *name, bc_shape s) {
    if (s.n < 1 || s.h < 1 || s.w < 1 || s.c < 1)
        bc_graph_fail(graph, "%s would have the empty shape %dx%dx%dx%d", name ? name : "a value", s.n, s.h,
                      s.w, s.c);
    else if (!bc_product_fits(s.n, s.h, s.w, s.c))
        bc_graph_fail(
            graph,
            "%s would have the shape %dx%dx%dx%d, more than %d elements: a smaller batch or input is needed",
            name ? name : "a value", s.n, s.h, s.w, s.c, INT32_MAX);
    return graph->status == BC_OK;
}

static value_record *add_value(bc_graph *graph, value_kind kind, const char *name, bc_shape shape) {
    if (graph->status != BC_OK || !bc_graph_countable(graph, name, shape))
        return NULL;
    value_record *record = calloc(1, sizeof *record);
    if (!record || !bc_grow((void **)&graph->values, graph->value_count, &graph->value_capacity,
                            sizeof *graph->values)) {
        free(record);
        graph->status =
            bc_fail(bc_host_error(graph->host), BC_E_MEMORY, "no host memory to describe a graph");
        return NULL;
    }
    record->kind = kind;
    record->value.name = name;
    record->value.shape = shape;
    record->value.id = graph->value_count;
    graph->values[graph->value_count++] = record;
    return record;
}

bc_value *bc_graph_input(bc_graph *graph, const char *name, bc_shape shape) {
    value_record *record = add_value(graph, VALUE_INPUT, name, shape);
    return record ? &record->value : NULL;
}

bc_value *bc_graph_external(bc_graph *graph, const char *name, bc_shape shape, const bc_buffer *data,
                            const bc_buffer *grad) {
    value_record *record = add_value(graph, VALUE_EXTERNAL, name, shape);
    if (!record)
        return NULL;
    record->data_source = data;
    record->grad_source = grad;
    record->value.needs_grad = grad != NULL;
    return &record->value;
}

static size_t aligned(size_t bytes) {
    return bc_round_up(bytes, _Alignof(max_align_t));
}

/* A node, its attributes and its choices in one piece of memory. */
static bc_node *new_node(const bc_op *op, const void *attributes) {
    size_t to_attributes = aligned(sizeof(bc_node)),
           to_choices = to_attributes + aligned(op->attribute_bytes);
    char *memory = calloc(1, to_choices + op->choice_bytes);
    bc_node *node = (bc_node *)memory;
    if (!node)
        return NULL;
    if (op->attribute_bytes)
        memcpy(memory + to_attributes, attributes, op->attribute_bytes);
    node->op = op;
    node->attributes = memory + to_attributes;
    node->choices = memory + to_choices;
    return node;
}

static bc_node *add_node(bc_graph *graph, const bc_op *op, bc_value *const *inputs, const void *attributes) {
    bc_node *node = new_node(op, attributes);
    if (!node ||
        !bc_grow((void **)&graph->nodes, graph->node_count, &graph->node_capacity, sizeof *graph->nodes)) {
        free(node);
        graph->status =
            bc_fail(bc_host_error(graph->host), BC_E_MEMORY, "no host memory to describe a graph");
        return NULL;
    }
    node->graph = graph;
    for (int i = 0; i < op->input_count; i++)
        node->inputs[i] = inputs[i];
    node->block = graph->block;
    node->id = graph->node_count;
    graph->nodes[graph->node_count++] = node;
    return node;
}

/* The variant of the graph's choice, if the operation has it and the node can be computed so. */
static const char *preferred_variant(const bc_graph *graph, const bc_node *node) {
    const bc_op *op = node->op;
    for (int i = 0; graph->variant && op->variants && op->variants[i]; i++)
        if (strcmp(op->variants[i], graph->variant) == 0 && op->can(node, op->variants[i]))
            return op->variants[i];
    return NULL;
}

static bool wants_gradient(const bc_op *op, bc_value *const *inputs) {
    for (int i = 0; op->backward && i < op->input_count; i++)
        if (inputs[i] && inputs[i]->needs_grad)
            return true;
    return false;
}

bc_value *bc_graph_node(bc_graph *graph, const bc_op *op, bc_value *const *inputs, const void *attributes) {
    bc_shape shape;
    for (int i = 0; i < op->input_count; i++)
        if (!inputs[i] && !(op->optional & BC_INPUT(i)))
            return bc_graph_fail(graph, "%s: input %d of %d is missing", op->name, i, op->input_count);
    if (graph->status != BC_OK || !op->shape(graph, inputs, attributes, &shape))
        return NULL;
    value_record *record = add_value(graph, VALUE_NODE, op->name, shape);
    bc_node *node = record ? add_node(graph, op, inputs, attributes) : NULL;
    if (!node)
        return NULL;
    record->value.producer = node;
    record->value.needs_grad = wants_gradient(op, inputs);
    node->output = &record->value;
    node->variant = preferred_variant(graph, node);
    return node->output;
}

void bc_graph_prefer(bc_graph *graph, const char *variant) {
    graph->variant = variant;
}

void bc_graph_halve(bc_graph *graph) {
    graph->halve = true;
}

void bc_graph_block_begin(bc_graph *graph) {
    graph->block = ++graph->block_count;
}

void bc_graph_block_end(bc_graph *graph) {
    graph->block = 0;
}

bc_value *bc_graph_keep(bc_graph *graph, bc_value *value) {
    (void)graph;
    if (value)
        value->keep = true;
    return value;
}

void bc_graph_root(bc_graph *graph, bc_value *value) {
    if (graph->status != BC_OK || !value)
        return;
    if (!value->needs_grad)
        bc_graph_fail(graph, "%s cannot be a root of backward: no trainable parameter lies upstream",
                      value->name ? value->name : "the value");
    record_of(value)->root = true;
}

void bc_graph_loss(bc_graph *graph, bc_value *scalar, float weight) {
    if (graph->status != BC_OK || !scalar)
        return;
    if (bc_shape_count(scalar->shape) != 1) {
        bc_graph_fail(graph, "a loss must be a scalar, %s is %dx%dx%dx%d", scalar->name ? scalar->name : "it",
                      scalar->shape.n, scalar->shape.h, scalar->shape.w, scalar->shape.c);
        return;
    }
    scalar->keep = true;
    value_record *record = record_of(scalar);
    /* A term that no trainable parameter reaches is only reported. */
    record->root = record->loss = scalar->needs_grad;
    bc_graph_loss_weight(graph, scalar, weight);
}

void bc_graph_loss_weight(bc_graph *graph, bc_value *loss, float weight) {
    (void)graph;
    record_of(loss)->weight = weight;
}

int bc_grad_accumulate(bc_value *v) {
    int accumulate = v->grad_written;
    v->grad_written = true;
    return accumulate;
}

bc_status bc_value_write(bc_graph *graph, bc_value *value, const void *data) {
    return bc_buffer_write(graph->host, value->data, 0, data, bc_shape_count(value->shape) * sizeof(float));
}

bc_status bc_value_read(bc_graph *graph, const bc_value *value, void *data) {
    return bc_buffer_read(graph->host, value->data, 0, data, bc_shape_count(value->shape) * sizeof(float));
}

bc_status bc_value_write_grad(bc_graph *graph, bc_value *value, const float *data) {
    return bc_buffer_write(graph->host, value->grad, 0, data, bc_shape_count(value->shape) * sizeof(float));
}

bc_status bc_value_read_grad(bc_graph *graph, const bc_value *value, float *data) {
    return bc_buffer_read(graph->host, value->grad, 0, data, bc_shape_count(value->shape) * sizeof(float));
}
