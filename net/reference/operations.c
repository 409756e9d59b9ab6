#include "net/reference/operations.h"

#include "net/reference/references.h"

const bc_operation bc_net_operations[] = {
    {&bc_conv_op, bc_reference_conv, NULL},
    {&bc_conv_relu_op, bc_reference_conv, NULL},
    {&bc_spike_conv_op, bc_reference_spike_conv, NULL},
    {&bc_linear_op, bc_reference_linear, NULL},
    {&bc_linear_relu_op, bc_reference_linear, NULL},
    {&bc_max_pool_op, bc_reference_max_pool, NULL},
    {&bc_average_pool_op, bc_reference_average_pool, NULL},
    {&bc_global_pool_op, bc_reference_global_pool, NULL},
    {&bc_attention_tiled_op, bc_reference_attention, NULL},
    {&bc_attention_plain_op, bc_reference_attention, NULL},
    {0},
};
