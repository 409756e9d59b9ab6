/* What the files of the demo share. */
#ifndef BC_BICROSS_REPORT_DEMO_INTERNAL_H
#define BC_BICROSS_REPORT_DEMO_INTERNAL_H

#include "bicross/formats/image.h"
#include "bicross/report/demo.h"

/* Pictures of a few target test samples, evenly spread: input, each arm's prediction, label, error and
 * uncertainty, collected while the arms are scored. */
enum { BC_DEMO_PICTURES = 4 };

typedef struct bc_demo_pictures {
    bc_error *err;
    const bc_config *config;
    const char *folder;
    int arm; /* being scored */
    float *depth[BC_DEMO_PICTURES][BC_ARM_COUNT], *uncertainty[BC_DEMO_PICTURES][BC_ARM_COUNT];
    bc_sample samples[BC_DEMO_PICTURES]; /* copies; empty (height 0) until collected */
} bc_demo_pictures;

bc_status bc_demo_pictures_collect(void *user, const bc_evaluated *image); /* bc_evaluate_options.each */
#define BC_DEMO_PICTURES_FOLDER "pictures"
/* The file of sample i in the demo's folder. */
void bc_demo_picture_path(const char *folder, int i, char path[1200]);
/* Writes them, a file each. */
bc_status bc_demo_pictures_write(bc_demo_pictures *pictures);
void bc_demo_pictures_close(bc_demo_pictures *pictures);

/* folder/results.json and folder/table.txt. */
bc_status bc_demo_write_results(bc_host *host, const bc_config *config, const bc_demo_options *options,
                                const bc_demo_result *result);

#endif
