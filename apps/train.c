/* bicross train: one stage, or all in order, from a configuration. */
#include "apps/app.h"
#include "apps/data.h"
#include "apps/metrics.h"
#include "apps/progress.h"
#include "bicross/report.h"
#include "host/file.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    const char *config, *stage, *out, *init;
    bool resume, print_config;
} arguments;

typedef struct session {
    bc_host *host;
    bc_error *err;
    const arguments *arguments;
    bc_config config;
    app_progress progress;
    bc_observer observer;
} session;

/* Those that the configuration's init does not start. */
static bool starts_from_a_stage(const char *stage) {
    return strcmp(stage, bc_stage_name(BC_CROSSMODALITY)) == 0 ||
           strcmp(stage, bc_stage_name(BC_CROSSDOMAIN)) == 0;
}

/* An option's value, when it is given, over the configuration's. */
static bc_status take_text(bc_error *err, const char *option, char text[BC_TEXT]) {
    if (option && snprintf(text, BC_TEXT, "%s", option) >= BC_TEXT)
        return bc_fail(err, BC_E_ARGUMENT, "the path %s is too long", option);
    return BC_OK;
}

static bc_status configure(bc_error *err, const arguments *a, bc_config *config) {
    BC_TRY(app_config(err, &a->common, a->config, false, config));
    BC_TRY(take_text(err, a->out, config->out));
    return starts_from_a_stage(a->stage) ? BC_OK : take_text(err, a->init, config->init);
}

static bc_status stage_path(session *s, bc_stage stage, const char *name, char path[APP_PATH]) {
    char relative[128];
    snprintf(relative, sizeof relative, "%s%s%s", bc_stage_name(stage), *name ? "/" : "", name);
    return app_path(s->err, path, s->config.out, relative);
}

/* Opens what the stage reads; absent ones stay NULL. */
static bc_status open_data(session *s, bc_train_job *job) {
    bool target_only = job->stage == BC_SUPERVISED;
    app_role target = target_only ? APP_LABELLED_TARGET : APP_TARGET;
    if (!target_only)
        BC_TRY(app_data_open(s->host, &s->config, APP_SOURCE, &job->source));
    if (target_only || job->stage == BC_CROSSDOMAIN)
        BC_TRY(app_data_open(s->host, &s->config, target, &job->target));
    return app_data_open(s->host, &s->config, APP_VALIDATION, &job->validation);
}

static bc_status train_stage(session *s, bc_stage stage) {
    char folder[APP_PATH], before[APP_PATH];
    bool all = strcmp(s->arguments->stage, "all") == 0;
    BC_TRY(stage_path(s, stage, "", folder));
    bc_train_job job = {.stage = stage,
                        .config = &s->config,
                        .folder = folder,
                        .resume = s->arguments->resume,
                        .observer = &s->observer};
    if (stage == BC_CROSSMODALITY || stage == BC_CROSSDOMAIN) {
        BC_TRY(stage_path(s, stage == BC_CROSSMODALITY ? BC_PRETRAIN : BC_CROSSMODALITY,
                          "weights.safetensors", before));
        job.weights = s->arguments->init && !all ? s->arguments->init : before;
    }
    bc_status status = open_data(s, &job);
    if (status == BC_OK)
        status = bc_train(s->host, &job);
    bc_dataset_release(job.source);
    bc_dataset_release(job.target);
    bc_dataset_release(job.validation);
    app_progress_end(&s->progress);
    return status;
}

/* Writes the metrics as FILE and prints them. */
static bc_status write_scores(session *s, const bc_metrics *metrics) {
    char path[APP_PATH];
    bc_file_writer writer;
    printf("\nTarget test set:\n");
    app_metrics_table(stdout, metrics);
    BC_TRY(app_path(s->err, path, s->config.out, "table.txt"));
    BC_TRY(bc_file_writer_open(s->err, path, &writer));
    fprintf(writer.stream, "Target test set\n");
    app_metrics_table(writer.stream, metrics);
    BC_TRY(bc_file_writer_commit(s->err, &writer));
    BC_TRY(app_path(s->err, path, s->config.out, "results.json"));
    BC_TRY(bc_file_writer_open(s->err, path, &writer));
    app_metrics_json(writer.stream, metrics);
    return bc_file_writer_commit(s->err, &writer);
}

static bc_status score(session *s) {
    char weights[APP_PATH];
    BC_TRY(stage_path(s, BC_CROSSDOMAIN, "weights.safetensors", weights));
    bc_trained network;
    bc_dataset *test = NULL;
    bc_metrics metrics;
    bc_evaluate_options options = {.input_height = s->config.input_height,
                                   .input_width = s->config.input_width,
                                   .dmax = s->config.dmax,
                                   .whole_image = s->config.whole_image};
    BC_TRY(bc_trained_open(s->host, &s->config, weights, &network));
    bc_status status = app_data_open(s->host, &s->config, APP_TEST, &test);
    if (status == BC_OK)
        status = bc_evaluate(s->host, network.params, &network.model, test, &options, &metrics);
    bc_dataset_release(test);
    bc_trained_close(&network);
    return status == BC_OK ? write_scores(s, &metrics) : status;
}

/* The published recipe: runs 1, 2 and 3, each starting from the one before. */
static bc_status train_all(session *s) {
    static const bc_stage order[] = {BC_PRETRAIN, BC_CROSSMODALITY, BC_CROSSDOMAIN};
    for (int i = 0; i < 3; i++)
        BC_TRY(train_stage(s, order[i]));
    return score(s);
}

static bc_status train_and_report(session *s) {
    bool all = strcmp(s->arguments->stage, "all") == 0;
    bc_stage stage = BC_PRETRAIN;
    if (!all)
        BC_TRY(bc_stage_find(s->err, s->arguments->stage, &stage));
    BC_TRY(bc_make_folder(s->err, s->config.out));
    BC_TRY(bc_report_device(s->host, s->config.out));
    s->observer = app_observe(&s->progress);
    bc_status status = all ? train_all(s) : train_stage(s, stage);
    if (status == BC_E_INTERRUPTED)
        fprintf(stderr, "Stopped and saved; the same command with --resume goes on.\n");
    BC_TRY(status);
    BC_TRY(bc_report_write(s->err, s->config.out));
    printf("Wrote %s/report.html\n", s->config.out);
    return BC_OK;
}

static bc_status print_config(bc_error *err, const bc_config *config) {
    char *text;
    BC_TRY(bc_config_text(err, config, &text));
    fputs(text, stdout);
    free(text);
    return BC_OK;
}

static bc_status train(bc_error *err, const arguments *a) {
    session s = {.err = err, .arguments = a};
    BC_TRY(configure(err, a, &s.config));
    if (a->print_config)
        return print_config(err, &s.config);
    BC_TRY(app_host(err, &a->common, &s.config, false, &s.host));
    bc_status status = train_and_report(&s);
    bc_host_close(s.host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .stage = "all"};
    const app_option options[] = {
        {"config", APP_TEXT, &a.config, "FILE",
         "INI file (apps/configs/ has some); default: the built-in world", false, 0, 0},
        {"stage", APP_CHOICE, &a.stage, "pretrain|neuromorphic|crossmodality|crossdomain|supervised|all",
         "all: pretrain, crossmodality, crossdomain, then the score on the test set (default)", false, 0, 0},
        {"out", APP_TEXT, &a.out, "DIR", "run folder; each stage gets a folder in it", false, 0, 0},
        {"init", APP_TEXT, &a.init, "WEIGHTS",
         "start from these; default: [model] init, or the stage before in the run folder", false, 0, 0},
        {"resume", APP_FLAG, &a.resume, NULL, "go on from the last checkpoint", false, 0, 0},
        {"print-config", APP_FLAG, &a.print_config, NULL,
         "print every key with its meaning and value, and stop", false, 0, 0},
        APP_SET_OPTION(a.common),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_train, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&app_train, &err, train(&err, &a));
}

const app_command app_train = {
    "train", "Train one stage, or all in order, from a configuration.",
    "bicross train --config apps/configs/published.ini --stage all --set data.source=data/vkitti", run};
