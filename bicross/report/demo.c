/* Training and scoring of all arms; the table is in demo_table.c, the pictures in demo_pictures.c. */
#include "bicross/report/demo.h"

#include "bicross/report/demo_internal.h"
#include "bicross/report/report.h"
#include "bicross/train/sources.h"
#include "host/base/lock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    AS_GIVEN = 0,
    SOURCE_ONLY = 1, /* without the terms that read the target */
    PLUS = 2         /* with what bicross+ adds */
};

/* The runs of a seed, each in a folder of its own, in the order in which one starts from another. */
typedef struct arm_run {
    int arm; /* BC_ARM_COUNT: none, others start from it */
    const char *folder, *label;
    bc_stage stage;
    const char *start; /* folder; NULL: the configuration's init, or chance */
    int form;
} arm_run;
static const arm_run runs[] = {
    {BC_ARM_COUNT, "rgb", "RGB network", BC_PRETRAIN, NULL, AS_GIVEN},
    {BC_ARM_PRE_SRC, "pre_src", "Pre_src", BC_NEUROMORPHIC, NULL, AS_GIVEN},
    {BC_ARM_PRE_SRC_LONGER, "pre_src_longer", "Pre_src, longer", BC_CROSSDOMAIN, "pre_src", SOURCE_ONLY},
    {BC_ARM_MONOCROSS, "monocross", "MonoCross", BC_CROSSMODALITY, "rgb", AS_GIVEN},
    {BC_ARM_CONTROL, "control", "Control", BC_CROSSDOMAIN, "monocross", SOURCE_ONLY},
    {BC_ARM_BICROSS, "bicross", "BiCross", BC_CROSSDOMAIN, "monocross", AS_GIVEN},
    {BC_ARM_CONTROL_PLUS, "control_plus", "Control+", BC_CROSSDOMAIN, "monocross", SOURCE_ONLY | PLUS},
    {BC_ARM_BICROSS_PLUS, "bicross_plus", "BiCross+", BC_CROSSDOMAIN, "monocross", PLUS},
    {BC_ARM_SUPERVISED, "supervised", "Supervised", BC_SUPERVISED, "monocross", AS_GIVEN},
};
enum { RUNS = sizeof runs / sizeof *runs };

void bc_demo_result_release(bc_demo_result *result) {
    free(result->target);
    free(result->source);
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
    bc_config c = bc_config_of_stage(config, form & SOURCE_ONLY ? BC_CONTROL : BC_CROSSDOMAIN);
    if (form & PLUS) {
        c.method = BC_METHOD_PLUS;
        bc_config_settle(&c);
    }
    return c;
}

static bc_status train_arm(seed_run *run, const arm_run *arm) {
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
                        .observer = run->options->observer};
    return bc_train(run->host, &job);
}

static bc_status score_arm(seed_run *run, const arm_run *arm, bc_demo_pictures *pictures, bc_scores *source,
                           bc_scores *target) {
    bc_trained network;
    char weights[PATH_BYTES];
    const bc_config *c = &run->config;
    snprintf(weights, sizeof weights, "%s/%s/" BC_RUN_WEIGHTS, run->folder, arm->folder);
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
        pictures->arm = arm->arm;
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
    for (int i = 0; i < RUNS && status == BC_OK; i++)
        status = train_arm(run, &runs[i]);
    for (int i = 0; i < RUNS && status == BC_OK; i++)
        if (runs[i].arm < BC_ARM_COUNT)
            status = score_arm(run, &runs[i], pictures, &source[runs[i].arm], &target[runs[i].arm]);
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
        for (int i = 0; i < RUNS; i++) {
            seed_folder(config, o, s, seed);
            snprintf(path, sizeof path, "%.1100s/%s", seed, runs[i].folder);
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
        for (int i = 0; i < RUNS; i++)
            fprintf(writer.stream, "seed-%d/%s\n", config->seed + s, runs[i].folder);
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
    bc_config plus = config_of(config, PLUS); /* what it adds may contradict what was given */
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
    if (!result->source || !result->target)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the results of %d seeds", o->seeds);
    BC_TRY(run_seeds(host, config, o, result));
    return bc_demo_write_results(host, config, o, result);
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
