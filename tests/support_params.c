/* The weights of a network, as tests compare them. */
#include "host/base/hash.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

uint64_t test_params_hash(bc_params *params) {
    uint64_t sum = 0;
    for (int i = 0; i < bc_params_count(params); i++) {
        const bc_param *param = bc_params_at(params, i);
        float *values = malloc(param->count * sizeof *values);
        ck_assert_ptr_nonnull(values);
        ck_ok(bc_param_read(params, param, values));
        uint64_t name = bc_fnv1a(BC_FNV_START, param->name, strlen(param->name));
        sum += bc_fnv1a(name, values, param->count * sizeof *values);
        free(values);
    }
    return sum;
}

void test_read_gradient(bc_params *params, const bc_param *param, float *published) {
    bc_param gradient = *param;
    ck_assert_msg(param->grad.mem != NULL, "%s is not trained", param->name);
    gradient.value = param->grad;
    ck_ok(bc_param_read(params, &gradient, published));
}
