#include "tests/support_hashed.h"

#include "host/base/hash.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

uint64_t test_hash(const char *name) {
    return bc_fnv1a(BC_FNV_START, name, strlen(name));
}

uint64_t test_hashed(uint64_t hash, size_t i) {
    uint64_t z = hash + (i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

float test_hashed_uniform(uint64_t hash, size_t i) {
    return (float)(test_hashed(hash, i) >> 40) / 8388608.0f - 1.0f;
}

static bool ends_in(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* value = offset + factor * u */
static void rule_of(const bc_param *param, float *offset, float *factor) {
    const char *name = param->name;
    *offset = 0;
    if (ends_in(name, "norm.weight") || (strstr(name, ".norm") && ends_in(name, "weight"))) {
        *offset = 1;
        *factor = 0.25f;
    } else if (ends_in(name, "bias")) {
        *factor = 0.05f;
    } else if (ends_in(name, "cls_token") || ends_in(name, "pos_embed")) {
        *factor = 0.1f;
    } else {
        *factor = (float)sqrt(3.0 / ((double)param->count / param->spec.shape[0]));
    }
}

static void write_weights(bc_params *params, bc_param *param, float unit) {
    float *values = malloc(param->count * sizeof *values), offset, factor;
    ck_assert_ptr_nonnull(values);
    rule_of(param, &offset, &factor);
    uint64_t hash = test_hash(param->name);
    for (size_t i = 0; i < param->count; i++)
        values[i] = offset + factor * test_hashed_uniform(hash, i);
    if (strcmp(param->name, "scratch.output_conv.4.bias") == 0)
        values[0] += 900.0f * unit;
    if (strcmp(param->name, "uncertaity_head.4.bias") == 0)
        values[0] += 0.3f;
    for (size_t i = 0; strcmp(param->name, "scratch.output_conv.4.weight") == 0 && i < param->count; i++)
        values[i] *= 60.0f * unit;
    ck_ok(bc_param_write(params, param, values));
    free(values);
}

void test_hashed_weights(bc_params *params, float unit) {
    for (int i = 0; i < bc_params_count(params); i++)
        write_weights(params, bc_params_at(params, i), unit);
}
