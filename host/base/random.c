/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011). */
#include "host/base/random.h"

#include <math.h>

void bc_philox(uint32_t seed, uint32_t stream, uint64_t index, uint32_t out[4]) {
    uint32_t c[4] = {(uint32_t)index, (uint32_t)(index >> 32), 0, 0};
    uint32_t k0 = seed, k1 = stream;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)p1;
        c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < 4; i++)
        out[i] = c[i];
}

/* One block per draw: simple, and a stream can be entered at any index. */
uint32_t bc_random_bits(bc_random *r) {
    uint32_t block[4];
    bc_philox(r->seed, r->stream, r->index++, block);
    return block[0];
}

float bc_random_uniform(bc_random *r) {
    return (float)(bc_random_bits(r) >> 8) * (1.0f / 16777216.0f);
}

float bc_random_range(bc_random *r, float low, float high) {
    return low + (high - low) * bc_random_uniform(r);
}

float bc_random_normal(bc_random *r) {
    uint32_t block[4];
    bc_philox(r->seed, r->stream, r->index++, block);
    float a = ((float)(block[0] >> 8) + 1.0f) * (1.0f / 16777216.0f); /* (0,1]: the logarithm is finite */
    float b = (float)(block[1] >> 8) * (6.283185307179586f / 16777216.0f);
    return sqrtf(-2.0f * logf(a)) * cosf(b);
}

/* The high word of bits * n (Lemire); the bias is below n / 2^32. */
int bc_random_below(bc_random *r, int n) {
    return (int)(((uint64_t)bc_random_bits(r) * (uint64_t)(uint32_t)n) >> 32);
}

void bc_random_permutation(bc_random *r, int n, int *out) {
    for (int i = 0; i < n; i++)
        out[i] = i;
    for (int i = n - 1; i > 0; i--) { /* Fisher-Yates */
        int j = bc_random_below(r, i + 1), swap = out[i];
        out[i] = out[j];
        out[j] = swap;
    }
}
