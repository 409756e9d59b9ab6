/* Pictures of some samples of a test set, for the report: written while the set is evaluated. */
#ifndef BC_BICROSS_REPORT_SCORED_PICTURES_H
#define BC_BICROSS_REPORT_SCORED_PICTURES_H

#include "bicross/config/config.h"
#include "bicross/train/evaluate.h"

enum { BC_SCORED_PICTURES = 6 };

typedef struct bc_scored_pictures {
    bc_error *err;
    const char *folder; /* of the run: they go to folder/pictures/test-N.png */
    const bc_config *config;
    const bc_dataset *test;
    int taken;
} bc_scored_pictures;

/* Removes the pictures of an earlier evaluation from a run folder. */
bc_status bc_scored_pictures_remove(bc_error *err, const char *folder);
/* The same, and makes the folder. */
bc_status bc_scored_pictures_begin(bc_scored_pictures *pictures);
/* bc_evaluate_options.each: writes the picture of one in so many images that there are BC_SCORED_PICTURES of them. */
bc_status bc_scored_pictures_add(void *user, const bc_evaluated *image);

#endif
