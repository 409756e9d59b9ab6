/* The list of operations: what tests, selftest, bench and the list of kernels go through. Each with its reference, written for
 * clarity: what the operation should compute. */
#ifndef BC_NET_REFERENCE_OPERATIONS_H
#define BC_NET_REFERENCE_OPERATIONS_H

#include "net/graph/op.h"

/* `node` says the shapes and the attributes; inputs as its inputs lie, NULL for those that are absent (spikes: a word a number); output as
 * it lies. */
typedef void bc_reference(const bc_node *node, double *const *inputs, double *output);

typedef struct bc_operation {
    const bc_op *op; /* NULL ends a list */
    bc_reference *reference;
    bc_reference *
        differentiated; /* what backward differentiates where that is not what forward computes; NULL: it is */
} bc_operation;

/* All operations of net/ops. */
extern const bc_operation bc_net_operations[];

#endif
