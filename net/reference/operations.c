#include "net/reference/operations.h"

#include "net/reference/references.h"

const bc_operation bc_net_operations[] = {
    {&bc_weight_standard_op, bc_reference_weight_standard, NULL},
    {&bc_spike_unpack_op, bc_reference_spike_unpack, NULL},
    {&bc_group_norm_op, bc_reference_group_norm, NULL},
    {&bc_batch_norm_op, bc_reference_batch_norm, NULL},
    {&bc_layer_norm_op, bc_reference_layer_norm, NULL},
    {&bc_relu_op, bc_reference_relu, NULL},
    {&bc_gelu_op, bc_reference_gelu, NULL},
    {&bc_sigmoid_op, bc_reference_sigmoid, NULL},
    {&bc_clamp_min_op, bc_reference_clamp_min, NULL},
    {&bc_inverse_depth_op, bc_reference_inverse_depth, NULL},
    {&bc_inverse_depth_open_op, bc_reference_inverse_depth, bc_reference_inverse_depth_unclamped},
    {&bc_gradient_reversal_op, bc_reference_gradient_reversal, bc_reference_reversed},
    {&bc_add_op, bc_reference_add, NULL},
    {&bc_scale_channels_op, bc_reference_scale_channels, NULL},
    {&bc_concat_channels_op, bc_reference_concat_channels, NULL},
    {&bc_slice_batch_op, bc_reference_slice_batch, NULL},
    {&bc_max_pool_op, bc_reference_max_pool, NULL},
    {&bc_average_pool_op, bc_reference_average_pool, NULL},
    {&bc_global_pool_op, bc_reference_global_pool, NULL},
    {&bc_resize_op, bc_reference_resize, NULL},
    {&bc_position_resize_op, bc_reference_position_resize, NULL},
    {&bc_tokens_op, bc_reference_tokens, NULL},
    {&bc_readout_op, bc_reference_readout, NULL},
    {&bc_log_softmax_op, bc_reference_log_softmax, NULL},
    {0},
};
