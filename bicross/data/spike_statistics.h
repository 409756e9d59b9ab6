/* What a stream of spikes is like, in a few numbers, by which simulated streams are set beside real ones. */
#ifndef BC_BICROSS_DATA_SPIKE_STATISTICS_H
#define BC_BICROSS_DATA_SPIKE_STATISTICS_H

#include "bicross/data/spikes.h"

enum { BC_FANO_FRAMES = 50 };

/* NAN: not measured, as nothing fires so often. Of what is measured of each pixel, the middle half of the pixels counts (of the fixed pattern
 * the middle two thirds), so that a scene may move in a quarter of them. */
typedef struct bc_spike_statistics {
    double rate;      /* share of ones */
    double interval;  /* frames from a spike to the pixel's next one: mean of all */
    double variation; /* of a pixel's intervals: standard deviation over mean, of pixels with two intervals */
    double
        fixed_pattern; /* of the pixels' rates relative to the 5 x 5 around: half the width of the middle 68.3 % */
    double
        fano; /* of a pixel's counts in windows of 50 frames: variance over mean, where there are two windows */
} bc_spike_statistics;
bc_status bc_spike_statistics_of(bc_error *err, const bc_spike_stream *stream, bc_spike_statistics *out);

#endif
