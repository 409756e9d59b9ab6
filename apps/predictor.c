/* Prediction of single samples. */
#include "apps/predictor.h"

#include "apps/common/app.h"
#include "apps/weights.h"
#include "bicross/data/labels.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/report/picture.h"
#include "host/base/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights, bool whole_image,
                             app_predictor *out) {
    *out = (app_predictor){.host = host, .err = bc_host_error(host), .whole_image = whole_image};
    BC_TRY(bc_trained_open(host, config, weights, &out->network));
    bc_status status = bc_loader_create(host, &out->loader);
    if (status != BC_OK)
        app_predictor_close(out);
    return status;
}

static void drop_graph(app_predictor *p) {
    bc_plan_release(p->plan);
    bc_graph_release(p->graph);
    free(p->depth);
    free(p->uncertainty);
    p->plan = NULL;
    p->graph = NULL;
    p->depth = p->uncertainty = NULL;
}

void app_predictor_close(app_predictor *p) {
    drop_graph(p);
    bc_loader_release(p->loader);
    bc_trained_close(&p->network);
}

/* A map of the network at the crop's size. */
static bc_value *at_size(app_predictor *p, bc_value *map) {
    if (map && (map->shape.h != p->crop.height || map->shape.w != p->crop.width))
        map = bc_resize(p->graph, map, p->crop.height, p->crop.width, BC_RESIZE_BICUBIC);
    return bc_graph_keep(p->graph, map);
}

static bc_status choose_crop(app_predictor *p, int height, int width) {
    const bc_weights_info *info = &p->network.info;
    int crop_height = p->whole_image ? 0 : info->crop_height,
        crop_width = p->whole_image ? 0 : info->crop_width;
    p->height = height;
    p->width = width;
    if (bc_crop_bottom_centre(NULL, height, width, crop_height, crop_width, &p->crop) == BC_OK)
        return BC_OK;
    return bc_fail(
        p->err, BC_E_ARGUMENT,
        "the network learned from a bottom-centre crop of %d x %d pixels (width x height), but this has "
        "%d x %d: --whole-image predicts without the crop",
        crop_width, crop_height, width, height);
}

static bc_status make_graph(app_predictor *p, int height, int width) {
    drop_graph(p);
    BC_TRY(choose_crop(p, height, width));
    size_t pixels = (size_t)height * (size_t)width;
    p->depth = calloc(pixels, sizeof(float));
    p->uncertainty = calloc(pixels, sizeof(float));
    if (!p->depth || !p->uncertainty)
        return bc_fail(p->err, BC_E_MEMORY, "no memory for maps of %d x %d", width, height);
    BC_TRY(bc_graph_create(p->host, &p->graph));
    bool rgb = p->network.rgb;
    bc_shape shape = {1, p->network.config.input_height, p->network.config.input_width,
                      rgb ? 3 : BC_SPIKE_WORDS};
    bc_value *input = bc_graph_input(p->graph, "network input", shape);
    p->batch = (bc_batch){.rgb = rgb ? input : NULL, .spikes = rgb ? NULL : input};
    bc_network network;
    BC_TRY(bc_network_build(p->graph, p->network.params, &p->network.model, input, false, &network));
    p->depth_value = at_size(p, network.depth);
    p->uncertainty_value = at_size(p, network.uncertainty);
    return bc_plan_create(p->graph, BC_INFER, &p->plan);
}

/* Reads the crop's map to the start of the whole map, and moves its rows to their places, the last first. */
static bc_status read_map(app_predictor *p, const bc_value *value, const char *name, float *map) {
    const bc_crop *c = &p->crop;
    size_t pixels = (size_t)p->height * (size_t)p->width, width = (size_t)c->width;
    BC_TRY(bc_value_read(p->graph, value, map));
    for (size_t i = 0; i < (size_t)c->height * width; i++)
        if (!isfinite(map[i]))
            return bc_fail(p->err, BC_E_NUMERIC,
                           "the predicted %s is not finite: are these the weights of a trained %s?", name,
                           p->network.model.name);
    if (width * (size_t)c->height == pixels)
        return BC_OK;
    for (int y = c->height - 1; y >= 0; y--)
        memmove(map + (size_t)(c->top + y) * (size_t)p->width + (size_t)c->left, map + (size_t)y * width,
                width * sizeof *map);
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            if (y < c->top || x < c->left || x >= c->left + c->width)
                map[(size_t)y * (size_t)p->width + (size_t)x] = 0;
    return BC_OK;
}

static bc_status read_maps(app_predictor *p) {
    const bc_crop *c = &p->crop;
    BC_TRY(read_map(p, p->depth_value, "depth", p->depth));
    BC_TRY(read_map(p, p->uncertainty_value, "uncertainty", p->uncertainty));
    for (int y = c->top; y < c->top + c->height; y++)
        for (int x = c->left; x < c->left + c->width; x++) {
            float *depth = &p->depth[(size_t)y * (size_t)p->width + (size_t)x];
            *depth = fminf(fmaxf(*depth, 1e-3f), p->network.config.dmax);
        }
    return BC_OK;
}

bc_status app_predictor_run(app_predictor *p, const bc_sample *sample) {
    if (!p->plan || sample->height != p->height || sample->width != p->width)
        BC_TRY(make_graph(p, sample->height, sample->width));
    BC_TRY(bc_loader_put(p->loader, sample, p->crop.height, p->crop.width, 0, &p->batch, NULL, 0));
    BC_TRY(bc_plan_forward(p->plan));
    return read_maps(p);
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
    BC_TRY(bc_picture_depth(p->err, p->depth, p->height, p->width, bc_depth_range_for(c->dmax), &picture));
    bc_picture_grey_outside(
        &picture, bc_learnt_window(p->height, p->width, p->crop.height, p->crop.width, c->whole_image));
    bc_status status = bc_png_write_rgb(p->err, path, picture.width, picture.height, picture.rgb);
    bc_picture_release(&picture);
    return status;
}

bc_status app_write_outputs(app_predictor *p, const app_outputs *outputs, int number) {
    size_t pixels = (size_t)p->height * (size_t)p->width;
    double low = INFINITY, high = 0, sum = 0, seen = (double)p->crop.height * p->crop.width;
    for (size_t i = 0; i < pixels; i++) {
        low = p->depth[i] > 0 ? fmin(low, p->depth[i]) : low;
        high = fmax(high, p->depth[i]);
        sum += p->depth[i];
    }
    printf("depth %.2f to %.2f m, mean %.2f m\n", low, high, sum / seen);
    char path[APP_PATH];
    if (outputs->depth) {
        BC_TRY(numbered(p->err, outputs->depth, number, path));
        BC_TRY(
            bc_depth_write(p->err, path, app_depth_scale(&p->network.config), p->width, p->height, p->depth));
    }
    if (outputs->uncertainty) {
        BC_TRY(numbered(p->err, outputs->uncertainty, number, path));
        BC_TRY(bc_depth_write(p->err, path, BC_UNITS_UNCERTAINTY, p->width, p->height, p->uncertainty));
    }
    if (outputs->color) {
        BC_TRY(numbered(p->err, outputs->color, number, path));
        BC_TRY(write_color(p, path));
    }
    return BC_OK;
}
