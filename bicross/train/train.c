/* A stage from its first update to its last: the loop, log, progress, checkpoints. */
#include "bicross/train/begin.h"
#include "bicross/train/checkpoint.h"
#include "bicross/train/gradients.h"
#include "bicross/train/supervision.h"
#include "bicross/train/trainer.h"
#include "bicross/train/validate.h"
#include "host/base/clock.h"
#include "net/store/weight_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_EVERY = 10 }; /* updates between readings of the losses: a reading waits for the device */

/* --- one update --- */

static bc_status update(bc_trainer *t, bc_runlog *log) {
    int every = t->config->gradients_every;
    bc_trainer_weigh(t);
    BC_TRY(t->kind->feed(t));
    if (every > 0 && t->step % every == 0)
        BC_TRY(bc_trainer_log_gradients(t, log));
    BC_TRY(bc_plan_forward(t->plan));
    BC_TRY(bc_plan_backward(t->plan));
    BC_TRY(bc_trainer_update(t));
    return t->kind->after ? t->kind->after(t) : BC_OK;
}

/* --- what is seen of it --- */

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
                   bc_trainer_name(t), loss, gradient);
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
        values[0] += t->terms[i].now * values[i + 1];
    }
    return check_numbers(t, bad, bad_value);
}

static bc_status report(bc_trainer *t, bc_runlog *log, double started, long first) {
    bc_progress p = {.stage = bc_stage_name(t->job->stage),
                     .label = bc_trainer_name(t),
                     .step = t->step,
                     .steps = t->steps};
    p.term_count = t->term_count + 1;
    p.term_names[0] = "total";
    for (int i = 0; i < t->term_count; i++)
        p.term_names[i + 1] = t->terms[i].name;
    BC_TRY(read_terms(t, p.terms));
    p.rate = bc_trainer_rate_scale(t) * t->stage->lr_scratch;
    double spent = bc_seconds_now() - started;
    p.steps_per_second = spent > 0 ? (double)(t->step - first) / spent : 0;
    p.seconds_left = p.steps_per_second > 0 ? (double)(t->steps - t->step) / p.steps_per_second : 0;

    const char *names[BC_MAX_TERMS + 1 + BC_MAX_WATCHES];
    float values[BC_MAX_TERMS + 1 + BC_MAX_WATCHES];
    int count = p.term_count + 1;
    memcpy(names, p.term_names, sizeof p.term_names);
    memcpy(values, p.terms, sizeof p.terms);
    names[p.term_count] = "rate";
    values[p.term_count] = p.rate;
    for (int i = 0; i < t->watch_count; i++, count++) {
        names[count] = t->watches[i].name;
        BC_TRY(bc_trainer_watched(t, &t->watches[i], &values[count]));
    }
    BC_TRY(bc_runlog_write(log, t->err, t->step, count, names, values));
    if (t->job->observer && t->job->observer->progress)
        t->job->observer->progress(t->job->observer->user, &p);
    return BC_OK;
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

static bc_status run_updates(bc_trainer *t, bc_runlog *log, bc_validator *v) {
    double started = bc_seconds_now();
    long first = t->step;
    while (t->step < t->steps) {
        BC_TRY(update(t, log));
        t->step++;
        bool last = t->step == t->steps;
        bool save = !last && due(t, t->stage->checkpoint_every), stop = asked_to_stop(t) && !last;
        if (last || save || stop || t->step % REPORT_EVERY == 0)
            BC_TRY(report(t, log, started, first));
        if (v && (last || due(t, t->stage->validate_every)))
            BC_TRY(bc_validator_run(v, log));
        if (save || stop)
            BC_TRY(bc_checkpoint_save(t));
        if (stop)
            return bc_fail(t->err, BC_E_INTERRUPTED,
                           "%s was stopped after update %ld of %ld; --resume continues it",
                           bc_trainer_name(t), t->step, t->steps);
    }
    return BC_OK;
}

static bc_status make_optimisers(bc_trainer *t) {
    bc_optimiser_options options = {.kind = t->stage->optimiser,
                                    .beta1 = 0.9f,
                                    .beta2 = 0.999f,
                                    .epsilon = 1e-8f,
                                    .momentum = 0.9f,
                                    .clip_norm = t->stage->clip_norm,
                                    .double_backbone = t->stage->double_backbone};
    BC_TRY(bc_optimiser_create(t->student, &options, &t->optimiser));
    options.double_backbone = false;
    options.clip_norm = 0;
    return t->heads ? bc_optimiser_create(t->heads, &options, &t->heads_optimiser) : BC_OK;
}

static const bc_stage_kind *kind_of(bc_stage stage) {
    if (stage == BC_CROSSMODALITY)
        return &bc_crossmodality_kind;
    return stage == BC_CROSSDOMAIN || stage == BC_CONTROL ? &bc_crossdomain_kind : &bc_supervised_kind;
}

/* An epoch is a pass over the data set; of two, over the target, while the source begins anew as often as it must, or over the
 * shorter one; of a control as if it were what it is compared with. (The released code has a pass over the target where that is its only data, and zips where there are two; method.md
 * 2.7, 2.8.) */
static void count_steps(bc_trainer *t) {
    bool control = t->job->stage == BC_CONTROL,
         counts = !control || bc_crossdomain_reads_source(t->job->config);
    long source = t->source_order.order && counts ? bc_sampler_steps_per_epoch(&t->source_order) : 0;
    long target = t->target_order.order ? bc_sampler_steps_per_epoch(&t->target_order) : 0;
    bool both = source && target, shorter = both && t->config->epoch == BC_EPOCH_SHORTER && source < target;
    t->steps_per_epoch = target && !shorter ? target : source;
    t->epoch = shorter                                    ? "the source, the shorter of both"
               : control && target                        ? "as many samples as the target has"
               : both                                     ? "the target, source cycled"
               : target || t->job->stage == BC_SUPERVISED ? "the target"
                                                          : "the source";
    t->steps = t->stage->steps > 0 ? t->stage->steps : t->stage->epochs * t->steps_per_epoch;
}

/* What the stage cannot do without, said before anything is built. */
static bc_status check_job(bc_error *err, const bc_train_job *job) {
    const char *name = bc_stage_name(job->stage);
    bool needs_target =
        job->stage == BC_CROSSDOMAIN || job->stage == BC_CONTROL || job->stage == BC_SUPERVISED;
    if (!job->source && job->stage != BC_SUPERVISED)
        return bc_fail(err, BC_E_ARGUMENT, "the stage %s needs a source data set", name);
    if (!job->target && needs_target)
        return bc_fail(err, BC_E_ARGUMENT, "the stage %s needs a target data set", name);
    if (bc_config_stage(job->config, job->stage)->schedule == BC_SCHEDULE_PLATEAU && !job->validation)
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
    BC_TRY(bc_labels_check(labelled, err, bc_label_range_of(job->config)));
    return job->validation ? bc_labels_check(job->validation, err, bc_label_range_of(job->config)) : BC_OK;
}

/* The sensor of a file, for the stages that read source spikes. */
static bc_status open_sensor(bc_trainer *t) {
    const char *path = t->config->sensor;
    bool source_spikes = t->job->stage != BC_PRETRAIN && t->job->stage != BC_SUPERVISED;
    if (!path[0] || !source_spikes)
        return BC_OK;
    BC_TRY(bc_digest_file(t->err, path, &t->sensor_file));
    BC_TRY(bc_sensor_read(t->err, path, &t->sensor));
    return bc_trainer_use_sensor(t);
}

/* What it starts from, so that the run only goes on while that is the same. */
static bc_status note_start(bc_trainer *t) {
    char file[BC_WEIGHT_FILE_NAME];
    const char *start = bc_train_start_file(t->job);
    if (!start)
        return BC_OK;
    bc_weight_file_name(start, file);
    return bc_digest_file(t->err, file, &t->start_file);
}

static bc_status open_trainer(bc_trainer *t, bc_host *host, const bc_train_job *job) {
    const bc_config *c = job->config;
    *t = (bc_trainer){.host = host,
                      .err = bc_host_error(host),
                      .job = job,
                      .own = bc_config_of_stage(c, job->stage),
                      .stage = bc_config_stage(c, job->stage),
                      .kind = kind_of(job->stage),
                      .best = INFINITY,
                      .augment = {.flip = c->flip,
                                  .gain = c->gain,
                                  .contrast = c->contrast,
                                  .colour = job->stage == BC_PRETRAIN ? c->colour : 0,
                                  .thin = c->thin,
                                  .dark = c->dark,
                                  .fixed_pattern = c->fixed_pattern,
                                  .seed = (uint32_t)c->seed}};
    t->config = &t->own;
    bc_plateau_init(&t->plateau);
    BC_TRY(note_start(t));
    BC_TRY(bc_loader_create(host, &t->loader));
    bc_loader_use_unit_rgb(t->loader, !c->normalise_rgb);
    BC_TRY(open_sensor(t));
    BC_TRY(bc_trainer_graph(t, &t->graph));
    BC_TRY(t->kind->describe(t));
    BC_TRY(make_optimisers(t));
    count_steps(t);
    if (t->steps < 1)
        return bc_fail(t->err, BC_E_ARGUMENT, "[%s] steps and epochs are both 0: nothing would be trained",
                       bc_stage_section(job->stage));
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
    bc_sensor_release(&t->sensor);
    bc_sampler_close(&t->source_order);
    bc_sampler_close(&t->target_order);
}

/* A control only to calibrate. */
static bool reads_target(const bc_trainer *t) {
    bc_stage stage = t->job->stage;
    return stage == BC_CROSSDOMAIN || stage == BC_SUPERVISED || (stage == BC_CONTROL && t->config->calibrate);
}

static void announce(const bc_trainer *t) {
    const bc_observer *o = t->job->observer;
    char departures[BC_ERROR_TEXT], implied[BC_ERROR_TEXT];
    if (!o || !o->started)
        return;
    bc_config_departures(t->config, bc_stage_section(t->job->stage), sizeof departures, departures);
    bc_config_implied(t->config, bc_stage_section(t->job->stage), sizeof implied, implied);
    o->started(o->user, &(bc_beginning){.label = bc_trainer_name(t),
                                        .source = t->job->stage == BC_SUPERVISED ? NULL : t->job->source,
                                        .target = reads_target(t) ? t->job->target : NULL,
                                        .model = &t->model,
                                        .input_height = t->config->input_height,
                                        .input_width = t->config->input_width,
                                        .batch = t->stage->batch,
                                        .step = t->step,
                                        .steps = t->steps,
                                        .steps_per_epoch = t->steps_per_epoch,
                                        .epoch = t->epoch,
                                        .start = &t->start,
                                        .method = bc_method_words[t->config->method],
                                        .implied = implied,
                                        .departures = departures,
                                        .validation = t->job->validation,
                                        .validates_on_target = t->config->validate_on == BC_VALIDATE_TEST});
}

/* What the orders say is read ahead of the updates. */
static bc_status follow(bc_trainer *t, bc_dataset *dataset, const bc_sampler *order, bc_sampler_walk *walk) {
    if (!order->order)
        return BC_OK;
    BC_TRY(bc_sampler_walk_open(t->err, order, t->step, walk));
    return bc_dataset_read_ahead(dataset, t->err, (bc_read_plan){bc_sampler_walk_next, walk});
}

static bc_status read_ahead(bc_trainer *t) {
    bc_dataset *labelled = t->job->stage == BC_SUPERVISED ? t->job->target : t->job->source;
    BC_TRY(follow(t, labelled, &t->source_order, &t->source_walk));
    return follow(t, t->job->target, &t->target_order, &t->target_walk);
}

static void end_reading(bc_trainer *t) {
    if (t->job->source)
        bc_dataset_end_plan(t->job->source);
    if (t->job->target)
        bc_dataset_end_plan(t->job->target);
    bc_sampler_walk_close(&t->source_walk);
    bc_sampler_walk_close(&t->target_walk);
}

static bc_status begin(bc_trainer *t) {
    announce(t);
    return t->step == 0 && t->kind->before ? t->kind->before(t) : BC_OK;
}

static bc_status train_and_save(bc_trainer *t, bc_runlog *log) {
    bc_validator v = {0};
    bc_status status = t->job->validation ? bc_validator_open(t, &v) : BC_OK;
    if (status == BC_OK)
        status = begin(t);
    if (status == BC_OK)
        status = read_ahead(t);
    if (status == BC_OK)
        status = run_updates(t, log, t->job->validation ? &v : NULL);
    end_reading(t);
    bc_validator_close(&v);
    BC_TRY(status);
    char path[BC_RUN_PATH];
    BC_TRY(bc_trainer_save_weights(t, BC_RUN_WEIGHTS, path));
    return bc_checkpoint_finish(t, path);
}

static bc_status run_stage(bc_trainer *t) {
    bool found = false;
    if (t->job->resume)
        BC_TRY(bc_checkpoint_load(t, &found));
    if (!found)
        BC_TRY(bc_run_begin(t->err, t->job));
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
        BC_TRY(bc_run_resume(host, job, &finished));
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
