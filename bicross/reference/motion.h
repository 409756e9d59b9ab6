/* What the steps of motion should compute (bicross/data/motion_steps.h, cl_kernels/motion.cl), in double, as plainly as can be. Images are
 * (height, width), flows (height, width, 2), terms (height, width, 4); what is written is the first array. */
#ifndef BC_BICROSS_REFERENCE_MOTION_H
#define BC_BICROSS_REFERENCE_MOTION_H

typedef struct bc_reference_pair {
    const double *a, *b, *forward, *backward;
} bc_reference_pair;

void bc_reference_motion_halve(double *half, const double *image, int height, int width);
void bc_reference_motion_double(double *flow, const double *coarse, int height, int width);
void bc_reference_motion_terms(double *terms, const double *a, const double *b, const double *flow,
                               int height, int width);
void bc_reference_motion_relax(double *next, const double *flow, const double *terms, int height, int width);
void bc_reference_motion_median(double *out, const double *flow, int height, int width);
/* One image. */
void bc_reference_motion_between(double *out, const bc_reference_pair *pair, int height, int width,
                                 double time);

#endif
