/* The references, a file each as the operations have them: only for operations.c. */
#ifndef BC_NET_REFERENCE_REFERENCES_H
#define BC_NET_REFERENCE_REFERENCES_H

#include "net/ops/attributes.h"
#include "net/reference/operations.h"

/* conv.c, linear.c */
bc_reference bc_reference_conv, bc_reference_spike_conv, bc_reference_linear;
/* What follows the sums of both, on an output like the node's. residual: NULL for none. */
void bc_reference_epilogue(const bc_node *node, bc_activation activation, const double *residual,
                           double *output);

/* pool.c */
bc_reference bc_reference_max_pool, bc_reference_average_pool, bc_reference_global_pool;

/* attention.c */
bc_reference bc_reference_attention;

/* The place of an element of a map (n,h,w,c). */
static inline size_t bc_at(bc_shape s, int n, int h, int w, int c) {
    return (((size_t)n * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w) * (size_t)s.c + (size_t)c;
}

#endif
