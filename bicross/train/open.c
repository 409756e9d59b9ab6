/* A stage's trainer: what it is made of, before its first update. */
#include "bicross/train/open.h"

#include "bicross/train/ranks.h"
#include "host/base/clock.h"
#include "net/store/weight_file.h"

#include <math.h>
#include <stdlib.h>

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

static void begin(bc_trainer *t, bc_host *host, const bc_train_job *job) {
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
}

/* Everything, once the share of each batch is known. */
static bc_status build(bc_trainer *t) {
    BC_TRY(note_start(t));
    BC_TRY(bc_loader_create(t->host, &t->loader));
    bc_loader_use_unit_rgb(t->loader, !t->config->normalise_rgb);
    BC_TRY(open_sensor(t));
    BC_TRY(bc_trainer_graph(t, &t->graph));
    BC_TRY(t->kind->describe(t));
    BC_TRY(make_optimisers(t));
    count_steps(t);
    if (t->steps < 1)
        return bc_fail(t->err, BC_E_ARGUMENT, "[%s] steps and epochs are both 0: nothing would be trained",
                       bc_stage_section(t->job->stage));
    BC_TRY(bc_plan_create(t->graph, BC_TRAIN, &t->plan));
    bc_params *const stores[] = {t->student, t->heads};
    return bc_gradient_sum_create(t->share.team, t->plan, stores, 2, t->config->gradients == BC_STORAGE_HALF,
                                  &t->gradients);
}

/* --- how fast this rank is --- */

static bc_status run_passes(bc_trainer *t, double *seconds) {
    BC_TRY(bc_host_finish(t->host));
    double started = bc_seconds_now();
    BC_TRY(bc_plan_forward(t->plan));
    BC_TRY(bc_plan_backward(t->plan));
    BC_TRY(bc_host_finish(t->host));
    *seconds = bc_seconds_now() - started;
    return BC_OK;
}

/* The best of three passes over a batch of two (BatchNorm wants two), alone; the first one may find everything cold. */
static bc_status measure(bc_host *host, const bc_train_job *job, double *speed) {
    bc_train_job alone = *job;
    bc_trainer trial;
    int batch = bc_config_stage(job->config, job->stage)->batch;
    alone.team = NULL;
    begin(&trial, host, &alone);
    trial.share.count = trial.share.whole = batch < 2 ? batch : 2;
    bc_status status = build(&trial);
    if (status == BC_OK)
        status = trial.kind->feed(&trial);
    double seconds = 0, least = INFINITY;
    for (int i = 0; i < 3 && status == BC_OK; i++) {
        status = run_passes(&trial, &seconds);
        least = fmin(least, seconds);
    }
    bc_status done = bc_host_finish(host);
    bc_trainer_close(&trial);
    *speed = trial.share.count / fmax(least, 1e-9);
    return status != BC_OK ? status : done;
}

bc_status bc_trainer_open(bc_trainer *t, bc_host *host, const bc_train_job *job,
                          const bc_checkpoint_state *before) {
    double speed = 0;
    bool same;
    uint64_t hash;
    begin(t, host, job);
    if (bc_ranks_want_speed(job, before))
        BC_TRY(measure(host, job, &speed));
    BC_TRY(bc_ranks_divide(t, before, speed));
    BC_TRY(build(t));
    BC_TRY(bc_ranks_devices(job->team, host, &hash, &same));
    t->mixed = !same;
    BC_TRY(bc_ranks_follow(t, t->student)); /* what was drawn on other devices may have other last bits */
    BC_TRY(bc_ranks_follow(t, t->heads));
    return bc_ranks_follow(t, t->teacher);
}

void bc_trainer_close(bc_trainer *t) {
    bc_gradient_sum_release(t->gradients);
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
    free(t->counts);
}
