#include "apps/predictor.h"

bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights, bool whole_image,
                             app_uncertainty uncertainty, app_predictor *out) {
    *out = (app_predictor){.err = bc_host_error(host)};
    BC_TRY(bc_trained_open(host, config, weights, &out->network));
    const bc_trained *n = &out->network;
    if (uncertainty == APP_UNCERTAINTY && n->no_uncertainty) {
        bc_trained_close(&out->network);
        return bc_fail(out->err, BC_E_ARGUMENT,
                       "%s has no uncertainty head (uncertaity_head.*): leave out --uncertainty", weights);
    }
    if (!whole_image) {
        out->crop_height = n->info.crop_height;
        out->crop_width = n->info.crop_width;
    }
    bc_status status = bc_trained_predictor_open(host, n, uncertainty != APP_NO_UNCERTAINTY, &out->maps);
    if (status != BC_OK)
        bc_trained_close(&out->network);
    return status;
}

void app_predictor_close(app_predictor *p) {
    bc_predictor_close(&p->maps);
    bc_trained_close(&p->network);
}

bc_status app_predictor_put(app_predictor *p, const bc_sample *sample) {
    bc_crop crop;
    if (bc_crop_bottom_centre(NULL, sample->height, sample->width, p->crop_height, p->crop_width, &crop) !=
        BC_OK)
        return bc_fail(
            p->err, BC_E_ARGUMENT,
            "the network learned from a bottom-centre crop of %d x %d pixels (width x height), but this has "
            "%d x %d: --whole-image predicts without the crop",
            p->crop_width, p->crop_height, sample->width, sample->height);
    return bc_predictor_load(&p->maps, sample, p->crop_height, p->crop_width);
}

bc_status app_predictor_run(app_predictor *p, const bc_sample *sample) {
    BC_TRY(app_predictor_put(p, sample));
    BC_TRY(bc_predictor_run(&p->maps));
    return bc_predictor_read(&p->maps);
}
