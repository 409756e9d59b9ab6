/* Position embedding, tokens and readout. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

typedef struct layout {
    int n, grid_h, grid_w, h, w, c;
} layout;

static bc_value *build_position(bc_graph *g, bc_value **in, const void *user) {
    const layout *l = user;
    return bc_position_resize(g, in[0], l->grid_h, l->grid_w, l->h, l->w);
}

/* Weight of input i in output o, half-pixel bilinear. */
static double bilinear(int o, int i, int in, int out) {
    double source = fmax((o + 0.5) * in / out - 0.5, 0);
    int base = (int)source, next = base + 1 < in ? base + 1 : in - 1;
    double t = source - base;
    return (base == i ? 1 - t : 0) + (next == i ? t : 0);
}

static void reference_position(double *const *in, double *y, const void *user) {
    const layout *l = user;
    memcpy(y, in[0], (size_t)l->c * sizeof *y);
    memset(y + l->c, 0, (size_t)l->h * l->w * l->c * sizeof *y);
    for (int o = 0; o < l->h * l->w; o++)
        for (int i = 0; i < l->grid_h * l->grid_w; i++) {
            double weight = bilinear(o / l->w, i / l->grid_w, l->grid_h, l->h) *
                            bilinear(o % l->w, i % l->grid_w, l->grid_w, l->w);
            for (int c = 0; c < l->c; c++)
                y[(1 + o) * l->c + c] += weight * in[0][(1 + i) * l->c + c];
        }
}

static void check_position(const char *label, layout l) {
    test_check_operation(
        &(test_operation){.label = label,
                          .input_count = 1,
                          .inputs = {{{1, 1, 1 + l.grid_h * l.grid_w, l.c}, -1, 1, NULL, true, false}},
                          .build = build_position,
                          .reference = reference_position,
                          .user = &l});
}

START_TEST(position_embedding) {
    check_position("smaller", (layout){.grid_h = 5, .grid_w = 5, .h = 3, .w = 4, .c = 3});
    check_position("larger", (layout){.grid_h = 3, .grid_w = 3, .h = 4, .w = 7, .c = 16});
    check_position("identity", (layout){.grid_h = 3, .grid_w = 4, .h = 3, .w = 4, .c = 5});
}
END_TEST

static bc_value *build_tokens(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_tokens(g, in[0], in[1], in[2]);
}

static void reference_tokens(double *const *in, double *y, const void *user) {
    const layout *l = user;
    int t = 1 + l->h * l->w;
    for (int n = 0; n < l->n; n++)
        for (int k = 0; k < t; k++)
            for (int c = 0; c < l->c; c++)
                y[(n * t + k) * l->c + c] =
                    (k == 0 ? in[1][c] : in[0][(n * (t - 1) + k - 1) * l->c + c]) + in[2][k * l->c + c];
}

static void check_tokens(const char *label, layout l) {
    test_check_operation(&(test_operation){.label = label,
                                           .input_count = 3,
                                           .inputs = {{{l.n, l.h, l.w, l.c}, -1, 1, NULL, true, false},
                                                      {{1, 1, 1, l.c}, -1, 1, NULL, true, false},
                                                      {{1, 1, 1 + l.h * l.w, l.c}, -1, 1, NULL, true, false}},
                                           .build = build_tokens,
                                           .reference = reference_tokens,
                                           .user = &l});
}

START_TEST(tokens_of_a_map) {
    check_tokens("odd", (layout){.n = 3, .h = 3, .w = 5, .c = 7});
    check_tokens("vectors of 16", (layout){.n = 2, .h = 2, .w = 3, .c = 32});
}
END_TEST

static bc_value *build_readout(bc_graph *g, bc_value **in, const void *user) {
    const layout *l = user;
    return bc_readout(g, in[0], l->h, l->w);
}

static void reference_readout(double *const *in, double *y, const void *user) {
    const layout *l = user;
    int pixels = l->h * l->w;
    for (int n = 0; n < l->n; n++)
        for (int p = 0; p < pixels; p++)
            for (int c = 0; c < l->c; c++) {
                const double *sample = in[0] + (size_t)n * (pixels + 1) * l->c;
                y[((n * pixels + p) * 2) * l->c + c] = sample[(p + 1) * l->c + c];
                y[((n * pixels + p) * 2 + 1) * l->c + c] = sample[c];
            }
}

static void check_readout(const char *label, layout l) {
    test_check_operation(
        &(test_operation){.label = label,
                          .input_count = 1,
                          .inputs = {{{l.n, 1, 1 + l.h * l.w, l.c}, -1, 1, NULL, true, false}},
                          .build = build_readout,
                          .reference = reference_readout,
                          .user = &l});
}

START_TEST(readout_of_tokens) {
    check_readout("odd", (layout){.n = 3, .h = 3, .w = 5, .c = 7});
    check_readout("vectors of 16", (layout){.n = 2, .h = 2, .w = 3, .c = 16});
}
END_TEST

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 4; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *row = bc_graph_input(graph, "row", (bc_shape){1, 1, 10, 4});
        bc_value *map = bc_graph_input(graph, "map", (bc_shape){2, 3, 3, 4});
        bc_value *cls = bc_graph_input(graph, "cls", (bc_shape){1, 1, 1, 4});
        bc_value *y = i == 0   ? bc_position_resize(graph, row, 3, 4, 2, 2)
                      : i == 1 ? bc_tokens(graph, map, row, row)
                      : i == 2 ? bc_tokens(graph, map, cls, cls)
                               : bc_readout(graph, row, 2, 4);
        ck_assert_ptr_null(y);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("token");
    TCase *t = tcase_create("token");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, position_embedding);
    tcase_add_test(t, tokens_of_a_map);
    tcase_add_test(t, readout_of_tokens);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
