/* Motion between two images of a video, found on the device, and images between them that follow it. The same images give the same
 * bits. Beyond the border, and where something comes into view or is hidden, images are blended as they stand. */
#ifndef BC_BICROSS_DATA_MOTION_H
#define BC_BICROSS_DATA_MOTION_H

#include "host/device/buffer.h"

/* Holds device memory for images of one size, about 60 bytes a pixel. */
typedef struct bc_motion bc_motion;
bc_status bc_motion_create(bc_host *host, int height, int width, bc_motion **out);
void bc_motion_release(bc_motion *motion); /* NULL is allowed */

/* The motion from image `a` to image `b`, and back: (height, width) floats in [0,1], on the host. */
bc_status bc_motion_find(bc_motion *motion, const float *a, const float *b);
/* Writes `count` images into `out` (images, height, width), from its image `place` on: image i lies at the share time + i * step
 * of the way from a to b, within [0,1]. */
bc_status bc_motion_between(bc_motion *motion, bc_buffer out, int place, int count, float time, float step);
/* The flow from a to b, (height, width, 2), x and y, in pixels. */
bc_status bc_motion_flow(bc_motion *motion, float *flow);

#endif
