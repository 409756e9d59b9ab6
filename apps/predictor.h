/* A network that predicts one sample after the other, and the files that come out. */
#ifndef BC_APPS_PREDICTOR_H
#define BC_APPS_PREDICTOR_H

#include "bicross/train/predictor.h"
#include "bicross/train/weights.h"

/* Stays where it is while it is open: the predictor has its network's address. */
typedef struct app_predictor {
    bc_error *err;
    bc_trained network;          /* and what is known of it: network.config */
    int crop_height, crop_width; /* that it was trained on; 0: the whole image is wanted */
    bc_predictor maps;           /* of the last sample; depth is 0 outside the crop */
} app_predictor;

typedef struct app_outputs {
    const char *depth, *uncertainty, *color; /* files, or NULL */
} app_outputs;

/* The uncertainty is computed where `outputs` want it. */
bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights, bool whole_image,
                             const app_outputs *outputs, app_predictor *out);
void app_predictor_close(app_predictor *predictor);
/* Puts a sample into the network that `maps` runs and reads: the next one can be put while one is computed (bc_predictor_load).
 * BC_E_ARGUMENT when the sample is smaller than the crop. */
bc_status app_predictor_put(app_predictor *predictor, const bc_sample *sample);
/* Puts, runs and reads. BC_E_NUMERIC when depth or uncertainty is not finite. */
bc_status app_predictor_run(app_predictor *predictor, const bc_sample *sample);
/* Prints the range of the last prediction and writes what is asked for; `number` 0 and above goes into the
 * files' names. */
bc_status app_write_outputs(app_predictor *predictor, const app_outputs *outputs, int number);

#endif
