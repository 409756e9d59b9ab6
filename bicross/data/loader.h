/* From samples to a network's inputs, on the device: crop, resize (nearest for spikes, bilinear for RGB), normalisation, and
 * augmentation. Kernels in cl_kernels/loader.cl. */
#ifndef BC_BICROSS_DATA_LOADER_H
#define BC_BICROSS_DATA_LOADER_H

#include "bicross/data/sensor.h"
#include "net/graph/graph.h"

/* Strengths; zero switches a part off. Everything is drawn from (seed, draw). A flip mirrors RGB, spikes and label together. */
typedef struct bc_augment {
    bool flip;   /* horizontal, probability 1/2 */
    bool mirror; /* and once more, always */
    float gain;  /* spikes: an image's light times a factor drawn from [1/(1+gain), 1+gain] */
    float
        contrast; /* spikes: its contrast about middle grey (a spike every other frame) times [1-contrast, 1+contrast] */
    float colour; /* RGB: gain, contrast, saturation, hue shifts and noise of about this relative size */
    float thin;   /* spikes: an image loses a share drawn from [0, thin] times a smooth field in [0, 1.5] */
    float dark;   /* spikes: up to this share of pixels-frames fires in addition */
    float fixed_pattern; /* spikes: standard deviation of per-pixel thinning (a sensor's fixed pattern) */
    bool
        sensor; /* spikes: the loader's sensor, and the light of one of its images, mixed with the sample's own by a share in [0,1] */
    bool strong; /* spikes: after all else, the strong view (strong_view.h) */
    uint32_t seed;
} bc_augment;

/* Where a batch goes; any may be NULL. rgb (n,h,w,3) normalised to [-1,1] (but see bc_loader_use_unit_rgb); spikes (n,h,w,4)
 * packed words; label (n,H,W,1) metres at crop resolution. */
typedef struct bc_batch {
    bc_value *rgb, *spikes, *label;
} bc_batch;

typedef struct bc_loader bc_loader;
bc_status bc_loader_create(bc_host *host, bc_loader **out);
void bc_loader_release(bc_loader *loader);
/* RGB in [0,1] from now on, as the released code feeds Respike's, or normalised as at first. */
void bc_loader_use_unit_rgb(bc_loader *loader, bool unit);
/* What the augmentation `sensor` puts onto spikes, for networks with inputs of height x width. The sensor must outlive the loader. */
bc_status bc_loader_use_sensor(bc_loader *loader, const bc_sensor *sensor, int height, int width);
/* Fills row `row` of every value of the batch with one sample, of which the network sees the bottom-centre crop (0 x 0: all).
 * `augment` may be NULL. `draw` numbers the augmentation. A sample without what is asked for, or whose label does not have the
 * value's size after the crop, is an error that names it. */
bc_status bc_loader_put(bc_loader *loader, const bc_sample *sample, int crop_height, int crop_width, int row,
                        const bc_batch *batch, const bc_augment *augment, uint64_t draw);
/* Likewise rows first_row.. of every value of the batch with samples indices[0..count-1] of a data set and its crop; sample k uses
 * draw + k. */
bc_status bc_loader_fill(bc_loader *loader, bc_dataset *dataset, const int *indices, int count, int first_row,
                         const bc_batch *batch, const bc_augment *augment, uint64_t draw);

#endif
