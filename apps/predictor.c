/* A prediction, and the files that come out. */
#include "apps/predictor.h"

#include "apps/common/app.h"
#include "apps/weights.h"
#include "bicross/data/labels.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/report/picture.h"
#include "host/base/path.h"

#include <math.h>

bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights, bool whole_image,
                             const app_outputs *outputs, app_predictor *out) {
    *out = (app_predictor){.err = bc_host_error(host)};
    BC_TRY(bc_trained_open(host, config, weights, &out->network));
    const bc_trained *n = &out->network;
    if (outputs->uncertainty && n->no_uncertainty) {
        bc_trained_close(&out->network);
        return bc_fail(out->err, BC_E_ARGUMENT,
                       "%s has no uncertainty head (uncertaity_head.*): leave out --uncertainty", weights);
    }
    if (!whole_image) {
        out->crop_height = n->info.crop_height;
        out->crop_width = n->info.crop_width;
    }
    bc_predictor_options options = {.rgb = n->rgb,
                                    .input_height = n->config.input_height,
                                    .input_width = n->config.input_width,
                                    .dmax = n->config.dmax,
                                    .outside = 0, /* "no value" in every format */
                                    .uncertainty = outputs->uncertainty != NULL};
    bc_status status = bc_predictor_open(host, n->params, &n->model, &options, &out->maps);
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

/* "out.png" with number 3 becomes "out-0003.png". */
static bc_status numbered(bc_error *err, const char *path, int number, char out[APP_PATH]) {
    const char *ending = bc_path_ending(path);
    int length = number < 0
                     ? snprintf(out, APP_PATH, "%s", path)
                     : snprintf(out, APP_PATH, "%.*s-%04d%s", (int)(ending - path), path, number, ending);
    return length < APP_PATH ? BC_OK
                             : bc_fail(err, BC_E_ARGUMENT, "the file name %.100s... is too long", path);
}

static bc_status write_color(app_predictor *p, const char *path) {
    bc_picture picture;
    const bc_config *c = &p->network.config;
    BC_TRY(bc_picture_depth(p->err, p->maps.depth, p->maps.height, p->maps.width, bc_depth_range_for(c->dmax),
                            &picture));
    bc_picture_grey_outside(&picture, bc_learnt_window(p->maps.height, p->maps.width, p->maps.crop.height,
                                                       p->maps.crop.width, c->whole_image));
    bc_status status = bc_png_write_rgb(p->err, path, picture.width, picture.height, picture.rgb);
    bc_picture_release(&picture);
    return status;
}

bc_status app_write_outputs(app_predictor *p, const app_outputs *outputs, int number) {
    size_t pixels = (size_t)p->maps.height * (size_t)p->maps.width;
    double low = INFINITY, high = 0, sum = 0, seen = (double)p->maps.crop.height * p->maps.crop.width;
    for (size_t i = 0; i < pixels; i++) {
        low = p->maps.depth[i] > 0 ? fmin(low, p->maps.depth[i]) : low;
        high = fmax(high, p->maps.depth[i]);
        sum += p->maps.depth[i];
    }
    printf("depth %.2f to %.2f m, mean %.2f m\n", low, high, sum / seen);
    char path[APP_PATH];
    if (outputs->depth) {
        BC_TRY(numbered(p->err, outputs->depth, number, path));
        BC_TRY(bc_depth_write(p->err, path, app_depth_scale(&p->network.config), p->maps.width,
                              p->maps.height, p->maps.depth));
    }
    if (outputs->uncertainty) {
        BC_TRY(numbered(p->err, outputs->uncertainty, number, path));
        BC_TRY(bc_depth_write(p->err, path, BC_UNITS_UNCERTAINTY, p->maps.width, p->maps.height,
                              p->maps.uncertainty));
    }
    if (outputs->color) {
        BC_TRY(numbered(p->err, outputs->color, number, path));
        BC_TRY(write_color(p, path));
    }
    return BC_OK;
}
