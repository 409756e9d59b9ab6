/* The list of ways that are not taken. */
#include "host/tuning/left_out.h"

#include <stdio.h>
#include <string.h>

bool bc_way_is_portable(const char *way) {
    static const char *const portable[] = {"direct", "panel", "local", "plain"};
    for (int i = 0; i < 4; i++)
        if (strcmp(way, portable[i]) == 0)
            return true;
    return false;
}

bool bc_is_left_out(const bc_left_out *list, const char *kind, const char *way) {
    for (int i = 0; list && i < list->count; i++)
        if (strcmp(list->items[i].kind, kind) == 0 && strcmp(list->items[i].way, way) == 0)
            return true;
    return false;
}

void bc_leave_out(bc_left_out *list, const char *kind, const char *way) {
    if (list->count == BC_MOST_LEFT_OUT || bc_is_left_out(list, kind, way))
        return;
    snprintf(list->items[list->count].kind, sizeof list->items[0].kind, "%s", kind);
    snprintf(list->items[list->count].way, sizeof list->items[0].way, "%s", way);
    list->count++;
}
