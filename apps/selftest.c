/* bicross selftest: every case of every operation, in every variant, on the chosen device, against plain references; for a driver that
 * nobody has tried yet. */
#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "bicross/data/simulate.h"
#include "bicross/data/spike_device.h"
#include "bicross/reference/motion_check.h"
#include "bicross/reference/operations.h"
#include "host/base/clock.h"
#include "net/reference/check.h"

#include <math.h>
#include <stdio.h>

/* The worst of one operation. */
typedef struct outcome {
    int checks, wrong;
    double output, gradient; /* largest differences, over the largest magnitude */
    char fault[400];         /* of the first that is wrong */
} outcome;

static void add(outcome *sum, const bc_op_case *test, const bc_check *check) {
    sum->checks++;
    sum->output = fmax(sum->output, check->output);
    sum->gradient = fmax(sum->gradient, check->gradient);
    if (check->fault[0] && sum->wrong++ == 0)
        snprintf(sum->fault, sizeof sum->fault, "%.60s%s%s: %s", test->label, check->variant ? ", " : "",
                 check->variant ? check->variant : "", check->fault);
}

static bc_status run_case(bc_host *host, const bc_operation *operation, const bc_op_case *test,
                          outcome *sum) {
    bc_check checks[BC_CHECKS];
    int count;
    BC_TRY(bc_check_case(host, operation, test, BC_CHECKS, checks, &count));
    for (int i = 0; i < count; i++)
        add(sum, test, &checks[i]);
    return BC_OK;
}

/* Prints the outcome of one operation and counts it when it is wrong. */
static bc_status run_operation(bc_host *host, const bc_operation *operation, int *wrong) {
    outcome sum = {0};
    double started = bc_seconds_now();
    for (const bc_op_case *c = operation->op->cases; c->label; c++) {
        if (app_interrupted())
            return bc_fail(bc_host_error(host), BC_E_INTERRUPTED, "interrupted");
        if (c->use != BC_CASE_MEASURE)
            BC_TRY(run_case(host, operation, c, &sum));
    }
    printf("%-5s %-20s %3d checks  differences %.1e", sum.wrong ? "WRONG" : "ok", operation->op->name,
           sum.checks, sum.output);
    if (operation->op->backward)
        printf(", of gradients %.1e", sum.gradient);
    printf("  %.2f s\n", bc_seconds_now() - started);
    if (sum.wrong)
        printf("      %d of %d wrong: %s\n", sum.wrong, sum.checks, sum.fault);
    fflush(stdout);
    *wrong += sum.wrong > 0;
    return BC_OK;
}

/* Still light of level l fires l times a frame: the rate over 128 frames differs by less than one spike. */
static bc_status run_spikes(bc_host *host, int *wrong) {
    enum { H = 5, W = 13 };
    float light[H * W], rate[H * W];
    double largest = 0, allowed = 1.0 / BC_SPIKE_FRAMES;
    bc_spike_stream stream;
    bc_simulator ideal = bc_simulator_ideal();
    for (int i = 0; i < H * W; i++)
        light[i] = (float)(i + 1) / (H * W);
    BC_TRY(bc_simulate_stream(host, light, 1, H, W, BC_SPIKE_FRAMES, &ideal, 1, &stream));
    bc_status status = bc_spike_rate(host, &stream, 0, BC_SPIKE_FRAMES, rate);
    bc_spikes_release(&stream);
    BC_TRY(status);
    for (int i = 0; i < H * W; i++)
        largest = fmax(largest, isnan(rate[i]) ? INFINITY : fabs((double)rate[i] - light[i]));
    bool right = largest <= allowed;
    printf("%-5s %-20s   1 check   differences %.1e\n", right ? "ok" : "WRONG", "spike simulation", largest);
    *wrong += !right;
    return BC_OK;
}

/* Each step of finding motion. */
static bc_status run_motion(bc_host *host, int *wrong) {
    bc_motion_check checks[BC_MOTION_CHECKS];
    double largest = 0;
    const char *fault = NULL;
    BC_TRY(bc_check_motion(host, 13, 17, checks));
    for (int i = 0; i < BC_MOTION_CHECKS; i++) {
        largest = fmax(largest, checks[i].difference);
        if (checks[i].difference > checks[i].allowed)
            fault = checks[i].step;
    }
    printf("%-5s %-20s %3d checks  differences %.1e\n", fault ? "WRONG" : "ok", "motion", BC_MOTION_CHECKS,
           largest);
    if (fault)
        printf("      wrong: %s\n", fault);
    *wrong += fault != NULL;
    return BC_OK;
}

static bc_status run_all(bc_host *host) {
    const bc_operation *operation;
    int count = 0, wrong = 0;
    for (; (operation = bc_operation_at(count)) != NULL; count++)
        BC_TRY(run_operation(host, operation, &wrong));
    BC_TRY(run_spikes(host, &wrong));
    BC_TRY(run_motion(host, &wrong));
    count += 2;
    if (wrong > 0)
        return bc_fail(bc_host_error(host), BC_E_OPENCL,
                       "%d of %d operations are wrong on this device: do not trust its results", wrong,
                       count);
    printf("all %d operations are right\n", count);
    return BC_OK;
}

static bc_status selftest(bc_error *err, const app_common *common) {
    bc_host *host;
    BC_TRY(app_host(err, common, NULL, false, &host));
    printf("%s, %s\n", bc_host_device(host)->name, bc_host_device(host)->platform_name);
    bc_status status = run_all(host);
    bc_host_close(host);
    return status;
}

static int run(int argc, char **argv) {
    app_common common = APP_COMMON_DEFAULTS;
    const app_option options[] = {
        APP_DEVICE_OPTION(common),
    };
    int exit_status;
    if (!APP_PARSE(&app_selftest, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    app_interrupt_install();
    return app_exit(&app_selftest, &err, selftest(&err, &common));
}

const app_command app_selftest = {"selftest", "Check every operation against plain references on a device.",
                                  "bicross selftest --device 0", run};
