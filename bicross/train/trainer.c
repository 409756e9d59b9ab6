/* What stages use to describe themselves and to be trained. */
#include "bicross/train/trainer.h"

#include "bicross/train/ranks.h"
#include "bicross/train/supervision.h"

#include <stdlib.h>

bc_status bc_trainer_graph(const bc_trainer *t, bc_graph **out) {
    BC_TRY(bc_graph_create(t->host, out));
    bc_graph_share(*out, &t->share);
    if (t->config->storage == BC_STORAGE_HALF)
        bc_graph_halve(*out);
    return BC_OK;
}

void bc_trainer_term(bc_trainer *t, const char *name, bc_value *value, float weight, bc_course *course) {
    if (!value)
        return;
    if (t->term_count == BC_MAX_TERMS - 1) { /* the total takes a place in the record of progress too */
        bc_graph_fail(t->graph, "the loss term '%s' is one too many: there is room for %d", name,
                      BC_MAX_TERMS - 1);
        return;
    }
    bc_graph_loss(t->graph, value, weight);
    t->terms[t->term_count++] = (bc_term){name, value, weight, course, weight};
}

void bc_trainer_watch(bc_trainer *t, const char *name, bc_value *kept, bc_value *of) {
    if (kept && of)
        t->watches[t->watch_count++] =
            (bc_watch){name, bc_graph_keep(t->graph, kept), bc_graph_keep(t->graph, of)};
}

static bc_status own_sum(bc_trainer *t, const bc_value *mask, double *sum) {
    size_t count = bc_shape_count(mask->shape);
    float *host = malloc(count * sizeof *host);
    if (!host)
        return bc_fail(t->err, BC_E_MEMORY, "no host memory to look at a mask");
    bc_status status = bc_value_read(t->graph, mask, host);
    *sum = 0;
    for (size_t i = 0; i < count && status == BC_OK; i++)
        *sum += (double)host[i];
    free(host);
    return status;
}

bc_status bc_trainer_watched(bc_trainer *t, const bc_watch *watch, float *share) {
    double sums[2];
    BC_TRY(own_sum(t, watch->kept, &sums[0]));
    BC_TRY(own_sum(t, watch->of, &sums[1]));
    BC_TRY(bc_team_sum(t->share.team, t->err, BC_NUMBER_DOUBLE, sums, 2));
    *share = sums[1] > 0 ? (float)(sums[0] / sums[1]) : 0;
    return BC_OK;
}

void bc_trainer_weigh(bc_trainer *t) {
    for (int i = 0; i < t->term_count; i++) {
        bc_term *term = &t->terms[i];
        if (!term->course)
            continue;
        term->now = term->weight * term->course(t);
        bc_graph_loss_weight(t->graph, term->value, term->now);
    }
}

void bc_trainer_supervise(bc_trainer *t, bc_value *depth, bc_value *uncertainty, bc_value *label,
                          float weight) {
    bc_supervision s = bc_supervise(t->graph, t->config, depth, uncertainty, label);
    bc_trainer_term(t, bc_depth_loss_words[t->config->depth_loss], s.depth, weight, NULL);
    bc_trainer_term(t, "uncertainty", s.uncertainty, weight, NULL);
}

bc_value *bc_trainer_input(bc_trainer *t, const char *name, int batch, int channels) {
    return bc_graph_input(t->graph, name,
                          (bc_shape){batch, t->config->input_height, t->config->input_width, channels});
}

bc_value *bc_trainer_label(bc_trainer *t, const char *name, const bc_dataset *dataset, int batch) {
    return bc_graph_input(t->graph, name, bc_label_shape(dataset, batch));
}

bc_status bc_trainer_fill(bc_trainer *t, bc_dataset *dataset, bc_sampler *order, const bc_batch *batch,
                          int row, const bc_augment *augment) {
    uint64_t draw = ((uint64_t)order->stream << 40) + (uint64_t)t->step * (uint64_t)order->batch;
    int first = t->share.first;
    return bc_loader_fill(t->loader, dataset, bc_sampler_batch(order, t->step) + first, t->share.count, row,
                          batch, augment, draw + (uint64_t)first);
}

bc_status bc_trainer_use_sensor(bc_trainer *t) {
    t->augment.sensor = true;
    return bc_loader_use_sensor(t->loader, &t->sensor, t->config->input_height, t->config->input_width);
}

bc_status bc_trainer_start(bc_trainer *t, const char *weights) {
    uint32_t seed = (uint32_t)t->config->seed;
    bool inflate = t->config->stem_init == BC_STEM_INFLATED;
    return weights ? bc_weights_start(t->student, seed, weights, inflate, &t->start)
                   : bc_weights_draw(t->student, seed);
}

bc_status bc_trainer_make_heads(bc_trainer *t) {
    return bc_params_create(t->host, true, &t->heads);
}

bc_status bc_trainer_start_heads(bc_trainer *t) {
    return t->heads ? bc_weights_draw(t->heads, (uint32_t)t->config->seed) : BC_OK;
}

float bc_trainer_rate_scale(const bc_trainer *t) {
    if (t->stage->schedule == BC_SCHEDULE_COSINE)
        return bc_cosine_scale(t->step, t->stage->rate_warmup, t->steps);
    return t->stage->schedule == BC_SCHEDULE_PLATEAU ? t->plateau.scale : 1.0f;
}

bc_status bc_trainer_backward(bc_trainer *t) {
    return t->gradients ? bc_gradient_sum_backward(t->gradients) : bc_plan_backward(t->plan);
}

static bc_status make_update(bc_trainer *t) {
    float scale = bc_trainer_rate_scale(t);
    float rate[BC_GROUP_COUNT] = {[BC_GROUP_BACKBONE] = scale * t->stage->lr_backbone,
                                  [BC_GROUP_SCRATCH] = scale * t->stage->lr_scratch,
                                  [BC_GROUP_HEADS] = scale * t->stage->lr_heads};
    BC_TRY(bc_optimiser_step(t->optimiser, rate));
    return t->heads ? bc_optimiser_step(t->heads_optimiser, rate) : BC_OK;
}

bc_status bc_trainer_update(bc_trainer *t) {
    if (!t->mixed || bc_ranks_first(t))
        BC_TRY(make_update(t));
    BC_TRY(bc_ranks_follow(t, t->student));
    return bc_ranks_follow(t, t->heads);
}

const char *bc_train_start_file(const bc_train_job *job) {
    bc_stage before;
    if (job->weights || bc_stage_before(job->stage, &before) || !job->config->init[0])
        return job->weights;
    return job->config->init;
}

const char *bc_trainer_name(const bc_trainer *t) {
    return t->job->label ? t->job->label : bc_stage_name(t->job->stage);
}

bc_status bc_trainer_save_weights(bc_trainer *t, const char *name, char path[BC_RUN_PATH]) {
    bool of_target = t->job->stage == BC_CROSSDOMAIN || t->job->stage == BC_SUPERVISED;
    const bc_domain_config *d = of_target ? &t->config->target_domain : &t->config->source_domain;
    bc_weights_info info;
    BC_TRY(bc_weights_info_of(t->err, t->config, bc_stage_name(t->job->stage), &t->model, d->crop_height,
                              d->crop_width, &info));
    BC_TRY(bc_run_folder_path(t->err, t->job, name, path));
    if (!bc_ranks_first(t))
        return BC_OK;
    return bc_weights_save(t->student, path, &info);
}
