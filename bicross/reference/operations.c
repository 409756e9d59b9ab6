#include "bicross/reference/operations.h"

const bc_operation bc_method_operations[] = {
    {0},
};

static const bc_operation *take(const bc_operation *list, int *index) {
    for (; list->op; list++)
        if ((*index)-- == 0)
            return list;
    return NULL;
}

const bc_operation *bc_operation_at(int index) {
    const bc_operation *found = take(bc_net_operations, &index);
    return found ? found : take(bc_method_operations, &index);
}
