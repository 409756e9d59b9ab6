/* The files of samples: what a way of laying out a data set finds, and what the data set is loaded from. */
#ifndef BC_BICROSS_DATA_SAMPLE_FILES_H
#define BC_BICROSS_DATA_SAMPLE_FILES_H

#include "host/base/status.h"

typedef struct bc_sample_files {
    char *name;                 /* in messages and of outputs: shorter than a sample's */
    char *rgb, *depth, *spikes; /* paths, or NULL */
    int first;                  /* of the 128 frames of `spikes` */
    char *before, *after; /* pictures beside rgb in its sequence, to simulate from; NULL: rgb stands for it */
    int place;            /* which simulated noise it gets */
} bc_sample_files;

typedef struct bc_sample_list {
    bc_sample_files *files; /* with all texts in them, owned */
    int count, capacity;
} bc_sample_list;

/* Adds copies of the texts of `files`. */
bc_status bc_sample_list_add(bc_error *err, bc_sample_list *list, const bc_sample_files *files);
/* Keeps `count` samples from `first` on. */
void bc_sample_list_cut(bc_sample_list *list, int first, int count);
void bc_sample_list_release(bc_sample_list *list);

#endif
