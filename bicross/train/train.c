/* A stage from its first update to its last: the loop, log, progress, checkpoints. */
#include "bicross/train/begin.h"
#include "bicross/train/checkpoint.h"
#include "bicross/train/gradients.h"
#include "bicross/train/log_settings.h"
#include "bicross/train/open.h"
#include "bicross/train/ranks.h"
#include "bicross/train/supervision.h"
#include "bicross/train/trainer.h"
#include "bicross/train/validate.h"
#include "host/base/clock.h"

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
    BC_TRY(bc_trainer_backward(t));
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

/* How fast it goes, without the first update, which compiles kernels. */
typedef struct stopwatch {
    double started; /* seconds; when the update `from` was done */
    long from;
} stopwatch;

static void tell(const bc_trainer *t, const stopwatch *watch, bc_progress *p) {
    const bc_observer *o = t->job->observer;
    double spent = bc_seconds_now() - watch->started;
    if (!o || !o->progress)
        return;
    p->stage = bc_stage_name(t->job->stage);
    p->label = bc_trainer_name(t);
    p->step = t->step;
    p->steps = t->steps;
    if (t->step > watch->from && spent > 0) {
        p->steps_per_second = (double)(t->step - watch->from) / spent;
        p->seconds_left = (double)(t->steps - t->step) / p->steps_per_second;
    }
    o->progress(o->user, p);
}

/* Of several ranks all come here, though only the first has a log: what is watched is of all. */
static bc_status log_losses(bc_trainer *t, bc_runlog *log, const bc_progress *p) {
    const char *names[BC_MAX_TERMS + 1 + BC_MAX_WATCHES];
    float values[BC_MAX_TERMS + 1 + BC_MAX_WATCHES];
    int count = p->term_count + 1;
    memcpy(names, p->term_names, sizeof p->term_names);
    memcpy(values, p->terms, sizeof p->terms);
    names[p->term_count] = "rate";
    values[p->term_count] = p->rate;
    for (int i = 0; i < t->watch_count; i++, count++) {
        names[count] = t->watches[i].name;
        BC_TRY(bc_trainer_watched(t, &t->watches[i], &values[count]));
    }
    return bc_runlog_write(log, t->err, t->step, count, names, values);
}

/* Reads the losses. */
static bc_status look(bc_trainer *t, bc_progress *p) {
    p->term_count = t->term_count + 1;
    p->term_names[0] = "total";
    for (int i = 0; i < t->term_count; i++)
        p->term_names[i + 1] = t->terms[i].name;
    p->rate = bc_trainer_rate_scale(t) * t->stage->lr_scratch;
    return read_terms(t, p->terms);
}

/* --- the loop --- */

/* True at the end of every `every` updates, or of every epoch when that is 0. */
static bool due(const bc_trainer *t, int every) {
    return t->step % (every > 0 ? every : t->steps_per_epoch) == 0;
}

static bc_status run_updates(bc_trainer *t, bc_runlog *log, bc_validator *v) {
    stopwatch watch = {.from = t->step + 1};
    while (t->step < t->steps) {
        BC_TRY(update(t, log));
        t->step++;
        bool last = t->step == t->steps, first = t->step == watch.from;
        bool save = !last && due(t, t->stage->checkpoint_every), stop;
        BC_TRY(bc_ranks_stop(t, &stop));
        stop = stop && !last;
        bool logged = last || save || stop || t->step % REPORT_EVERY == 0;
        bc_progress p = {0};
        if (logged || first)
            BC_TRY(look(t, &p));
        if (logged)
            BC_TRY(log_losses(t, log, &p));
        tell(t, &watch, &p);
        if (first)
            watch.started = bc_seconds_now();
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

/* A control only to calibrate. */
static bool reads_target(const bc_trainer *t) {
    bc_stage stage = t->job->stage;
    return stage == BC_CROSSDOMAIN || stage == BC_SUPERVISED || (stage == BC_CONTROL && t->config->calibrate);
}

static void announce(const bc_trainer *t, const char *shares) {
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
                                        .plan_bytes = bc_plan_bytes(t->plan),
                                        .step = t->step,
                                        .steps = t->steps,
                                        .steps_per_epoch = t->steps_per_epoch,
                                        .epoch = t->epoch,
                                        .shares = shares,
                                        .ranks = bc_team_size(t->job->team),
                                        .ranks_then = t->ranks_then,
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
    BC_TRY(bc_sampler_walk_open(t->err, order, t->step, t->share.first, t->share.count, walk));
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

/* Which share of a batch each rank has goes into the log. */
static bc_status log_shares(bc_trainer *t, bc_runlog *log) {
    for (int r = 0; t->counts && r < bc_team_size(t->share.team); r++) {
        char name[32];
        snprintf(name, sizeof name, "share_of_rank_%d", r);
        BC_TRY(
            bc_runlog_write(log, t->err, t->step, 1, &(const char *){name}, &(float){(float)t->counts[r]}));
    }
    return BC_OK;
}

static bc_status begin(bc_trainer *t, bc_runlog *log) {
    char shares[BC_SHARES_TEXT];
    BC_TRY(bc_ranks_shares(t, shares));
    announce(t, shares);
    BC_TRY(log_shares(t, log));
    return t->step == 0 && t->kind->before ? t->kind->before(t) : BC_OK;
}

static bc_status train_and_save(bc_trainer *t, bc_runlog *log) {
    bc_validator v = {0};
    bc_status status = t->job->validation ? bc_validator_open(t, &v) : BC_OK;
    if (status == BC_OK)
        status = begin(t, log);
    if (status == BC_OK)
        status = read_ahead(t);
    if (status == BC_OK)
        status = run_updates(t, log, t->job->validation ? &v : NULL);
    end_reading(t);
    bc_validator_close(&v);
    BC_TRY(status);
    BC_TRY(bc_ranks_check(t));
    char path[BC_RUN_PATH];
    BC_TRY(bc_trainer_save_weights(t, BC_RUN_WEIGHTS, path));
    return bc_checkpoint_finish(t, path);
}

static bc_status run_stage(bc_trainer *t) {
    bool found = false;
    if (t->job->resume)
        BC_TRY(bc_checkpoint_load(t, &found));
    BC_TRY(bc_team_wait(t->share.team, t->err)); /* until all have looked at the folder */
    bc_runlog *log = NULL;
    if (bc_ranks_first(t)) {
        if (!found)
            BC_TRY(bc_run_begin(t->err, t->job));
        BC_TRY(bc_runlog_open(t->err, t->job->folder, t->step, &log));
    }
    bc_status status = bc_trainer_log_settings(t, log);
    if (status == BC_OK)
        status = train_and_save(t, log);
    if (status == BC_OK)
        status = bc_runlog_done(log, t->err);
    bc_runlog_close(log);
    return status;
}

static bc_status prepare_folder(bc_error *err, const bc_train_job *job) {
    if (bc_team_rank(job->team) == 0) {
        BC_TRY(bc_make_folder(err, job->folder));
        bc_file_clean_temporaries(job->folder); /* of runs that were killed while they wrote */
    }
    return bc_team_wait(job->team, err);
}

static bc_status train(bc_host *host, const bc_train_job *job, const bc_checkpoint_state *before) {
    bc_trainer t;
    BC_TRY(check_data(bc_host_error(host), job));
    bc_status status = bc_trainer_open(&t, host, job, before);
    if (status == BC_OK)
        status = run_stage(&t);
    bc_status done = bc_host_finish(host);
    bc_trainer_close(&t);
    return status != BC_OK ? status : done;
}

bc_status bc_train(bc_host *host, const bc_train_job *job) {
    bc_error *err = bc_host_error(host);
    bc_checkpoint_state state;
    bool finished = false, begun = false;
    BC_TRY(check_job(err, job));
    BC_TRY(prepare_folder(err, job));
    if (job->resume)
        BC_TRY(bc_run_resume(host, job, &state, &begun, &finished));
    else
        BC_TRY(bc_train_check_folder(err, job->folder, job->overwrite));
    if (!finished)
        BC_TRY(train(host, job, begun ? &state : NULL));
    else if (bc_team_rank(job->team) == 0)
        BC_TRY(bc_checkpoint_remove_tensors(err, job)); /* when it was killed between its last two steps */
    return bc_team_wait(job->team, err);                /* what a rank has written, all can read */
}
