/* bicross demo: everything on the built-in world. */
#include "bicross/report/demo.h"
#include "apps/common/app.h"
#include "apps/first_check.h"
#include "apps/progress.h"
#include "bicross/report/history.h"
#include "bicross/report/report.h"
#include "host/base/clock.h"
#include "host/device/profile.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    const char *scenario, *protocol, *out, *config;
    int seeds;
    bool quick, resume, overwrite, other_device, profile;
    int word_count; /* of the command line, */
    char **words;   /* for the folder's history */
    double began;
} arguments;

static bc_protocol protocol_of(const arguments *a) {
    return strcmp(a->protocol, bc_protocol_words[BC_PROTOCOL_SENSOR]) == 0 ? BC_PROTOCOL_SENSOR
                                                                           : BC_PROTOCOL_GENERIC;
}

static bc_status configure(bc_error *err, const arguments *a, bc_config *config) {
    bc_config_defaults(config);
    BC_TRY(bc_demo_config(err, a->scenario, protocol_of(a), a->quick, config));
    BC_TRY(bc_config_set(err, "run.out=runs/demo", config));
    BC_TRY(app_config(err, &a->common, a->config, true, config));
    if (a->out) {
        if (strlen(a->out) >= sizeof config->out)
            return bc_fail(err, BC_E_ARGUMENT, "the name of the folder %s is too long", a->out);
        snprintf(config->out, sizeof config->out, "%s", a->out);
    }
    return BC_OK;
}

static bc_status print_profile(bc_host *host) {
    char *table;
    BC_TRY(bc_profile_table(host, &table));
    printf("\n%s", table);
    free(table);
    return BC_OK;
}

static bc_status train_and_report(bc_host *host, const arguments *a, const bc_config *config) {
    app_progress progress;
    bc_observer observer = app_observe(&progress, host, a->common.volume);
    bc_demo_options options = {.seeds = a->seeds,
                               .protocol = protocol_of(a),
                               .quick = a->quick,
                               .folder = config->out,
                               .resume = a->resume,
                               .overwrite = a->overwrite,
                               .other_device = a->other_device,
                               .observer = &observer};
    bc_demo_result result;
    char *table = NULL;
    bc_status status = bc_demo_run(host, config, &options, &result);
    app_progress_end(&progress);
    BC_TRY(status);
    status = bc_demo_table(bc_host_error(host), config, &result, &table);
    if (status == BC_OK)
        fputs(table, stdout);
    if (status == BC_OK && a->quick)
        printf(
            "\n--quick learns little more than the road's slope: it shows that everything runs, not what the "
            "method is worth. Leave it out for that.\n");
    free(table);
    bc_demo_result_release(&result);
    if (status == BC_OK)
        status = bc_history_add(bc_host_error(host), config->out, bc_seconds_now() - a->began, a->word_count,
                                a->words);
    if (status == BC_OK)
        status = bc_report_write(bc_host_error(host), config->out);
    if (status == BC_OK)
        printf("\nWrote %s/report.html\n", config->out);
    return status;
}

static bc_status demo(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    BC_TRY(configure(err, a, &config));
    BC_TRY(app_first_check(err, &a->common, &config));
    BC_TRY(app_host(err, &a->common, &config, a->profile, &host));
    bc_status status = train_and_report(host, a, &config);
    if (status == BC_OK && a->profile)
        status = print_profile(host);
    app_host_close(&a->common, host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS,
                   .scenario = "syn2real",
                   .protocol = "generic",
                   .seeds = 1,
                   .word_count = argc,
                   .words = argv,
                   .began = bc_seconds_now()};
    const app_option options[] = {
        APP_GROUP("Experiment"),
        {"scenario", APP_CHOICE, &a.scenario, "syn2real|weather|scene|realspike|night",
         "what changes from source to target", false, 0, 0},
        {"protocol", APP_CHOICE, &a.protocol, "generic|sensor",
         "augmentation of all arms: what anyone would do, or with the target's kind of noise", false, 0, 0},
        {"quick", APP_FLAG, &a.quick, NULL,
         "a fourth of the training: too short to see objects or judge the method", false, 0, 0},
        {"seeds", APP_INT, &a.seeds, "N", "repeat with N seeds: means, deviations, paired differences", false,
         1, 100},
        APP_GROUP("Run folder"),
        {"out", APP_TEXT, &a.out, "DIR", "run folder (runs/demo)", false, 0, 0},
        {"config", APP_TEXT, &a.config, "FILE", "settings over the demo's own", false, 0, 0},
        {"resume", APP_FLAG, &a.resume, NULL, "go on where an earlier run of the folder stopped", false, 0,
         0},
        {"overwrite", APP_FLAG, &a.overwrite, NULL, "remove what an earlier run left in the folder", false, 0,
         0},
        {"other-device", APP_FLAG, &a.other_device, NULL,
         "with --resume: go on though device, driver or tuning differ (other last bits)", false, 0, 0},
        {"profile", APP_FLAG, &a.profile, NULL, "print the time of every kernel", false, 0, 0},
        APP_GROUP("General"),
        APP_FORCE_OPTION(a.common),
        APP_SET_OPTION(a.common),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_demo, options, argc, argv, &exit_status))
        return exit_status;
    if (a.resume && a.overwrite)
        return app_usage_error(&app_demo, "give either --resume or --overwrite");
    bc_error err = {0};
    return app_exit(&err, demo(&err, &a));
}

const app_command app_demo = {"demo",
                              "Train both phases on the built-in world and print the table of all arms.",
                              "bicross demo --scenario weather --seeds 3 --out runs/weather", run};
