/* Evaluation: one graph an image size holds the network, the bicubic resize, the map of the label's size and
 * the sums that the metrics are made of; an image costs one upload, one run and one small read. */
#include "bicross/train/evaluate.h"

#include "bicross/data/labels.h"
#include "bicross/losses/common.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static const float nearest = 1e-3f; /* metres: predictions are clamped to it, labels below do not count */

/* --- paste: a map (1,h,w,1) at the crop's place in a map of the full size; values clamped, NaN where not
 * finite -- */

typedef struct paste_attributes {
    bc_crop crop;
    float fill, low, high;
} paste_attributes;

static bc_status paste_forward(bc_node *node, bc_tape *tape) {
    const paste_attributes *a = node->attributes;
    const bc_value *map = node->inputs[0], *full = node->outputs[0];
    double count = bc_element_count(full);
    bc_launch launch = {
        .source = "metrics.cl",
        .kernel = "paste",
        .defines = bc_loss_vector(node, (int)count),
        .items = {(size_t)full->shape.w, (size_t)full->shape.h},
        .flops = 2 * count,
        .bytes = 2 * count * sizeof(float),
        BC_ARGS(BC_BUFFER(full->data), BC_BUFFER(map->data), BC_INT(full->shape.h), BC_INT(full->shape.w),
                BC_INT(a->crop.top), BC_INT(a->crop.left), BC_INT(map->shape.h), BC_INT(map->shape.w),
                BC_FLOAT(a->fill), BC_FLOAT(a->low), BC_FLOAT(a->high)),
    };
    return bc_tape_launch(tape, &launch);
}

static const bc_op paste_op = {.name = "paste", .forward = paste_forward};

static bc_value *paste(bc_graph *g, bc_value *map, int height, int width,
                       const paste_attributes *attributes) {
    return bc_graph_node(g, &paste_op, (bc_shape){1, height, width, 1}, 1, &map, attributes,
                         sizeof *attributes);
}

/* --- metric sums: inputs depth, label, mask; output (1,1,1,SUMS) --- */

enum { PIXELS, ABSOLUTE, RELATIVE_SQUARE, SQUARE, SQUARE_LOG, CLOSE, NOT_FINITE = CLOSE + 3, SUMS };

static size_t sums_workspace(const bc_node *node, bool backward) {
    (void)node;
    return backward ? 0 : SUMS * BC_PARTIALS * sizeof(float);
}

static bc_status sums_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->inputs[0]);
    const char *vector = bc_loss_vector(node, n);
    bc_launch partials = {
        .source = "metrics.cl",
        .kernel = "metrics_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 30.0 * n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(n),
                BC_INT(BC_PARTIALS)),
    };
    bc_launch finish = {
        .source = "metrics.cl",
        .kernel = "metrics_finish",
        .defines = vector,
        .items = {SUMS},
        .flops = SUMS * BC_PARTIALS,
        .bytes = SUMS * BC_PARTIALS * sizeof(float),
        BC_ARGS(BC_BUFFER(node->outputs[0]->data), BC_BUFFER(node->workspace), BC_INT(SUMS),
                BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_launch(tape, &finish);
}

static const bc_op sums_op = {
    .name = "metric sums", .workspace_bytes = sums_workspace, .forward = sums_forward};

/* A label that is not finite is not valid either: comparisons with NaN fail, and infinity is beyond dmax. */
static bc_value *metric_sums(bc_graph *g, bc_value *depth, bc_value *label, float dmax, bool whole_image) {
    if (bc_graph_status(g) != BC_OK)
        return NULL;
    bc_window window = bc_garg_window(label->shape.h, label->shape.w);
    bc_value *inputs[] = {depth, label, bc_valid_mask(g, label, dmax, whole_image ? NULL : &window)};
    return bc_graph_keep(g, bc_graph_node(g, &sums_op, (bc_shape){1, 1, 1, SUMS}, 3, inputs, NULL, 0));
}

static bc_metrics metrics_from(const float sums[SUMS]) {
    double n = sums[PIXELS] > 0 ? sums[PIXELS] : NAN;
    return (bc_metrics){.pixels = (long)sums[PIXELS],
                        .images = sums[PIXELS] > 0,
                        .looked_at = 1,
                        .abs_rel = sums[ABSOLUTE] / n,
                        .sq_rel = sums[RELATIVE_SQUARE] / n,
                        .rmse = sqrt(sums[SQUARE] / n),
                        .rmse_log = sqrt(sums[SQUARE_LOG] / n),
                        .delta = {sums[CLOSE] / n, sums[CLOSE + 1] / n, sums[CLOSE + 2] / n}};
}

/* Reads the sums over one map. `map` and `what` name it when it holds NaN or infinity. */
static bc_status read_sums(bc_graph *g, const bc_value *sums, const char *map, const char *what,
                           float out[SUMS]) {
    BC_TRY(bc_value_read(g, sums, out));
    if (out[NOT_FINITE] > 0)
        return bc_fail(bc_host_error(bc_graph_host(g)), BC_E_NUMERIC,
                       "the predicted %s of %s is NaN or infinite at %.0f pixels", map, what,
                       (double)out[NOT_FINITE]);
    return BC_OK;
}

static bc_status read_metrics(bc_graph *g, const bc_value *sums, const char *what, bc_metrics *out) {
    float host[SUMS];
    BC_TRY(read_sums(g, sums, "depth", what, host));
    *out = metrics_from(host);
    return BC_OK;
}

/* --- one prediction on the host --- */

bc_status bc_metrics_of(bc_host *host, const float *depth, const float *label, int height, int width,
                        float dmax, bool whole_image, bc_metrics *out) {
    bc_graph *g = NULL;
    bc_plan *plan = NULL;
    bc_shape shape = {1, height, width, 1};
    paste_attributes clamping = {{0, 0, height, width}, nearest, nearest, dmax};
    BC_TRY(bc_graph_create(host, &g));
    bc_value *d = bc_graph_input(g, "depth", shape), *y = bc_graph_input(g, "label", shape);
    bc_value *sums = metric_sums(g, paste(g, d, height, width, &clamping), y, dmax, whole_image);
    bc_status status = bc_plan_create(g, BC_INFER, &plan);
    if (status == BC_OK)
        status = bc_value_write(g, d, depth);
    if (status == BC_OK)
        status = bc_value_write(g, y, label);
    if (status == BC_OK)
        status = bc_plan_forward(plan);
    if (status == BC_OK)
        status = read_metrics(g, sums, "this image", out);
    bc_plan_release(plan);
    bc_graph_release(g);
    return status;
}

/* --- a network over a data set --- */

typedef struct runner {
    bc_host *host;
    bc_params *params;
    const bc_model *model;
    bc_dataset *dataset;
    const bc_evaluate_options *options;
    bc_loader *loader;
    int height, width; /* of the label that the graph was made for; 0: no graph yet */
    bc_graph *graph;
    bc_plan *plan;
    bc_value *input, *label, *depth, *uncertainty, *sums, *uncertainty_sums;
    float *maps; /* host copies of depth and uncertainty, for options->each */
} runner;

static void drop_graph(runner *r) {
    bc_plan_release(r->plan);
    bc_graph_release(r->graph);
    free(r->maps);
    r->plan = NULL;
    r->graph = NULL;
    r->maps = NULL;
    r->height = r->width = 0;
}

/* A network output at the crop's size, in its place. */
static bc_value *full_map(runner *r, bc_value *map, const paste_attributes *attributes) {
    const bc_crop *crop = &attributes->crop;
    bool same = map && map->shape.h == crop->height && map->shape.w == crop->width;
    if (!same)
        map = bc_resize(r->graph, map, crop->height, crop->width, BC_RESIZE_BICUBIC);
    return bc_graph_keep(r->graph, paste(r->graph, map, r->height, r->width, attributes));
}

static bc_status describe(runner *r, const bc_crop *crop) {
    const bc_evaluate_options *o = r->options;
    bc_graph *g = r->graph;
    bc_network network = {0};
    int channels = o->rgb ? 3 : BC_SPIKE_WORDS;
    r->input = bc_graph_input(g, "network input", (bc_shape){1, o->input_height, o->input_width, channels});
    r->label = bc_graph_input(g, "label", (bc_shape){1, r->height, r->width, 1});
    BC_TRY(bc_network_build(g, r->params, r->model, r->input, false, &network));
    paste_attributes to_depth = {*crop, nearest, nearest, o->dmax},
                     to_uncertainty = {*crop, 0, -FLT_MAX, FLT_MAX};
    r->depth = full_map(r, network.depth, &to_depth);
    r->uncertainty = full_map(r, network.uncertainty, &to_uncertainty);
    r->sums = metric_sums(g, r->depth, r->label, o->dmax, o->whole_image);
    /* Only whether it is finite: as a depth it means nothing. */
    r->uncertainty_sums = metric_sums(g, r->uncertainty, r->label, o->dmax, o->whole_image);
    return bc_graph_status(g);
}

/* Makes the graph for images of this size, unless it is there. */
static bc_status prepare(runner *r, int height, int width) {
    if (r->height == height && r->width == width)
        return BC_OK;
    bc_error *err = bc_host_error(r->host);
    bc_crop crop;
    drop_graph(r);
    BC_TRY(bc_crop_bottom_centre(err, height, width, r->dataset->crop_height, r->dataset->crop_width, &crop));
    BC_TRY(bc_graph_create(r->host, &r->graph));
    r->height = height;
    r->width = width;
    BC_TRY(describe(r, &crop));
    BC_TRY(bc_plan_create(r->graph, BC_INFER, &r->plan));
    size_t pixels = (size_t)height * (size_t)width;
    if (r->options->each && !(r->maps = malloc(2 * pixels * sizeof(float))))
        return bc_fail(err, BC_E_MEMORY, "no memory for predicted maps of %d x %d pixels", height, width);
    return BC_OK;
}

static bc_status report(runner *r, const bc_sample *sample, int index, const bc_metrics *metrics) {
    float *uncertainty = r->maps + (size_t)r->height * (size_t)r->width;
    BC_TRY(bc_value_read(r->graph, r->depth, r->maps));
    BC_TRY(bc_value_read(r->graph, r->uncertainty, uncertainty));
    bc_evaluated image = {sample, index, r->maps, uncertainty, *metrics};
    return r->options->each(r->options->user, &image);
}

static bc_status evaluate_image(runner *r, int index, bc_metrics *metrics) {
    const bc_sample *sample;
    BC_TRY(bc_dataset_get(r->dataset, bc_host_error(r->host), index, &sample));
    if (!sample->depth)
        return bc_fail(bc_host_error(r->host), BC_E_ARGUMENT,
                       "sample %s of %s has no depth label to be scored against", sample->name,
                       r->dataset->name);
    BC_TRY(prepare(r, sample->height, sample->width));
    bc_batch batch = {.rgb = r->options->rgb ? r->input : NULL, .spikes = r->options->rgb ? NULL : r->input};
    BC_TRY(bc_loader_put(r->loader, sample, r->dataset->crop_height, r->dataset->crop_width, 0, &batch, NULL,
                         0));
    BC_TRY(bc_value_write(r->graph, r->label, sample->depth));
    BC_TRY(bc_plan_forward(r->plan));
    float ignored[SUMS];
    BC_TRY(read_metrics(r->graph, r->sums, sample->name, metrics));
    BC_TRY(read_sums(r->graph, r->uncertainty_sums, "uncertainty", sample->name, ignored));
    return r->options->each ? report(r, sample, index, metrics) : BC_OK;
}

/* Adds one image's metrics, if it has any; they are divided by the number of images at the end. */
static void add_metrics(bc_metrics *sum, const bc_metrics *image) {
    sum->looked_at += image->looked_at;
    if (!image->images)
        return;
    sum->abs_rel += image->abs_rel;
    sum->sq_rel += image->sq_rel;
    sum->rmse += image->rmse;
    sum->rmse_log += image->rmse_log;
    for (int k = 0; k < 3; k++)
        sum->delta[k] += image->delta[k];
    sum->images += image->images;
    sum->pixels += image->pixels;
}

static void divide_metrics(bc_metrics *sum) {
    double images = sum->images;
    sum->abs_rel /= images;
    sum->sq_rel /= images;
    sum->rmse /= images;
    sum->rmse_log /= images;
    for (int k = 0; k < 3; k++)
        sum->delta[k] /= images;
}

bc_status bc_evaluate(bc_host *host, bc_params *params, const bc_model *model, bc_dataset *dataset,
                      const bc_evaluate_options *options, bc_metrics *mean) {
    runner r = {.host = host, .params = params, .model = model, .dataset = dataset, .options = options};
    bc_metrics sum = {0}, image;
    BC_TRY(bc_loader_create(host, &r.loader));
    bc_status status = BC_OK;
    for (int i = 0; i < dataset->count && status == BC_OK; i++) {
        status = evaluate_image(&r, i, &image);
        if (status == BC_OK)
            add_metrics(&sum, &image);
    }
    drop_graph(&r);
    bc_loader_release(r.loader);
    BC_TRY(status);
    if (sum.images == 0)
        return bc_labels_fail(dataset, bc_host_error(host),
                              (bc_label_range){options->dmax, options->whole_image});
    divide_metrics(&sum);
    *mean = sum;
    return BC_OK;
}
