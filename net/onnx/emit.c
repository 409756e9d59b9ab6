#include "net/onnx/emit.h"

#include "net/ops/weight_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- nodes and constants of the node in hand --- */

static const char *label(bc_onnx_emission *e, const bc_value *value, const char *name) {
    return bc_onnx_text(e->model, "%s/%s", e->scopes[value->id], name);
}

/* In the scope of any value. */
static const char *add_for(bc_onnx_emission *e, const bc_value *value, const bc_onnx_node *node) {
    bc_onnx_node named = *node;
    named.name = label(e, value, node->name ? node->name : node->type);
    return bc_onnx_model_node(e->model, &named);
}

static const char *ints_for(bc_onnx_emission *e, const bc_value *value, const char *name, int count,
                            const int64_t *values) {
    return bc_onnx_ints(e->model, label(e, value, name), count, values);
}

const char *bc_onnx_add(bc_onnx_emission *e, const bc_onnx_node *node) {
    return add_for(e, e->node->output, node);
}

const char *bc_onnx_add_scalar(bc_onnx_emission *e, const char *name, float value) {
    return bc_onnx_scalar(e->model, label(e, e->node->output, name), value);
}

const char *bc_onnx_add_ints(bc_onnx_emission *e, const char *name, int count, const int64_t *values) {
    return ints_for(e, e->node->output, name, count, values);
}

const char *bc_onnx_reshape(bc_onnx_emission *e, const char *name, const char *x, int rank,
                            const int64_t *sides) {
    const char *shape = bc_onnx_add_ints(e, bc_onnx_text(e->model, "%s.shape", name), rank, sides);
    return bc_onnx_add(e, &(bc_onnx_node){.type = "Reshape", .name = name, .inputs = {x, shape}});
}

/* --- values --- */

static const char *swap(bc_onnx_emission *e, const bc_value *value, const char *name, const char *x) {
    return add_for(e, value,
                   &(bc_onnx_node){.type = "Transpose",
                                   .name = name,
                                   .inputs = {x},
                                   .attributes = {BC_ONNX_INTS("perm", 3, 0, 2, 1)}});
}

static const char *to_map(bc_onnx_emission *e, const bc_value *value, const char *rows) {
    bc_shape s = value->shape;
    const char *shape = ints_for(e, value, "map.shape", 4, (const int64_t[]){0, s.c, s.h, s.w});
    return add_for(e, value,
                   &(bc_onnx_node){.type = "Reshape",
                                   .name = "map",
                                   .inputs = {swap(e, value, "map.channels", rows), shape}});
}

static const char *to_rows(bc_onnx_emission *e, const bc_value *value, const char *map) {
    const char *shape = ints_for(e, value, "rows.shape", 3, (const int64_t[]){0, value->shape.c, -1});
    const char *columns =
        add_for(e, value, &(bc_onnx_node){.type = "Reshape", .name = "rows.columns", .inputs = {map, shape}});
    return swap(e, value, "rows", columns);
}

const char *bc_onnx_value(bc_onnx_emission *e, const bc_value *value, bc_onnx_form form) {
    const char **name = &e->names[form][value->id];
    const char *other = e->names[form == BC_ONNX_MAP ? BC_ONNX_ROWS : BC_ONNX_MAP][value->id];
    if (!*name && !other)
        return bc_onnx_fail(e->model, BC_E_ARGUMENT,
                            "%s depends on parameters alone, which an ONNX model takes as weights only",
                            value->name);
    if (!*name)
        *name = form == BC_ONNX_MAP ? to_map(e, value, other) : to_rows(e, value, other);
    return *name;
}

bc_onnx_form bc_onnx_form_of(const bc_onnx_emission *e, int input) {
    return e->names[BC_ONNX_MAP][e->node->inputs[input]->id] ? BC_ONNX_MAP : BC_ONNX_ROWS;
}

const char *bc_onnx_input(bc_onnx_emission *e, int input, bc_onnx_form form) {
    return bc_onnx_value(e, e->node->inputs[input], form);
}

void bc_onnx_output(bc_onnx_emission *e, bc_onnx_form form, const char *tensor) {
    e->names[form][e->node->output->id] = tensor;
}

/* --- constants --- */

static bc_onnx_dims dims_of(bc_shape s, bc_onnx_layout layout) {
    switch (layout) {
    case BC_ONNX_VECTOR:
        return (bc_onnx_dims){1, {s.c}};
    case BC_ONNX_CHANNELS:
        return (bc_onnx_dims){3, {s.c, 1, 1}};
    case BC_ONNX_KERNEL:
        return (bc_onnx_dims){4, {s.c, s.w, s.n, s.h}};
    case BC_ONNX_MATRIX:
        return (bc_onnx_dims){2, {s.w, s.c}};
    case BC_ONNX_TOKENS:
        break;
    }
    return (bc_onnx_dims){3, {1, s.w, s.c}};
}

/* A parameter's own name; what is made of one is called after it and the operation. */
static const char *constant_name(bc_onnx_emission *e, const bc_value *value, bc_onnx_layout layout) {
    const char *name = value->name;
    if (value->producer) {
        const char *from = constant_name(e, value->producer->inputs[0], BC_ONNX_VECTOR);
        name = bc_onnx_text(e->model, "%s.%s", from ? from : "", value->producer->op->name);
    }
    return layout == BC_ONNX_MATRIX ? bc_onnx_text(e->model, "%s.T", name) : name;
}

static void check_finite(bc_onnx_emission *e, const char *name, const float *data, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(data[i])) {
            bc_onnx_fail(e->model, BC_E_NUMERIC, "%s is not finite: nothing is exported", name);
            return;
        }
}

/* The value's data, where convolutions of ONNX want them. */
static bc_status read_constant(bc_onnx_emission *e, const bc_value *value, bc_onnx_layout layout,
                               float *out) {
    if (layout != BC_ONNX_KERNEL)
        return bc_value_read(e->graph, value, out);
    float *data = malloc(bc_shape_count(value->shape) * sizeof *data);
    if (!data)
        return bc_fail(bc_host_error(bc_graph_host(e->graph)), BC_E_MEMORY, "no host memory to read %s",
                       value->name);
    bc_status status = bc_value_read(e->graph, value, data);
    if (status == BC_OK)
        bc_weight_to_published(value->shape, data, out);
    free(data);
    return status;
}

static const char *add_constant(bc_onnx_emission *e, const bc_value *value, bc_onnx_layout layout) {
    float *data;
    const char *name = constant_name(e, value, layout);
    name = name ? bc_onnx_floats(e->model, name, dims_of(value->shape, layout), &data) : NULL;
    if (!name)
        return NULL;
    bc_status status = read_constant(e, value, layout, data);
    if (status != BC_OK)
        return bc_onnx_fail(e->model, status, "%s cannot be read", name);
    check_finite(e, name, data, bc_shape_count(value->shape));
    return name;
}

const char *bc_onnx_constant(bc_onnx_emission *e, int input, bc_onnx_layout layout) {
    const bc_value *value = e->node->inputs[input];
    if (!value || bc_onnx_model_status(e->model) != BC_OK)
        return NULL;
    if (!e->constant[value->id])
        return bc_onnx_fail(e->model, BC_E_ARGUMENT,
                            "%s: its input %d is computed from data, which an ONNX model cannot have there",
                            e->scopes[e->node->output->id], input);
    if (!e->constants[value->id])
        e->constants[value->id] = add_constant(e, value, layout);
    return e->constants[value->id];
}
