/* Evaluation: the predictor's graph also has the sums that the metrics are made of; an image costs one upload, one run and one small
 * read. */
#include "bicross/train/evaluate.h"

#include "bicross/data/labels.h"
#include "bicross/train/metric_sums.h"
#include "bicross/train/paste.h"
#include "bicross/train/predictor.h"

#include <math.h>
#include <stdlib.h>

/* A label that is not finite is not valid either: comparisons with NaN fail, and infinity is beyond dmax. */
bc_value *bc_scored_sums(bc_graph *g, bc_value *depth, bc_value *label, float dmax, bool whole_image) {
    if (bc_graph_status(g) != BC_OK)
        return NULL;
    bc_window window = bc_garg_window(label->shape.h, label->shape.w);
    bc_value *mask = bc_valid_mask(g, label, dmax, whole_image ? NULL : &window);
    return bc_graph_keep(g, bc_metric_sums(g, depth, label, mask));
}

static bc_metrics metrics_from(const float sums[BC_METRIC_SUMS]) {
    double n = sums[BC_SUM_PIXELS] > 0 ? sums[BC_SUM_PIXELS] : NAN;
    return (bc_metrics){
        .pixels = (long)sums[BC_SUM_PIXELS],
        .images = sums[BC_SUM_PIXELS] > 0,
        .looked_at = 1,
        .abs_rel = sums[BC_SUM_ABSOLUTE] / n,
        .sq_rel = sums[BC_SUM_RELATIVE_SQUARE] / n,
        .rmse = sqrt(sums[BC_SUM_SQUARE] / n),
        .rmse_log = sqrt(sums[BC_SUM_SQUARE_LOG] / n),
        .delta = {sums[BC_SUM_CLOSE] / n, sums[BC_SUM_CLOSE + 1] / n, sums[BC_SUM_CLOSE + 2] / n}};
}

/* Reads the sums over one map. `map` and `what` name it when it holds NaN or infinity. */
static bc_status read_sums(bc_graph *g, const bc_value *sums, const char *map, const char *what,
                           float out[BC_METRIC_SUMS]) {
    BC_TRY(bc_value_read(g, sums, out));
    if (out[BC_SUM_NOT_FINITE] > 0)
        return bc_fail(bc_host_error(bc_graph_host(g)), BC_E_NUMERIC,
                       "the predicted %s of %s is NaN or infinite at %.0f pixels", map, what,
                       (double)out[BC_SUM_NOT_FINITE]);
    return BC_OK;
}

static bc_status read_metrics(bc_graph *g, const bc_value *sums, const char *what, bc_metrics *out) {
    float host[BC_METRIC_SUMS];
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
    bc_pasting clamping = {{0, 0, height, width}, BC_NEAREST, BC_NEAREST, dmax};
    BC_TRY(bc_graph_create(host, &g));
    bc_value *d = bc_graph_input(g, "depth", shape), *y = bc_graph_input(g, "label", shape);
    bc_value *sums = bc_scored_sums(g, bc_paste(g, d, height, width, &clamping), y, dmax, whole_image);
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
    double images = sum->images > 0 ? sum->images : NAN;
    sum->abs_rel /= images;
    sum->sq_rel /= images;
    sum->rmse /= images;
    sum->rmse_log /= images;
    for (int k = 0; k < 3; k++)
        sum->delta[k] /= images;
}

/* --- a network over a data set --- */

typedef struct runner {
    bc_dataset *dataset;
    const bc_evaluate_options *options;
    bc_predictor predictor;
    bc_value *labels[BC_REGION_COUNT], *sums[BC_REGION_COUNT], *uncertainty_sums; /* of its graph */
    float *label;            /* of one region, of the size of the largest sample so far */
    bc_judged_pixel *judged; /* likewise */
    size_t pixels;           /* that these two have room for */
} runner;

static bc_status add_sums(void *user, bc_graph *g, bc_value *depth, bc_value *uncertainty) {
    runner *r = user;
    const bc_evaluate_options *o = r->options;
    for (int region = 0; region < BC_REGION_COUNT; region++) {
        r->labels[region] = bc_graph_input(g, "label", depth->shape);
        r->sums[region] = bc_scored_sums(g, depth, r->labels[region], o->dmax, o->whole_image);
    }
    /* Only whether it is finite: as a depth it means nothing. */
    r->uncertainty_sums = bc_scored_sums(g, uncertainty, r->labels[BC_REGION_ALL], o->dmax, o->whole_image);
    return bc_graph_status(g);
}

static bc_status make_room(runner *r, const bc_sample *sample) {
    size_t pixels = (size_t)sample->height * (size_t)sample->width;
    if (pixels <= r->pixels)
        return BC_OK;
    free(r->label);
    free(r->judged);
    r->pixels = pixels;
    r->label = malloc(pixels * sizeof *r->label);
    r->judged = malloc(pixels * sizeof *r->judged);
    return r->label && r->judged ? BC_OK
                                 : bc_fail(bc_host_error(r->predictor.host), BC_E_MEMORY,
                                           "no host memory to score sample %s", sample->name);
}

/* The sample's label where the region is, 0 elsewhere. */
static const float *label_in(runner *r, const bc_sample *sample, bc_region region) {
    int pixels = sample->height * sample->width;
    float far = 0.25f * r->options->dmax;
    for (int i = 0; i < pixels; i++) {
        float y = sample->depth[i];
        bool in = region == BC_REGION_ALL || (region == BC_REGION_FAR && y > far) ||
                  (region == BC_REGION_OBJECTS && sample->objects && sample->objects[i]);
        r->label[i] = in ? y : 0;
    }
    return r->label;
}

/* The prediction's error and uncertainty at every pixel that counts. */
static void judge_uncertainty(runner *r, const bc_sample *sample, bc_uncertainty_score *score) {
    const bc_predictor *p = &r->predictor;
    bc_window window = r->options->whole_image ? (bc_window){0, sample->height, 0, sample->width}
                                               : bc_garg_window(sample->height, sample->width);
    int count = 0;
    for (int row = window.top; row < window.bottom; row++)
        for (int column = window.left; column < window.right; column++) {
            int i = row * sample->width + column;
            float y = sample->depth[i];
            if (y > BC_NEAREST && y < r->options->dmax)
                r->judged[count++] = (bc_judged_pixel){fabsf(p->depth[i] - y) / y, p->uncertainty[i]};
        }
    bc_uncertainty_add(score, r->judged, count);
}

static bc_status run_image(runner *r, int index, const bc_sample **sample) {
    bc_predictor *p = &r->predictor;
    bc_error *err = bc_host_error(p->host);
    BC_TRY(bc_dataset_get(r->dataset, err, index, sample));
    if (!(*sample)->depth)
        return bc_fail(err, BC_E_ARGUMENT, "sample %s of %s has no depth label to be scored against",
                       (*sample)->name, r->dataset->name);
    BC_TRY(make_room(r, *sample));
    BC_TRY(bc_predictor_load(p, *sample, r->dataset->crop_height, r->dataset->crop_width));
    for (int region = 0; region < BC_REGION_COUNT; region++)
        BC_TRY(bc_value_write(p->graph, r->labels[region], label_in(r, *sample, (bc_region)region)));
    return bc_predictor_run(p);
}

static bc_status evaluate_image(runner *r, int index, bc_scores *image) {
    bc_predictor *p = &r->predictor;
    const bc_sample *sample;
    float ignored[BC_METRIC_SUMS];
    BC_TRY(run_image(r, index, &sample));
    for (int region = 0; region < BC_REGION_COUNT; region++)
        BC_TRY(read_metrics(p->graph, r->sums[region], sample->name, &image->regions[region]));
    BC_TRY(read_sums(p->graph, r->uncertainty_sums, "uncertainty", sample->name, ignored));
    BC_TRY(bc_predictor_read(p));
    judge_uncertainty(r, sample, &image->uncertainty);
    bc_evaluated seen = {sample, index, p->depth, p->uncertainty, image->regions[BC_REGION_ALL]};
    return r->options->each ? r->options->each(r->options->user, &seen) : BC_OK;
}

/* This rank's images, one in so many as there are ranks. */
static bc_status evaluate_own(runner *r, bc_scores *images) {
    bc_team *team = r->options->team;
    bc_read_steps mine = {bc_team_rank(team), bc_team_size(team)}, ahead = mine;
    BC_TRY(bc_dataset_read_ahead(r->dataset, bc_host_error(r->predictor.host), bc_read_in_steps(&ahead)));
    for (int i = mine.at; i < r->dataset->count; i += mine.step)
        BC_TRY(evaluate_image(r, i, &images[i / mine.step]));
    return BC_OK;
}

/* In the order of the images. */
static void add_image(bc_scores *sum, const bc_scores *image) {
    for (int region = 0; region < BC_REGION_COUNT; region++)
        add_metrics(&sum->regions[region], &image->regions[region]);
    bc_uncertainty_join(&sum->uncertainty, &image->uncertainty);
}

static bc_status evaluate_images(runner *r, bc_scores *scores) {
    bc_error *err = bc_host_error(r->predictor.host);
    bc_team *team = r->options->team;
    int ranks = bc_team_size(team), count = r->dataset->count;
    size_t share = (size_t)(count + ranks - 1) / (size_t)ranks; /* the most images of a rank */
    bc_scores *own = calloc(share, sizeof *own), *all = calloc(share * (size_t)ranks, sizeof *all);
    bc_status status = own && all
                           ? evaluate_own(r, own)
                           : bc_fail(err, BC_E_MEMORY, "no host memory for the scores of %d images", count);
    if (status == BC_OK)
        status = bc_team_gather(team, err, own, share * sizeof *own, all);
    for (int i = 0; i < count && status == BC_OK; i++) {
        const bc_scores *image = &all[(size_t)(i % ranks) * share + (size_t)(i / ranks)];
        add_image(scores, image);
        if (r->options->abs_rel)
            r->options->abs_rel[i] = (float)image->regions[BC_REGION_ALL].abs_rel;
    }
    free(own);
    free(all);
    return status;
}

static bc_status finish_scores(const runner *r, bc_scores *scores) {
    if (scores->regions[BC_REGION_ALL].images == 0)
        return bc_labels_fail(r->dataset, bc_host_error(r->predictor.host),
                              (bc_label_range){r->options->dmax, r->options->whole_image});
    for (int region = 0; region < BC_REGION_COUNT; region++)
        divide_metrics(&scores->regions[region]);
    bc_uncertainty_finish(&scores->uncertainty);
    return BC_OK;
}

bc_status bc_evaluate(bc_host *host, bc_params *params, const bc_model *model, bc_dataset *dataset,
                      const bc_evaluate_options *options, bc_scores *scores) {
    runner r = {.dataset = dataset, .options = options};
    bc_predictor_options predicting = {.rgb = options->rgb,
                                       .input_height = options->input_height,
                                       .input_width = options->input_width,
                                       .dmax = options->dmax,
                                       .outside = BC_NEAREST,
                                       .uncertainty = true,
                                       .user = &r,
                                       .extend = add_sums};
    *scores = (bc_scores){0};
    BC_TRY(bc_predictor_open(host, params, model, &predicting, &r.predictor));
    bc_status status = evaluate_images(&r, scores);
    if (status == BC_OK)
        status = finish_scores(&r, scores);
    bc_dataset_end_plan(dataset);
    bc_predictor_close(&r.predictor);
    free(r.label);
    free(r.judged);
    return status;
}
