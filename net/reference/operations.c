#include "net/reference/operations.h"

#include "net/reference/references.h"

const bc_operation bc_net_operations[] = {
    {&bc_max_pool_op, bc_reference_max_pool, NULL},
    {&bc_average_pool_op, bc_reference_average_pool, NULL},
    {&bc_global_pool_op, bc_reference_global_pool, NULL},
    {0},
};
