/* Which labels of a data set count. A pixel counts when its depth lies in (BC_NEAREST, dmax), in the crop of Garg et al. unless the
 * whole image is wanted (method.md 5). A data set of which none counts teaches nothing and scores nothing: that is an error. */
#ifndef BC_BICROSS_DATA_LABELS_H
#define BC_BICROSS_DATA_LABELS_H

#include "bicross/data/dataset.h"
#include "bicross/losses/losses.h"

/* The part of an image that a network learns from: of the bottom-centre crop (0 x 0: of the whole image) the crop of Garg et al., or all
 * of it when `whole_image`. What it says elsewhere means nothing. Empty when the crop is larger than the image. */
bc_window bc_learnt_window(int height, int width, int crop_height, int crop_width, bool whole_image);

typedef struct bc_label_range {
    float dmax;
    bool whole_image;
} bc_label_range;

/* Pixels that count in the part of the sample that the network sees. 0 for a sample without labels. */
long bc_labels_count(const bc_dataset *dataset, const bc_sample *sample, bc_label_range range);
/* Looks for a sample of which a pixel counts; ordinarily that is the first. BC_E_FORMAT names the data set, what was expected, and what
 * its depths are. */
bc_status bc_labels_check(bc_dataset *dataset, bc_error *err, bc_label_range range);
/* The failure of a data set that was found to have none. */
bc_status bc_labels_fail(bc_dataset *dataset, bc_error *err, bc_label_range range);

#endif
