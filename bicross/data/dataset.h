/* Data sets: samples of aligned RGB, spikes and depth, from a folder or from the built-in world. */
#ifndef BC_BICROSS_DATA_DATASET_H
#define BC_BICROSS_DATA_DATASET_H

#include "bicross/data/prefetch.h"
#include "bicross/data/spike_device.h"

/* The part that the network sees: bottom centre (method.md 4.3). All zero: the whole image. */
typedef struct bc_crop {
    int top, left, height, width;
} bc_crop;
/* Bottom-centre crop of the wanted size (0 x 0: everything). BC_E_ARGUMENT when the image is smaller. */
bc_status bc_crop_bottom_centre(bc_error *err, int height, int width, int crop_height, int crop_width,
                                bc_crop *out);

/* Bytes of samples that a data set keeps unless it says otherwise; a sample of 375 x 1242 pixels has 10.7 MB. */
#define BC_DATASET_BUDGET ((size_t)512 << 20)

/* In which order samples will be asked for: `next` is one after the other, on the thread that asks; a number that is no sample's ends
 * it. */
typedef struct bc_read_plan {
    int (*next)(void *user);
    void *user;
} bc_read_plan;
/* Every `step`-th sample from `at` on, which moves along. */
typedef struct bc_read_steps {
    int at, step;
} bc_read_steps;
bc_read_plan bc_read_in_steps(bc_read_steps *steps);

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
    /* A sample is made in two steps, each of which may be NULL, into memory that the sample owns.
     * From files: called by any thread, by several at once, and so without a device, and without a change of the data set. */
    bc_status (*read)(const bc_dataset *dataset, bc_error *err, int index, bc_sample *out);
    /* The rest, on the thread that asks for the sample. */
    bc_status (*load)(bc_dataset *dataset, bc_error *err, int index, bc_sample *out);
    /* Frees what both need and the data set itself; bc_dataset_release has freed the samples before. */
    void (*release)(bc_dataset *dataset);
    size_t budget; /* bytes of samples to keep; 0: BC_DATASET_BUDGET */
    int threads;   /* that read ahead; 0: none */
    /* Of bc_dataset_get, and the thread that calls it: */
    bc_sample *cache; /* count entries, empty (height 0) or loaded; NULL: none loaded yet */
    uint64_t *used;   /* count entries: when each was asked for, by `clock` */
    int *kept;        /* those that are loaded, */
    int kept_count;   /* so many, in no order */
    uint64_t clock;
    size_t bytes; /* of all samples in the cache */
    bc_read_plan plan;
    bc_prefetch *ahead; /* what is read ahead by the plan; NULL: nothing is */
};
/* A sample, loaded unless it is kept. It is valid until another sample of this data set is asked for: loading one evicts
 * the least recently used (LRU) while all together exceed the budget. What must live longer is copied (bc_sample_copy). A data set is
 * asked by one thread. */
bc_status bc_dataset_get(bc_dataset *dataset, bc_error *err, int index, const bc_sample **out);
/* From now on its threads read, before they are asked for, the samples that the plan says (in place of an earlier one): within the bounds of
 * prefetch.h, besides those that are kept. Samples and failures are the same whether a plan is kept to or not. */
bc_status bc_dataset_read_ahead(bc_dataset *dataset, bc_error *err, bc_read_plan plan);
/* The plan, and what belongs to it, is not needed any more. */
void bc_dataset_end_plan(bc_dataset *dataset);
/* Frees all samples that are kept. */
void bc_dataset_forget(bc_dataset *dataset);
/* For people: "250 samples of 400 x 250 (width x height), rgb, spikes (rate 0.1203), depth (61 % labelled)"; rate and labels are those
 * of the first sample, which is loaded unless it is kept. */
enum { BC_DATASET_TEXT = 256 };
bc_status bc_dataset_describe(bc_dataset *dataset, bc_error *err, char text[BC_DATASET_TEXT]);
void bc_dataset_release(bc_dataset *dataset);

#endif
