#include "bicross/train/validate.h"

#include "bicross/data/labels.h"
#include "bicross/train/evaluate.h"
#include "bicross/train/metric_sums.h"
#include "bicross/train/supervision.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void bc_validator_close(bc_validator *v) {
    bc_predictor_close(&v->predictor);
    free(v->visible);
}

static bc_status add_losses(void *user, bc_graph *g, bc_value *depth, bc_value *uncertainty) {
    bc_validator *v = user;
    const bc_config *c = v->trainer->config;
    (void)uncertainty;
    v->label = bc_graph_input(g, "label", depth->shape);
    bc_window window = bc_learning_window(c, depth->shape.h, depth->shape.w);
    v->loss = bc_graph_keep(
        g, bc_supervised_depth_loss(g, c, depth, v->label, bc_valid_mask(g, v->label, c->dmax, &window)));
    v->sums = bc_scored_sums(g, depth, v->label, c->dmax, c->whole_image);
    return bc_graph_status(g);
}

bc_status bc_validator_open(bc_trainer *t, bc_validator *v) {
    const bc_config *c = t->config;
    *v = (bc_validator){.trainer = t};
    bc_predictor_options options = {.rgb = t->job->stage == BC_PRETRAIN,
                                    .input_height = c->input_height,
                                    .input_width = c->input_width,
                                    .dmax = c->dmax,
                                    .outside = BC_NEAREST,
                                    .training = true,
                                    .user = v,
                                    .extend = add_losses};
    return bc_predictor_open(t->host, t->student, &t->model, &options, &v->predictor);
}

/* Around the crop the network says nothing. */
static bc_status take_label(bc_validator *v, const bc_sample *sample) {
    size_t pixels = (size_t)sample->height * (size_t)sample->width;
    const bc_crop *crop = &v->predictor.crop;
    if (pixels > v->pixels) {
        free(v->visible);
        v->pixels = pixels;
        if (!(v->visible = malloc(pixels * sizeof *v->visible)))
            return bc_fail(v->trainer->err, BC_E_MEMORY, "no host memory to validate sample %s",
                           sample->name);
    }
    memset(v->visible, 0, pixels * sizeof *v->visible);
    for (int row = crop->top; row < crop->top + crop->height; row++) {
        size_t first = (size_t)row * (size_t)sample->width + (size_t)crop->left;
        memcpy(v->visible + first, sample->depth + first, (size_t)crop->width * sizeof *v->visible);
    }
    return BC_OK;
}

/* Of an image; and then the means. */
typedef struct means {
    double loss, abs_rel, images;
} means;

static bc_status validate_image(bc_validator *v, const bc_sample *sample, means *out) {
    float loss, sums[BC_METRIC_SUMS];
    bc_predictor *p = &v->predictor;
    const bc_dataset *data = v->trainer->job->validation;
    BC_TRY(bc_predictor_load(p, sample, data->crop_height, data->crop_width));
    BC_TRY(take_label(v, sample));
    BC_TRY(bc_value_write(p->graph, v->label, v->visible));
    BC_TRY(bc_predictor_run(p));
    BC_TRY(bc_value_read(p->graph, v->loss, &loss));
    BC_TRY(bc_value_read(p->graph, v->sums, sums));
    if (sums[BC_SUM_PIXELS] <= 0)
        return BC_OK;
    *out = (means){loss, sums[BC_SUM_ABSOLUTE] / sums[BC_SUM_PIXELS], 1};
    return BC_OK;
}

/* This rank's images, one in so many as there are ranks. What the others have is 0. */
static bc_status validate_own(bc_validator *v, means *images) {
    bc_trainer *t = v->trainer;
    bc_dataset *data = t->job->validation;
    bc_read_steps mine = {bc_team_rank(t->share.team), bc_team_size(t->share.team)}, ahead = mine;
    BC_TRY(bc_dataset_read_ahead(data, t->err, bc_read_in_steps(&ahead)));
    for (int i = mine.at; i < data->count; i += mine.step) {
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(data, t->err, i, &sample));
        if (bc_labels_count(data, sample, bc_label_range_of(t->config)) > 0)
            BC_TRY(validate_image(v, sample, &images[i]));
    }
    return BC_OK;
}

/* Added up in the order of the images, so that the sums do not depend on the number of ranks. */
static bc_status validate_images(bc_validator *v, means *sum) {
    bc_trainer *t = v->trainer;
    size_t count = (size_t)t->job->validation->count;
    means *images = calloc(count, sizeof *images);
    if (!images)
        return bc_fail(t->err, BC_E_MEMORY, "no host memory to validate %zu samples", count);
    bc_status status = validate_own(v, images);
    if (status == BC_OK)
        status = bc_team_sum(t->share.team, t->err, BC_NUMBER_DOUBLE, images,
                             count * (sizeof *images / sizeof(double)));
    for (size_t i = 0; i < count && status == BC_OK; i++) {
        sum->loss += images[i].loss;
        sum->abs_rel += images[i].abs_rel;
        sum->images += images[i].images;
    }
    free(images);
    return status;
}

static bc_status validate(bc_validator *v, means *mean) {
    bc_trainer *t = v->trainer;
    *mean = (means){0};
    bc_status status = validate_images(v, mean);
    bc_dataset_end_plan(t->job->validation);
    BC_TRY(status);
    mean->loss /= mean->images; /* some have labels: check_data */
    mean->abs_rel /= mean->images;
    return isfinite(mean->loss) && isfinite(mean->abs_rel)
               ? BC_OK
               : bc_fail(t->err, BC_E_NUMERIC,
                         "validation of %s at update %ld: the loss of depth is %f, AbsRel %f: lower the "
                         "learning rate",
                         bc_trainer_name(t), t->step, mean->loss, mean->abs_rel);
}

static bc_status draw_first(bc_validator *v, bc_runlog *log) {
    bc_trainer *t = v->trainer;
    bc_dataset *data = t->job->validation;
    bc_predictor *p = &v->predictor;
    const bc_sample *sample;
    int width, height;
    uint8_t *rgb;
    BC_TRY(bc_dataset_get(data, t->err, 0, &sample));
    BC_TRY(bc_predictor_load(p, sample, data->crop_height, data->crop_width));
    BC_TRY(bc_predictor_run(p));
    BC_TRY(bc_predictor_read(p));
    bc_window learnt = bc_learnt_window(sample->height, sample->width, data->crop_height, data->crop_width,
                                        t->config->whole_image);
    BC_TRY(t->job->draw(t->err, &(bc_evaluated){.sample = sample, .depth = p->depth}, t->config->dmax, learnt,
                        &width, &height, &rgb));
    bc_status status = bc_runlog_image(log, t->err, t->step, "validation", width, height, rgb);
    free(rgb);
    return status;
}

/* At the first validation, at the last, and whenever a twentieth of the run is over: pictures are large. */
static bc_status draw_sometimes(bc_validator *v, bc_runlog *log) {
    enum { MOST = 20 };
    bc_trainer *t = v->trainer;
    int share = 1 + (int)(t->step * (MOST - 1) / t->steps);
    if (!log || !t->job->draw || share == v->pictures)
        return BC_OK;
    v->pictures = share;
    return draw_first(v, log);
}

bc_status bc_validator_run(bc_validator *v, bc_runlog *log) {
    bc_trainer *t = v->trainer;
    means mean;
    BC_TRY(validate(v, &mean));
    BC_TRY(draw_sometimes(v, log));
    float values[] = {(float)mean.loss, (float)mean.abs_rel};
    BC_TRY(bc_runlog_write(log, t->err, t->step, 2, (const char *const[]){"validation", "validation_abs_rel"},
                           values));
    bc_plateau_step(&t->plateau, values[0]);
    if (values[1] >= t->best)
        return BC_OK;
    t->best = values[1];
    char path[BC_RUN_PATH];
    return bc_trainer_save_weights(t, BC_RUN_BEST, path);
}
