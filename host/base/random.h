/* The counter-based generator that everything random comes from: Philox4x32-10 (Salmon et al., SC 2011).
 * cl_kernels/prelude.clh has the same function, so host and device draw the same numbers.
 * key = (seed, stream); counter = index. */
#ifndef BC_HOST_BASE_RANDOM_H
#define BC_HOST_BASE_RANDOM_H

#include <stdint.h>

typedef struct bc_random {
    uint32_t seed, stream;
    uint64_t index; /* next draw */
} bc_random;

void bc_philox(uint32_t seed, uint32_t stream, uint64_t index, uint32_t out[4]);

uint32_t bc_random_bits(bc_random *r);
float bc_random_uniform(bc_random *r); /* [0,1), 24 bits */
float bc_random_range(bc_random *r, float low, float high);
float bc_random_normal(bc_random *r);     /* mean 0, variance 1 (Box-Muller) */
int bc_random_below(bc_random *r, int n); /* 0..n-1 */
void bc_random_permutation(bc_random *r, int n, int *out);

#endif
