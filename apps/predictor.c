/* Prediction of single samples. */
#include "apps/predictor.h"

#include "apps/app.h"
#include "bicross/image.h"
#include "bicross/path.h"
#include "bicross/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bc_status app_predictor_open(bc_host *host, const bc_config *config, const char *weights,
                             app_predictor *out) {
    *out = (app_predictor){.host = host, .err = bc_host_error(host), .config = *config};
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

/* A map of the network at the sample's size. */
static bc_value *at_size(app_predictor *p, bc_value *map) {
    if (map && (map->shape.h != p->height || map->shape.w != p->width))
        map = bc_resize(p->graph, map, p->height, p->width, BC_RESIZE_BICUBIC);
    return bc_graph_keep(p->graph, map);
}

static bc_status make_graph(app_predictor *p, int height, int width) {
    drop_graph(p);
    p->height = height;
    p->width = width;
    size_t pixels = (size_t)height * (size_t)width;
    p->depth = malloc(pixels * sizeof(float));
    p->uncertainty = malloc(pixels * sizeof(float));
    if (!p->depth || !p->uncertainty)
        return bc_fail(p->err, BC_E_MEMORY, "no memory for maps of %d x %d", width, height);
    BC_TRY(bc_graph_create(p->host, &p->graph));
    bool rgb = p->network.rgb;
    bc_shape shape = {1, p->config.input_height, p->config.input_width, rgb ? 3 : BC_SPIKE_WORDS};
    bc_value *input = bc_graph_input(p->graph, "network input", shape);
    p->batch = (bc_batch){.rgb = rgb ? input : NULL, .spikes = rgb ? NULL : input};
    bc_network network;
    BC_TRY(bc_network_build(p->graph, p->network.params, &p->network.model, input, false, &network));
    p->depth_value = at_size(p, network.depth);
    p->uncertainty_value = at_size(p, network.uncertainty);
    return bc_plan_create(p->graph, BC_INFER, &p->plan);
}

static bc_status read_maps(app_predictor *p) {
    BC_TRY(bc_value_read(p->graph, p->depth_value, p->depth));
    BC_TRY(bc_value_read(p->graph, p->uncertainty_value, p->uncertainty));
    size_t pixels = (size_t)p->height * (size_t)p->width;
    for (size_t i = 0; i < pixels; i++) {
        if (!isfinite(p->depth[i]))
            return bc_fail(p->err, BC_E_NUMERIC,
                           "the predicted depth is not finite: are these the weights of a trained %s?",
                           p->network.model.name);
        p->depth[i] = fminf(fmaxf(p->depth[i], 1e-3f), p->config.dmax);
    }
    return BC_OK;
}

bc_status app_predictor_run(app_predictor *p, const bc_sample *sample) {
    if (!p->plan || sample->height != p->height || sample->width != p->width)
        BC_TRY(make_graph(p, sample->height, sample->width));
    BC_TRY(bc_loader_put(p->loader, sample, 0, 0, 0, &p->batch, NULL, 0));
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
    BC_TRY(bc_picture_depth(p->err, p->depth, p->height, p->width, bc_depth_range_for(p->config.dmax),
                            &picture));
    bc_status status = bc_png_write_rgb(p->err, path, picture.width, picture.height, picture.rgb);
    bc_picture_release(&picture);
    return status;
}

bc_status app_write_outputs(app_predictor *p, const app_outputs *outputs, int number) {
    size_t pixels = (size_t)p->height * (size_t)p->width;
    double low = INFINITY, high = 0, sum = 0;
    for (size_t i = 0; i < pixels; i++) {
        low = fmin(low, p->depth[i]);
        high = fmax(high, p->depth[i]);
        sum += p->depth[i];
    }
    printf("depth %.2f to %.2f m, mean %.2f m\n", low, high, sum / (double)pixels);
    char path[APP_PATH];
    if (outputs->depth) {
        float scale = strcmp(p->config.scene, "indoor") == 0 ? 1000 : 256;
        BC_TRY(numbered(p->err, outputs->depth, number, path));
        BC_TRY(bc_depth_write(p->err, path, scale, p->width, p->height, p->depth));
    }
    if (outputs->uncertainty) {
        BC_TRY(numbered(p->err, outputs->uncertainty, number, path));
        BC_TRY(bc_depth_write(p->err, path, 1000, p->width, p->height, p->uncertainty));
    }
    if (outputs->color) {
        BC_TRY(numbered(p->err, outputs->color, number, path));
        BC_TRY(write_color(p, path));
    }
    return BC_OK;
}
