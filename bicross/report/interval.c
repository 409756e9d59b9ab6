#include "bicross/report/interval.h"

#include "host/base/random.h"
#include "host/base/sort.h"

#include <math.h>

enum { DRAWS = 2000, FEWEST_IMAGES = 10, MOST_DRAWN_FROM = 20000, STREAM = 0x626f6f74 /* "boot" */ };

static bc_interval mean_of(const double *values, int count) {
    bc_interval out = {.low = NAN, .high = NAN, .count = count};
    for (int i = 0; i < count; i++)
        out.mean += values[i] / count;
    for (int i = 0; i < count; i++)
        out.deviation += (values[i] - out.mean) * (values[i] - out.mean);
    out.deviation = count > 1 ? sqrt(out.deviation / (count - 1)) : 0;
    return out;
}

/* The 0.975 quantile for 1 to 30 degrees of freedom; above, within 0.001 by Cornish and Fisher's expansion. */
static double student(int freedom) {
    static const double table[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                   2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                   2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    const double z = 1.959964;
    return freedom <= 30 ? table[freedom - 1] : z + (z * z * z + z) / (4 * freedom);
}

bc_interval bc_interval_of_runs(const double *values, int count) {
    bc_interval out = mean_of(values, count);
    if (out.count < 2)
        return out;
    double half = student(out.count - 1) * out.deviation / sqrt((double)out.count);
    out.low = out.mean - half;
    out.high = out.mean + half;
    return out;
}

/* The mean of `count` of them, drawn with repetition. */
static double drawn_mean(bc_random *random, const double *values, int count) {
    double sum = 0;
    for (int k = 0; k < count; k++)
        sum += values[bc_random_below(random, count)];
    return sum / count;
}

bc_interval bc_interval_of_images(const double *values, int count) {
    double means[DRAWS];
    bc_random random = {.stream = STREAM};
    if (count > MOST_DRAWN_FROM)
        return bc_interval_of_runs(values, count);
    bc_interval out = mean_of(values, count);
    if (count < FEWEST_IMAGES)
        return out;
    for (int d = 0; d < DRAWS; d++)
        means[d] = drawn_mean(&random, values, count);
    bc_sort_ascending(means, DRAWS);
    out.low = means[DRAWS / 40];
    out.high = means[DRAWS - 1 - DRAWS / 40];
    return out;
}

bool bc_interval_known(const bc_interval *i) {
    return isfinite(i->low) && isfinite(i->high);
}

bool bc_interval_has_zero(const bc_interval *i) {
    return i->low <= 0 && i->high >= 0;
}
