/* Arithmetic of sizes. */
#ifndef BC_HOST_BASE_DIVIDE_H
#define BC_HOST_BASE_DIVIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Division that rounds up: groups of `size` that `count` things fill. */
static inline int bc_divide_up(int count, int size) {
    return count / size + (count % size > 0);
}

/* The next multiple of `size` from `count` on. */
static inline size_t bc_round_up(size_t count, size_t size) {
    return (count + size - 1) / size * size;
}

/* Whether the product of these sizes, each at least 0, is an int: kernels count elements in ints. */
static inline bool bc_product_fits(int a, int b, int c, int d) {
    int64_t product;
    return !__builtin_mul_overflow((int64_t)a * b, c, &product) &&
           !__builtin_mul_overflow(product, d, &product) && product <= INT32_MAX;
}

#endif
