/* The operations of the method (losses, masks, metric sums), and all that there are. */
#ifndef BC_BICROSS_REFERENCE_OPERATIONS_H
#define BC_BICROSS_REFERENCE_OPERATIONS_H

#include "net/reference/operations.h"

extern const bc_operation bc_method_operations[];

/* The operations of net, then those of the method; NULL past the last. */
const bc_operation *bc_operation_at(int index);

#endif
