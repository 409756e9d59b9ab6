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

/* spike.c */
bc_reference bc_reference_spike_unpack;

/* activation.c; the last two are what backward differentiates: an inverse depth that goes on straight where it would be clamped, and
 * minus beta x */
bc_reference bc_reference_relu, bc_reference_gelu, bc_reference_sigmoid, bc_reference_clamp_min,
    bc_reference_inverse_depth, bc_reference_gradient_reversal;
bc_reference bc_reference_inverse_depth_unclamped, bc_reference_reversed;

/* combine.c */
bc_reference bc_reference_add, bc_reference_scale_channels, bc_reference_concat_channels,
    bc_reference_slice_batch, bc_reference_whole_batch;

/* norm.c */
bc_reference bc_reference_weight_standard, bc_reference_group_norm, bc_reference_batch_norm,
    bc_reference_layer_norm;

/* pool.c */
bc_reference bc_reference_max_pool, bc_reference_average_pool, bc_reference_global_pool;

/* attention.c */
bc_reference bc_reference_attention;

/* resize.c */
bc_reference bc_reference_resize;
void bc_reference_resample(bc_resize_mode mode, bc_shape in, const double *x, bc_shape out, double *y);

/* token.c */
bc_reference bc_reference_position_resize, bc_reference_tokens, bc_reference_readout;

/* softmax.c */
bc_reference bc_reference_log_softmax;

/* The place of an element of a map (n,h,w,c). */
static inline size_t bc_at(bc_shape s, int n, int h, int w, int c) {
    return (((size_t)n * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w) * (size_t)s.c + (size_t)c;
}

#endif
