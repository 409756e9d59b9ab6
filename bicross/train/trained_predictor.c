#include "bicross/train/trained_predictor.h"

bc_status bc_trained_predictor_open(bc_host *host, const bc_trained *trained, bool uncertainty,
                                    bc_predictor *out) {
    const bc_config *c = &trained->config;
    bc_predictor_options options = {.rgb = trained->rgb,
                                    .input_height = c->input_height,
                                    .input_width = c->input_width,
                                    .dmax = c->dmax,
                                    .outside = 0,
                                    .uncertainty = uncertainty && !trained->no_uncertainty};
    return bc_predictor_open(host, trained->params, &trained->model, &options, out);
}
