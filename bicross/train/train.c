/* What all stages have in common: the loop of updates, learning-rate schedule, validation, log, progress,
 * checkpoints. */
#include "bicross/data/labels.h"
#include "bicross/train/trainer.h"
#include "host/base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_EVERY = 10 }; /* updates between readings of the losses: a reading waits for the device */

static const char *const stage_names[BC_STAGE_COUNT] = {"pretrain", "neuromorphic", "crossmodality",
                                                        "crossdomain", "supervised"};

const char *bc_stage_name(bc_stage stage) {
    return stage_names[stage];
}

bc_status bc_stage_find(bc_error *err, const char *name, bc_stage *out) {
    for (int i = 0; i < BC_STAGE_COUNT; i++)
        if (strcmp(stage_names[i], name) == 0) {
            *out = (bc_stage)i;
            return BC_OK;
        }
    return bc_fail(
        err, BC_E_ARGUMENT,
        "unknown stage '%s': expected pretrain, neuromorphic, crossmodality, crossdomain or supervised",
        name);
}

const bc_stage_config *bc_config_stage(const bc_config *config, bc_stage stage) {
    const bc_stage_config *all[BC_STAGE_COUNT] = {&config->pretrain, &config->neuromorphic,
                                                  &config->crossmodality, &config->crossdomain,
                                                  &config->supervised};
    return all[stage];
}

/* --- what stages use to describe themselves --- */

void bc_trainer_term(bc_trainer *t, const char *name, bc_value *value, float weight) {
    if (!value)
        return;
    if (t->term_count == BC_MAX_TERMS - 1) { /* the total takes a place in the record of progress too */
        bc_graph_fail(t->graph, "the loss term '%s' is one too many: there is room for %d", name,
                      BC_MAX_TERMS - 1);
        return;
    }
    bc_graph_loss(t->graph, value, weight);
    t->terms[t->term_count++] = (bc_term){name, value, weight};
}

bc_window bc_trainer_window(const bc_trainer *t, int height, int width) {
    return t->config->whole_image ? (bc_window){0, height, 0, width} : bc_garg_window(height, width);
}

void bc_trainer_supervise(bc_trainer *t, bc_value *depth, bc_value *uncertainty, bc_value *label,
                          float weight) {
    bc_graph *g = t->graph;
    if (!depth || !uncertainty || !label)
        return;
    bc_shape size = label->shape;
    if (depth->shape.h != size.h || depth->shape.w != size.w) {
        /* Bicubic interpolation overshoots, even below zero. */
        depth = bc_clamp_min(g, bc_resize(g, depth, size.h, size.w, BC_RESIZE_BICUBIC), 1e-3f);
        uncertainty = bc_resize(g, uncertainty, size.h, size.w, BC_RESIZE_BICUBIC);
    }
    bc_window window = bc_trainer_window(t, size.h, size.w);
    bc_value *mask = bc_valid_mask(g, label, t->config->dmax, &window);
    bc_trainer_term(t, "sig", bc_sig_loss(g, depth, label, mask), weight);
    bc_trainer_term(t, "uncertainty", bc_uncertainty_loss(g, uncertainty, depth, label, mask), weight);
}

bc_value *bc_trainer_input(bc_trainer *t, const char *name, int batch, int channels) {
    return bc_graph_input(t->graph, name,
                          (bc_shape){batch, t->config->input_height, t->config->input_width, channels});
}

bc_value *bc_trainer_label(bc_trainer *t, const char *name, const bc_dataset *dataset, int batch) {
    int height = dataset->crop_height ? dataset->crop_height : dataset->height;
    int width = dataset->crop_width ? dataset->crop_width : dataset->width;
    return bc_graph_input(t->graph, name, (bc_shape){batch, height, width, 1});
}

bc_status bc_trainer_fill(bc_trainer *t, bc_dataset *dataset, bc_sampler *order, const bc_batch *batch,
                          int row, const bc_augment *augment) {
    uint64_t draw = ((uint64_t)order->stream << 40) + (uint64_t)t->step * (uint64_t)order->batch;
    return bc_loader_fill(t->loader, dataset, bc_sampler_batch(order, t->step), order->batch, row, batch,
                          augment, draw);
}

bc_status bc_trainer_start(bc_trainer *t, const char *weights) {
    uint32_t seed = (uint32_t)t->config->seed;
    bool inflate = strcmp(t->config->stem_init, "inflated") == 0;
    return weights ? bc_weights_start(t->student, seed, weights, inflate, &t->start)
                   : bc_weights_draw(t->student, seed);
}

bc_status bc_trainer_make_heads(bc_trainer *t) {
    return bc_params_create(t->host, true, &t->heads);
}

bc_status bc_trainer_start_heads(bc_trainer *t) {
    return t->heads ? bc_weights_draw(t->heads, (uint32_t)t->config->seed) : BC_OK;
}

/* --- one update --- */

static float schedule_scale(const bc_trainer *t) {
    if (strcmp(t->stage->schedule, "cosine") == 0)
        return bc_cosine_scale(t->step, t->stage->rate_warmup, t->steps);
    return strcmp(t->stage->schedule, "plateau") == 0 ? t->plateau.scale : 1.0f;
}

bc_status bc_trainer_update(bc_trainer *t) {
    float scale = schedule_scale(t);
    float rate[BC_GROUP_COUNT] = {[BC_GROUP_BACKBONE] = scale * t->stage->lr_backbone,
                                  [BC_GROUP_SCRATCH] = scale * t->stage->lr_scratch,
                                  [BC_GROUP_HEADS] = scale * t->stage->lr_heads};
    BC_TRY(bc_optimiser_step(t->optimiser, rate));
    return t->heads ? bc_optimiser_step(t->heads_optimiser, rate) : BC_OK;
}

static bc_status update(bc_trainer *t) {
    BC_TRY(t->kind->feed(t));
    BC_TRY(bc_plan_forward(t->plan));
    BC_TRY(bc_plan_backward(t->plan));
    BC_TRY(bc_trainer_update(t));
    return t->kind->after ? t->kind->after(t) : BC_OK;
}

/* --- what is seen of it --- */

static const char *label_of(const bc_trainer *t) {
    return t->job->label ? t->job->label : bc_stage_name(t->job->stage);
}

/* The first update whose gradient was not finite; 0: there was none. Warm-up updates come before update 1. */
static bc_status first_bad_update(bc_trainer *t, bool *found, long *update) {
    bc_optimiser *all[] = {t->optimiser, t->heads_optimiser};
    *found = false;
    for (int i = 0; i < 2; i++) {
        long ago = -1;
        if (all[i])
            BC_TRY(bc_optimiser_bad_since(all[i], &ago));
        if (ago >= 0 && (!*found || t->step - ago < *update)) {
            *found = true;
            *update = t->step - ago;
        }
    }
    return BC_OK;
}

/* `term` is NULL when all losses are numbers. BC_OK when the gradients always were, too. */
static bc_status check_numbers(bc_trainer *t, const bc_term *term, float value) {
    bool found;
    long update = 0;
    char loss[160] = "", gradient[160] = "";
    BC_TRY(first_bad_update(t, &found, &update));
    if (!found && !term)
        return BC_OK;
    if (term)
        snprintf(loss, sizeof loss, "the loss term '%s' is %f at update %ld%s", term->name, (double)value,
                 t->step, found ? ", and " : "");
    if (found && update > 0)
        snprintf(gradient, sizeof gradient, "the gradient was first not finite at update %ld", update);
    else if (found)
        snprintf(gradient, sizeof gradient, "the gradient was first not finite at warm-up update %ld",
                 update + t->config->warmup_step - 1);
    return bc_fail(t->err, BC_E_NUMERIC, "%s: %s%s; lower the learning rate or look at the labels",
                   label_of(t), loss, gradient);
}

/* Reads all terms; a number that is none, or a gradient that was none, stops the run before anything is saved from it. */
static bc_status read_terms(bc_trainer *t, float values[BC_MAX_TERMS]) {
    const bc_term *bad = NULL;
    float bad_value = 0;
    values[0] = 0;
    for (int i = 0; i < t->term_count; i++) {
        BC_TRY(bc_value_read(t->graph, t->terms[i].value, &values[i + 1]));
        if (!bad && !isfinite(values[i + 1])) {
            bad = &t->terms[i];
            bad_value = values[i + 1];
        }
        values[0] += t->terms[i].weight * values[i + 1];
    }
    return check_numbers(t, bad, bad_value);
}

static bc_status report(bc_trainer *t, bc_runlog *log, double started, long first) {
    bc_progress p = {
        .stage = bc_stage_name(t->job->stage), .label = label_of(t), .step = t->step, .steps = t->steps};
    p.term_count = t->term_count + 1;
    p.term_names[0] = "total";
    for (int i = 0; i < t->term_count; i++)
        p.term_names[i + 1] = t->terms[i].name;
    BC_TRY(read_terms(t, p.terms));
    p.rate = schedule_scale(t) * t->stage->lr_scratch;
    double spent = bc_seconds_now() - started;
    p.steps_per_second = spent > 0 ? (double)(t->step - first) / spent : 0;
    p.seconds_left = p.steps_per_second > 0 ? (double)(t->steps - t->step) / p.steps_per_second : 0;

    const char *names[BC_MAX_TERMS + 1];
    float values[BC_MAX_TERMS + 1];
    memcpy(names, p.term_names, sizeof p.term_names);
    memcpy(values, p.terms, sizeof p.terms);
    names[p.term_count] = "rate";
    values[p.term_count] = p.rate;
    BC_TRY(bc_runlog_write(log, t->err, t->step, p.term_count + 1, names, values));
    if (t->job->observer && t->job->observer->progress)
        t->job->observer->progress(t->job->observer->user, &p);
    return BC_OK;
}

/* --- what is kept of it --- */

static bc_status save_weights(bc_trainer *t, const char *name, char path[BC_RUN_PATH]) {
    bool of_target = t->job->stage == BC_CROSSDOMAIN || t->job->stage == BC_SUPERVISED;
    const bc_domain_config *d = of_target ? &t->config->target_domain : &t->config->source_domain;
    bc_weights_info info;
    BC_TRY(bc_weights_info_of(t->err, t->config, bc_stage_name(t->job->stage), &t->model, d->crop_height,
                              d->crop_width, &info));
    BC_TRY(bc_run_folder_path(t->err, t->job, name, path));
    return bc_weights_save(t->student, path, &info);
}

/* --- validation on held-out source samples --- */

static bc_label_range range_of(const bc_config *c) {
    return (bc_label_range){c->dmax, c->whole_image};
}

typedef struct validator {
    bc_graph *graph;
    bc_plan *plan;
    bc_batch batch;
    bc_value *loss;
} validator;

static void close_validator(validator *v) {
    bc_plan_release(v->plan);
    bc_graph_release(v->graph);
}

/* A forward-only graph over the student with batch 1: SigLoss, as training computes it. */
static bc_status open_validator(bc_trainer *t, validator *v) {
    *v = (validator){0};
    bc_trainer view = *t;
    view.term_count = 0;
    BC_TRY(bc_graph_create(t->host, &v->graph));
    view.graph = v->graph;
    bool rgb = t->job->stage == BC_PRETRAIN;
    bc_value *x = rgb ? (v->batch.rgb = bc_trainer_input(&view, "rgb", 1, 3))
                      : (v->batch.spikes = bc_trainer_input(&view, "spikes", 1, BC_SPIKE_WORDS));
    v->batch.label = bc_trainer_label(&view, "label", t->job->validation, 1);
    bc_network net;
    BC_TRY(bc_network_build(v->graph, t->student, &t->model, x, false, &net));
    bc_trainer_supervise(&view, net.depth, net.uncertainty, v->batch.label, 1.0f);
    BC_TRY(bc_graph_status(v->graph));
    v->loss = view.terms[0].value;
    return bc_plan_create(v->graph, BC_INFER, &v->plan);
}

static bc_status validation_loss(bc_trainer *t, validator *v, float *mean) {
    double sum = 0;
    int measured = 0;
    bc_dataset *data = t->job->validation;
    for (int i = 0; i < data->count; i++) {
        float loss;
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(data, t->err, i, &sample));
        if (bc_labels_count(data, sample, range_of(t->config)) == 0)
            continue;
        BC_TRY(bc_loader_fill(t->loader, data, &i, 1, 0, &v->batch, NULL, 0));
        BC_TRY(bc_plan_forward(v->plan));
        BC_TRY(bc_value_read(v->graph, v->loss, &loss));
        sum += loss;
        measured++;
    }
    *mean = (float)(sum / measured); /* some have labels: check_data */
    return isfinite(*mean) ? BC_OK
                           : bc_fail(t->err, BC_E_NUMERIC, "the validation loss of %s is %f at update %ld",
                                     label_of(t), (double)*mean, t->step);
}

static bc_status validate(bc_trainer *t, validator *v, bc_runlog *log) {
    float loss;
    BC_TRY(validation_loss(t, v, &loss));
    const char *name = "validation";
    BC_TRY(bc_runlog_write(log, t->err, t->step, 1, &name, &loss));
    bc_plateau_step(&t->plateau, loss);
    if (loss >= t->best)
        return BC_OK;
    t->best = loss;
    char path[BC_RUN_PATH];
    return save_weights(t, "best.safetensors", path);
}

/* --- the loop --- */

/* True at the end of every `every` updates, or of every epoch when that is 0. */
static bool due(const bc_trainer *t, int every) {
    return t->step % (every > 0 ? every : t->steps_per_epoch) == 0;
}

static bool asked_to_stop(const bc_trainer *t) {
    const bc_observer *o = t->job->observer;
    return o && o->stop && o->stop(o->user);
}

static bc_status run_updates(bc_trainer *t, bc_runlog *log, validator *v) {
    double started = bc_seconds_now();
    long first = t->step;
    while (t->step < t->steps) {
        BC_TRY(update(t));
        t->step++;
        bool last = t->step == t->steps;
        bool save = !last && due(t, t->stage->checkpoint_every), stop = !last && asked_to_stop(t);
        if (last || save || stop || t->step % REPORT_EVERY == 0)
            BC_TRY(report(t, log, started, first));
        if (v && (last || due(t, t->stage->validate_every)))
            BC_TRY(validate(t, v, log));
        if (save || stop)
            BC_TRY(bc_checkpoint_save(t));
        if (stop)
            return bc_fail(t->err, BC_E_INTERRUPTED,
                           "%s was stopped after update %ld of %ld; --resume continues it", label_of(t),
                           t->step, t->steps);
    }
    return BC_OK;
}

static bc_status make_optimisers(bc_trainer *t) {
    bc_optimiser_options options = {.kind = strcmp(t->stage->optimiser, "sgd") == 0 ? BC_SGD : BC_ADAM,
                                    .beta1 = 0.9f,
                                    .beta2 = 0.999f,
                                    .epsilon = 1e-8f,
                                    .momentum = 0.9f,
                                    .clip_norm = t->stage->clip_norm,
                                    .double_backbone =
                                        t->stage->double_backbone || strcmp(t->config->method, "code") == 0};
    BC_TRY(bc_optimiser_create(t->student, &options, &t->optimiser));
    options.double_backbone = false;
    options.clip_norm = 0;
    return t->heads ? bc_optimiser_create(t->heads, &options, &t->heads_optimiser) : BC_OK;
}

static const bc_stage_kind *kind_of(bc_stage stage) {
    if (stage == BC_CROSSMODALITY)
        return &bc_crossmodality_kind;
    return stage == BC_CROSSDOMAIN ? &bc_crossdomain_kind : &bc_supervised_kind;
}

/* An epoch is a pass over the data set; of two data sets, zipped, over the shorter one (method.md 2.7). */
static void count_steps(bc_trainer *t) {
    const bc_sampler *orders[] = {&t->source_order, &t->target_order};
    for (int i = 0; i < 2; i++)
        if (orders[i]->order) {
            long steps = bc_sampler_steps_per_epoch(orders[i]);
            t->steps_per_epoch =
                t->steps_per_epoch && t->steps_per_epoch < steps ? t->steps_per_epoch : steps;
        }
    t->steps = t->stage->steps > 0 ? t->stage->steps : t->stage->epochs * t->steps_per_epoch;
}

/* What the stage cannot do without, said before anything is built. */
static bc_status check_job(bc_error *err, const bc_train_job *job) {
    const char *name = bc_stage_name(job->stage);
    bool needs_target = job->stage == BC_CROSSDOMAIN || job->stage == BC_SUPERVISED;
    if (!job->source && job->stage != BC_SUPERVISED)
        return bc_fail(err, BC_E_ARGUMENT, "the stage %s needs a source data set", name);
    if (!job->target && needs_target)
        return bc_fail(err, BC_E_ARGUMENT, "the stage %s needs a target data set", name);
    if (strcmp(bc_config_stage(job->config, job->stage)->schedule, "plateau") == 0 && !job->validation)
        return bc_fail(err, BC_E_ARGUMENT,
                       "the schedule 'plateau' of the stage %s watches the validation loss: give [data] "
                       "validation, or set "
                       "schedule = cosine or constant",
                       name);
    return BC_OK;
}

/* Data without a label that counts would be learned perfectly, and validate perfectly. */
static bc_status check_data(bc_error *err, const bc_train_job *job) {
    bc_dataset *labelled = job->stage == BC_SUPERVISED ? job->target : job->source;
    BC_TRY(bc_labels_check(labelled, err, range_of(job->config)));
    return job->validation ? bc_labels_check(job->validation, err, range_of(job->config)) : BC_OK;
}

const char *bc_train_start_file(const bc_train_job *job) {
    bool from_a_stage = job->stage == BC_CROSSMODALITY || job->stage == BC_CROSSDOMAIN;
    if (job->weights || from_a_stage || !job->config->init[0])
        return job->weights;
    return job->config->init;
}

static bc_status open_trainer(bc_trainer *t, bc_host *host, const bc_train_job *job) {
    const bc_config *c = job->config;
    *t = (bc_trainer){.host = host,
                      .err = bc_host_error(host),
                      .job = job,
                      .config = c,
                      .stage = bc_config_stage(c, job->stage),
                      .kind = kind_of(job->stage),
                      .best = INFINITY,
                      .augment = {.flip = c->flip,
                                  .colour = job->stage == BC_PRETRAIN ? c->colour : 0,
                                  .thin = c->thin,
                                  .dark = c->dark,
                                  .fixed_pattern = c->fixed_pattern,
                                  .seed = (uint32_t)c->seed}};
    const char *start = bc_train_start_file(job);
    bc_plateau_init(&t->plateau);
    if (start)
        BC_TRY(bc_digest_file(t->err, start, &t->start_file));
    BC_TRY(bc_loader_create(host, &t->loader));
    BC_TRY(bc_graph_create(host, &t->graph));
    BC_TRY(t->kind->describe(t));
    BC_TRY(make_optimisers(t));
    count_steps(t);
    if (t->steps < 1)
        return bc_fail(t->err, BC_E_ARGUMENT, "[%s] steps and epochs are both 0: nothing would be trained",
                       bc_stage_name(job->stage));
    return bc_plan_create(t->graph, BC_TRAIN, &t->plan);
}

static void close_trainer(bc_trainer *t) {
    bc_plan_release(t->plan);
    bc_graph_release(t->graph);
    bc_optimiser_release(t->optimiser);
    bc_optimiser_release(t->heads_optimiser);
    bc_params_release(t->student);
    bc_params_release(t->teacher);
    bc_params_release(t->heads);
    bc_loader_release(t->loader);
    bc_sampler_close(&t->source_order);
    bc_sampler_close(&t->target_order);
}

static void announce(const bc_trainer *t) {
    const bc_observer *o = t->job->observer;
    char departures[BC_ERROR_TEXT];
    if (!o || !o->started)
        return;
    bc_config_departures(t->config, bc_stage_name(t->job->stage), sizeof departures, departures);
    o->started(o->user,
               &(bc_beginning){.label = label_of(t),
                               .source = t->job->stage == BC_SUPERVISED ? NULL : t->job->source,
                               .target = t->job->stage == BC_CROSSDOMAIN || t->job->stage == BC_SUPERVISED
                                             ? t->job->target
                                             : NULL,
                               .model = &t->model,
                               .input_height = t->config->input_height,
                               .input_width = t->config->input_width,
                               .batch = t->stage->batch,
                               .step = t->step,
                               .steps = t->steps,
                               .steps_per_epoch = t->steps_per_epoch,
                               .start = &t->start,
                               .departures = departures});
}

static bc_status begin(bc_trainer *t) {
    announce(t);
    return t->step == 0 && t->kind->before ? t->kind->before(t) : BC_OK;
}

static bc_status train_and_save(bc_trainer *t, bc_runlog *log) {
    validator v = {0};
    bc_status status = t->job->validation ? open_validator(t, &v) : BC_OK;
    if (status == BC_OK)
        status = begin(t);
    if (status == BC_OK)
        status = run_updates(t, log, t->job->validation ? &v : NULL);
    close_validator(&v);
    BC_TRY(status);
    char path[BC_RUN_PATH];
    BC_TRY(save_weights(t, "weights.safetensors", path));
    return bc_checkpoint_finish(t, path);
}

static bc_status run_stage(bc_trainer *t) {
    bool found = false;
    if (t->job->resume)
        BC_TRY(bc_checkpoint_load(t, &found));
    if (!found)
        BC_TRY(bc_run_folder_begin(t->err, t->job));
    bc_runlog *log = NULL;
    BC_TRY(bc_runlog_open(t->err, t->job->folder, t->step, &log));
    bc_status status = train_and_save(t, log);
    bc_runlog_close(log);
    return status;
}

bc_status bc_train(bc_host *host, const bc_train_job *job) {
    bc_error *err = bc_host_error(host);
    bool finished = false;
    BC_TRY(check_job(err, job));
    BC_TRY(bc_make_folder(err, job->folder));
    bc_file_clean_temporaries(job->folder); /* of runs that were killed while they wrote */
    if (job->resume)
        BC_TRY(bc_run_folder_resume(host, job, &finished));
    else
        BC_TRY(bc_train_check_folder(err, job->folder, job->overwrite));
    if (finished)
        return bc_checkpoint_remove_tensors(err, job); /* when it was killed between its last two steps */
    BC_TRY(check_data(err, job));
    bc_trainer t;
    bc_status status = open_trainer(&t, host, job);
    if (status == BC_OK)
        status = run_stage(&t);
    bc_status done = bc_host_finish(host);
    close_trainer(&t);
    return status != BC_OK ? status : done;
}
