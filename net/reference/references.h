/* The references, a file each as the operations have them: only for operations.c. */
#ifndef BC_NET_REFERENCE_REFERENCES_H
#define BC_NET_REFERENCE_REFERENCES_H

#include "net/ops/attributes.h"
#include "net/reference/operations.h"

/* norm.c */
bc_reference bc_reference_weight_standard, bc_reference_group_norm, bc_reference_batch_norm,
    bc_reference_layer_norm;

/* pool.c */
bc_reference bc_reference_max_pool, bc_reference_average_pool, bc_reference_global_pool;

/* The place of an element of a map (n,h,w,c). */
static inline size_t bc_at(bc_shape s, int n, int h, int w, int c) {
    return (((size_t)n * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w) * (size_t)s.c + (size_t)c;
}

#endif
