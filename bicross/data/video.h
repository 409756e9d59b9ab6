/* Spikes of what a spike camera sees between the images of a video. */
#ifndef BC_BICROSS_DATA_VIDEO_H
#define BC_BICROSS_DATA_VIDEO_H

#include "bicross/data/simulate.h"

typedef enum bc_interpolation {
    BC_INTERPOLATE_LINEAR, /* one image fades into the next */
    BC_INTERPOLATE_MOTION  /* what they show moves (bicross/data/motion.h) */
} bc_interpolation;

/* How a camera watches it. */
typedef struct bc_filming {
    bc_simulator simulator;
    bc_interpolation interpolation;
    int sub_frames; /* motion: images that are made from one to the next, between which light fades */
    int fps_up;     /* spike frames from one image to the next */
    /* Told after each pair of images of a video between which motion is followed, of which `done` of `count` are; may be NULL. */
    void (*filmed)(void *user, int done, int count);
    void *user;
} bc_filming;
/* The ideal camera, linear, 16 sub-frames, 128 frames. */
bc_filming bc_filming_plain(void);
enum { BC_LEAST_FPS_UP = BC_SPIKE_FRAMES / 2 }; /* of a window: it lies between the images before and after */

/* Images (count, height, width) of grey in [0,1], on the host. */
typedef struct bc_video {
    int count, height, width;
    const float *greys;
} bc_video;
/* (count - 1) * fps_up spike frames, of one image fps_up: the first frame sees the first image, the last one the last. `maps` as in
 * simulate.h. BC_E_ARGUMENT: they are more than fit a stream. */
bc_status bc_simulate_video(bc_host *host, const bc_video *video, const bc_filming *filming,
                            const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out);

/* An image between the ones before and after, (height, width) each; NULL: there is none, and this one stands for it. */
typedef struct bc_moment {
    int height, width;
    const float *before, *own, *after;
} bc_moment;
/* The 128 frames around it. BC_E_ARGUMENT: fps_up is too small for them to lie between the images before and after. */
bc_status bc_simulate_window(bc_host *host, const bc_moment *moment, const bc_filming *filming,
                             const bc_pixel_maps *maps, uint32_t seed, bc_spike_stream *out);

#endif
