/* The steps of finding motion, one kernel each (cl_kernels/motion.cl, which has the formulas). Images are (height, width) floats, flows
 * (height, width, 2), x and y, terms (height, width, 4), all on the device; what is written is the first buffer. What they should compute:
 * bicross/reference/motion.h. */
#ifndef BC_BICROSS_DATA_MOTION_STEPS_H
#define BC_BICROSS_DATA_MOTION_STEPS_H

#include "host/device/launch.h"

/* From coarse to fine: levels are halved while both sides stay at least this long; warps at each, and Jacobi steps after each warp. */
enum { BC_MOTION_LEAST_SIDE = 8, BC_MOTION_WARPS = 4, BC_MOTION_RELAXATIONS = 20 };

/* Both images and the flows between them. */
typedef struct bc_motion_pair {
    bc_buffer a, b, forward, backward; /* from a to b, from b to a */
} bc_motion_pair;

bc_status bc_motion_halve(bc_host *host, bc_buffer half, bc_buffer image, int height, int width);
/* height and width are the finer level's. */
bc_status bc_motion_double(bc_host *host, bc_buffer flow, bc_buffer coarse, int height, int width);
bc_status bc_motion_terms(bc_host *host, bc_buffer terms, bc_buffer a, bc_buffer b, bc_buffer flow,
                          int height, int width);
bc_status bc_motion_relax(bc_host *host, bc_buffer next, bc_buffer flow, bc_buffer terms, int height,
                          int width);
bc_status bc_motion_median(bc_host *host, bc_buffer out, bc_buffer flow, int height, int width);
/* `count` images from image `place` of `out` on, image i at the share time + i * step of the way from a to b. */
bc_status bc_motion_blend(bc_host *host, bc_buffer out, const bc_motion_pair *pair, int height, int width,
                          int place, int count, float time, float step);

#endif
