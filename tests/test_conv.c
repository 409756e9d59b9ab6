/* Convolution (its shapes, large ones, mistakes) and weight standardisation. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/ops/attributes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct conv_case {
    const char *label, *variant;
    bc_shape x, weight; /* (kh,kw,ci,co) */
    bc_conv geometry;
    bc_shape y;
} conv_case;

START_TEST(shapes_follow_the_geometry) {
    static const conv_case cases[] = {
        {"3x3 stride 2", NULL, {1, 7, 5, 2}, {3, 3, 2, 3}, {2, 1, 1, 1, 1}, {1, 4, 3, 3}},
        {"2x3 stride 3, gaps after", NULL, {1, 8, 11, 2}, {2, 3, 2, 4}, {3, 0, 1, 0, 0}, {1, 3, 4, 4}},
        {"padding larger than the kernel", NULL, {2, 4, 3, 2}, {5, 2, 2, 3}, {1, 5, 3, 4, 2}, {2, 9, 7, 3}},
        {"a stride larger than the map", NULL, {2, 2, 2, 3}, {1, 1, 3, 2}, {3, 0, 0, 0, 0}, {2, 1, 1, 2}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const conv_case *c = &cases[i];
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", c->x), *weight = bc_graph_input(graph, "w", c->weight);
        bc_value *y = bc_conv2d(graph, x, weight, NULL, c->geometry);
        ck_assert_msg(y && bc_shape_same(y->shape, c->y), "%s", c->label);
        bc_graph_release(graph);
    }
}
END_TEST

START_TEST(single_pixels_are_a_linear_layer) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){2, 3, 5, 4});
    bc_value *weight = bc_graph_input(graph, "w", (bc_shape){1, 1, 4, 3});
    for (int stride = 1; stride <= 2; stride++) {
        bc_value *y = bc_conv2d(graph, x, weight, NULL, bc_conv_symmetric(stride, 0));
        ck_assert_ptr_eq(y->producer->op, stride == 1 ? &bc_linear_op : &bc_conv_op);
    }
    bc_graph_release(graph);
}
END_TEST

/* --- sizes at which the weight gradient is blocked: single elements against sums in double precision --- */

static const conv_case large_convs[] = {
    {"3x3, 128 to 64 channels",
     BC_CONV_DIRECT,
     {1, 100, 64, 128},
     {3, 3, 128, 64},
     {1, 1, 1, 1, 1},
     {1, 100, 64, 64}},
    {"3x3, 256 to 64 channels, several blocks",
     BC_CONV_WINOGRAD,
     {2, 63, 50, 256},
     {3, 3, 256, 64},
     {1, 1, 1, 1, 1},
     {2, 63, 50, 64}},
    {"stem, 128 to 40 channels, several bands",
     NULL,
     {2, 80, 96, 128},
     {7, 7, 128, 40},
     {2, 2, 2, 3, 3},
     {2, 40, 48, 40}},
};

typedef struct large_conv {
    const conv_case *c;
    float *x, *weight, *dy, *y, *dx, *dw;
} large_conv;

static float *random_array(bc_shape s, uint32_t stream) {
    bc_random random = {.seed = 5, .stream = stream};
    float *data = malloc(bc_shape_count(s) * sizeof *data);
    for (size_t i = 0; i < bc_shape_count(s); i++)
        data[i] = bc_random_range(&random, -1.0f, 1.0f);
    return data;
}

static size_t place(bc_shape s, int n, int h, int w, int c) {
    return (((size_t)n * s.h + h) * s.w + w) * s.c + c;
}

/* x at the input of tap (ky,kx) of output pixel (oy,ox), or 0 in the padding. */
static double tap_input(const large_conv *l, int n, int oy, int ox, int ky, int kx, int channel) {
    const bc_conv *g = &l->c->geometry;
    int iy = oy * g->stride + ky - g->pad_top, ix = ox * g->stride + kx - g->pad_left;
    bool inside = iy >= 0 && iy < l->c->x.h && ix >= 0 && ix < l->c->x.w;
    return inside ? l->x[place(l->c->x, n, iy, ix, channel)] : 0;
}

static double expected_weight_gradient(const large_conv *l, int ky, int kx, int ci, int co) {
    double sum = 0;
    for (int n = 0; n < l->c->y.n; n++)
        for (int oy = 0; oy < l->c->y.h; oy++)
            for (int ox = 0; ox < l->c->y.w; ox++)
                sum += tap_input(l, n, oy, ox, ky, kx, ci) * l->dy[place(l->c->y, n, oy, ox, co)];
    return sum;
}

static double expected_output(const large_conv *l, int n, int oy, int ox, int co) {
    double sum = 0;
    for (int ky = 0; ky < l->c->weight.n; ky++)
        for (int kx = 0; kx < l->c->weight.h; kx++)
            for (int ci = 0; ci < l->c->x.c; ci++)
                sum += tap_input(l, n, oy, ox, ky, kx, ci) * l->weight[place(l->c->weight, ky, kx, ci, co)];
    return sum;
}

static double expected_data_gradient(const large_conv *l, int n, int iy, int ix, int ci) {
    const bc_conv *g = &l->c->geometry;
    double sum = 0;
    for (int ky = 0; ky < l->c->weight.n; ky++)
        for (int kx = 0; kx < l->c->weight.h; kx++) {
            int y = iy + g->pad_top - ky, x = ix + g->pad_left - kx;
            if (y < 0 || x < 0 || y % g->stride || x % g->stride || y / g->stride >= l->c->y.h ||
                x / g->stride >= l->c->y.w)
                continue;
            for (int co = 0; co < l->c->y.c; co++)
                sum += (double)l->dy[place(l->c->y, n, y / g->stride, x / g->stride, co)] *
                       l->weight[place(l->c->weight, ky, kx, ci, co)];
        }
    return sum;
}

static void run_large(large_conv *l) {
    bc_buffer buffers[4];
    float *arrays[] = {l->x, l->weight, l->dx, l->dw};
    bc_shape shapes[] = {l->c->x, l->c->weight, l->c->x, l->c->weight};
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(test_host(), &graph));
    for (int i = 0; i < 4; i++) {
        size_t bytes = bc_shape_count(shapes[i]) * sizeof(float);
        ck_ok(bc_buffer_create(test_host(), bytes, "a test array", &buffers[i]));
        if (i < 2)
            ck_ok(bc_buffer_write(test_host(), buffers[i], 0, arrays[i], bytes));
    }
    bc_value *x = bc_graph_external(graph, "x", shapes[0], &buffers[0], &buffers[2]);
    bc_value *weight = bc_graph_external(graph, "w", shapes[1], &buffers[1], &buffers[3]);
    bc_graph_prefer(graph, l->c->variant);
    bc_value *y = bc_graph_keep(graph, bc_conv2d(graph, x, weight, NULL, l->c->geometry));
    ck_assert(y && bc_shape_same(y->shape, l->c->y));
    bc_graph_root(graph, y);
    ck_ok(bc_plan_create(graph, BC_TRAIN, &plan));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_write_grad(graph, y, l->dy));
    ck_ok(bc_plan_backward(plan));
    ck_ok(bc_value_read(graph, y, l->y));
    for (int i = 2; i < 4; i++)
        ck_ok(
            bc_buffer_read(test_host(), buffers[i], 0, arrays[i], bc_shape_count(shapes[i]) * sizeof(float)));
    bc_plan_release(plan);
    bc_graph_release(graph);
    for (int i = 0; i < 4; i++)
        bc_buffer_release(&buffers[i]);
}

START_TEST(large_conv_matches_samples) {
    enum { SAMPLES = 100 };
    if (test_tiny())
        return;
    const conv_case *c = &large_convs[_i];
    bc_shape out = c->y, k = c->weight;
    large_conv l = {c,
                    random_array(c->x, 1),
                    random_array(k, 2),
                    random_array(out, 3),
                    random_array(out, 4),
                    random_array(c->x, 5),
                    random_array(k, 6)};
    run_large(&l);
    bc_random r = {.seed = 6};
    for (int i = 0; i < SAMPLES; i++) {
        int ky = bc_random_below(&r, k.n), kx = bc_random_below(&r, k.h), ci = bc_random_below(&r, k.w);
        int co = bc_random_below(&r, k.c), n = bc_random_below(&r, out.n);
        int oy = bc_random_below(&r, out.h), ox = bc_random_below(&r, out.w);
        int iy = bc_random_below(&r, c->x.h), ix = bc_random_below(&r, c->x.w);
        ck_assert_double_eq_tol(l.dw[place(k, ky, kx, ci, co)], expected_weight_gradient(&l, ky, kx, ci, co),
                                1e-3);
        ck_assert_double_eq_tol(l.y[place(out, n, oy, ox, co)], expected_output(&l, n, oy, ox, co), 1e-3);
        ck_assert_double_eq_tol(l.dx[place(c->x, n, iy, ix, ci)], expected_data_gradient(&l, n, iy, ix, ci),
                                1e-3);
    }
    float *arrays[] = {l.x, l.weight, l.dy, l.y, l.dx, l.dw};
    for (int i = 0; i < 6; i++)
        free(arrays[i]);
}
END_TEST

START_TEST(same_padding_is_tensorflows) {
    bc_conv stem = bc_conv_same((bc_shape){1, 384, 384, 3}, 7, 7, 2);
    ck_assert_int_eq(stem.pad_top, 2);
    ck_assert_int_eq(stem.pad_bottom, 3);
    ck_assert_int_eq(stem.stride, 2);
    bc_conv half = bc_conv_same((bc_shape){1, 96, 97, 3}, 3, 3, 2);
    ck_assert_int_eq(half.pad_top, 0);
    ck_assert_int_eq(half.pad_bottom, 1);
    ck_assert_int_eq(half.pad_left, 1);
    ck_assert_int_eq(half.pad_right, 1);
    bc_conv point = bc_conv_same((bc_shape){1, 9, 8, 3}, 1, 1, 2);
    ck_assert_int_eq(point.pad_top + point.pad_left + point.pad_bottom + point.pad_right, 0);
    bc_conv even = bc_conv_symmetric(2, 1);
    ck_assert_int_eq(even.pad_top + even.pad_left + even.pad_bottom + even.pad_right, 4);
}
END_TEST

static const bad_conv bad_convs[] = {
    {{3, 3, 4, 5}, {1, 1, 1, 1, 1}, 0, "expects 4 channels, its input has 3"},
    {{3, 3, 3, 5}, {0, 1, 1, 1, 1}, 0, "stride 0"},
    {{3, 3, 3, 5}, {1, -1, 1, 1, 1}, 0, "padding -1"},
    {{7, 3, 3, 5}, {1, 0, 0, 0, 0}, 0, "kernel of 7x3"},
    {{3, 3, 3, 5}, {1, 1, 1, 1, 1}, 4, "bias of weight w"},
    {{1, 1, 3, 5}, {1, 0, 0, 0, 0}, 4, "bias of weight w"},
};

START_TEST(bad_convs_are_named) {
    check_bad_conv(bc_conv2d, (bc_shape){1, 5, 6, 3}, &bad_convs[_i]);
}
END_TEST

/* --- weight standardisation --- */

START_TEST(weight_standard_refuses_negative_epsilon) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *weight = bc_graph_input(graph, "w", (bc_shape){3, 3, 2, 4});
    ck_assert_ptr_null(bc_weight_standard(graph, weight, -1.0f));
    ck_assert_ptr_nonnull(strstr(test_error.text, "epsilon of weight w is -1"));
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("conv");
    TCase *conv = tcase_create("conv"), *standard = tcase_create("weight standard");
    tcase_set_timeout(conv, 120);
    tcase_add_test(conv, shapes_follow_the_geometry);
    tcase_add_test(conv, single_pixels_are_a_linear_layer);
    tcase_add_loop_test(conv, large_conv_matches_samples, 0, sizeof large_convs / sizeof *large_convs);
    tcase_add_test(conv, same_padding_is_tensorflows);
    tcase_add_loop_test(conv, bad_convs_are_named, 0, sizeof bad_convs / sizeof *bad_convs);
    tcase_set_timeout(standard, 120);
    tcase_add_test(standard, weight_standard_refuses_negative_epsilon);
    suite_add_tcase(s, conv);
    suite_add_tcase(s, standard);
    return s;
}

int main(void) {
    return test_run(suite());
}
