/* Inference, one sample after the other. */
#include "bicross/train/predictor.h"

#include "bicross/losses/losses.h"
#include "bicross/train/paste.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

bc_status bc_predictor_open(bc_host *host, bc_params *params, const bc_model *model,
                            const bc_predictor_options *options, bc_predictor *out) {
    *out = (bc_predictor){.host = host, .params = params, .model = model, .options = *options};
    BC_TRY(bc_loader_create(host, &out->loader));
    bc_loader_use_unit_rgb(out->loader, model->unit_rgb);
    return BC_OK;
}

static void drop_graph(bc_predictor *p) {
    bc_plan_release(p->plan);
    bc_graph_release(p->graph);
    free(p->depth);
    free(p->uncertainty);
    p->plan = NULL;
    p->graph = NULL;
    p->depth = p->uncertainty = NULL;
}

void bc_predictor_close(bc_predictor *p) {
    drop_graph(p);
    bc_loader_release(p->loader);
}

/* A network's output at the crop's size, in its place. */
static bc_value *whole_map(bc_predictor *p, bc_value *map, const bc_pasting *how) {
    const bc_crop *crop = &p->crop;
    bool same = map && map->shape.h == crop->height && map->shape.w == crop->width;
    if (!same)
        map = bc_resize(p->graph, map, crop->height, crop->width, BC_RESIZE_BICUBIC);
    return bc_graph_keep(p->graph, bc_paste(p->graph, map, p->height, p->width, how));
}

static bc_status describe(bc_predictor *p) {
    const bc_predictor_options *o = &p->options;
    bc_shape shape = {1, o->input_height, o->input_width, o->rgb ? 3 : BC_SPIKE_WORDS};
    bc_value *input = bc_graph_input(p->graph, "network input", shape);
    bc_network network = {0};
    p->batch = (bc_batch){.rgb = o->rgb ? input : NULL, .spikes = o->rgb ? NULL : input};
    BC_TRY(bc_network_build(p->graph, p->params, p->model, input, false, &network));
    bc_pasting to_depth = {p->crop, o->outside, BC_NEAREST, o->dmax},
               to_uncertainty = {p->crop, 0, -FLT_MAX, FLT_MAX};
    p->depth_value = whole_map(p, network.depth, &to_depth);
    p->uncertainty_value = o->uncertainty ? whole_map(p, network.uncertainty, &to_uncertainty) : NULL;
    BC_TRY(bc_graph_status(p->graph));
    return o->extend ? o->extend(o->user, p->graph, p->depth_value, p->uncertainty_value) : BC_OK;
}

static bc_status prepare(bc_predictor *p, const bc_sample *sample, const bc_crop *crop) {
    if (p->plan && p->height == sample->height && p->width == sample->width &&
        p->crop.height == crop->height && p->crop.width == crop->width)
        return BC_OK;
    drop_graph(p);
    p->height = sample->height;
    p->width = sample->width;
    p->crop = *crop;
    BC_TRY(bc_graph_create(p->host, &p->graph));
    BC_TRY(describe(p));
    return bc_plan_create(p->graph, p->options.training ? BC_INFER : BC_INFER_FIXED, &p->plan);
}

bc_status bc_predictor_load(bc_predictor *p, const bc_sample *sample, int crop_height, int crop_width) {
    bc_crop crop;
    BC_TRY(bc_crop_bottom_centre(bc_host_error(p->host), sample->height, sample->width, crop_height,
                                 crop_width, &crop));
    BC_TRY(prepare(p, sample, &crop));
    return bc_loader_put(p->loader, sample, crop_height, crop_width, 0, &p->batch, NULL, 0);
}

bc_status bc_predictor_run(bc_predictor *p) {
    return bc_plan_forward(p->plan);
}

static bc_status read_map(bc_predictor *p, const bc_value *value, const char *name, float **map) {
    size_t pixels = (size_t)p->height * (size_t)p->width;
    if (!*map && !(*map = malloc(pixels * sizeof **map)))
        return bc_fail(bc_host_error(p->host), BC_E_MEMORY, "no memory for maps of %d x %d", p->width,
                       p->height);
    BC_TRY(bc_value_read(p->graph, value, *map));
    for (size_t i = 0; i < pixels; i++)
        if (!isfinite((*map)[i]))
            return bc_fail(bc_host_error(p->host), BC_E_NUMERIC,
                           "the predicted %s is not finite: are these the weights of a trained %s?", name,
                           p->model->name);
    return BC_OK;
}

bc_status bc_predictor_read(bc_predictor *p) {
    BC_TRY(read_map(p, p->depth_value, "depth", &p->depth));
    return p->uncertainty_value ? read_map(p, p->uncertainty_value, "uncertainty", &p->uncertainty) : BC_OK;
}
