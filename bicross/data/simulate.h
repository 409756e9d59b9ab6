/* From light to spikes: integrate and fire on the device. The kernel is in cl_kernels/spike.cl. */
#ifndef BC_BICROSS_DATA_SIMULATE_H
#define BC_BICROSS_DATA_SIMULATE_H

#include "bicross/data/pixel_maps.h"
#include "bicross/data/spikes.h"
#include "host/device/buffer.h"

/* Integrate and fire (method.md 10): what turns light into spikes. */
typedef struct bc_simulator {
    float gain;          /* light 1 adds this to the integral each frame */
    float threshold;     /* theta */
    float fixed_pattern; /* standard deviation of the pixels' response gain (drawn once per sensor seed) */
    float mismatch;      /* standard deviation of the pixels' threshold, relative */
    float dark;          /* dark current, added each frame; varies over pixels by 40 % */
    float shot;    /* shot noise: standard deviation at light 1 relative to it, grows as 1/sqrt(light) */
    float thermal; /* threshold noise per frame, relative */
    float removal; /* the same of what a spike takes away; 0: what the integral was compared with */
    float reset;   /* share of a frame's light that is lost after a spike */
    uint32_t sensor_seed; /* which sensor: the fixed pattern */
} bc_simulator;

typedef enum bc_noise { BC_NOISE_IDEAL, BC_NOISE_SENSOR, BC_NOISE_SCSIM } bc_noise;
/* Gain 1 and threshold 1, with
 *   ideal:  no noise
 *   sensor: what was measured of real streams: a fixed pattern of 3.7 % of the rate, counts that are nearly deterministic
 *   scsim:  every term of SCSim's camera with its published value (method.md 10.4) */
bc_simulator bc_simulator_of(bc_noise noise);
bc_simulator bc_simulator_ideal(void);
bc_simulator bc_simulator_sensor(void);

/* Spikes from `count` grey images in [0,1] (count, height, width) on the device, spread evenly over `frames` spike frames with
 * linear interpolation. Initial integrals U[0,threshold) and all noise from (seed, stream). The residue stays below threshold.
 * words: (height, width, ceil(frames/32)) on the device, overwritten. */
bc_status bc_simulate(bc_host *host, bc_buffer images, int count, int height, int width, int frames,
                      const bc_simulator *simulator, uint32_t seed, uint32_t stream, bc_buffer words);
/* The same from host images to a host stream. */
bc_status bc_simulate_stream(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, uint32_t seed, bc_spike_stream *out);
/* And with response and dark current of the pixels as maps say, in place of those that are drawn; NULL: none. */
bc_status bc_simulate_images(bc_host *host, const float *images, int count, int height, int width, int frames,
                             const bc_simulator *simulator, const bc_pixel_maps *maps, uint32_t seed,
                             bc_spike_stream *out);

/* A stream that is made part by part: begin, expose to the light of one part after the other, finish. */
typedef struct bc_simulation {
    bc_host *host;
    bc_simulator simulator;
    int height, width, frames;
    uint32_t seed;
    bc_buffer words, integrals, response, dark;
} bc_simulation;
/* `maps` as above. In any case to be released. */
bc_status bc_simulation_begin(bc_host *host, const bc_simulator *simulator, const bc_pixel_maps *maps,
                              int height, int width, int frames, uint32_t seed, bc_simulation *out);
/* Frames begin..end-1, the next ones: frame f sees the light at position f * step - origin of the images (count, height, width). */
typedef struct bc_exposure {
    bc_buffer images;
    int count, begin, end;
    float origin, step;
} bc_exposure;
bc_status bc_simulation_expose(bc_simulation *simulation, const bc_exposure *exposure);
bc_status bc_simulation_finish(bc_simulation *simulation, bc_spike_stream *out);
void bc_simulation_release(bc_simulation *simulation);

#endif
