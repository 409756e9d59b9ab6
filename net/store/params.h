/* The parameters of a network: one contiguous vector of values (and of gradients) on the device, cut into named tensors.
 *
 * Names and shapes are the published ones (method.md 8.8; state-dict layout). On the device convolution weights lie as
 * (kh,kw,in,out) and linear weights as (in,out): published layouts are transposed at import and export.
 * Tensors of one group are contiguous, so that an optimiser, EMA or a norm is one launch per group. */
#ifndef BC_NET_STORE_PARAMS_H
#define BC_NET_STORE_PARAMS_H

#include "net/graph/graph.h"
#include "net/store/tensor_file.h"

typedef enum bc_group {
    BC_GROUP_BACKBONE,
    BC_GROUP_SCRATCH,
    BC_GROUP_HEADS,
    BC_GROUP_BUFFERS,
    BC_GROUP_COUNT
} bc_group;

typedef enum bc_param_layout {
    BC_LAYOUT_PLAIN,  /* same order on the device: vectors (c), tokens (1,t,c) */
    BC_LAYOUT_LINEAR, /* published (out,in) -> device (in,out) */
    BC_LAYOUT_CONV,   /* published (out,in,kh,kw) -> device (kh,kw,in,out) */
} bc_param_layout;

typedef enum bc_init_rule {
    BC_INIT_CONSTANT,     /* value */
    BC_INIT_UNIFORM,      /* U(-value, value) */
    BC_INIT_NORMAL,       /* N(0, value^2) */
    BC_INIT_TRUNC_NORMAL, /* N(0, value^2) redrawn outside two standard deviations */
} bc_init_rule;

typedef struct bc_param_spec {
    int rank, shape[4]; /* published */
    bc_param_layout layout;
    bc_init_rule init;
    float init_value;
    bc_group group; /* BC_GROUP_BUFFERS: never trained (BatchNorm's running statistics) */
} bc_param_spec;

typedef struct bc_param {
    char name[128];
    bc_param_spec spec;
    bc_shape shape;       /* on the device */
    size_t offset, count; /* floats, in the store's vectors; offsets are aligned, the gaps hold zeros */
    bc_buffer value, grad;
} bc_param;

typedef struct bc_params bc_params;

/* trainable false: no gradient memory; graphs over these parameters are forward-only. */
bc_status bc_params_create(bc_host *host, bool trainable, bc_params **out);
void bc_params_release(bc_params *params);
bc_host *bc_params_host(const bc_params *params);

/* Declares a parameter (or finds it again: the spec must then be the same) and returns it as a value of the graph. The first
 * graph declares; later ones (another batch size) reuse. Fails, through the graph, on a new name after allocation.
 * A value asked for twice from one graph is the same value. */
bc_value *bc_param_value(bc_graph *graph, bc_params *params, const char *name, const bc_param_spec *spec);

/* Lays out and allocates values (and gradients), all zero. Call once, after the first graph is described and before
 * bc_plan_create. */
bc_status bc_params_allocate(bc_params *params);
/* Draws every tensor by its rule: key (seed, hash of the name), so values do not depend on declaration order. */
bc_status bc_params_initialise(bc_params *params, uint32_t seed);

int bc_params_count(const bc_params *params);
bc_param *bc_params_at(const bc_params *params, int index); /* in declaration order */
bc_param *bc_params_find(bc_params *params, const char *name);
bc_buffer bc_params_vector(const bc_params *params);      /* all values */
bc_buffer bc_params_grad_vector(const bc_params *params); /* all gradients; empty when frozen */
void bc_params_group_range(const bc_params *params, bc_group group, size_t *first,
                           size_t *count); /* floats */
bc_status bc_params_zero_grad(bc_params *params);

/* One tensor in published layout, host side. */
bc_status bc_param_read(bc_params *params, const bc_param *param, float *published);
bc_status bc_param_write(bc_params *params, bc_param *param, const float *published);

/* Weight files: safetensors with published names and layouts. A parameter that is not finite is BC_E_NUMERIC, and nothing is saved.
 * The metadata are format = pt and the pairs. Loading, from any file of weights (weight_file.h), is strict: a missing or misshapen tensor
 * is an error that names it; tensors that the network does not have are ignored. */
bc_status bc_params_save(bc_params *params, const char *path, const bc_metadata *pairs, int pair_count);
bc_status bc_params_load(bc_params *params, const char *path);

typedef enum bc_load_rule {
    BC_LOAD_REQUIRED,
    BC_LOAD_OPTIONAL, /* keeps its value when the file lacks it */
    BC_LOAD_UNUSED,   /* the same also when the file has it in another shape: nothing depends on it */
    BC_LOAD_KEEP,     /* keeps its value */
} bc_load_rule;

/* How a network is read from a file; a member may be NULL. */
typedef struct bc_load_rules {
    bc_load_rule (*rule)(const void *context, const char *name); /* NULL: all are required */
    const void *context;
    /* For a tensor of another shape than the parameter's: true and the values in its shape, where one can be made of the other. */
    bool (*fits)(const bc_param *param, const bc_tensor_entry *entry);
    bc_status (*fit)(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                     const bc_param *param, float *published);
} bc_load_rules;

/* What a file gave: tensors, and the names of the first. */
enum { BC_LOAD_NAMES = 160 };
typedef struct bc_load_list {
    int count;
    char names[BC_LOAD_NAMES]; /* "a, b, ..." */
} bc_load_list;
typedef struct bc_load_report {
    int loaded;
    bc_load_list resized; /* of the loaded: had another shape */
    bc_load_list missing; /* in the file */
    bc_load_list
        skipped; /* of the file: the network has none such, or nothing depends on them and they are misshapen */
} bc_load_report;

bc_status bc_params_load_by(bc_params *params, const bc_tensor_file *file, const bc_load_rules *rules,
                            bc_load_report *report);
void bc_load_list_add(bc_load_list *list, const char *name);

#endif
