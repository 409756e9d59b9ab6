/* bicross bench: how fast this device is, against what it can do at most. */
#include "apps/bench/bench.h"
#include "apps/common/app.h"
#include "apps/common/interrupt.h"

#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *only, *json, *svg;
    bool list, ops, networks, start_up, growth;
} arguments;

static bc_status measure(bench *b, const arguments *a) {
    const bc_device_info *device = bc_host_device(b->host);
    if (!b->list)
        printf("%s, %s\n", device->name, device->platform_name);
    BC_TRY(bench_ceilings(b));
    if (a->ops) {
        BC_TRY(bench_products(b));
        BC_TRY(bench_operations(b));
        BC_TRY(bench_optimisers(b));
    }
    if (a->networks)
        BC_TRY(bench_networks(b));
    return a->growth ? bench_growth(b) : BC_OK;
}

static bc_status write_files(const bench *b, const arguments *a) {
    if (b->list)
        return BC_OK;
    if (b->row_count == 0)
        return bc_fail(b->err, BC_E_ARGUMENT,
                       "nothing was measured: no case that fits has '%s' in its name (--list)",
                       b->only ? b->only : "");
    if (a->json)
        BC_TRY(bench_write_json(b, a->json));
    return a->svg ? bench_write_svg(b, a->svg) : BC_OK;
}

/* The start is measured first: in processes that are forked before this one opens a device. */
static bc_status bench_all(bench *b, const arguments *a, bc_config *config) {
    BC_TRY(app_config(b->err, &a->common, NULL, false, config));
    if (a->start_up)
        BC_TRY(bench_start_up(b, &a->common));
    bool open = a->ops || a->networks || a->growth;
    if (open)
        BC_TRY(app_host(b->err, &a->common, config, false, &b->host));
    bc_status status = open ? measure(b, a) : BC_OK;
    if (status == BC_OK)
        status = write_files(b, a);
    bc_host_close(b->host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        {"ops", APP_FLAG, &a.ops, NULL, "measure single operations, forward and backward", false, 0, 0},
        {"networks", APP_FLAG, &a.networks, NULL,
         "measure inference and training of whole networks (without any choice: --ops --networks)", false, 0,
         0},
        {"start-up", APP_FLAG, &a.start_up, NULL,
         "measure the time to a first result, without and with compiled kernels", false, 0, 0},
        {"growth", APP_FLAG, &a.growth, NULL,
         "measure how time and memory grow with batch, input, spike frames and channels (takes long)", false,
         0, 0},
        {"only", APP_TEXT, &a.only, "TEXT", "only cases with this in their name", false, 0, 0},
        {"list", APP_FLAG, &a.list, NULL, "print the names of the cases and measure nothing", false, 0, 0},
        {"json", APP_TEXT, &a.json, "FILE", "write all results, times in seconds", false, 0, 0},
        {"svg", APP_TEXT, &a.svg, "FILE", "write charts of --growth", false, 0, 0},
        APP_SET_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_bench, options, argc, argv, &exit_status))
        return exit_status;
    if (a.svg && !a.growth)
        return app_usage_error(&app_bench, "--svg draws what --growth measures: give both");
    if (!a.ops && !a.networks && !a.start_up && !a.growth)
        a.ops = a.networks = true;
    bc_error err = {0};
    bc_config config;
    bench b = {
        .err = &err, .config = &config, .only = a.only, .list = a.list, .terminal = isatty(STDERR_FILENO)};
    app_interrupt_install();
    bc_status status = bench_all(&b, &a, &config);
    bench_release(&b);
    return app_exit(&app_bench, &err, status);
}

const app_command app_bench = {
    "bench", "Measure operations and whole networks against what the device can do at most.",
    "bicross bench --only 'hybrid conv2d' --json bench.json", run};
