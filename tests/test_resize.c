/* Resizing: the published positions and weights, and mistakes. */
#include "host/base/hash.h"
#include "net/ops/ops.h"
#include "net/ops/resample.h"
#include "tests/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* The maps of all sizes that PyTorch was asked for (tests/exactness/nearest.py), by their hashes. */
START_TEST(nearest_maps_are_pytorchs) {
    enum { LARGEST = 1300 };
    FILE *table = fopen(TEST_SOURCE_DIR "/exactness/nearest.tsv", "r");
    ck_assert_ptr_nonnull(table);
    int out, rows = 0;
    uint64_t expected;
    for (; fscanf(table, "%d %" SCNx64, &out, &expected) == 2; rows++) {
        uint64_t hash = BC_FNV_START;
        for (int in = 1; in <= LARGEST; in++)
            for (int at = 0; at < out; at++) {
                int source = bc_nearest_source(at, in, out);
                const uint8_t bytes[2] = {(uint8_t)source, (uint8_t)(source >> 8)};
                hash = bc_fnv1a(hash, bytes, sizeof bytes);
            }
        ck_assert_msg(hash == expected, "to %d: not the maps of PyTorch", out);
    }
    fclose(table);
    ck_assert_int_eq(rows, 14);
}
END_TEST

/* Kernels have the same maps, forward and backward: each input's gradient is the number of outputs that read it. Some of these
 * differ from exact arithmetic. */
START_TEST(kernels_read_nearest_as_the_host) {
    static const int sizes[][2] = {{480, 224}, {640, 224},  {400, 96},  {250, 96}, {62, 224},
                                   {124, 448}, {1242, 384}, {375, 384}, {96, 96},  {1, 5}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int in = sizes[i][0], out = sizes[i][1];
        float x[1300], y[640];
        for (int k = 0; k < in; k++)
            x[k] = (float)k;
        resize_row(in, x, out, BC_RESIZE_NEAREST, y);
        for (int at = 0; at < out; at++)
            ck_assert_msg(y[at] == (float)bc_nearest_source(at, in, out), "%d to %d: output %d reads %g", in,
                          out, at, y[at]);
    }
    ck_assert_int_eq(bc_nearest_source(119, 480, 224), 254);
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
    tcase_add_test(t, nearest_positions);
    tcase_add_test(t, nearest_maps_are_pytorchs);
    tcase_add_test(t, kernels_read_nearest_as_the_host);
    tcase_add_test(t, bicubic_weights);
    tcase_add_test(t, aligned_corners_reach_the_ends);
    tcase_add_test(t, wrong_sizes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
