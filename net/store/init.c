/* Initial values: every tensor is drawn on the device by its own rule and its own random stream. */
#include "cl_kernels/shared.h"
#include "host/base/hash.h"
#include "net/store/params.h"

#include <string.h>

/* The random stream of a name. */
static uint32_t stream_of(const char *name) {
    uint64_t hash = bc_fnv1a(BC_FNV_START, name, strlen(name));
    return (uint32_t)(hash ^ hash >> 32);
}

static const char *kernel_of(bc_init_rule rule) {
    switch (rule) {
    case BC_INIT_UNIFORM:
        return "init_uniform";
    case BC_INIT_NORMAL:
        return "init_normal";
    case BC_INIT_TRUNC_NORMAL:
        return "init_trunc_normal";
    case BC_INIT_CONSTANT:
        break;
    }
    return NULL;
}

static bc_status initialise(bc_params *params, const bc_param *param, uint32_t seed) {
    bc_host *host = bc_params_host(params);
    const char *kernel = kernel_of(param->spec.init);
    if (!param->value.mem)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "%s has no memory yet: allocate first",
                       param->name);
    if (!kernel)
        return bc_buffer_fill(host, param->value, 0, param->count * sizeof(float), param->spec.init_value);
    bc_launch launch = {.source = "init.cl",
                        .kernel = kernel,
                        .items = {(param->count + BC_INIT_VALUES - 1) / BC_INIT_VALUES},
                        .group = {64, 1, 1},
                        .flops = 100.0 * (double)param->count, /* ten rounds of Philox, a polynomial */
                        .bytes = (double)(param->count * sizeof(float)),
                        BC_ARGS(BC_BUFFER(param->value), BC_UINT(param->count), BC_UINT(seed),
                                BC_UINT(stream_of(param->name)), BC_FLOAT(param->spec.init_value))};
    return bc_run(host, &launch);
}

bc_status bc_params_initialise(bc_params *params, uint32_t seed) {
    for (int i = 0; i < bc_params_count(params); i++)
        BC_TRY(initialise(params, bc_params_at(params, i), seed));
    return BC_OK;
}
