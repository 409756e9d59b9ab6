/* Relative to the largest value. */
#include "host/base/difference.h"

#include <math.h>

double bc_largest_difference(const float *got, const float *expected, size_t count) {
    double largest = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(got[i]))
            return INFINITY;
        largest = fmax(largest, fabs(expected[i]));
        most = fmax(most, fabs((double)got[i] - expected[i]));
    }
    return largest > 0 ? most / largest : most > 0 ? INFINITY : 0;
}
