/* Numbers in order. */
#ifndef BC_HOST_BASE_SORT_H
#define BC_HOST_BASE_SORT_H

void bc_sort_ascending(double *values, int count);

#endif
