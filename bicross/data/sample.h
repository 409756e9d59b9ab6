/* One sample of a data set: aligned RGB, spikes and depth. */
#ifndef BC_BICROSS_DATA_SAMPLE_H
#define BC_BICROSS_DATA_SAMPLE_H

#include "bicross/data/spikes.h"

typedef struct bc_sample {
    char name[128];
    int height, width; /* of all */
    uint8_t *rgb;      /* (h,w,3), or NULL */
    float *depth;      /* (h,w) metres, 0 = no label, or NULL */
    uint32_t *spikes;  /* (h,w,4): 128 frames, or NULL */
    uint8_t *objects;  /* (h,w) 1: on something that stands on the ground, or NULL: not known */
    float *greys;      /* (3,h,w) light in [0,1]: what its spikes are still to be simulated from, else NULL */
    bool size_assumed; /* nobody said the size of its spike file (bc_spike_info) */
} bc_sample;

void bc_sample_release(bc_sample *sample);
/* A copy with memory of its own. On failure *to is empty. */
bc_status bc_sample_copy(bc_error *err, const bc_sample *from, bc_sample *to);
/* Of memory that it owns. */
size_t bc_sample_bytes(const bc_sample *sample);
/* Its spikes as a stream, which stay the sample's. */
bc_spike_stream bc_sample_stream(const bc_sample *sample);

#endif
