#include "net/reference/operations.h"

#include "net/reference/references.h"

const bc_operation bc_net_operations[] = {
    {&bc_weight_standard_op, bc_reference_weight_standard, NULL},
    {&bc_group_norm_op, bc_reference_group_norm, NULL},
    {&bc_batch_norm_op, bc_reference_batch_norm, NULL},
    {&bc_layer_norm_op, bc_reference_layer_norm, NULL},
    {&bc_max_pool_op, bc_reference_max_pool, NULL},
    {&bc_average_pool_op, bc_reference_average_pool, NULL},
    {&bc_global_pool_op, bc_reference_global_pool, NULL},
    {0},
};
