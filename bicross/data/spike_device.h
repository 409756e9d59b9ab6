/* Spike streams on the device: firing rates, intervals and simulation. Kernels in cl_kernels/spike.cl. Streams are buffers of packed words (height, width, words), see bicross/data/spikes.h. */
#ifndef BC_BICROSS_DATA_SPIKE_DEVICE_H
#define BC_BICROSS_DATA_SPIKE_DEVICE_H

#include "bicross/data/spikes.h"
#include "net/graph/graph.h"

/* TFP: firing rate over frames first..first+count-1, in [0,1], (height, width) floats. */
bc_status bc_spike_rate(bc_host *host, const bc_spike_stream *stream, int first, int count, float *rate);
/* TFI at frame t: 1 / (interval between the last spike at or before t and the first after t), in (0,1]. A spike missing
 * within `window` frames counts as lying at the window's edge (method.md 9.2, "middleTFI"); no spike on either side: 0. */
bc_status bc_spike_interval(bc_host *host, const bc_spike_stream *stream, int t, int window, float *image);

/* Integrate and fire (method.md 10): what turns light into spikes. */
typedef struct bc_simulator {
    float gain;          /* light 1 adds this to the integral each frame */
    float threshold;     /* theta */
    float fixed_pattern; /* standard deviation of the pixels' response gain (drawn once per sensor seed) */
    float mismatch;      /* standard deviation of the pixels' threshold, relative */
    float dark;          /* dark current, added each frame; varies over pixels by 40 % */
    float shot;    /* shot noise: standard deviation at light 1 relative to it, grows as 1/sqrt(light) */
    float thermal; /* threshold noise per frame, relative */
    uint32_t sensor_seed; /* which sensor: the fixed pattern */
} bc_simulator;
bc_simulator bc_simulator_ideal(void); /* gain 1, threshold 1, no noise */
bc_simulator
bc_simulator_sensor(void); /* a real sensor's noise: method.md 10.4, data README: fixed pattern 3.7 %, ... */

/* Spikes from `count` grey images in [0,1] (count, height, width) on the device, spread evenly over `frames` spike frames with
 * linear interpolation. Initial integrals U[0,threshold) and all noise from (seed, stream). The residue stays below threshold.
 * words: (height, width, ceil(frames/32)) on the device, overwritten. */
bc_status bc_simulate(bc_host *host, bc_buffer images, int count, int height, int width, int frames,
                      const bc_simulator *simulator, uint32_t seed, uint32_t stream, bc_buffer words);
/* The same from host images to a host stream. */
bc_status bc_simulate_stream(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, uint32_t seed, bc_spike_stream *out);

#endif
