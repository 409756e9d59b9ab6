/* bicross bench: how fast this device is, against what it can do at most. */
#include "apps/bench/check.h"
#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "apps/common/ranks.h"
#include "apps/common/terminal.h"

#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *only, *json, *svg;
    const char *check, *keep;
    bool list, ops, networks, start_up, growth, ranks;
} arguments;

/* With --keep over everything, with --check over what still seems to have fallen; the pauses let a slow phase of a shared machine
 * pass. */
enum { PASSES_TO_KEEP = 3, PASSES_TO_CHECK = 6, PAUSE_SECONDS = 2 };

static bc_status measure_parts(bench *b, const arguments *a) {
    if (a->ops) {
        BC_TRY(bench_products(b));
        BC_TRY(bench_operations(b));
        BC_TRY(bench_optimisers(b));
    }
    if (a->networks)
        BC_TRY(bench_networks(b));
    if (a->growth)
        BC_TRY(bench_growth(b));
    return a->ranks ? bench_ranks(b, a->common.team) : BC_OK;
}

static bc_status measure_again(bench *b, const arguments *a, const bench_check *check) {
    int passes = a->keep ? PASSES_TO_KEEP : PASSES_TO_CHECK;
    for (int pass = 2; pass <= passes; pass++) {
        int count = bench_check_mark(b, check);
        if (count == 0)
            return BC_OK;
        printf("measured again, pass %d of %d: %d cases%s\n", pass, passes, count,
               a->keep ? "" : " that seem to have fallen");
        fflush(stdout);
        if (!a->keep)
            sleep(PAUSE_SECONDS); /* a signal ends it */
        b->again = true;
        BC_TRY(measure_parts(b, a));
    }
    return BC_OK;
}

static bc_status measure(bench *b, const arguments *a, bench_check *check) {
    const bc_device_info *device = bc_host_device(b->host);
    if (!b->list)
        printf("%s, %s\n", device->name, device->platform_name);
    BC_TRY(bench_check_open(b, check));
    if (!a->ranks)
        BC_TRY(bench_ceilings(b));
    BC_TRY(measure_parts(b, a));
    return measure_again(b, a, check);
}

static bc_status write_files(const bench *b, const arguments *a) {
    if (b->list)
        return BC_OK;
    if (b->row_count == 0)
        return bc_fail(b->err, BC_E_ARGUMENT,
                       "nothing was measured: no case that fits has '%s' in its name (--list)",
                       b->only ? b->only : "");
    if (a->json && bc_team_rank(a->common.team) == 0)
        BC_TRY(bench_write_json(b, a->json));
    return a->svg ? bench_write_svg(b, a->svg) : BC_OK;
}

/* The start is measured first: in processes that are forked before this one opens a device. */
static bc_status bench_all(bench *b, const arguments *a, bc_config *config, bench_check *check) {
    BC_TRY(app_config(b->err, &a->common, NULL, false, config));
    if (a->start_up)
        BC_TRY(bench_start_up(b, &a->common));
    bool open = a->ops || a->networks || a->growth || a->ranks;
    if (open)
        BC_TRY(app_host(b->err, &a->common, config, false, &b->host));
    bc_status status = open ? measure(b, a, check) : BC_OK;
    if (status == BC_OK)
        status = write_files(b, a);
    if (status == BC_OK)
        status = bench_check_finish(b, check);
    app_host_close(&a->common, b->host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        APP_GROUP("What is measured"),
        {"ops", APP_FLAG, &a.ops, NULL, "measure single operations, forward and backward", false, 0, 0},
        {"networks", APP_FLAG, &a.networks, NULL,
         "measure inference and training of whole networks (without any choice: --ops --networks)", false, 0,
         0},
        {"start-up", APP_FLAG, &a.start_up, NULL,
         "measure the time to a first result, without and with compiled kernels", false, 0, 0},
        {"growth", APP_FLAG, &a.growth, NULL,
         "measure how time and memory grow with batch, input, spike frames and channels (takes long)", false,
         0, 0},
        {"ranks", APP_FLAG, &a.ranks, NULL,
         "measure how much of the time in which the ranks of mpirun add up gradients hides behind backward",
         false, 0, 0},
        {"only", APP_TEXT, &a.only, "TEXT", "only cases with this in their name", false, 0, 0},
        {"list", APP_FLAG, &a.list, NULL, "print the names of the cases and measure nothing", false, 0, 0},
        APP_GROUP("Results"),
        {"json", APP_TEXT, &a.json, "FILE", "write all results, times in seconds", false, 0, 0},
        {"svg", APP_TEXT, &a.svg, "FILE", "write charts of --growth", false, 0, 0},
        {"check", APP_TEXT, &a.check, "FILE",
         "name the cases whose share of the ceiling is more than 15 % below this table's, with exit status 1 "
         "(a folder: the table in it that is of this device)",
         false, 0, 0},
        {"keep", APP_TEXT, &a.keep, "FILE",
         "write the table for --check, from three passes; what is not measured now stays in it", false, 0, 0},
        APP_GROUP("General"),
        APP_SET_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_bench, options, argc, argv, &exit_status))
        return exit_status;
    if (a.svg && !a.growth)
        return app_usage_error(&app_bench, "--svg draws what --growth measures: give both");
    if (a.check && a.keep)
        return app_usage_error(&app_bench, "give --check or --keep, not both");
    if ((a.check || a.keep) && (a.list || a.start_up || a.growth))
        return app_usage_error(&app_bench,
                               "--check and --keep are about what --ops and --networks measure: not with "
                               "--list, --start-up or --growth");
    if (a.ranks && (a.ops || a.networks || a.start_up || a.growth || a.check || a.keep))
        return app_usage_error(&app_bench, "--ranks is measured by itself");
    if (!a.ops && !a.networks && !a.start_up && !a.growth && !a.ranks)
        a.ops = a.networks = true;
    bool shown = a.common.volume > APP_QUIET && app_terminal(STDERR_FILENO);
    int columns = shown ? app_terminal_width(STDERR_FILENO) : 0;
    bc_error err = {0};
    bc_config config;
    bench b = {.err = &err, .config = &config, .only = a.only, .list = a.list, .columns = columns};
    bench_check check = {
        .check = a.check, .keep = a.keep, .scope = {.only = a.only, .ops = a.ops, .networks = a.networks}};
    app_interrupt_install(a.common.volume, "this measurement");
    app_ranks ranks = APP_RANKS_ALONE;
    bc_status status = a.ranks ? app_ranks_open(&err, &ranks) : BC_OK;
    a.common.team = ranks.team;
    if (status == BC_OK)
        status = bench_all(&b, &a, &config, &check);
    bench_check_release(&check);
    bench_release(&b);
    return app_ranks_exit(&ranks, &err, status);
}

const app_command app_bench = {
    "bench", "Measure operations and whole networks against what the device can do at most.",
    "bicross bench --only 'hybrid conv2d' --json bench.json", run};
