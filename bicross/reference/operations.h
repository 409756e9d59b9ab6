/* The operations of the method: losses, masks, metric sums. */
#ifndef BC_BICROSS_REFERENCE_OPERATIONS_H
#define BC_BICROSS_REFERENCE_OPERATIONS_H

#include "net/reference/operations.h"

extern const bc_operation bc_method_operations[];

#endif
