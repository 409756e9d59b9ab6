/* Resizing in all modes: the published positions and weights, and the adjoint. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct resizing {
    bc_shape in;
    int h, w;
    bc_resize_mode mode;
} resizing;

/* Weight of input i in output o along one axis, straight from the definitions. */
static double keys(double t) {
    t = fabs(t);
    return t <= 1 ? (1.25 * t - 2.25) * t * t + 1 : t < 2 ? ((-0.75 * t + 3.75) * t - 6) * t + 3 : 0;
}

static double axis_weight(bc_resize_mode mode, int o, int i, int in, int out) {
    double source = (o + 0.5) * in / out - 0.5, weight = 0;
    if (mode == BC_RESIZE_NEAREST)
        return (o * in) / out == i;
    if (mode == BC_RESIZE_ALIGN_CORNERS)
        source = out > 1 ? o * (in - 1.0) / (out - 1.0) : 0;
    if (mode == BC_RESIZE_BILINEAR && source < 0)
        source = 0;
    int base = (int)floor(source);
    for (int k = -1; k <= 2; k++) {
        int at = base + k < 0 ? 0 : base + k > in - 1 ? in - 1 : base + k;
        double distance = fabs(source - (base + k));
        if (at == i)
            weight += mode == BC_RESIZE_BICUBIC ? keys(distance) : fmax(1 - distance, 0);
    }
    return weight;
}

static void reference(double *const *inputs, double *output, const void *user) {
    const resizing *r = user;
    memset(output, 0, (size_t)r->in.n * r->h * r->w * r->in.c * sizeof *output);
    for (int oy = 0; oy < r->h; oy++)
        for (int iy = 0; iy < r->in.h; iy++) {
            double wy = axis_weight(r->mode, oy, iy, r->in.h, r->h);
            for (int ox = 0; wy != 0 && ox < r->w; ox++)
                for (int ix = 0; ix < r->in.w; ix++) {
                    double weight = wy * axis_weight(r->mode, ox, ix, r->in.w, r->w);
                    for (int n = 0; weight != 0 && n < r->in.n; n++)
                        for (int c = 0; c < r->in.c; c++)
                            output[((n * r->h + oy) * r->w + ox) * r->in.c + c] +=
                                weight * inputs[0][((n * r->in.h + iy) * r->in.w + ix) * r->in.c + c];
                }
        }
}

static bc_value *build(bc_graph *graph, bc_value **inputs, const void *user) {
    const resizing *r = user;
    return bc_resize(graph, inputs[0], r->h, r->w, r->mode);
}

static const char *const NAMES[] = {"nearest", "bilinear", "align corners", "bicubic"};

START_TEST(all_modes_up_down_and_flat) {
    static const resizing sizes[] = {
        {{2, 3, 5, 1}, 7, 8, 0},  {{1, 7, 6, 3}, 3, 4, 0}, {{2, 4, 3, 4}, 8, 6, 0}, {{1, 3, 3, 16}, 5, 7, 0},
        {{1, 5, 4, 1}, 5, 4, 0},  {{1, 1, 6, 1}, 3, 1, 0}, {{1, 6, 1, 2}, 1, 3, 0}, {{1, 2, 2, 1}, 11, 13, 0},
        {{1, 13, 2, 1}, 2, 9, 0}, {{1, 1, 1, 5}, 4, 3, 0},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int mode = BC_RESIZE_NEAREST; mode <= BC_RESIZE_BICUBIC; mode++) {
            resizing r = sizes[i];
            r.mode = mode;
            char label[64];
            snprintf(label, sizeof label, "%s %dx%d to %dx%d", NAMES[mode], r.in.h, r.in.w, r.h, r.w);
            test_check_operation(&(test_operation){.label = label,
                                                   .input_count = 1,
                                                   .inputs = {{r.in, -1, 1, NULL, true, false}},
                                                   .build = build,
                                                   .reference = reference,
                                                   .user = &r});
        }
}
END_TEST

/* Resizes one row of `in` values to `out`. */
static void resize_row(int in, const float *x, int out, bc_resize_mode mode, float *y) {
    bc_graph *graph;
    bc_plan *plan;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *value = bc_graph_input(graph, "row", (bc_shape){1, 1, in, 1});
    bc_value *resized = bc_graph_keep(graph, bc_resize(graph, value, 1, out, mode));
    ck_ok(bc_plan_create(graph, BC_INFER, &plan));
    ck_ok(bc_value_write(graph, value, x));
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, resized, y));
    bc_plan_release(plan);
    bc_graph_release(graph);
}

/* Positions of method 4.3. */
START_TEST(nearest_positions) {
    static const float wide[] = {0, 3, 6, 9, 12, 15, 19, 22};
    float x[1216], y[384];
    for (int i = 0; i < 1216; i++)
        x[i] = (float)i;
    resize_row(1216, x, 384, BC_RESIZE_NEAREST, y);
    for (int i = 0; i < 8; i++)
        ck_assert_float_eq(y[i], wide[i]);
    resize_row(352, x, 384, BC_RESIZE_NEAREST, y);
    static const float start[] = {0, 0, 1, 2}, later[] = {10, 11, 11};
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[i], start[i]);
    for (int i = 0; i < 3; i++)
        ck_assert_float_eq(y[11 + i], later[i]);
    ck_assert_float_eq(y[383], 351);
}
END_TEST

/* Weights of method 4.3, seen through the response to an impulse: outputs 7 and 8 of
 * 8 -> 16 read at t = 0.25 and 0.75, output 1 of 8 -> 4 at t = 0.5. */
START_TEST(bicubic_weights) {
    static const float quarter[] = {-0.10546875f, 0.87890625f, 0.26171875f, -0.03515625f};
    static const float half[] = {-0.09375f, 0.59375f, 0.59375f, -0.09375f};
    for (int k = 0; k < 4; k++) {
        float x[8] = {0}, y[16];
        x[2 + k] = 1;
        resize_row(8, x, 16, BC_RESIZE_BICUBIC, y);
        ck_assert_float_eq_tol(y[7], quarter[k], 1e-7f);
        ck_assert_float_eq_tol(y[8], quarter[3 - k], 1e-7f);
        memset(x, 0, sizeof x);
        x[1 + k] = 1;
        resize_row(8, x, 4, BC_RESIZE_BICUBIC, y);
        ck_assert_float_eq_tol(y[1], half[k], 1e-7f);
    }
}
END_TEST

/* 2 -> 4 with aligned corners: thirds. */
START_TEST(aligned_corners_reach_the_ends) {
    static const float x[] = {0, 3};
    float y[4];
    resize_row(2, x, 4, BC_RESIZE_ALIGN_CORNERS, y);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq_tol(y[i], (float)i, 1e-6f);
}
END_TEST

START_TEST(wrong_sizes_fail) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, 2, 2, 1});
    ck_assert_ptr_null(bc_resize(graph, x, 0, 4, BC_RESIZE_NEAREST));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("resize");
    TCase *t = tcase_create("resize");
    tcase_set_timeout(t, 240);
    tcase_add_test(t, all_modes_up_down_and_flat);
    tcase_add_test(t, nearest_positions);
    tcase_add_test(t, bicubic_weights);
    tcase_add_test(t, aligned_corners_reach_the_ends);
    tcase_add_test(t, wrong_sizes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
