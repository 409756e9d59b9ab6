/* bicross tune: measures which algorithm, in which tile, is the fastest on this device for the work that the networks do, and keeps the
 * answers. It lets the networks' operations choose, as a plan does; a host that measures then runs a contest for each class of work that
 * its file lacks. */
#include "apps/bench/cases.h"
#include "apps/common/app.h"
#include "apps/common/checked.h"
#include "apps/common/interrupt.h"
#include "apps/progress.h"
#include "host/open.h"
#include "host/tuning/choices.h"

#include <string.h>
#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *network, *output;
    int seconds;
} arguments;

typedef struct tuner {
    bc_host *host;
    app_progress progress;
    int classes;
} tuner;

static void print_result(void *user, const bc_contest_result *result) {
    tuner *t = user;
    const bc_contest *c = result->contest;
    double before = result->seconds[c->usual], after = result->seconds[result->winner];
    app_progress_end(&t->progress);
    printf("%-40s %-8s", c->key, c->choices[result->winner]);
    if (result->winner != c->usual && before > 0)
        printf(" %5.2f times the rule's speed", before / after);
    for (int i = 0; i < c->count; i++) {
        printf("; %s ", c->choices[i]);
        if (result->fault[i][0])
            printf("left out, %s", result->fault[i]);
        else if (result->seconds[i] > 0)
            printf("%.3f ms", 1e3 * result->seconds[i]);
        else
            printf("not measured");
    }
    putchar('\n');
    fflush(stdout);
    t->classes++;
}

static bool wanted(const arguments *a, const bench_case *c) {
    return strcmp(c->group, a->network) == 0 ||
           (strcmp(a->network, "all") == 0 && strcmp(c->group, "other") != 0);
}

static bc_status ask(tuner *t, const arguments *a, const bench_cases *cases) {
    for (int i = 0; i < cases->count; i++) {
        bc_node *node = cases->items[i].node;
        if (app_interrupted())
            return bc_fail(bc_host_error(t->host), BC_E_INTERRUPTED,
                           "interrupted: what was measured so far is in the file");
        app_progress_count(&t->progress, "operations", i + 1, cases->count);
        if (!wanted(a, &cases->items[i]) || !node->op->choose)
            continue;
        node->op->choose(node, false);
        if (node->output->needs_grad)
            node->op->choose(node, true);
    }
    return BC_OK;
}

static bc_status tune(tuner *t, const arguments *a) {
    bc_config config;
    bench_cases cases;
    bc_error *err = bc_host_error(t->host);
    bc_config_defaults(&config);
    bench b = {.host = t->host, .err = err, .config = &config};
    bc_tuning_observer observer = {print_result, t};
    bc_tuning_observe(t->host, a->seconds, &observer);
    bc_status status = bench_cases_collect(&b, &cases);
    if (status == BC_OK)
        status = ask(t, a, &cases);
    bench_cases_release(&cases);
    app_progress_end(&t->progress);
    return status;
}

static bc_status tune_device(bc_error *err, const arguments *a) {
    char path[APP_PATH], text[BC_TUNING_TEXT];
    tuner t = {.progress = app_progress_begin(a->common.volume)};
    if (!a->output)
        BC_TRY(bc_tuning_default_path(err, path));
    bc_device_info device;
    bc_left_out left_out = {0};
    BC_TRY(app_device(err, &a->common, NULL, &device));
    BC_TRY(app_left_out(err, &a->common, &device, &left_out));
    bc_host_options options = {.device = a->common.device,
                               .tuning = a->output ? a->output : path,
                               .measure = true,
                               .left_out = &left_out};
    BC_TRY(bc_host_open(&options, err, &t.host));
    printf("%s, %s\n", bc_host_device(t.host)->name, bc_host_device(t.host)->platform_name);
    bc_status status = tune(&t, a);
    int left = bc_tuning_left_out(t.host);
    if (status == BC_OK)
        status = bc_tuning_write(err, bc_host_tuning(t.host));
    bc_tuning_describe(bc_host_tuning(t.host), text);
    bc_host_close(t.host);
    if (left)
        printf("%d classes of work were left out for lack of time (--seconds): the same command goes on.\n",
               left);
    printf("measured %d classes of work: %s\n", t.classes, text);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .network = "all", .seconds = 600};
    const app_option options[] = {
        APP_GROUP("What is measured"),
        {"network", APP_CHOICE, &a.network, "hybrid|tiny|all", "whose work (default: all)", false, 0, 0},
        {"seconds", APP_INT, &a.seconds, "N",
         "do not begin to measure anything after this time (default: 600)", false, 0, 86400},
        {"output", APP_TEXT, &a.output, "FILE",
         "the file, which is added to (default: tuning.ini in the cache folder, which all commands read)",
         false, 0, 0},
        APP_GROUP("General"),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_tune, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    app_interrupt_install(a.common.volume, "this measurement");
    return app_exit(&err, tune_device(&err, &a));
}

const app_command app_tune = {
    "tune", "Measure which algorithms are the fastest on this device, and keep the winners.",
    "bicross tune --network tiny --output tuning.ini", run};
