/* Optimisers over the flat parameter vectors: one launch per group. Nothing is read back: the clipping factor
 * stays on the device. */
#include "net/store/optimiser.h"

#include "cl_kernels/shared.h"
#include "net/ops/vector.h"
#include "net/store/optimiser_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = BC_SUM_BLOCK };

/* Groups are padded to multiples of 16 (net/store/params.c). */
static bc_vector vector_of(const bc_host *host) {
    return bc_vector_for(host, 16);
}

static size_t blocks_of(size_t count) {
    return (count + BLOCK - 1) / BLOCK;
}

/* Everything that is trained lies before the buffers. */
static size_t trained_count(const bc_params *params) {
    size_t first, count;
    bc_params_group_range(params, BC_GROUP_BUFFERS, &first, &count);
    return first;
}

static bc_status make_zero(bc_host *host, size_t count, const char *what, bc_buffer *out) {
    BC_TRY(bc_buffer_create(host, count * sizeof(float), what, out));
    return bc_buffer_fill(host, *out, 0, count * sizeof(float), 0.0f);
}

static bc_status add_slot(bc_optimiser *o, bc_group group, bc_group rate, const char *prefix) {
    bc_host *host = bc_params_host(o->params);
    bc_slot slot = {.group = group, .rate = rate, .prefix = prefix};
    bc_params_group_range(o->params, group, &slot.first, &slot.count);
    if (slot.count == 0)
        return BC_OK;
    bc_slot *kept = &o->slots[o->slot_count++];
    *kept = slot;
    BC_TRY(make_zero(host, slot.count, "the optimiser's first moments", &kept->moments[0]));
    return o->options.kind == BC_ADAM
               ? make_zero(host, slot.count, "the optimiser's second moments", &kept->moments[1])
               : BC_OK;
}

static bc_status create(bc_optimiser *o) {
    bc_host *host = bc_params_host(o->params);
    size_t trained = trained_count(o->params);
    if (!bc_params_grad_vector(o->params).mem || trained == 0)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "an optimiser needs allocated parameters with gradients, these have none");
    if (o->options.double_backbone)
        BC_TRY(add_slot(o, BC_GROUP_BACKBONE, BC_GROUP_SCRATCH, "second."));
    BC_TRY(add_slot(o, BC_GROUP_BACKBONE, BC_GROUP_BACKBONE, ""));
    BC_TRY(add_slot(o, BC_GROUP_SCRATCH, BC_GROUP_SCRATCH, ""));
    BC_TRY(add_slot(o, BC_GROUP_HEADS, BC_GROUP_HEADS, ""));
    BC_TRY(make_zero(host, 2, "the clipping factor", &o->scale));
    size_t blocks = blocks_of(trained);
    BC_TRY(bc_buffer_create(host, blocks * sizeof(float), "sums of squares", &o->partial));
    return bc_buffer_create(host, blocks_of(blocks) * sizeof(float), "sums of squares", &o->sums);
}

bc_status bc_optimiser_create(bc_params *params, const bc_optimiser_options *options, bc_optimiser **out) {
    *out = NULL;
    bc_optimiser *o = calloc(1, sizeof *o);
    if (!o)
        return bc_fail(bc_host_error(bc_params_host(params)), BC_E_MEMORY, "no host memory for an optimiser");
    o->params = params;
    o->options = *options;
    bc_status status = create(o);
    if (status != BC_OK) {
        bc_optimiser_release(o);
        return status;
    }
    *out = o;
    return BC_OK;
}

void bc_optimiser_release(bc_optimiser *optimiser) {
    if (!optimiser)
        return;
    for (int i = 0; i < optimiser->slot_count; i++)
        for (int k = 0; k < 2; k++)
            bc_buffer_release(&optimiser->slots[i].moments[k]);
    bc_buffer_release(&optimiser->scale);
    bc_buffer_release(&optimiser->partial);
    bc_buffer_release(&optimiser->sums);
    free(optimiser);
}

/* The global norm in two passes, then the factor; all on the device. */
static bc_status find_scale(bc_optimiser *o) {
    bc_host *host = bc_params_host(o->params);
    size_t count = trained_count(o->params), blocks = blocks_of(count), sums = blocks_of(blocks);
    const char *define = vector_of(host).define;
    bc_launch square = {.source = "optimiser.cl",
                        .kernel = "square_blocks",
                        .defines = define,
                        .items = {blocks},
                        .flops = 2.0 * (double)count,
                        .bytes = 4.0 * (double)(count + blocks),
                        BC_ARGS(BC_BUFFER(o->partial), BC_BUFFER(bc_params_grad_vector(o->params)),
                                BC_UINT(count), BC_UINT(blocks))};
    bc_launch sum = {.source = "optimiser.cl",
                     .kernel = "sum_blocks",
                     .defines = define,
                     .items = {sums},
                     .flops = (double)blocks,
                     .bytes = 4.0 * (double)(blocks + sums),
                     BC_ARGS(BC_BUFFER(o->sums), BC_BUFFER(o->partial), BC_UINT(blocks), BC_UINT(sums))};
    bc_launch scale = {.source = "optimiser.cl",
                       .kernel = "clip_scale",
                       .defines = define,
                       .items = {1},
                       .flops = (double)sums,
                       .bytes = 4.0 * (double)(sums + 3),
                       BC_ARGS(BC_BUFFER(o->scale), BC_BUFFER(o->sums), BC_UINT(sums),
                               BC_FLOAT(o->options.clip_norm), BC_FLOAT(o->step))};
    BC_TRY(bc_run(host, &square));
    BC_TRY(bc_run(host, &sum));
    return bc_run(host, &scale);
}

static bc_status step_adam(bc_optimiser *o, const bc_slot *slot, float rate) {
    const bc_optimiser_options *options = &o->options;
    double step = rate / (1 - pow(options->beta1, (double)o->step));
    double root = 1 / sqrt(1 - pow(options->beta2, (double)o->step));
    bc_vector vector = vector_of(bc_params_host(o->params));
    bc_launch launch = {.source = "optimiser.cl",
                        .kernel = "adam",
                        .defines = vector.define,
                        .items = {slot->count / vector.width},
                        .group = {256, 1, 1},
                        .flops = 14.0 * (double)slot->count,
                        .bytes = 28.0 * (double)slot->count,
                        BC_ARGS(BC_BUFFER(bc_params_vector(o->params)), BC_BUFFER(slot->moments[0]),
                                BC_BUFFER(slot->moments[1]), BC_BUFFER(bc_params_grad_vector(o->params)),
                                BC_BUFFER(o->scale), BC_UINT(slot->first), BC_UINT(slot->count),
                                BC_FLOAT(options->beta1), BC_FLOAT(options->beta2), BC_FLOAT(step),
                                BC_FLOAT(root), BC_FLOAT(options->epsilon))};
    return bc_run(bc_params_host(o->params), &launch);
}

static bc_status step_sgd(bc_optimiser *o, const bc_slot *slot, float rate) {
    bc_vector vector = vector_of(bc_params_host(o->params));
    bc_launch launch = {.source = "optimiser.cl",
                        .kernel = "sgd",
                        .defines = vector.define,
                        .items = {slot->count / vector.width},
                        .group = {256, 1, 1},
                        .flops = 5.0 * (double)slot->count,
                        .bytes = 20.0 * (double)slot->count,
                        BC_ARGS(BC_BUFFER(bc_params_vector(o->params)), BC_BUFFER(slot->moments[0]),
                                BC_BUFFER(bc_params_grad_vector(o->params)), BC_BUFFER(o->scale),
                                BC_UINT(slot->first), BC_UINT(slot->count), BC_FLOAT(o->options.momentum),
                                BC_FLOAT(rate))};
    return bc_run(bc_params_host(o->params), &launch);
}

bc_status bc_optimiser_step(bc_optimiser *optimiser, const float rate[BC_GROUP_COUNT]) {
    optimiser->step++;
    BC_TRY(find_scale(optimiser)); /* without clipping too: it finds gradients that are not finite */
    for (int i = 0; i < optimiser->slot_count; i++) {
        const bc_slot *slot = &optimiser->slots[i];
        BC_TRY(optimiser->options.kind == BC_ADAM ? step_adam(optimiser, slot, rate[slot->rate])
                                                  : step_sgd(optimiser, slot, rate[slot->rate]));
    }
    return BC_OK;
}

bc_status bc_optimiser_bad_since(bc_optimiser *optimiser, long *steps_ago) {
    float step;
    bc_host *host = bc_params_host(optimiser->params);
    BC_TRY(bc_buffer_read(host, optimiser->scale, sizeof step, &step, sizeof step));
    *steps_ago = step > 0 ? optimiser->step - (long)step : -1;
    return BC_OK;
}

static bool same_declarations(const bc_params *a, const bc_params *b) {
    if (bc_params_count(a) != bc_params_count(b) || bc_params_vector(a).bytes != bc_params_vector(b).bytes)
        return false;
    for (int i = 0; i < bc_params_count(a); i++) {
        const bc_param *x = bc_params_at(a, i), *y = bc_params_at(b, i);
        if (x->offset != y->offset || !bc_shape_same(x->shape, y->shape) || strcmp(x->name, y->name) != 0)
            return false;
    }
    return true;
}

bc_status bc_ema_update(bc_params *teacher, const bc_params *student, float alpha) {
    bc_host *host = bc_params_host(teacher);
    if (!same_declarations(teacher, student))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "the moving average needs a teacher and a student with the same parameters");
    bc_buffer values = bc_params_vector(teacher);
    size_t count = values.bytes / sizeof(float);
    bc_vector vector = vector_of(host);
    bc_launch launch = {
        .source = "optimiser.cl",
        .kernel = "ema",
        .defines = vector.define,
        .items = {count / vector.width},
        .group = {256, 1, 1},
        .flops = 3.0 * (double)count,
        .bytes = 12.0 * (double)count,
        BC_ARGS(BC_BUFFER(values), BC_BUFFER(bc_params_vector(student)), BC_UINT(count), BC_FLOAT(alpha))};
    return bc_run(host, &launch);
}
