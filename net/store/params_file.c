/* Saving parameters: safetensors with the published names and layouts. */
#include "net/store/params.h"
#include "net/store/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Floats of the largest tensor: the size of the one host copy that is needed at a time. */
static size_t largest(bc_params *params) {
    size_t most = 1;
    for (int i = 0; i < bc_params_count(params); i++)
        if (bc_params_at(params, i)->count > most)
            most = bc_params_at(params, i)->count;
    return most;
}

static bc_status write_all(bc_params *params, bc_safetensors_writer *writer, float *staging) {
    bc_error *err = bc_host_error(bc_params_host(params));
    for (int i = 0; i < bc_params_count(params); i++) {
        const bc_param *param = bc_params_at(params, i);
        BC_TRY(bc_param_read(params, param, staging));
        BC_TRY(bc_safetensors_write_finite(err, writer, param->name, staging, param->count));
    }
    return BC_OK;
}

/* What a file holds before its tensors' data. */
typedef struct header {
    bc_tensor_entry *entries;
    long (*shapes)[4];
    bc_metadata *pairs;
} header;

static void release(header *h) {
    free(h->entries);
    free(h->shapes);
    free(h->pairs);
}

static bc_status describe(bc_params *params, const char *path, const bc_metadata *pairs, int pair_count,
                          header *h) {
    int count = bc_params_count(params);
    *h = (header){.entries = calloc((size_t)count + 1, sizeof *h->entries),
                  .shapes = calloc((size_t)count + 1, sizeof *h->shapes),
                  .pairs = calloc((size_t)pair_count + 1, sizeof *h->pairs)};
    if (!h->entries || !h->shapes || !h->pairs)
        return bc_fail(bc_host_error(bc_params_host(params)), BC_E_MEMORY, "no host memory to save %s", path);
    h->pairs[0] = (bc_metadata){"format", "pt"}; /* other readers of weights ask for it */
    for (int i = 0; i < pair_count; i++)
        h->pairs[i + 1] = pairs[i];
    for (int i = 0; i < count; i++) {
        const bc_param *param = bc_params_at(params, i);
        for (int k = 0; k < param->spec.rank; k++)
            h->shapes[i][k] = param->spec.shape[k];
        h->entries[i] =
            (bc_tensor_entry){.name = param->name, .rank = param->spec.rank, .shape = h->shapes[i]};
    }
    return BC_OK;
}

bc_status bc_params_save(bc_params *params, const char *path, const bc_metadata *pairs, int pair_count) {
    bc_error *err = bc_host_error(bc_params_host(params));
    header h;
    bc_safetensors_writer *writer = NULL;
    bc_status status = describe(params, path, pairs, pair_count, &h);
    float *staging = malloc(largest(params) * sizeof *staging);
    if (status == BC_OK && !staging)
        status = bc_fail(err, BC_E_MEMORY, "no host memory to save %s", path);
    if (status == BC_OK)
        status = bc_safetensors_write_open(err, path, bc_params_count(params), h.entries, h.pairs,
                                           pair_count + 1, &writer);
    if (status == BC_OK)
        status = write_all(params, writer, staging);
    if (writer) {
        bc_status closed = bc_safetensors_write_close(err, writer, status == BC_OK);
        status = status == BC_OK ? closed : status;
    }
    free(staging);
    release(&h);
    return status;
}
