/* Packed spikes as a network's input: their convolution without unpacking, against sums in double precision; unpacking. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/ops/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct spike_case {
    const char *label;
    bc_shape bits; /* (n,h,w,words) */
    int kernel_h, kernel_w, outputs;
    bc_conv geometry;
    bool bias, large; /* large: left out where tiny sizes are wanted */
} spike_case;

static const spike_case cases[] = {
    {"3x3, padding 1", {2, 5, 7, 1}, 3, 3, 5, {1, 1, 1, 1, 1}, true, false},
    {"3x3, no padding", {1, 5, 8, 1}, 3, 3, 16, {1, 0, 0, 0, 0}, false, false},
    {"3x3 stride 2, padding after", {2, 6, 8, 1}, 3, 3, 17, {2, 0, 0, 1, 1}, false, false},
    {"2x2 stride 2, 3 words", {1, 5, 9, 3}, 2, 2, 3, {2, 1, 0, 0, 1}, true, false},
    {"1x1 stride 3, gaps after, tiles", {1, 20, 61, 1}, 1, 1, 35, {3, 0, 1, 0, 0}, true, false},
    {"5x2, padding beyond the kernel", {1, 4, 3, 1}, 5, 2, 3, {1, 5, 3, 4, 2}, true, false},
    {"2x3 stride 4, beyond the kernel", {1, 9, 9, 1}, 2, 3, 2, {4, 3, 6, 0, 1}, true, false},
    {"5x5 stride 2, uneven padding", {1, 7, 9, 2}, 5, 5, 3, {2, 1, 1, 2, 2}, true, true},
    {"7x7 stride 2, uneven padding", {2, 14, 26, 4}, 7, 7, 40, {2, 2, 2, 3, 3}, true, true},
    {"7x7 stride 1", {1, 9, 31, 4}, 7, 7, 32, {1, 3, 3, 3, 3}, false, true},
    {"5x5, no padding", {1, 40, 60, 4}, 5, 5, 33, {1, 0, 0, 0, 0}, true, true},
    {"3x3 stride 2, very long rows", {2, 5, 2101, 1}, 3, 3, 20, {2, 1, 1, 1, 1}, true, true},
};

static bc_shape output_of(const spike_case *c) {
    const bc_conv *g = &c->geometry;
    return (bc_shape){c->bits.n, (c->bits.h + g->pad_top + g->pad_bottom - c->kernel_h) / g->stride + 1,
                      (c->bits.w + g->pad_left + g->pad_right - c->kernel_w) / g->stride + 1, c->outputs};
}

static bc_shape weight_of(const spike_case *c) {
    return (bc_shape){c->kernel_h, c->kernel_w, 32 * c->bits.c, c->outputs};
}

static uint32_t *random_bits(bc_shape s) {
    bc_random random = {.seed = 21};
    uint32_t *bits = malloc(bc_shape_count(s) * sizeof *bits);
    ck_assert_ptr_nonnull(bits);
    for (size_t i = 0; i < bc_shape_count(s); i++)
        bits[i] = bc_random_bits(&random);
    bits[0] = 0;
    bits[bc_shape_count(s) - 1] = 0xFFFFFFFFu;
    return bits;
}

static float *random_floats(size_t count, uint32_t stream) {
    bc_random random = {.seed = 22, .stream = stream};
    float *values = malloc(count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < count; i++)
        values[i] = bc_random_range(&random, -1, 1);
    return values;
}

/* Calls `use` for every output pixel and tap whose input lies inside: the input's words, the tap and the pixel. */
typedef void (*use_tap)(void *state, const spike_case *c, const uint32_t *words, int tap, size_t pixel);

static void each_tap(const spike_case *c, const uint32_t *bits, use_tap use, void *state) {
    const bc_conv *g = &c->geometry;
    bc_shape y = output_of(c), x = c->bits;
    size_t pixel = 0;
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++, pixel++)
                for (int tap = 0; tap < c->kernel_h * c->kernel_w; tap++) {
                    int iy = oy * g->stride + tap / c->kernel_w - g->pad_top;
                    int ix = ox * g->stride + tap % c->kernel_w - g->pad_left;
                    if (iy >= 0 && iy < x.h && ix >= 0 && ix < x.w)
                        use(state, c, bits + (((size_t)n * x.h + iy) * x.w + ix) * x.c, tap, pixel);
                }
}

static double sign_of(const uint32_t *words, int frame) {
    return words[frame / 32] >> (frame % 32) & 1 ? 1 : -1;
}

typedef struct sums {
    const double *from; /* weights, or the gradient of y */
    double *to;         /* y, or the gradient of the weights */
} sums;

static void add_output(void *state, const spike_case *c, const uint32_t *words, int tap, size_t pixel) {
    const sums *s = state;
    int frames = 32 * c->bits.c, outputs = c->outputs;
    for (int f = 0; f < frames; f++) {
        double sign = sign_of(words, f);
        for (int o = 0; o < outputs; o++)
            s->to[pixel * outputs + o] += sign * s->from[((size_t)tap * frames + f) * outputs + o];
    }
}

static void add_gradient(void *state, const spike_case *c, const uint32_t *words, int tap, size_t pixel) {
    const sums *s = state;
    int frames = 32 * c->bits.c, outputs = c->outputs;
    for (int f = 0; f < frames; f++) {
        double sign = sign_of(words, f);
        for (int o = 0; o < outputs; o++)
            s->to[((size_t)tap * frames + f) * outputs + o] += sign * s->from[pixel * outputs + o];
    }
}

/* --- the operation twice on the same weights, so that gradients have to add up --- */

enum { COPIES = 2 };

typedef struct rig {
    const spike_case *c;
    uint32_t *bits;
    float *weight, *bias, *dy[COPIES];
    size_t weights, pixels, results; /* results: floats that a run gives, y of both copies, dw, db */
    bc_buffer data[2], grad[2];      /* weight, bias */
    bc_graph *graph;
    bc_plan *plan;
    bc_value *input, *y[COPIES];
} rig;

static void open_rig(rig *r, const spike_case *c) {
    bc_shape out = output_of(c);
    *r = (rig){.c = c, .bits = random_bits(c->bits), .weights = bc_shape_count(weight_of(c))};
    r->pixels = (size_t)out.n * out.h * out.w;
    r->results = COPIES * r->pixels * out.c + r->weights + (c->bias ? out.c : 0);
    r->weight = random_floats(r->weights, 1);
    r->bias = random_floats(out.c, 2);
    const float *values[] = {r->weight, r->bias};
    size_t counts[] = {r->weights, out.c};
    for (int i = 0; i < 2; i++) {
        ck_ok(bc_buffer_create(test_host(), counts[i] * sizeof(float), "a test input", &r->data[i]));
        ck_ok(bc_buffer_write(test_host(), r->data[i], 0, values[i], counts[i] * sizeof(float)));
        ck_ok(bc_buffer_create(test_host(), counts[i] * sizeof(float), "a test gradient", &r->grad[i]));
    }
    ck_ok(bc_graph_create(test_host(), &r->graph));
    r->input = bc_graph_input(r->graph, "bits", c->bits);
    bc_value *weight = bc_graph_external(r->graph, "w", weight_of(c), &r->data[0], &r->grad[0]);
    bc_value *bias =
        c->bias ? bc_graph_external(r->graph, "b", (bc_shape){1, 1, 1, out.c}, &r->data[1], &r->grad[1])
                : NULL;
    for (int i = 0; i < COPIES; i++) {
        r->dy[i] = random_floats(r->pixels * out.c, 3 + i);
        r->y[i] = bc_graph_keep(r->graph, bc_spike_conv2d(r->graph, r->input, weight, bias, c->geometry));
        ck_ok(bc_graph_status(r->graph));
        ck_assert(bc_shape_same(r->y[i]->shape, out));
        bc_graph_root(r->graph, r->y[i]);
    }
    ck_ok(bc_plan_create(r->graph, BC_TRAIN, &r->plan));
    ck_ok(bc_value_write(r->graph, r->input, r->bits));
}

static void close_rig(rig *r) {
    bc_plan_release(r->plan);
    bc_graph_release(r->graph);
    for (int i = 0; i < 2; i++) {
        bc_buffer_release(&r->data[i]);
        bc_buffer_release(&r->grad[i]);
        free(r->dy[i]);
    }
    free(r->bits);
    free(r->weight);
    free(r->bias);
}

/* Everything that a run gives, in one array: y of both copies, the weights' gradient, the bias's. */
static float *run(rig *r) {
    size_t map = r->pixels * r->c->outputs;
    float *all = malloc(r->results * sizeof *all), *next = all;
    ck_assert_ptr_nonnull(all);
    ck_ok(bc_buffer_fill(test_host(), r->grad[0], 0, r->weights * sizeof(float), 1e30f));
    ck_ok(bc_plan_forward(r->plan));
    for (int i = 0; i < COPIES; i++, next += map) {
        ck_ok(bc_value_read(r->graph, r->y[i], next));
        ck_ok(bc_value_write_grad(r->graph, r->y[i], r->dy[i]));
    }
    ck_ok(bc_plan_backward(r->plan));
    ck_ok(bc_buffer_read(test_host(), r->grad[0], 0, next, r->weights * sizeof(float)));
    next += r->weights;
    if (r->c->bias)
        ck_ok(bc_buffer_read(test_host(), r->grad[1], 0, next, r->c->outputs * sizeof(float)));
    return all;
}

/* What a run must give. */
static double *expected(const rig *r) {
    size_t map = r->pixels * r->c->outputs, outputs = r->c->outputs;
    double *all = calloc(r->results, sizeof *all), *weight = calloc(r->weights, sizeof *weight);
    double *dy = calloc(map, sizeof *dy);
    ck_assert(all && weight && dy);
    for (size_t i = 0; i < r->weights; i++)
        weight[i] = r->weight[i];
    for (size_t i = 0; i < map; i++) {
        all[i] = r->c->bias ? r->bias[i % outputs] : 0;
        dy[i] = (double)r->dy[0][i] + r->dy[1][i];
        if (r->c->bias)
            all[COPIES * map + r->weights + i % outputs] += dy[i];
    }
    each_tap(r->c, r->bits, add_output, &(sums){weight, all});
    each_tap(r->c, r->bits, add_gradient, &(sums){dy, all + COPIES * map});
    memcpy(all + map, all, map * sizeof *all);
    free(weight);
    free(dy);
    return all;
}

static void compare(const spike_case *c, const char *what, const float *found, const double *wanted,
                    size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(wanted[i]));
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(found[i] - wanted[i]) <= 1e-5 * largest, "%s: %s element %zu is %g, expected %g",
                      c->label, what, i, (double)found[i], wanted[i]);
}

START_TEST(spike_conv_matches_reference) {
    const spike_case *c = &cases[_i];
    rig r;
    if (c->large && test_tiny())
        return;
    open_rig(&r, c);
    float *first = run(&r), *second = run(&r);
    ck_assert_msg(memcmp(first, second, r.results * sizeof *first) == 0, "%s: a second run gives other bits",
                  c->label);
    double *wanted = expected(&r);
    size_t maps = COPIES * r.pixels * c->outputs, rest = maps + r.weights;
    compare(c, "output", first, wanted, maps);
    compare(c, "weight gradient", first + maps, wanted + maps, r.weights);
    compare(c, "bias gradient", first + rest, wanted + rest, r.results - rest);
    free(first);
    free(second);
    free(wanted);
    close_rig(&r);
}
END_TEST

/* --- against differences of the reference, by the checker of all operations --- */

typedef struct difference_case {
    const spike_case *c;
    const uint32_t *bits;
} difference_case;

static bc_value *build(bc_graph *graph, bc_value **inputs, const void *user) {
    const difference_case *d = user;
    return bc_spike_conv2d(graph, inputs[0], inputs[1], inputs[2], d->c->geometry);
}

static void reference(double *const *inputs, double *output, const void *user) {
    const difference_case *d = user;
    bc_shape out = output_of(d->c);
    for (size_t i = 0; i < bc_shape_count(out); i++)
        output[i] = inputs[2] ? inputs[2][i % out.c] : 0;
    each_tap(d->c, d->bits, add_output, &(sums){inputs[1], output});
}

START_TEST(spike_conv_gradient_is_a_derivative) {
    const spike_case c = {"3x3 stride 2", {1, 5, 7, 1}, 3, 3, 2, {2, 1, 0, 1, 2}, true, false};
    uint32_t *bits = random_bits(c.bits);
    size_t count = bc_shape_count(c.bits);
    float *words = malloc(count * sizeof *words);
    ck_assert_ptr_nonnull(words);
    /* words pass through this checker as floats: finite ones, and every bit of the others both ways */
    for (size_t i = 0; i < count; i++)
        bits[i] &= i % 2 ? 0xBFFFFFFFu : 0x7F7FFFFFu;
    memcpy(words, bits, count * sizeof *words);
    test_check_operation(&(test_operation){
        .label = c.label,
        .input_count = 3,
        .inputs = {{.shape = c.bits, .fixed = words},
                   {.shape = weight_of(&c), .low = -1, .high = 1, .grad = true},
                   {.shape = {1, 1, 1, c.outputs}, .low = -1, .high = 1, .grad = true}},
        .build = build,
        .reference = reference,
        .user = &(difference_case){&c, bits},
    });
    free(bits);
    free(words);
}
END_TEST

/* --- errors --- */

static const bad_conv bad_convs[] = {
    {{3, 3, 32, 5}, {1, 1, 1, 1, 1}, 0, "expects 32 frames, its input has 2 words"},
    {{3, 3, 64, 5}, {0, 1, 1, 1, 1}, 0, "stride 0"},
    {{3, 3, 64, 5}, {1, -1, 1, 1, 1}, 0, "padding -1"},
    {{7, 3, 64, 5}, {1, 0, 0, 0, 0}, 0, "kernel of 7x3"},
    {{3, 3, 64, 5}, {1, 1, 1, 1, 1}, 4, "bias of weight w"},
};

START_TEST(bad_convs_are_named) {
    check_bad_conv(bc_spike_conv2d, (bc_shape){1, 5, 6, 2}, &bad_convs[_i]);
}
END_TEST

/* --- unpacking --- */

START_TEST(unpack_is_exact) {
    bc_shape s = {2, 3, 5, 1 + _i};
    size_t count = bc_shape_count(s);
    uint32_t *bits = random_bits(s);
    float *out = malloc(32 * count * sizeof *out);
    ck_assert_ptr_nonnull(out);
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *in = bc_graph_input(graph, "spikes", s);
    bc_value *y = bc_graph_keep(graph, bc_spike_unpack(graph, in));
    ck_assert_int_eq(y->shape.c, 32 * s.c);
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_value_write(graph, in, bits));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, y, out));
    for (size_t i = 0; i < 32 * count; i++)
        ck_assert_float_eq(out[i], bits[i / 32] >> (i % 32) & 1 ? 1 : -1);
    bc_plan_release(plan);
    bc_graph_release(graph);
    free(bits);
    free(out);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spike_conv");
    TCase *conv = tcase_create("convolution"), *unpack = tcase_create("unpacking");
    tcase_set_timeout(conv, 120);
    tcase_add_loop_test(conv, spike_conv_matches_reference, 0, sizeof cases / sizeof *cases);
    tcase_add_test(conv, spike_conv_gradient_is_a_derivative);
    tcase_add_loop_test(conv, bad_convs_are_named, 0, sizeof bad_convs / sizeof *bad_convs);
    tcase_add_loop_test(unpack, unpack_is_exact, 0, 4);
    suite_add_tcase(s, conv);
    suite_add_tcase(s, unpack);
    return s;
}

int main(void) {
    return test_run(suite());
}
