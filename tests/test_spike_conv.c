/* Packed spikes as a network's input: their convolution against that of the unpacked ones, at sizes beyond its cases; unpacking. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/ops/ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct spike_case {
    const char *label;
    bc_shape bits, weight; /* (n,h,w,words), (kh,kw,frames,outputs) */
    bc_conv geometry;
    bool bias;
} spike_case;

/* The first one also where tiny sizes are wanted. */
static const spike_case cases[] = {
    {"3x3, padding 1", {2, 5, 7, 1}, {3, 3, 32, 5}, {1, 1, 1, 1, 1}, true},
    {"7x7 stride 2, uneven padding", {2, 14, 26, 4}, {7, 7, 128, 40}, {2, 2, 2, 3, 3}, true},
    {"7x7 stride 1", {1, 9, 31, 4}, {7, 7, 128, 32}, {1, 3, 3, 3, 3}, false},
    {"5x5, no padding", {1, 40, 60, 4}, {5, 5, 128, 33}, {1, 0, 0, 0, 0}, true},
    {"3x3 stride 2, very long rows", {2, 5, 2101, 1}, {3, 3, 32, 20}, {2, 1, 1, 1, 1}, true},
};

/* Among them words of equal bits. */
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

/* --- from the bits, and from the unpacked spikes --- */

enum { WEIGHT, BIAS, INPUTS, RESULTS = INPUTS + 1 }; /* gradients of those, then y */

typedef struct rig {
    const spike_case *c;
    bc_buffer data[INPUTS], grad[INPUTS];
    bc_graph *graph;
    bc_plan *plan;
    bc_value *bits, *inputs[INPUTS], *y;
} rig;

static bc_value *make_input(rig *r, int i, bc_shape shape) {
    size_t count = bc_shape_count(shape);
    float *values = random_floats(count, 1 + (uint32_t)i);
    ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test input", &r->data[i]));
    ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test gradient", &r->grad[i]));
    ck_ok(bc_buffer_write(test_host(), r->data[i], 0, values, count * sizeof(float)));
    free(values);
    return bc_graph_external(r->graph, "input", shape, &r->data[i], &r->grad[i]);
}

static void open_rig(rig *r, const spike_case *c, bool unpacked) {
    *r = (rig){.c = c};
    ck_ok(bc_graph_create(test_host(), &r->graph));
    r->bits = bc_graph_input(r->graph, "bits", c->bits);
    r->inputs[WEIGHT] = make_input(r, WEIGHT, c->weight);
    if (c->bias)
        r->inputs[BIAS] = make_input(r, BIAS, (bc_shape){1, 1, 1, c->weight.c});
    bc_value *x = unpacked ? bc_spike_unpack(r->graph, r->bits) : r->bits;
    r->y = bc_graph_keep(r->graph, (unpacked ? bc_conv2d : bc_spike_conv2d)(r->graph, x, r->inputs[WEIGHT],
                                                                            r->inputs[BIAS], c->geometry));
    bc_graph_root(r->graph, r->y);
    ck_ok(bc_plan_create(r->graph, BC_TRAIN, &r->plan));
}

static void close_rig(rig *r) {
    bc_plan_release(r->plan);
    bc_graph_release(r->graph);
    for (int i = 0; i < INPUTS; i++) {
        bc_buffer_release(&r->data[i]);
        bc_buffer_release(&r->grad[i]);
    }
}

static size_t result_count(const rig *r, int i) {
    const bc_value *value = i == INPUTS ? r->y : r->inputs[i];
    return value ? bc_shape_count(value->shape) : 0;
}

/* Each result is an array of its own, to be freed. */
static void run(rig *r, float *results[RESULTS]) {
    uint32_t *bits = random_bits(r->c->bits);
    float *dy = random_floats(result_count(r, INPUTS), 3);
    for (int i = 0; i < RESULTS; i++)
        results[i] = malloc((result_count(r, i) + 1) * sizeof(float));
    ck_ok(bc_value_write(r->graph, r->bits, bits));
    ck_ok(bc_plan_forward(r->plan));
    ck_ok(bc_value_read(r->graph, r->y, results[INPUTS]));
    ck_ok(bc_value_write_grad(r->graph, r->y, dy));
    ck_ok(bc_plan_backward(r->plan));
    for (int i = 0; i < INPUTS; i++)
        if (r->inputs[i])
            ck_ok(bc_value_read_grad(r->graph, r->inputs[i], results[i]));
    free(bits);
    free(dy);
}

static void compare(const spike_case *c, const char *what, const float *found, const float *wanted,
                    size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(wanted[i]));
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs(found[i] - wanted[i]) <= 1e-5 * largest, "%s: %s element %zu is %g, unpacked %g",
                      c->label, what, i, found[i], wanted[i]);
}

START_TEST(packed_and_unpacked_spikes_agree) {
    static const char *const names[RESULTS] = {"weight gradient", "bias gradient", "output"};
    const spike_case *c = &cases[_i];
    rig packed, unpacked;
    float *first[RESULTS], *second[RESULTS], *wanted[RESULTS];
    if (_i > 0 && test_tiny())
        return;
    open_rig(&packed, c, false);
    open_rig(&unpacked, c, true);
    ck_assert(bc_shape_same(packed.y->shape, unpacked.y->shape));
    run(&packed, first);
    run(&packed, second);
    run(&unpacked, wanted);
    for (int i = 0; i < RESULTS; i++) {
        size_t count = result_count(&packed, i);
        ck_assert_msg(memcmp(first[i], second[i], count * sizeof(float)) == 0,
                      "%s: a second run gives other bits", c->label);
        compare(c, names[i], first[i], wanted[i], count);
        free(first[i]);
        free(second[i]);
        free(wanted[i]);
    }
    close_rig(&packed);
    close_rig(&unpacked);
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
    tcase_add_loop_test(conv, packed_and_unpacked_spikes_agree, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(conv, bad_convs_are_named, 0, sizeof bad_convs / sizeof *bad_convs);
    tcase_add_loop_test(unpack, unpack_is_exact, 0, 4);
    suite_add_tcase(s, conv);
    suite_add_tcase(s, unpack);
    return s;
}

int main(void) {
    return test_run(suite());
}
