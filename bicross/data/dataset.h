/* Data sets: samples of aligned RGB, spikes and depth, from a folder or from the built-in world. */
#ifndef BC_BICROSS_DATA_DATASET_H
#define BC_BICROSS_DATA_DATASET_H

#include "bicross/data/spike_device.h"

typedef struct bc_sample {
    char name[128];
    int height, width; /* of all three */
    uint8_t *rgb;      /* (h,w,3), or NULL */
    float *depth;      /* (h,w) metres, 0 = no label, or NULL */
    uint32_t *spikes;  /* (h,w,4): 128 frames, or NULL */
    uint8_t *objects;  /* (h,w) 1: on something that stands on the ground, or NULL: not known */
} bc_sample;
void bc_sample_release(bc_sample *sample);
/* A copy with memory of its own. On failure *to is empty. */
bc_status bc_sample_copy(bc_error *err, const bc_sample *from, bc_sample *to);
/* Its spikes as a stream, which stay the sample's. */
bc_spike_stream bc_sample_stream(const bc_sample *sample);

/* The part that the network sees: bottom centre (method.md 4.3). All zero: the whole image. */
typedef struct bc_crop {
    int top, left, height, width;
} bc_crop;
/* Bottom-centre crop of the wanted size (0 x 0: everything). BC_E_ARGUMENT when the image is smaller. */
bc_status bc_crop_bottom_centre(bc_error *err, int height, int width, int crop_height, int crop_width,
                                bc_crop *out);

/* Bytes of samples that a data set keeps unless it says otherwise; a sample of 375 x 1242 pixels has 10.7 MB. */
#define BC_DATASET_BUDGET ((size_t)512 << 20)

enum { BC_DATASET_NOTE = 96 };
typedef struct bc_dataset bc_dataset;
struct bc_dataset {
    char name[128];
    int count;
    bool has_rgb, has_depth, has_spikes;
    char spikes_note[BC_DATASET_NOTE]; /* for people: what is special about the spikes, or "" */
    int height, width;                 /* of the first sample */
    int crop_height, crop_width;       /* wanted crop; 0: none */
    float depth_scale;                 /* units a metre in its depth files; 0: there are none */
    /* Loads sample `index` into memory that the sample owns. */
    bc_status (*load)(bc_dataset *dataset, bc_error *err, int index, bc_sample *out);
    /* Frees what `load` needs and the data set itself; bc_dataset_release has freed the cache before. */
    void (*release)(bc_dataset *dataset);
    size_t budget; /* bytes of samples to keep; 0: BC_DATASET_BUDGET */
    /* Of bc_dataset_get: */
    bc_sample *cache; /* count entries, empty (height 0) or loaded; NULL: none loaded yet */
    uint64_t *used;   /* count entries: when each was asked for, by `clock` */
    uint64_t clock;
    size_t bytes; /* of all samples in the cache */
};
/* A sample, loaded unless it is kept. It is valid until another sample of this data set is asked for: loading one evicts
 * the least recently used (LRU) while all together exceed the budget. What must live longer is copied (bc_sample_copy). */
bc_status bc_dataset_get(bc_dataset *dataset, bc_error *err, int index, const bc_sample **out);
/* For people: "250 samples of 400 x 250 (width x height), rgb, spikes (rate 0.1203), depth (61 % labelled)"; rate and labels are those
 * of the first sample, which is loaded unless it is kept. */
enum { BC_DATASET_TEXT = 256 };
bc_status bc_dataset_describe(bc_dataset *dataset, bc_error *err, char text[BC_DATASET_TEXT]);
void bc_dataset_release(bc_dataset *dataset);

#endif
