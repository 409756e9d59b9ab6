/* For medians and percentiles of times. */
#include "host/base/sort.h"

#include <stdlib.h>

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void bc_sort_ascending(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, ascending);
}
