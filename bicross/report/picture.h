/* Pictures for people: depth, error and uncertainty in colour, spikes in grey, and rows of captioned panels.
 */
#ifndef BC_BICROSS_REPORT_PICTURE_H
#define BC_BICROSS_REPORT_PICTURE_H

#include "bicross/report/colour_map.h"
#include "bicross/train/evaluate.h"

typedef struct bc_picture {
    int width, height;
    uint8_t *rgb; /* (h,w,3), owned */
} bc_picture;
void bc_picture_release(bc_picture *picture);

/* Depths in metres that the colours span: brightest at `near`, darkest at `far`, evenly in the logarithm;
 * brightest, or highest, is the end of the map. */
typedef struct bc_depth_range {
    float near, far;
    bc_colour_map map;
} bc_depth_range;
bc_depth_range bc_depth_range_for(float dmax); /* dmax/80 (at least 0.5 m) to dmax */

/* What the colours of a panel mean. */
typedef enum bc_scale_kind { BC_SCALE_NONE, BC_SCALE_DEPTH, BC_SCALE_SHARE } bc_scale_kind;
typedef struct bc_scale {
    bc_scale_kind kind;
    float low, high; /* metres, of which low is near; or a share, shown in percent */
    bc_colour_map map;
} bc_scale;
bc_scale bc_scale_of_depth(bc_depth_range range);
/* Of bc_picture_error, and of bc_picture_values from 0 on. */
bc_scale bc_scale_of_share(float high);
/* The relative error, and the predicted one, that is brightest in all pictures: half. */
#define BC_ERROR_SHOWN 0.5f

/* All maps are (h,w). On failure *out is empty. A value that is not finite, and a depth of at most 1e-3 m (no
 * label, outside the crop), is black. */
bc_status bc_picture_depth(bc_error *err, const float *metres, int height, int width, bc_depth_range range,
                           bc_picture *out);
/* Relative error |d-y|/y: black is 0, brightest is `highest` and above; grey without label or prediction. */
bc_status bc_picture_error(bc_error *err, const float *depth, const float *label, int height, int width,
                           float highest, bc_picture *out);
/* Any map: black is `low` and below, brightest `high` and above. */
bc_status bc_picture_values(bc_error *err, const float *values, int height, int width, float low, float high,
                            bc_picture *out);
/* Spikes of all 128 frames added up: white is the largest count in the image. words (h,w,4). */
bc_status bc_picture_spikes(bc_error *err, const uint32_t *words, int height, int width, bc_picture *out);
bc_status bc_picture_copy(bc_error *err, const uint8_t *rgb, int height, int width, bc_picture *out);

/* Panels of any sizes beside each other, captions (NULL: none) above them, enlarged by a whole factor when they are tiny. With `scales`,
 * one for each panel, a bar beside it shows what its colours mean. */
bc_status bc_picture_row(bc_error *err, int count, const bc_picture *panels, const char *const *captions,
                         const bc_scale *scales, bc_picture *out);
/* By how much it enlarges panels of at most this size. */
int bc_picture_zoom(int height, int width);
/* Pictures below each other, white beside the narrow ones. */
bc_status bc_picture_stack(bc_error *err, int count, const bc_picture *rows, bc_picture *out);
/* Greys what lies outside the window w that the network learned from (bc_learnt_window): what it says there means nothing. */
void bc_picture_grey_outside(bc_picture *picture, bc_window w);
/* About an evaluated image: its RGB and spikes where there are any, prediction, ground truth, error, uncertainty; of these four, what
 * lies outside the learnt window is grey. Two a row, at most 1600 pixels wide; labels that are few are drawn
 * larger than they are. */
bc_status bc_picture_evaluated(bc_error *err, const bc_evaluated *image, float dmax, bc_window learnt,
                               bc_picture *out);

/* The same as a bc_draw of training jobs. */
bc_status bc_picture_draw(bc_error *err, const bc_evaluated *image, float dmax, bc_window learnt, int *width,
                          int *height, uint8_t **rgb);

#endif
