/* The walk through all that can be checked. */
#include "bicross/reference/selftest.h"
#include "bicross/data/simulate.h"
#include "bicross/data/spike_device.h"
#include "bicross/reference/motion_check.h"
#include "bicross/reference/operations.h"
#include "host/base/clock.h"

#include <math.h>
#include <string.h>

/* The heaviest kernels of a network and a loss, which are those that compilers have got wrong: some seconds, most of them compiling. */
/* clang-format off */
const char *const bc_selftest_first[] = {
    "conv2d",       "3x3, padding 1",
    "spike_conv2d", "3x3, padding 1",
    "linear",       "residual",
    "group_norm",   "12 channels, 3 groups",
    "layer_norm",   "20 channels",
    "attention",    "a block of queries and one more",
    "sig loss",     "batch of two",
    NULL,
};
/* clang-format on */

typedef struct walk {
    bc_host *host;
    const bc_selftest *job;
    int number;
} walk;

static bool is_first(const bc_op *op, const bc_op_case *test) {
    for (int i = 0; bc_selftest_first[i]; i += 2)
        if (strcmp(op->name, bc_selftest_first[i]) == 0 && strcmp(test->label, bc_selftest_first[i + 1]) == 0)
            return true;
    return false;
}

static bc_finding about(const walk *w, const char *operation, const char *kind, const char *way) {
    bc_finding f = {0};
    snprintf(f.kernels, sizeof f.kernels, "%s", bc_host_cpu_kernels(w->host) ? "cpu" : "gpu");
    snprintf(f.operation, sizeof f.operation, "%s", operation);
    snprintf(f.kind, sizeof f.kind, "%s", kind && way ? kind : "-");
    snprintf(f.way, sizeof f.way, "%s", kind && way ? way : "-");
    return f;
}

/* Counts the check, and says whether it is to be made. */
static bool is_wanted(walk *w, const bc_finding *about) {
    char name[64];
    if (w->number++ < w->job->from)
        return false;
    snprintf(name, sizeof name, "%s/%s", about->operation, about->way);
    for (int i = 0; i < w->job->skip_count; i++)
        if (strcmp(w->job->skip[i], name) == 0)
            return false;
    return true;
}

static bc_status interrupted(const walk *w) {
    return bc_fail(bc_host_error(w->host), BC_E_INTERRUPTED, "interrupted");
}

static bc_status begin(const walk *w, const bc_finding *about) {
    return w->job->begin(w->job->user, w->number - 1, about) ? BC_OK : interrupted(w);
}

static bc_status end(const walk *w, bc_finding *found, const char *label, const bc_check *check,
                     double started) {
    bc_finding_note(found, label, check);
    found->seconds = bc_seconds_now() - started;
    return w->job->end(w->job->user, w->number - 1, found) ? BC_OK : interrupted(w);
}

/* --- operations --- */

/* With a tile behind it, a word is a way that only measuring chooses. */
static bool is_tile(const char *variant) {
    return strpbrk(variant, "0123456789") != NULL;
}

/* `checker` is made when the first is wanted. */
static bc_status check_way(walk *w, const bc_operation *operation, const bc_op_case *test,
                           const char *variant, bc_checker **checker) {
    const bc_op *op = operation->op;
    bc_finding finding = about(w, op->name, op->ways, variant ? variant : op->way);
    bc_check check;
    double started = bc_seconds_now();
    if (!is_wanted(w, &finding))
        return BC_OK;
    if (!*checker)
        BC_TRY(bc_checker_create(w->host, operation, test, checker));
    BC_TRY(begin(w, &finding));
    bc_check_variant(*checker, variant, &check);
    return end(w, &finding, test->label, &check, started);
}

/* Where there are variants, the plan's choice is one of them. */
static bc_status check_case(walk *w, const bc_operation *operation, const bc_op_case *test) {
    const char *variants[BC_CHECKS];
    int count;
    bc_checker *checker = NULL;
    BC_TRY(bc_case_variants(w->host, operation->op, test, variants, &count));
    bc_status status = BC_OK;
    for (int i = count > 1; i < count && status == BC_OK; i++)
        if (w->job->whole || !variants[i] || !is_tile(variants[i]))
            status = check_way(w, operation, test, variants[i], &checker);
    bc_checker_release(checker);
    return status;
}

/* --- what is no operation of a graph --- */

/* Still light of level l fires l times a frame: the rate over 128 frames differs by less than one spike. */
static bc_status measure_spikes(bc_host *host, double *largest) {
    enum { H = 5, W = 13 };
    float light[H * W], rate[H * W];
    bc_spike_stream stream;
    bc_simulator ideal = bc_simulator_ideal();
    for (int i = 0; i < H * W; i++)
        light[i] = (float)(i + 1) / (H * W);
    BC_TRY(bc_simulate_stream(host, light, 1, H, W, BC_SPIKE_FRAMES, &ideal, 1, &stream));
    bc_status status = bc_spike_rate(host, &stream, 0, BC_SPIKE_FRAMES, rate);
    bc_spikes_release(&stream);
    BC_TRY(status);
    for (int i = 0; i < H * W; i++)
        *largest = fmax(*largest, isnan(rate[i]) ? INFINITY : fabs((double)rate[i] - light[i]));
    return BC_OK;
}

/* What fails on the device is wrong. */
static void judge(bc_host *host, bc_status status, const char *what, bc_check *check) {
    bc_error *err = bc_host_error(host);
    if (status != BC_OK)
        snprintf(check->fault, sizeof check->fault, "%.290s", err->text);
    else if (!(check->output <= check->output_allowed))
        snprintf(check->fault, sizeof check->fault, "%s: off by %.3g", what, check->output);
    bc_error_clear(err);
}

static bc_status check_spikes(walk *w) {
    bc_finding finding = about(w, "spike simulation", NULL, NULL);
    bc_check check = {.output_allowed = 1.0 / BC_SPIKE_FRAMES};
    double started = bc_seconds_now();
    if (!is_wanted(w, &finding))
        return BC_OK;
    BC_TRY(begin(w, &finding));
    judge(w->host, measure_spikes(w->host, &check.output), "the rate", &check);
    return end(w, &finding, "still light", &check, started);
}

/* Each step of finding motion. */
static bc_status check_motion(walk *w) {
    bc_finding finding = about(w, "motion", NULL, NULL);
    bc_motion_check steps[BC_MOTION_CHECKS];
    bc_check check = {0};
    const char *what = "";
    double started = bc_seconds_now();
    if (!is_wanted(w, &finding))
        return BC_OK;
    BC_TRY(begin(w, &finding));
    bc_status status = bc_check_motion(w->host, 13, 17, steps);
    for (int i = 0; i < BC_MOTION_CHECKS && status == BC_OK; i++)
        if (!(steps[i].difference * check.output_allowed < check.output * steps[i].allowed)) {
            what = steps[i].step;
            check.output = steps[i].difference;
            check.output_allowed = steps[i].allowed;
        }
    judge(w->host, status, what, &check);
    return end(w, &finding, "random images", &check, started);
}

bc_status bc_selftest_run(bc_host *host, const bc_selftest *job) {
    walk w = {.host = host, .job = job};
    const bc_operation *operation;
    for (int i = 0; (operation = bc_operation_at(i)) != NULL; i++)
        for (const bc_op_case *c = operation->op->cases; c->label; c++)
            if (c->use != BC_CASE_MEASURE && (job->whole || is_first(operation->op, c)))
                BC_TRY(check_case(&w, operation, c));
    if (!job->whole)
        return BC_OK;
    BC_TRY(check_spikes(&w));
    return check_motion(&w);
}
