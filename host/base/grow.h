/* Arrays that grow one element at a time. */
#ifndef BC_HOST_BASE_GROW_H
#define BC_HOST_BASE_GROW_H

#include <stdbool.h>
#include <stddef.h>

/* Grows an array to hold one element more; false when memory does not suffice, and then it is as it was. */
bool bc_grow(void **array, int count, int *capacity, size_t element_bytes);

#endif
