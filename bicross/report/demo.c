/* Training and scoring of all arms; the table is in demo_table.c, the pictures in demo_pictures.c. */
#include "bicross/report/demo.h"

#include "bicross/report/demo_internal.h"
#include "bicross/report/picture.h"
#include "bicross/report/report.h"
#include "bicross/train/sources.h"
#include "host/base/lock.h"

#include <stdio.h>
#include <stdlib.h>

void bc_demo_result_release(bc_demo_result *result) {
    free(result->target);
    free(result->source);
    free(result->abs_rel);
    *result = (bc_demo_result){0};
}

/* The data sets of one seed. `target` has labels; only the arm Supervised reads them. */
typedef struct world {
    bc_dataset *source, *target, *validation, *source_test,
        *target_test; /* validation: NULL, not asked for */
} world;

static void close_world(world *w) {
    bc_dataset_release(w->source);
    bc_dataset_release(w->target);
    bc_dataset_release(w->validation);
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
    if (c->init_from == BC_FROM_BEST)
        BC_TRY(bc_source_open(host, c, BC_ROLE_VALIDATION, &w->validation));
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

static void weights_of(const seed_run *run, const char *name, char path[PATH_BYTES]) {
    snprintf(path, PATH_BYTES, "%s/%s/%s", run->folder, name,
             run->config.init_from == BC_FROM_BEST ? BC_RUN_BEST : BC_RUN_WEIGHTS);
}

static bc_config config_of(const bc_config *config, int form) {
    bc_config c = bc_config_of_stage(config, form & BC_FORM_SOURCE_ONLY ? BC_CONTROL : BC_CROSSDOMAIN);
    if (form & BC_FORM_PLUS) {
        c.method = BC_METHOD_PLUS;
        bc_config_settle(&c);
    }
    return c;
}

static bc_status train_arm(seed_run *run, const bc_arm_run *arm) {
    char folder[PATH_BYTES], start[PATH_BYTES];
    bc_config config = config_of(&run->config, arm->form);
    snprintf(folder, sizeof folder, "%s/%s", run->folder, arm->folder);
    if (arm->start)
        weights_of(run, arm->start, start);
    bc_train_job job = {.stage = arm->stage,
                        .label = arm->label,
                        .config = &config,
                        .source = run->data.source,
                        .target = run->data.target,
                        .validation = run->data.validation,
                        .folder = folder,
                        .weights = arm->start ? start : NULL,
                        .resume = run->options->resume,
                        .overwrite = run->options->overwrite,
                        .other_device = run->options->other_device,
                        .observer = run->options->observer,
                        .draw = bc_picture_draw};
    return bc_train(run->host, &job);
}

/* Where the scores of an arm go. */
typedef struct arm_scores {
    bc_scores *source, *target;
    float *abs_rel; /* of each target image */
} arm_scores;

static arm_scores scores_of(const bc_demo_result *r, int seed, int arm) {
    size_t place = (size_t)seed * BC_ARM_COUNT + (size_t)arm;
    return (arm_scores){&r->source[place], &r->target[place], r->abs_rel + place * (size_t)r->images};
}

static bc_status score_arm(seed_run *run, const bc_arm_run *arm, bc_demo_pictures *pictures,
                           arm_scores scores) {
    bc_trained network;
    char weights[PATH_BYTES];
    const bc_config *c = &run->config;
    snprintf(weights, sizeof weights, "%s/%s/" BC_RUN_WEIGHTS, run->folder, arm->folder);
    BC_TRY(bc_trained_open(run->host, c, weights, &network));
    bc_evaluate_options options = {.input_height = c->input_height,
                                   .input_width = c->input_width,
                                   .dmax = c->dmax,
                                   .whole_image = c->whole_image};
    bc_status status = bc_evaluate(run->host, network.params, &network.model, run->data.source_test, &options,
                                   scores.source);
    options.abs_rel = scores.abs_rel;
    if (pictures) {
        options.user = pictures;
        options.each = bc_demo_pictures_collect;
        pictures->arm = arm->arm;
    }
    if (status == BC_OK)
        status = bc_evaluate(run->host, network.params, &network.model, run->data.target_test, &options,
                             scores.target);
    bc_trained_close(&network);
    return status;
}

/* Pictures are of the first seed. */
static bc_status run_seed(seed_run *run, int seed, bc_demo_pictures *first, bc_demo_result *result) {
    bc_demo_pictures *pictures = seed == 0 ? first : NULL;
    bc_status status = open_world(run->host, &run->config, &run->data);
    for (int i = 0; i < BC_ARM_RUNS && status == BC_OK; i++)
        status = train_arm(run, &bc_arm_runs[i]);
    for (int i = 0; i < BC_ARM_RUNS && status == BC_OK; i++)
        if (bc_arm_runs[i].arm < BC_ARM_COUNT)
            status = score_arm(run, &bc_arm_runs[i], pictures, scores_of(result, seed, bc_arm_runs[i].arm));
    if (status == BC_OK && pictures)
        status = bc_demo_pictures_write(pictures);
    close_world(&run->data);
    return status;
}

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
        for (int i = 0; i < BC_ARM_RUNS; i++) {
            seed_folder(config, o, s, seed);
            snprintf(path, sizeof path, "%.1100s/%s", seed, bc_arm_runs[i].folder);
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
        for (int i = 0; i < BC_ARM_RUNS; i++)
            fprintf(writer.stream, "seed-%d/%s\n", config->seed + s, bc_arm_runs[i].folder);
    return bc_file_writer_commit(err, &writer);
}

/* The scores of networks that are about to be trained anew. */
static bc_status remove_results(bc_error *err, const bc_demo_options *o) {
    static const char *const names[] = {"results.json", "table.txt", "report.html"};
    char path[PATH_BYTES];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%.1000s/%s", o->folder, names[i]);
        BC_TRY(bc_file_remove(err, path));
    }
    for (int i = 0; i < BC_DEMO_PICTURES; i++) {
        bc_demo_picture_path(o->folder, i, path);
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
        status = run_seed(&run, s, &pictures, result);
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
    bc_config plus = config_of(config, BC_FORM_PLUS); /* what it adds may contradict what was given */
    BC_TRY(bc_config_check(err, &plus));
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
    result->abs_rel = calloc(count * (size_t)config->test_count, sizeof(float));
    if (!result->source || !result->target || !result->abs_rel)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the results of %d seeds", o->seeds);
    BC_TRY(run_seeds(host, config, o, result));
    return bc_demo_write_results(host, config, o, result);
}

bc_status bc_demo_run(bc_host *host, const bc_config *config, const bc_demo_options *o,
                      bc_demo_result *result) {
    bc_error *err = bc_host_error(host);
    bc_lock lock;
    *result = (bc_demo_result){.seeds = o->seeds, .first_seed = config->seed, .images = config->test_count};
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
