/* What a few numbers say of their mean. */
#ifndef BC_BICROSS_REPORT_INTERVAL_H
#define BC_BICROSS_REPORT_INTERVAL_H

#include <stdbool.h>

typedef struct bc_interval {
    double mean, low,
        high; /* low and high: where the mean would lie in 95 of 100 repetitions; NaN where nothing is known */
    double deviation; /* of the numbers (divided by count - 1); 0 for one */
    int count;
} bc_interval;

/* All of these take finite numbers only.
 * Student's t: for numbers of independent runs. Of one number there is no interval. */
bc_interval bc_interval_of_runs(const double *values, int count);
/* By drawing from the numbers 2000 times (percentile bootstrap; of more than 20,000 numbers by Student's t), the same in every call: for scores of
 * many images. Of fewer than 10 there is no interval. */
bc_interval bc_interval_of_images(const double *values, int count);
/* Whether there is one, and whether 0 lies in it. */
bool bc_interval_known(const bc_interval *i);
bool bc_interval_has_zero(const bc_interval *i);

#endif
