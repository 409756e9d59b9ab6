/* Data sets of files: samples whose RGB, spikes and depth lie in files of their own, wherever these are. */
#ifndef BC_BICROSS_DATA_FILE_SET_H
#define BC_BICROSS_DATA_FILE_SET_H

#include "bicross/data/dataset.h"
#include "bicross/data/sample_files.h"
#include "bicross/data/video.h"

typedef struct bc_file_set_options {
    bool labels;                 /* false: depth files are not looked for */
    float depth_scale;           /* PNG units a metre: 256 outdoors, 1000 indoors */
    int crop_height, crop_width; /* 0: none */
    bool simulate;               /* where no sample has spikes: make them from its pictures; wants a host */
    bc_filming filming;          /* how */
    const char *maps;            /* file of the camera's pixels (pixel_maps.h); NULL or "": none */
    uint32_t seed;
    int first, limit;       /* take samples first..first+limit-1; limit 0: all */
    bc_spike_format spikes; /* of the spike files */
    int stride;             /* of recordings: frames from one window to the next; 0: as many as one has */
    int threads;            /* that read ahead, where somebody says what will be wanted; 0: none */
} bc_file_set_options;

/* A data set called `name` in messages, of samples that have all the same kinds of files; the list is its own from now on, and released on
 * failure. The first sample is loaded, so that its size and what can be read are known. `note`: for people, about the spikes. */
bc_status bc_file_set_open(bc_host *host, bc_error *err, const char *name, bc_sample_list *samples,
                           const bc_file_set_options *options, const char *note, bc_dataset **out);

#endif
