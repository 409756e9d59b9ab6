/* The parameter store: declarations, the flat vectors on the device, and single tensors in and out.
 *
 * Groups lie one after another, each tensor at an aligned offset, so that a view of a tensor is a sub-buffer
 * and a group, or everything that is trained, is one range. The gaps stay zero: zero values with zero
 * gradients are left alone by every optimiser. */
#include "net/store/params.h"

#include "host/base/divide.h"
#include "host/base/grow.h"
#include "net/graph/internal.h"
#include "net/ops/weight_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bc_params {
    bc_host *host;
    bool trainable, allocated;
    bc_param **list; /* each allocated alone: graphs keep pointers into them */
    int count, capacity;
    size_t group_first[BC_GROUP_COUNT], group_count[BC_GROUP_COUNT]; /* floats */
    bc_buffer values, grads;
};

bc_status bc_params_create(bc_host *host, bool trainable, bc_params **out) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no host memory for a parameter store");
    (*out)->host = host;
    (*out)->trainable = trainable;
    return BC_OK;
}

void bc_params_release(bc_params *params) {
    if (!params)
        return;
    for (int i = 0; i < params->count; i++) {
        bc_buffer_release(&params->list[i]->value);
        bc_buffer_release(&params->list[i]->grad);
        free(params->list[i]);
    }
    free(params->list);
    bc_buffer_release(&params->values);
    bc_buffer_release(&params->grads);
    free(params);
}

bc_host *bc_params_host(const bc_params *params) {
    return params->host;
}

int bc_params_count(const bc_params *params) {
    return params->count;
}

bc_param *bc_params_at(const bc_params *params, int index) {
    return params->list[index];
}

bc_param *bc_params_find(bc_params *params, const char *name) {
    for (int i = 0; i < params->count; i++)
        if (strcmp(params->list[i]->name, name) == 0)
            return params->list[i];
    return NULL;
}

bc_buffer bc_params_vector(const bc_params *params) {
    return params->values;
}

bc_buffer bc_params_grad_vector(const bc_params *params) {
    return params->grads;
}

void bc_params_group_range(const bc_params *params, bc_group group, size_t *first, size_t *count) {
    *first = params->group_first[group];
    *count = params->group_count[group];
}

/* --- declaration --- */

static bool same_spec(const bc_param_spec *a, const bc_param_spec *b) {
    if (a->rank != b->rank || a->layout != b->layout || a->init != b->init ||
        a->init_value != b->init_value || a->group != b->group)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

/* Shape on the device; empty when the layout does not fit the rank. */
static bc_shape device_shape(const bc_param_spec *spec) {
    const int *s = spec->shape;
    if (spec->layout == BC_LAYOUT_CONV)
        return spec->rank == 4 ? (bc_shape){s[2], s[3], s[1], s[0]} : (bc_shape){0};
    if (spec->layout == BC_LAYOUT_LINEAR)
        return spec->rank == 2 ? (bc_shape){1, 1, s[1], s[0]} : (bc_shape){0};
    if (spec->rank < 1 || spec->rank > 4)
        return (bc_shape){0};
    int side[4] = {1, 1, 1, 1};
    memcpy(side + 4 - spec->rank, s, (size_t)spec->rank * sizeof *s);
    return (bc_shape){side[0], side[1], side[2], side[3]};
}

static bool append(bc_params *params, bc_param *param) {
    if (!bc_grow((void **)&params->list, params->count, &params->capacity, sizeof(bc_param *)))
        return false;
    params->list[params->count++] = param;
    return true;
}

static bc_param *declare(bc_graph *graph, bc_params *params, const char *name, const bc_param_spec *spec) {
    bc_shape shape = device_shape(spec);
    if (shape.n < 1 || shape.h < 1 || shape.w < 1 || shape.c < 1) {
        bc_graph_fail(graph, "parameter %s: its rank %d or a side does not fit its layout", name, spec->rank);
        return NULL;
    }
    if (!bc_graph_countable(graph, name, shape))
        return NULL;
    if (params->allocated) {
        bc_graph_fail(graph,
                      "parameter %s is new, but the parameters are allocated already: the network differs "
                      "from the one they were declared by",
                      name);
        return NULL;
    }
    if (strlen(name) >= sizeof((bc_param *)0)->name) {
        bc_graph_fail(graph, "parameter name %s is too long", name);
        return NULL;
    }
    bc_param *param = calloc(1, sizeof *param);
    if (!param || !append(params, param)) {
        free(param);
        bc_graph_fail(graph, "no host memory to declare parameter %s", name);
        return NULL;
    }
    snprintf(param->name, sizeof param->name, "%s", name);
    param->spec = *spec;
    param->shape = shape;
    param->count = bc_shape_count(shape);
    return param;
}

/* The value that this graph already has for a parameter, or NULL. */
static bc_value *known_value(const bc_graph *graph, const bc_param *param) {
    for (int i = 0; i < graph->value_count; i++)
        if (graph->values[i]->kind == VALUE_EXTERNAL && graph->values[i]->data_source == &param->value)
            return &graph->values[i]->value;
    return NULL;
}

bc_value *bc_param_value(bc_graph *graph, bc_params *params, const char *name, const bc_param_spec *spec) {
    if (bc_graph_status(graph) != BC_OK)
        return NULL;
    bc_param *param = bc_params_find(params, name);
    if (!param)
        param = declare(graph, params, name, spec);
    else if (!same_spec(&param->spec, spec))
        return bc_graph_fail(graph, "parameter %s was declared before with another shape, layout or rule",
                             name);
    if (!param)
        return NULL;
    bc_value *known = known_value(graph, param);
    bool trained = params->trainable && spec->group != BC_GROUP_BUFFERS;
    return known ? known
                 : bc_graph_external(graph, param->name, param->shape, &param->value,
                                     trained ? &param->grad : NULL);
}

/* --- allocation --- */

/* Offsets in declaration order within each group. Returns the floats of the whole vector. */
static size_t lay_out(bc_params *params) {
    size_t step = bc_buffer_alignment(params->host) / sizeof(float), end = 0;
    for (int group = 0; group < BC_GROUP_COUNT; group++) {
        params->group_first[group] = end;
        for (int i = 0; i < params->count; i++) {
            bc_param *param = params->list[i];
            if ((int)param->spec.group != group)
                continue;
            param->offset = end;
            end += bc_round_up(param->count, step);
        }
        params->group_count[group] = end - params->group_first[group];
    }
    return end;
}

static bc_status make_vector(bc_params *params, size_t bytes, const char *what, bc_buffer *out) {
    size_t limit = bc_host_device(params->host)->max_allocation;
    if (bytes > limit)
        return bc_fail(bc_host_error(params->host), BC_E_MEMORY,
                       "%s need one piece of %.1f MiB, this device allows at most %.1f MiB in one piece: "
                       "choose a smaller model or another device",
                       what, (double)bytes / 1048576.0, (double)limit / 1048576.0);
    BC_TRY(bc_buffer_create(params->host, bytes, what, out));
    return bytes ? bc_buffer_fill(params->host, *out, 0, bytes, 0.0f) : BC_OK;
}

bc_status bc_params_allocate(bc_params *params) {
    if (params->allocated)
        return bc_fail(bc_host_error(params->host), BC_E_ARGUMENT, "the parameters are allocated already");
    size_t bytes = lay_out(params) * sizeof(float);
    BC_TRY(make_vector(params, bytes, "the network's parameters", &params->values));
    if (params->trainable)
        BC_TRY(make_vector(params, bytes, "the gradients of the parameters", &params->grads));
    for (int i = 0; i < params->count; i++) {
        bc_param *param = params->list[i];
        size_t offset = param->offset * sizeof(float), size = param->count * sizeof(float);
        BC_TRY(bc_buffer_view(params->host, params->values, offset, size, &param->value));
        if (params->trainable && param->spec.group != BC_GROUP_BUFFERS)
            BC_TRY(bc_buffer_view(params->host, params->grads, offset, size, &param->grad));
    }
    params->allocated = true;
    return BC_OK;
}

bc_status bc_params_zero_grad(bc_params *params) {
    return params->grads.bytes ? bc_buffer_fill(params->host, params->grads, 0, params->grads.bytes, 0.0f)
                               : BC_OK;
}

/* --- single tensors --- */

static bc_status check_access(const bc_params *params, const bc_param *param) {
    if (param->value.mem)
        return BC_OK;
    return bc_fail(bc_host_error(params->host), BC_E_ARGUMENT, "%s has no memory yet: allocate first",
                   param->name);
}

bc_status bc_param_read(bc_params *params, const bc_param *param, float *published) {
    BC_TRY(check_access(params, param));
    size_t bytes = param->count * sizeof(float);
    if (param->spec.layout == BC_LAYOUT_PLAIN)
        return bc_buffer_read(params->host, param->value, 0, published, bytes);
    float *raw = malloc(bytes);
    if (!raw)
        return bc_fail(bc_host_error(params->host), BC_E_MEMORY, "no host memory to read %s", param->name);
    bc_status status = bc_buffer_read(params->host, param->value, 0, raw, bytes);
    if (status == BC_OK)
        bc_weight_to_published(param->shape, raw, published);
    free(raw);
    return status;
}

bc_status bc_param_write(bc_params *params, bc_param *param, const float *published) {
    BC_TRY(check_access(params, param));
    size_t bytes = param->count * sizeof(float);
    if (param->spec.layout == BC_LAYOUT_PLAIN)
        return bc_buffer_write(params->host, param->value, 0, published, bytes);
    float *raw = malloc(bytes);
    if (!raw)
        return bc_fail(bc_host_error(params->host), BC_E_MEMORY, "no host memory to write %s", param->name);
    bc_weight_to_device(param->shape, published, raw);
    bc_status status = bc_buffer_write(params->host, param->value, 0, raw, bytes);
    free(raw);
    return status;
}
