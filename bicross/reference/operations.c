#include "bicross/reference/operations.h"

const bc_operation bc_method_operations[] = {
    {0},
};
