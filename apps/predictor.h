/* A network that predicts one sample after the other. */
#ifndef BC_APPS_PREDICTOR_H
#define BC_APPS_PREDICTOR_H

#include "bicross/train/trained_predictor.h"

/* Stays where it is while it is open: the predictor has its network's address. */
typedef struct app_predictor {
    bc_error *err;
    bc_trained network;          /* and what is known of it: network.config */
    int crop_height, crop_width; /* that it was trained on; 0: the whole image is wanted */
    bc_predictor maps;           /* of the last sample; depth is 0 outside the crop */
} app_predictor;

typedef enum app_uncertainty { APP_NO_UNCERTAINTY, APP_UNCERTAINTY_IF_ANY, APP_UNCERTAINTY } app_uncertainty;
/* BC_E_ARGUMENT where the uncertainty is wanted and the weights have none. */
bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights, bool whole_image,
                             app_uncertainty uncertainty, app_predictor *out);
void app_predictor_close(app_predictor *predictor);
/* Puts a sample into the network that `maps` runs and reads: the next one can be put while one is computed (bc_predictor_load).
 * BC_E_ARGUMENT when the sample is smaller than the crop. */
bc_status app_predictor_put(app_predictor *predictor, const bc_sample *sample);
/* Puts, runs and reads. BC_E_NUMERIC when depth or uncertainty is not finite. */
bc_status app_predictor_run(app_predictor *predictor, const bc_sample *sample);

#endif
