/* Checks of one way to compute against another. */
#ifndef BC_HOST_BASE_DIFFERENCE_H
#define BC_HOST_BASE_DIFFERENCE_H

#include <stddef.h>

/* Largest difference over the largest expected magnitude; infinite where a number is not finite, or where only zeros were
 * expected and others came. */
double bc_largest_difference(const float *got, const float *expected, size_t count);

#endif
