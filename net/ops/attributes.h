/* The operations themselves, and what their nodes carry beside their inputs: for those who go through all operations, and for the
 * references that say what each should compute (net/reference). Networks are built by the functions of ops.h. */
#ifndef BC_NET_OPS_ATTRIBUTES_H
#define BC_NET_OPS_ATTRIBUTES_H

#include "net/ops/ops.h"

/* x, weight, bias or NULL, residual or NULL; with relu there is no residual */
typedef struct bc_conv_attributes {
    bc_conv geometry;
    bool relu;
} bc_conv_attributes;
extern const bc_op bc_conv_op, bc_conv_relu_op; /* relu false; true */

/* weight */
typedef struct bc_weight_standard_attributes {
    float epsilon;
} bc_weight_standard_attributes;
extern const bc_op bc_weight_standard_op;

/* bits, weight, bias or NULL */
typedef struct bc_spike_conv_attributes {
    bc_conv geometry;
} bc_spike_conv_attributes;
extern const bc_op bc_spike_conv_op;

extern const bc_op bc_spike_unpack_op; /* bits */

/* x, weight, bias or NULL, residual or NULL */
typedef struct bc_linear_attributes {
    bc_activation activation;
} bc_linear_attributes;
extern const bc_op bc_linear_op, bc_linear_relu_op; /* any other activation; RELU */

/* x, gamma, beta; of BatchNorm also the running mean and variance, see bc_batch_norm */
typedef struct bc_norm_attributes {
    int groups; /* of channels; BatchNorm has none: statistics over the batch for each channel */
    float epsilon;
    bool relu;      /* on the result */
    bool given;     /* use the running statistics instead of computing some */
    float momentum; /* of the running statistics */
} bc_norm_attributes;
extern const bc_op bc_group_norm_op, bc_batch_norm_op;

/* x, gamma, beta */
typedef struct bc_layer_norm_attributes {
    float epsilon;
} bc_layer_norm_attributes;
extern const bc_op bc_layer_norm_op;

/* x; a, b, c: clamp_min's low; beta of the reversal; scale, shift and floor of inverse_depth */
typedef struct bc_activation_attributes {
    float a, b, c;
} bc_activation_attributes;
extern const bc_op bc_relu_op, bc_gelu_op, bc_sigmoid_op, bc_clamp_min_op, bc_inverse_depth_op,
    bc_inverse_depth_open_op, bc_gradient_reversal_op;

extern const bc_op bc_add_op, bc_scale_channels_op, bc_concat_channels_op; /* two inputs */

/* x */
typedef struct bc_slice_attributes {
    int first, count;
} bc_slice_attributes;
extern const bc_op bc_slice_batch_op, bc_whole_batch_op;

/* x; the average's stride is its kernel, without padding */
typedef struct bc_pool_attributes {
    int kernel;
    bc_conv geometry;
} bc_pool_attributes;
extern const bc_op bc_max_pool_op, bc_average_pool_op;
extern const bc_op bc_global_pool_op; /* x, weight or NULL */

/* x */
typedef struct bc_resize_attributes {
    bc_resize_mode mode;
    int h, w;
} bc_resize_attributes;
extern const bc_op bc_resize_op;

/* pos */
typedef struct bc_position_attributes {
    int grid_h, grid_w, h, w;
} bc_position_attributes;
extern const bc_op bc_position_resize_op;

extern const bc_op bc_tokens_op; /* map, cls, pos */

/* tokens */
typedef struct bc_readout_attributes {
    int h, w;
} bc_readout_attributes;
extern const bc_op bc_readout_op;

/* qkv */
typedef struct bc_attention_attributes {
    int heads;
} bc_attention_attributes;
extern const bc_op bc_attention_tiled_op, bc_attention_plain_op;

extern const bc_op bc_log_softmax_op; /* x */

#endif
