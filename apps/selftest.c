/* bicross selftest: each family of kernels against a plain reference on the chosen device, in seconds. The
 * full checks, gradients included, are the test programs; this is for a driver that nobody has tried yet. */
#include "apps/common/app.h"
#include "apps/selftest_reference.h"
#include "bicross/data/spike_device.h"
#include "bicross/train/evaluate.h"
#include "host/base/clock.h"
#include "host/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INPUTS = 3 };

typedef struct operand {
    bc_shape shape;
    float *data;
} operand;

/* One check: random inputs, what the device makes of them, what it should be. */
typedef struct check {
    bc_host *host;
    bc_error *err;
    bc_random random;
    operand inputs[MAX_INPUTS];
    int input_count;
    bc_shape shape; /* of the output */
    float *found, *expected;
} check;

static void release_check(check *c) {
    for (int i = 0; i < c->input_count; i++)
        free(c->inputs[i].data);
    free(c->found);
    free(c->expected);
}

/* Adds an input of normal values; NULL when memory does not suffice. */
static float *input(check *c, bc_shape shape) {
    operand *o = &c->inputs[c->input_count++];
    *o = (operand){shape, malloc(bc_shape_count(shape) * sizeof(float))};
    for (size_t i = 0; o->data && i < bc_shape_count(shape); i++)
        o->data[i] = bc_random_normal(&c->random);
    return o->data;
}

typedef bc_value *(*builder)(bc_graph *g, bc_value **inputs);

static bc_status run_graph(check *c, bc_graph *g, builder build) {
    bc_value *values[MAX_INPUTS];
    for (int i = 0; i < c->input_count; i++)
        values[i] = bc_graph_input(g, "selftest", c->inputs[i].shape);
    bc_value *y = bc_graph_keep(g, build(g, values));
    bc_plan *plan;
    BC_TRY(bc_plan_create(g, BC_INFER, &plan));
    bc_status status = BC_OK;
    for (int i = 0; i < c->input_count && status == BC_OK; i++)
        status = bc_value_write(g, values[i], c->inputs[i].data);
    if (status == BC_OK)
        status = bc_plan_forward(plan);
    if (status == BC_OK) {
        c->shape = y->shape;
        c->found = malloc(bc_shape_count(y->shape) * sizeof(float));
        c->expected = malloc(bc_shape_count(y->shape) * sizeof(float));
        status = c->found && c->expected ? bc_value_read(g, y, c->found)
                                         : bc_fail(c->err, BC_E_MEMORY, "no memory for the selftest");
    }
    bc_plan_release(plan);
    return status;
}

/* Runs `build` on the inputs; afterwards c->found and c->shape are set and c->expected has room. */
static bc_status on_device(check *c, builder build) {
    bc_graph *g;
    for (int i = 0; i < c->input_count; i++)
        if (!c->inputs[i].data)
            return bc_fail(c->err, BC_E_MEMORY, "no memory for the selftest");
    BC_TRY(bc_graph_create(c->host, &g));
    bc_status status = run_graph(c, g, build);
    bc_graph_release(g);
    return status;
}

/* --- the families --- */

static bc_value *build_conv(bc_graph *g, bc_value **in) {
    return bc_conv2d(g, in[0], in[1], NULL, bc_conv_same(in[0]->shape, 3, 3, 2));
}

static bc_status check_conv(check *c) {
    bc_shape xs = {1, 13, 22, 24}, ws = {3, 3, 24, 40};
    float *x = input(c, xs), *w = input(c, ws);
    BC_TRY(on_device(c, build_conv));
    app_reference_conv(x, xs, w, ws, bc_conv_same(xs, 3, 3, 2), c->shape, c->expected);
    return BC_OK;
}

static bc_value *build_linear(bc_graph *g, bc_value **in) {
    return bc_linear(g, in[0], in[1], in[2]);
}

static bc_status check_linear(check *c) {
    enum { ROWS = 37, IN = 96, OUT = 70 };
    float *x = input(c, (bc_shape){1, 1, ROWS, IN}), *w = input(c, (bc_shape){1, 1, IN, OUT});
    float *bias = input(c, (bc_shape){1, 1, 1, OUT});
    BC_TRY(on_device(c, build_linear));
    app_reference_linear(x, w, bias, ROWS, IN, OUT, c->expected);
    return BC_OK;
}

static bc_value *build_group_norm(bc_graph *g, bc_value **in) {
    return bc_group_norm(g, in[0], in[1], in[2], 8, 1e-5f, false);
}

static bc_status check_group_norm(check *c) {
    bc_shape s = {1, 9, 11, 32}, vector = {1, 1, 1, 32};
    float *x = input(c, s), *gamma = input(c, vector), *beta = input(c, vector);
    BC_TRY(on_device(c, build_group_norm));
    app_reference_group_norm(x, s, 8, gamma, beta, 1e-5f, c->expected);
    return BC_OK;
}

static bc_value *build_layer_norm(bc_graph *g, bc_value **in) {
    return bc_layer_norm(g, in[0], in[1], in[2], 1e-6f);
}

static bc_status check_layer_norm(check *c) {
    bc_shape vector = {1, 1, 1, 192};
    float *x = input(c, (bc_shape){1, 1, 33, 192}), *gamma = input(c, vector), *beta = input(c, vector);
    BC_TRY(on_device(c, build_layer_norm));
    app_reference_layer_norm(x, 33, 192, gamma, beta, 1e-6f, c->expected);
    return BC_OK;
}

static bc_value *build_attention(bc_graph *g, bc_value **in) {
    return bc_attention(g, in[0], 3);
}

static bc_status check_attention(check *c) {
    float *qkv = input(c, (bc_shape){1, 1, 33, 3 * 192});
    BC_TRY(on_device(c, build_attention));
    app_reference_attention(qkv, 33, 192, 3, c->expected);
    return BC_OK;
}

static bc_value *build_resize(bc_graph *g, bc_value **in) {
    return bc_resize(g, in[0], 17, 40, BC_RESIZE_BICUBIC);
}

static bc_status check_resize(check *c) {
    bc_shape s = {1, 12, 19, 3};
    float *x = input(c, s);
    BC_TRY(on_device(c, build_resize));
    app_reference_bicubic(x, s, c->shape, c->expected);
    return BC_OK;
}

static bc_value *build_pool(bc_graph *g, bc_value **in) {
    return bc_max_pool(g, in[0], 3, bc_conv_same(in[0]->shape, 3, 3, 2));
}

static bc_status check_pool(check *c) {
    bc_shape s = {1, 15, 18, 16};
    float *x = input(c, s);
    BC_TRY(on_device(c, build_pool));
    app_reference_max_pool(x, s, 3, bc_conv_same(s, 3, 3, 2), c->shape, c->expected);
    return BC_OK;
}

static bc_value *build_gelu(bc_graph *g, bc_value **in) {
    return bc_gelu(g, in[0]);
}

static bc_status check_gelu(check *c) {
    float *x = input(c, (bc_shape){1, 1, 7, 129});
    BC_TRY(on_device(c, build_gelu));
    for (int i = 0; i < 7 * 129; i++)
        c->expected[i] = (float)(0.5 * x[i] * (1 + erf(x[i] / sqrt(2))));
    return BC_OK;
}

static bc_value *build_sig_loss(bc_graph *g, bc_value **in) {
    return bc_sig_loss(g, in[0], in[1], bc_valid_mask(g, in[1], 80, NULL));
}

/* method.md 2.2's numbers: d = {1,2,4}, y = {1,1,2}. */
static bc_status check_loss(check *c) {
    static const float depth[] = {1, 2, 4}, label[] = {1, 1, 2};
    bc_shape s = {1, 1, 3, 1};
    float *d = input(c, s), *y = input(c, s);
    if (d && y) {
        memcpy(d, depth, sizeof depth);
        memcpy(y, label, sizeof label);
    }
    BC_TRY(on_device(c, build_sig_loss));
    c->expected[0] = 0.416204558f;
    return BC_OK;
}

/* Still light of level l fires l times a frame: the rate over 128 frames differs by less than one spike. */
static bc_status check_spikes(check *c) {
    enum { H = 5, W = 13 };
    float light[H * W];
    bc_spike_stream stream;
    bc_simulator ideal = bc_simulator_ideal();
    for (int i = 0; i < H * W; i++)
        light[i] = (float)(i + 1) / (H * W);
    BC_TRY(bc_simulate_stream(c->host, light, 1, H, W, BC_SPIKE_FRAMES, &ideal, 1, &stream));
    c->shape = (bc_shape){1, H, W, 1};
    c->found = malloc(sizeof light);
    c->expected = malloc(sizeof light);
    bc_status status = c->found && c->expected ? bc_spike_rate(c->host, &stream, 0, BC_SPIKE_FRAMES, c->found)
                                               : bc_fail(c->err, BC_E_MEMORY, "no memory for the selftest");
    bc_spikes_release(&stream);
    BC_TRY(status);
    memcpy(c->expected, light, sizeof light);
    return BC_OK;
}

static bc_status check_metrics(check *c) {
    static const float depth[] = {1, 2, 4}, label[] = {1, 1, 2};
    bc_metrics m;
    BC_TRY(bc_metrics_of(c->host, depth, label, 1, 3, 80, true, &m));
    c->shape = (bc_shape){1, 1, 1, 4};
    c->found = malloc(4 * sizeof(float));
    c->expected = malloc(4 * sizeof(float));
    if (!c->found || !c->expected)
        return bc_fail(c->err, BC_E_MEMORY, "no memory for the selftest");
    const double found[] = {m.abs_rel, m.sq_rel, m.rmse, m.delta[0]};
    const double expected[] = {2.0 / 3, 1, sqrt(5.0 / 3), 1.0 / 3};
    for (int i = 0; i < 4; i++) {
        c->found[i] = (float)found[i];
        c->expected[i] = (float)expected[i];
    }
    return BC_OK;
}

/* --- running them --- */

static const struct {
    const char *name;
    bc_status (*run)(check *c);
    double allowed; /* largest difference, relative to the largest magnitude */
} checks[] = {
    {"convolution", check_conv, 1e-5},
    {"linear (matrix product)", check_linear, 1e-5},
    {"group norm", check_group_norm, 1e-5},
    {"layer norm", check_layer_norm, 1e-5},
    {"attention", check_attention, 1e-5},
    {"bicubic resize", check_resize, 1e-5},
    {"max pool", check_pool, 0},
    {"gelu", check_gelu, 1e-5},
    {"depth loss", check_loss, 1e-5},
    {"spike simulation and rate", check_spikes, 1.0 / BC_SPIKE_FRAMES},
    {"metrics", check_metrics, 1e-5},
};
enum { CHECK_COUNT = sizeof checks / sizeof checks[0] };

static double difference(const check *c) {
    double largest = 0, magnitude = 0;
    for (size_t i = 0; i < bc_shape_count(c->shape); i++) {
        double d = fabs((double)c->found[i] - c->expected[i]);
        if (!(d <= largest)) /* a NaN is kept */
            largest = d;
        magnitude = fmax(magnitude, fabs(c->expected[i]));
    }
    return largest / magnitude;
}

/* Prints the outcome of one check; true when it is right. */
static bool run_check(bc_host *host, int index) {
    bc_error *err = bc_host_error(host);
    check c = {.host = host, .err = err, .random = {.seed = 1, .stream = (uint32_t)index}};
    double started = bc_seconds_now();
    bc_status status = checks[index].run(&c);
    double found = status == BC_OK ? difference(&c) : NAN;
    bool right = found <= checks[index].allowed;
    release_check(&c);
    printf("%-5s %-28s", right ? "ok" : "WRONG", checks[index].name);
    if (status == BC_OK)
        printf("difference %.1e (allowed %.1e)  %.2f s\n", found, checks[index].allowed,
               bc_seconds_now() - started);
    else
        printf("%s\n", err->text);
    bc_error_clear(err); /* the next one may still work */
    return right;
}

static bc_status selftest(bc_error *err, const app_common *common) {
    bc_host *host;
    BC_TRY(app_host(err, common, NULL, false, &host));
    printf("%s, %s\n", bc_host_device(host)->name, bc_host_device(host)->platform_name);
    int wrong = 0;
    for (int i = 0; i < CHECK_COUNT; i++)
        wrong += !run_check(host, i);
    bc_host_close(host);
    if (wrong > 0)
        return bc_fail(err, BC_E_OPENCL, "%d of %d checks failed on this device: do not trust its results",
                       wrong, CHECK_COUNT);
    printf("all %d checks passed\n", CHECK_COUNT);
    return BC_OK;
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
    return app_exit(&app_selftest, &err, selftest(&err, &common));
}

const app_command app_selftest = {"selftest",
                                  "Check every family of kernels against plain references on a device.",
                                  "bicross selftest --device 0", run};
