/* Maps and pictures made small enough for a screen: each block of step x step pixels becomes one; what is left over at the right and
 * at the bottom is cut off. */
#ifndef BC_BICROSS_REPORT_SHRINK_H
#define BC_BICROSS_REPORT_SHRINK_H

#include "bicross/report/picture.h"

/* The step that makes `width` pixels at most `widest`. */
int bc_shrink_step(int width, int widest);
/* In place; each colour is the mean of its block. */
void bc_picture_shrink(int step, bc_picture *picture);

/* Labels as they can be seen. */
typedef struct bc_seen_labels {
    int height, width;
    float *label, *beside; /* (height, width), owned; beside: NULL where there was none */
} bc_seen_labels;
/* Of each block the nearest label, and what the map `beside` (NULL: none) has in its place, both (height, width). Labels that are
 * few, as those of a laser scanner, are spread to the pixels around them. 0: none. */
bc_status bc_labels_shrink(bc_error *err, const float *label, const float *beside, int height, int width,
                           int step, bc_seen_labels *out);
void bc_seen_labels_release(bc_seen_labels *labels);

#endif
