/* What `predict` makes of depth maps: files, colours, frames for another program, a sheet. */
#ifndef BC_APPS_OUTPUTS_H
#define BC_APPS_OUTPUTS_H

#include "apps/cloud.h"
#include "apps/common/options.h"
#include "apps/predictor.h"
#include "apps/sheet.h"
#include "bicross/report/picture.h"

#include <stdio.h>

typedef struct app_output_options {
    const char *depth, *uncertainty,
        *color;                 /* files, or NULL; several inputs' and windows' have names of their own */
    const char *sheet;          /* likewise: one for all */
    const char *cloud;          /* points in space; likewise a file for each */
    const char *focal, *centre; /* of the camera, for them; or NULL */
    const char *raw;            /* rgb24, float32: frames to standard output; or NULL */
    const char *map;            /* a word of bc_colour_map_words */
    const char *range;          /* NEAR:FAR, metres; or NULL: as the first depth map has them */
    bool no_bar;                /* colours without their scale */
    app_volume volume;
} app_output_options;
#define APP_OUTPUT_DEFAULTS                                                                                  \
    { .map = "viridis" }

typedef struct app_outputs {
    const app_output_options *options;
    bc_depth_range range;  /* of colours; near 0: the first map decides */
    app_camera camera;     /* of --cloud */
    app_predictor *before; /* other weights, to be shown beside these in the sheet; or NULL */
    FILE *frames;          /* of --raw */
    app_sheet sheet;
} app_outputs;

/* BC_E_ARGUMENT for what cannot be written, before anything is computed. With --raw, standard output is kept for frames and what is
 * printed goes to standard error from now on. */
bc_status app_outputs_open(bc_error *err, const app_output_options *options, const bc_config *config,
                           app_outputs *out);
/* Prints the range of the predictor's last maps and writes what is asked for. `name` (NULL: the only input) and `number` (below 0: the
 * only window) go into files' names; the sample is what the maps are of. */
bc_status app_outputs_write(app_outputs *outputs, app_predictor *predictor, const bc_sample *sample,
                            const char *name, long number);
/* Writes what is made of all maps together. */
bc_status app_outputs_finish(app_outputs *outputs, bc_error *err);
void app_outputs_close(app_outputs *outputs);

#endif
