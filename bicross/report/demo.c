/* Training and scoring of all arms; the table is in demo_table.c, the pictures in demo_pictures.c. */
#include "bicross/report/demo.h"

#include "bicross/report/demo_internal.h"
#include "bicross/report/report.h"
#include "host/base/lock.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const arm_folders[BC_ARM_COUNT] = {"pre_src", "monocross", "control", "bicross",
                                                      "supervised"};

void bc_demo_result_release(bc_demo_result *result) {
    free(result->target);
    free(result->source);
    *result = (bc_demo_result){0};
}

static bc_stage_config demo_stage(int steps, float rate) {
    return (bc_stage_config){.steps = steps,
                             .batch = 4,
                             .lr_backbone = rate,
                             .lr_scratch = rate,
                             .lr_heads = rate,
                             .schedule = BC_SCHEDULE_COSINE,
                             .rate_warmup = 50,
                             .optimiser = BC_ADAM,
                             .clip_norm = 1.0f,
                             .checkpoint_every = 200};
}

bc_status bc_demo_config(bc_error *err, const char *scenario, bc_config *c) {
    BC_TRY(bc_scenario_find(err, scenario, &c->scenario));
    bool indoor = bc_scenario_indoor(c->scenario);
    c->kind = BC_DATA_WORLD;
    c->preset = BC_TINY;
    c->scene = indoor ? BC_INDOOR : BC_OUTDOOR;
    c->stem_init = BC_STEM_INFLATED;
    c->dmax = indoor ? 10.0f : 80.0f;
    c->input_height = c->world_height = 64;
    c->input_width = c->world_width = 128;
    c->source_count = c->target_count = indoor ? 1200 : 400;
    c->validation_count = 40;
    c->test_count = 100;
    c->flip = true;
    c->colour = 0.3f;
    c->thin = 0.6f;
    c->dark = 0.03f;
    c->fixed_pattern = 0.06f;
    /* Rooms vary more than streets: more of them, more updates. neuromorphic and supervised take as many
     * updates as crossmodality and crossdomain together. */
    float scratch_rate = indoor ? 2e-3f : 1e-3f;
    c->pretrain = demo_stage(indoor ? 900 : 600, scratch_rate);
    c->neuromorphic = demo_stage(0, scratch_rate);
    c->crossmodality = c->supervised = demo_stage(indoor ? 750 : 500, 5e-4f);
    c->crossdomain = demo_stage(indoor ? 450 : 300, 3e-4f);
    c->crossdomain.lr_heads = 3e-3f; /* else the classifier loses to the network */
    c->alpha = 0.98f;
    c->sca_weight = 0.01f;
    return BC_OK;
}

/* The four data sets of one seed. `target` has labels; only the arm Supervised reads them. */
typedef struct world {
    bc_dataset *source, *target, *source_test, *target_test;
} world;

static void close_world(world *w) {
    bc_dataset_release(w->source);
    bc_dataset_release(w->target);
    bc_dataset_release(w->source_test);
    bc_dataset_release(w->target_test);
}

static bc_status open_world(bc_host *host, const bc_config *c, world *w) {
    uint32_t seed = (uint32_t)c->seed;
    int h = c->world_height, width = c->world_width;
    BC_TRY(bc_world_open(host, c->scenario, BC_SOURCE, BC_SPLIT_TRAIN, seed, c->source_count, h, width,
                         &w->source));
    BC_TRY(bc_world_open(host, c->scenario, BC_TARGET, BC_SPLIT_TRAIN, seed, c->target_count, h, width,
                         &w->target));
    BC_TRY(bc_world_open(host, c->scenario, BC_SOURCE, BC_SPLIT_TEST, seed, c->test_count, h, width,
                         &w->source_test));
    return bc_world_open(host, c->scenario, BC_TARGET, BC_SPLIT_TEST, seed, c->test_count, h, width,
                         &w->target_test);
}

/* One seed being trained. */
typedef struct seed_run {
    bc_host *host;
    bc_config config;
    const char *folder; /* of the seed */
    const bc_demo_options *options;
    world data;
} seed_run;

enum { PATH_BYTES = 1200 };

static bc_status run_stage(seed_run *run, bc_stage stage, const char *name, const char *label,
                           const bc_config *config, const char *weights) {
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%s/%s", run->folder, name);
    bc_train_job job = {.stage = stage,
                        .label = label,
                        .config = config,
                        .source = run->data.source,
                        .target = run->data.target,
                        .folder = folder,
                        .weights = weights,
                        .resume = run->options->resume,
                        .overwrite = run->options->overwrite,
                        .other_device = run->options->other_device,
                        .observer = run->options->observer};
    return bc_train(run->host, &job);
}

static void weights_of(const seed_run *run, const char *name, char path[PATH_BYTES]) {
    snprintf(path, PATH_BYTES, "%s/%s/" BC_RUN_WEIGHTS, run->folder, name);
}

/* All arms see the same number of spike updates: crossmodality and crossdomain together. */
static bc_status train_arms(seed_run *run) {
    bc_config all = run->config; /* single-run arms: every update in one run */
    int total = run->config.crossmodality.steps + run->config.crossdomain.steps;
    all.neuromorphic.steps = all.supervised.steps = all.crossmodality.steps = total;
    bc_config source_only = run->config;
    source_only.scp = source_only.sca = false;
    source_only.source_loss = true;

    char rgb[PATH_BYTES], base[PATH_BYTES];
    weights_of(run, "rgb", rgb);
    weights_of(run, "crossmodality", base);
    BC_TRY(run_stage(run, BC_PRETRAIN, "rgb", "RGB network", &run->config, NULL));
    BC_TRY(run_stage(run, BC_NEUROMORPHIC, "pre_src", "Pre_src", &all, NULL));
    BC_TRY(run_stage(run, BC_CROSSMODALITY, "monocross", "MonoCross", &all, rgb));
    BC_TRY(run_stage(run, BC_CROSSMODALITY, "crossmodality", "BiCross crossmodality", &run->config, rgb));
    BC_TRY(run_stage(run, BC_CROSSDOMAIN, "control", "Control", &source_only, base));
    BC_TRY(run_stage(run, BC_CROSSDOMAIN, "bicross", "BiCross crossdomain", &run->config, base));
    return run_stage(run, BC_SUPERVISED, "supervised", "Supervised", &all, rgb);
}

static bc_status score_arm(seed_run *run, int arm, bc_demo_pictures *pictures, bc_scores *source,
                           bc_scores *target) {
    bc_trained network;
    char weights[PATH_BYTES];
    const bc_config *c = &run->config;
    weights_of(run, arm_folders[arm], weights);
    BC_TRY(bc_trained_open(run->host, c, weights, &network));
    bc_evaluate_options options = {.input_height = c->input_height,
                                   .input_width = c->input_width,
                                   .dmax = c->dmax,
                                   .whole_image = c->whole_image};
    bc_status status =
        bc_evaluate(run->host, network.params, &network.model, run->data.source_test, &options, source);
    if (pictures) {
        options.user = pictures;
        options.each = bc_demo_pictures_collect;
        pictures->arm = arm;
    }
    if (status == BC_OK)
        status =
            bc_evaluate(run->host, network.params, &network.model, run->data.target_test, &options, target);
    bc_trained_close(&network);
    return status;
}

/* `pictures` is NULL for all seeds but the first. */
static bc_status run_seed(seed_run *run, bc_demo_pictures *pictures, bc_scores *source, bc_scores *target) {
    bc_status status = open_world(run->host, &run->config, &run->data);
    if (status == BC_OK)
        status = train_arms(run);
    for (int arm = 0; arm < BC_ARM_COUNT && status == BC_OK; arm++)
        status = score_arm(run, arm, pictures, &source[arm], &target[arm]);
    if (status == BC_OK && pictures)
        status = bc_demo_pictures_write(pictures);
    close_world(&run->data);
    return status;
}

/* Folders of one seed that hold a training log. */
static const char *const run_folders[] = {"rgb",     "pre_src", "monocross", "crossmodality",
                                          "control", "bicross", "supervised"};
enum { RUN_FOLDERS = sizeof run_folders / sizeof *run_folders };

static void seed_folder(const bc_config *config, const bc_demo_options *o, int s, char path[PATH_BYTES]) {
    snprintf(path, PATH_BYTES, "%.1000s/seed-%d", o->folder, config->seed + s);
}

/* Nothing is changed unless every arm of every seed may start. */
static bc_status check_folders(bc_error *err, const bc_config *config, const bc_demo_options *o) {
    char path[PATH_BYTES], seed[PATH_BYTES];
    bool scored;
    snprintf(path, sizeof path, "%.1000s/results.json", o->folder);
    BC_TRY(bc_file_present(err, path, &scored));
    if (scored && !o->overwrite)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "%s holds the results of an earlier demo: --resume completes it, --overwrite removes it and "
            "starts afresh",
            o->folder);
    for (int s = 0; s < o->seeds; s++)
        for (int i = 0; i < RUN_FOLDERS; i++) {
            seed_folder(config, o, s, seed);
            snprintf(path, sizeof path, "%.1100s/%s", seed, run_folders[i]);
            BC_TRY(bc_train_check_folder(err, path, o->overwrite));
        }
    return BC_OK;
}

/* So that the report shows these runs, and not those of other seeds that an earlier demo left here. */
static bc_status write_runs(bc_error *err, const bc_config *config, const bc_demo_options *o) {
    char path[PATH_BYTES];
    bc_file_writer writer;
    snprintf(path, sizeof path, "%.1000s/runs.txt", o->folder);
    BC_TRY(bc_file_writer_open(err, path, &writer));
    for (int s = 0; s < o->seeds; s++)
        for (int i = 0; i < RUN_FOLDERS; i++)
            fprintf(writer.stream, "seed-%d/%s\n", config->seed + s, run_folders[i]);
    return bc_file_writer_commit(err, &writer);
}

/* The scores of networks that are about to be trained anew. */
static bc_status remove_results(bc_error *err, const bc_demo_options *o) {
    static const char *const names[] = {"results.json", "table.txt", "report.html", BC_DEMO_PICTURE};
    for (int i = 0; i < 4; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.1000s/%s", o->folder, names[i]);
        BC_TRY(bc_file_remove(err, path));
    }
    return BC_OK;
}

static bc_status run_seeds(bc_host *host, const bc_config *config, const bc_demo_options *o,
                           bc_demo_result *result) {
    bc_demo_pictures pictures = {.err = bc_host_error(host), .config = config, .folder = o->folder};
    bc_status status = BC_OK;
    for (int s = 0; s < result->seeds && status == BC_OK; s++) {
        char folder[PATH_BYTES];
        seed_run run = {.host = host, .config = *config, .folder = folder, .options = o};
        run.config.seed = config->seed + s;
        seed_folder(config, o, s, folder);
        status = run_seed(&run, s == 0 ? &pictures : NULL, &result->source[s * BC_ARM_COUNT],
                          &result->target[s * BC_ARM_COUNT]);
    }
    bc_demo_pictures_close(&pictures);
    return status;
}

static bc_status check_settings(bc_error *err, const bc_config *config, const bc_demo_options *o) {
    if (o->seeds < 1)
        return bc_fail(err, BC_E_ARGUMENT, "%d seeds: at least one is needed", o->seeds);
    if (config->kind != BC_DATA_WORLD)
        return bc_fail(err, BC_E_ARGUMENT, "the demo runs on the built-in world: [data] kind is '%s'",
                       bc_data_kind_words[config->kind]);
    if (config->crossmodality.steps < 1 || config->crossdomain.steps < 1)
        return bc_fail(err, BC_E_ARGUMENT,
                       "the demo counts updates: set steps in [crossmodality] and [crossdomain]");
    return o->resume ? BC_OK : check_folders(err, config, o);
}

static bc_status train_and_score(bc_host *host, const bc_config *config, const bc_demo_options *o,
                                 bc_demo_result *result) {
    bc_error *err = bc_host_error(host);
    size_t count = (size_t)o->seeds * BC_ARM_COUNT;
    if (!o->resume)
        BC_TRY(remove_results(err, o));
    BC_TRY(bc_report_device(host, o->folder));
    BC_TRY(write_runs(err, config, o));
    result->source = calloc(count, sizeof(bc_scores));
    result->target = calloc(count, sizeof(bc_scores));
    if (!result->source || !result->target)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the results of %d seeds", o->seeds);
    BC_TRY(run_seeds(host, config, o, result));
    return bc_demo_write_results(err, config, o->folder, result);
}

bc_status bc_demo_run(bc_host *host, const bc_config *config, const bc_demo_options *o,
                      bc_demo_result *result) {
    bc_error *err = bc_host_error(host);
    bc_lock lock;
    *result = (bc_demo_result){.seeds = o->seeds, .first_seed = config->seed};
    BC_TRY(check_settings(err, config, o));
    BC_TRY(bc_make_folder(err, o->folder));
    BC_TRY(bc_lock_take(err, o->folder, &lock));
    bc_file_clean_temporaries(o->folder);
    bc_status status = train_and_score(host, config, o, result);
    bc_lock_release(&lock);
    if (status != BC_OK)
        bc_demo_result_release(result);
    return status;
}
