/* bicross train: one stage, or all in order, from a configuration. */
#include "apps/common/interrupt.h"
#include "apps/common/ranks.h"
#include "apps/first_check.h"
#include "apps/metrics.h"
#include "apps/progress.h"
#include "apps/run_score.h"
#include "bicross/report/history.h"
#include "bicross/report/picture.h"
#include "bicross/report/report.h"
#include "bicross/report/scored_pictures.h"
#include "bicross/train/sources.h"
#include "host/base/clock.h"
#include "host/base/file.h"
#include "host/base/lock.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    const char *config, *stage, *out, *init;
    int stop_after;
    bool resume, overwrite, other_device, print_config;
    int word_count; /* of the command line, */
    char **words;   /* for the run's history */
    double began;
} arguments;

typedef struct session {
    bc_host *host;
    bc_error *err;
    const arguments *arguments;
    bc_config config;
    bc_stage stages[3]; /* to be trained, in order */
    int stage_count;
    bool scored; /* on the test set, at the end */
    bc_sources data;
    app_progress progress;
    bc_observer observer;
} session;

/* One that the configuration's init does not start. */
static bool starts_from_a_stage(const char *name) {
    bc_stage stage, before;
    return bc_stage_find(NULL, name, &stage) == BC_OK && bc_stage_before(stage, &before);
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

/* Of several ranks the first one. */
static bool writes(const session *s) {
    return bc_team_rank(s->arguments->common.team) == 0;
}

static bc_status stage_path(session *s, bc_stage stage, const char *name, char path[APP_PATH]) {
    char relative[128];
    snprintf(relative, sizeof relative, "%s%s%s", bc_stage_name(stage), *name ? "/" : "", name);
    return app_path(s->err, path, s->config.out, relative);
}

static bc_status train_stage(session *s, bc_stage stage) {
    char folder[APP_PATH], before[APP_PATH];
    bc_stage earlier;
    BC_TRY(stage_path(s, stage, "", folder));
    bc_train_job job = {.team = s->arguments->common.team,
                        .stage = stage,
                        .config = &s->config,
                        .source = s->data.source,
                        .target = s->data.target,
                        .validation = s->data.validation,
                        .folder = folder,
                        .resume = s->arguments->resume,
                        .overwrite = s->arguments->overwrite,
                        .other_device = s->arguments->other_device,
                        .observer = &s->observer,
                        .draw = bc_picture_draw};
    if (bc_stage_before(stage, &earlier)) {
        BC_TRY(stage_path(s, earlier, s->config.init_from == BC_FROM_BEST ? BC_RUN_BEST : BC_RUN_WEIGHTS,
                          before));
        job.weights = s->arguments->init && !s->scored ? s->arguments->init : before;
    }
    bc_status status = bc_train(s->host, &job);
    app_progress_end(&s->progress);
    return status;
}

static bc_status score(session *s) {
    char weights[APP_PATH];
    BC_TRY(stage_path(s, BC_CROSSDOMAIN, BC_RUN_WEIGHTS, weights));
    return app_run_score(&(app_run){s->host, &s->config, s->data.test, s->arguments->common.team, weights});
}

/* The published recipe: each stage starts from the one before. */
static bc_status choose_stages(session *s) {
    static const bc_stage recipe[] = {BC_PRETRAIN, BC_CROSSMODALITY, BC_CROSSDOMAIN};
    s->scored = strcmp(s->arguments->stage, "all") == 0;
    s->stage_count = s->scored ? 3 : 1;
    memcpy(s->stages, recipe, sizeof recipe);
    return s->scored ? BC_OK : bc_stage_find(s->err, s->arguments->stage, &s->stages[0]);
}

/* Nothing of an earlier run is touched unless every stage may start. */
static bc_status check_folders(session *s) {
    for (int i = 0; i < s->stage_count && !s->arguments->resume; i++) {
        char folder[APP_PATH];
        BC_TRY(stage_path(s, s->stages[i], "", folder));
        BC_TRY(bc_train_check_folder(s->err, folder, s->arguments->overwrite));
    }
    return BC_OK;
}

/* A file that is not there, or no sensor, is said before hours are spent on the stages before. */
static bc_status check_sensor(const session *s) {
    bc_sensor sensor;
    if (!s->config.sensor[0] || s->arguments->resume)
        return BC_OK;
    BC_TRY(bc_sensor_read(s->err, s->config.sensor, &sensor));
    bc_sensor_release(&sensor);
    return BC_OK;
}

/* Scores of networks that are about to be trained anew, or from others. */
static bc_status remove_scores(session *s) {
    static const char *const names[] = {"table.txt", "results.json", "report.html"};
    bc_stage first = s->stages[0];
    bool counts = first == BC_PRETRAIN || first == BC_CROSSMODALITY || first == BC_CROSSDOMAIN;
    for (int i = 0; i < 3 && counts && writes(s) && !s->arguments->resume; i++) {
        char path[APP_PATH];
        BC_TRY(app_path(s->err, path, s->config.out, names[i]));
        BC_TRY(bc_file_remove(s->err, path));
    }
    return counts && writes(s) && !s->arguments->resume ? bc_scored_pictures_remove(s->err, s->config.out)
                                                        : BC_OK;
}

/* This call in the run's history. */
static bc_status remember(const session *s, bc_error *err) {
    const arguments *a = s->arguments;
    return writes(s)
               ? bc_history_add(err, s->config.out, bc_seconds_now() - a->began, a->word_count, a->words)
               : BC_OK;
}

/* What was saved counts, whether that can be written down or not. */
static void stopped(const session *s) {
    bc_error ignored = {0};
    (void)remember(s, &ignored);
}

/* *whole: all stages are finished; else the updates that were asked for are done, and saved. */
static bc_status train_in_order(session *s, bool *whole) {
    *whole = false;
    for (int i = 0; i < s->stage_count; i++) {
        if (app_progress_enough(&s->progress))
            return BC_OK;
        bc_status status = train_stage(s, s->stages[i]);
        /* Of several ranks another one may have been interrupted. */
        if (status == BC_E_INTERRUPTED && app_progress_enough(&s->progress) && !app_interrupted()) {
            bc_error_clear(s->err);
            return BC_OK;
        }
        if (status == BC_E_INTERRUPTED)
            stopped(s);
        BC_TRY(status);
    }
    *whole = true;
    return BC_OK;
}

static bc_status train_stages(session *s) {
    if (writes(s))
        BC_TRY(bc_report_device(s->host, s->config.out));
    BC_TRY(bc_sources_open(s->host, &s->config, s->stages, s->stage_count, s->scored, &s->data));
    if (s->scored && s->config.init_from == BC_FROM_BEST && !s->data.validation)
        return bc_fail(
            s->err, BC_E_ARGUMENT,
            "run.init_from = best starts stages from the weights that were best on validation: give "
            "[data] validation, or set init_from = last");
    BC_TRY(app_data_print(s->err, s->arguments->common.volume, "source", s->data.source));
    BC_TRY(app_data_print(s->err, s->arguments->common.volume, "target", s->data.target));
    BC_TRY(app_data_print(s->err, s->arguments->common.volume, "validation", s->data.validation));
    BC_TRY(app_data_print(s->err, s->arguments->common.volume, "test", s->data.test));
    BC_TRY(remove_scores(s));
    s->observer = app_observe(&s->progress, s->host, s->arguments->common.volume);
    s->progress.stop_after = s->arguments->stop_after;
    bool whole;
    BC_TRY(train_in_order(s, &whole));
    if (!whole) {
        BC_TRY(remember(s, s->err));
        printf("Stopped after %ld updates; --resume goes on.\n", s->progress.updates);
        return BC_OK;
    }
    if (s->scored)
        BC_TRY(score(s));
    if (!writes(s))
        return BC_OK;
    BC_TRY(remember(s, s->err));
    BC_TRY(bc_report_write(s->err, s->config.out));
    printf("Wrote %s/report.html\n", s->config.out);
    return BC_OK;
}

static bc_status train_in_folder(session *s) {
    BC_TRY(app_first_check(s->err, &s->arguments->common, &s->config));
    BC_TRY(app_host(s->err, &s->arguments->common, &s->config, false, &s->host));
    bc_status status = train_stages(s);
    bc_sources_close(&s->data);
    app_host_close(&s->arguments->common, s->host);
    return status;
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
    bc_lock lock = BC_LOCK_NONE;
    BC_TRY(configure(err, a, &s.config));
    if (a->print_config)
        return print_config(err, &s.config);
    BC_TRY(choose_stages(&s));
    BC_TRY(check_sensor(&s));
    if (writes(&s)) {
        BC_TRY(bc_make_folder(err, s.config.out));
        BC_TRY(bc_lock_take(err, s.config.out, &lock));
        bc_file_clean_temporaries(s.config.out);
    }
    bc_status status = bc_team_wait(a->common.team, err);
    if (status == BC_OK)
        status = check_folders(&s);
    if (status == BC_OK)
        status = train_in_folder(&s);
    bc_lock_release(&lock);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS,
                   .stage = "all",
                   .word_count = argc,
                   .words = argv,
                   .began = bc_seconds_now()};
    const app_option options[] = {
        APP_GROUP("What is trained"),
        {"config", APP_TEXT, &a.config, "FILE",
         "INI file (apps/configs/ has some); default: the built-in world", false, 0, 0},
        {"stage", APP_CHOICE, &a.stage,
         "pretrain|neuromorphic|crossmodality|crossdomain|control|supervised|all",
         "all: pretrain, crossmodality, crossdomain, then the score on the test set (default); control: "
         "after "
         "crossmodality, as many updates as crossdomain has, on source spikes alone",
         false, 0, 0},
        APP_GROUP("Run folder"),
        {"out", APP_TEXT, &a.out, "DIR", "run folder; each stage gets a folder in it", false, 0, 0},
        {"init", APP_TEXT, &a.init, "WEIGHTS",
         "start from these; default: [model] init, or the stage before in the run folder", false, 0, 0},
        {"stop-after", APP_INT, &a.stop_after, "N",
         "stop after N updates of this call, in all its stages, and keep the checkpoint: --resume goes on to "
         "the same bits",
         false, 1, 2147483647},
        {"resume", APP_FLAG, &a.resume, NULL, "go on from the last checkpoint", false, 0, 0},
        {"overwrite", APP_FLAG, &a.overwrite, NULL,
         "remove an earlier run of the same stages, and start afresh", false, 0, 0},
        {"other-device", APP_FLAG, &a.other_device, NULL,
         "with --resume: go on though device, driver or tuning differ (other last bits)", false, 0, 0},
        {"print-config", APP_FLAG, &a.print_config, NULL,
         "print every key with its meaning and value, and stop", false, 0, 0},
        APP_GROUP("General"),
        APP_FORCE_OPTION(a.common),
        APP_SET_OPTION(a.common),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_train, options, argc, argv, &exit_status))
        return exit_status;
    if (a.resume && a.overwrite)
        return app_usage_error(&app_train, "give either --resume or --overwrite");
    bc_error err = {0};
    app_ranks ranks = APP_RANKS_ALONE;
    bc_status status = app_ranks_open(&err, &ranks);
    a.common.team = ranks.team;
    if (status == BC_OK)
        status = train(&err, &a);
    return app_ranks_exit(&ranks, &err, status);
}

const app_command app_train = {
    "train", "Train one stage, or all in order, from a configuration.",
    "bicross train --config apps/configs/published.ini --stage all --set data.source=data/vkitti", run};
