/* Sums, channel scaling, concatenation and slices. */
#include "net/ops/ops.h"
#include "tests/support.h"

typedef struct sizes {
    bc_shape a, b;
    int first, count; /* of a slice */
} sizes;

static bc_value *build_add(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_add(g, in[0], in[1]);
}

static bc_value *build_twice(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_add(g, in[0], in[0]);
}

static void reference_add(double *const *in, double *y, const void *user) {
    size_t count = bc_shape_count(((const sizes *)user)->a);
    for (size_t i = 0; i < count; i++)
        y[i] = in[0][i] + in[1][i];
}

static void reference_twice(double *const *in, double *y, const void *user) {
    size_t count = bc_shape_count(((const sizes *)user)->a);
    for (size_t i = 0; i < count; i++)
        y[i] = 2 * in[0][i];
}

static bc_value *build_scale(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_scale_channels(g, in[0], in[1]);
}

static void reference_scale(double *const *in, double *y, const void *user) {
    bc_shape s = ((const sizes *)user)->a;
    for (int n = 0; n < s.n; n++)
        for (int p = 0; p < s.h * s.w; p++)
            for (int c = 0; c < s.c; c++) {
                size_t at = ((size_t)n * s.h * s.w + p) * s.c + c;
                y[at] = in[0][at] * in[1][n * s.c + c];
            }
}

static bc_value *build_channels(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_concat_channels(g, in[0], in[1]);
}

static void reference_channels(double *const *in, double *y, const void *user) {
    const sizes *s = user;
    int wide = s->a.c + s->b.c;
    for (int r = 0; r < s->a.n * s->a.h * s->a.w; r++) {
        for (int c = 0; c < s->a.c; c++)
            y[r * wide + c] = in[0][r * s->a.c + c];
        for (int c = 0; c < s->b.c; c++)
            y[r * wide + s->a.c + c] = in[1][r * s->b.c + c];
    }
}

static bc_value *build_slice(bc_graph *g, bc_value **in, const void *user) {
    const sizes *s = user;
    return bc_slice_batch(g, in[0], s->first, s->count);
}

static void reference_slice(double *const *in, double *y, const void *user) {
    const sizes *s = user;
    size_t sample = bc_shape_count(s->a) / (size_t)s->a.n;
    for (size_t i = 0; i < (size_t)s->count * sample; i++)
        y[i] = in[0][(size_t)s->first * sample + i];
}

static void check(const char *label, sizes s, bc_value *(*build)(bc_graph *, bc_value **, const void *),
                  void (*reference)(double *const *, double *, const void *)) {
    test_check_operation(
        &(test_operation){.label = label,
                          .input_count = s.b.n ? 2 : 1,
                          .inputs = {{s.a, -1, 1, NULL, true, false}, {s.b, -1, 1, NULL, true, false}},
                          .build = build,
                          .reference = reference,
                          .user = &s});
}

START_TEST(addition) {
    check("odd", (sizes){.a = {3, 3, 5, 7}, .b = {3, 3, 5, 7}}, build_add, reference_add);
    check("vectors of 16", (sizes){.a = {2, 3, 4, 4}, .b = {2, 3, 4, 4}}, build_add, reference_add);
    check("a + a", (sizes){.a = {1, 3, 5, 7}}, build_twice, reference_twice);
}
END_TEST

START_TEST(channel_scaling) {
    check("odd", (sizes){.a = {3, 3, 5, 7}, .b = {3, 1, 1, 7}}, build_scale, reference_scale);
    check("several chunks", (sizes){.a = {2, 9, 15, 4}, .b = {2, 1, 1, 4}}, build_scale, reference_scale);
    check("16 channels", (sizes){.a = {2, 3, 3, 16}, .b = {2, 1, 1, 16}}, build_scale, reference_scale);
}
END_TEST

START_TEST(concatenation) {
    check("channels 3 + 5", (sizes){.a = {2, 3, 5, 3}, .b = {2, 3, 5, 5}}, build_channels,
          reference_channels);
    check("channels 16 + 4", (sizes){.a = {1, 3, 5, 16}, .b = {1, 3, 5, 4}}, build_channels,
          reference_channels);
}
END_TEST

START_TEST(slices) {
    check("middle", (sizes){.a = {5, 3, 1, 7}, .first = 1, .count = 3}, build_slice, reference_slice);
    check("first", (sizes){.a = {3, 3, 1, 7}, .first = 0, .count = 1}, build_slice, reference_slice);
    check("last", (sizes){.a = {3, 3, 1, 7}, .first = 2, .count = 1}, build_slice, reference_slice);
}
END_TEST

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 5; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *a = bc_graph_input(graph, "a", (bc_shape){2, 3, 4, 5});
        bc_value *b = bc_graph_input(graph, "b", (bc_shape){2, 4, 3, 5});
        bc_value *y = i == 0   ? bc_add(graph, a, b)
                      : i == 1 ? bc_scale_channels(graph, a, b)
                      : i == 2 ? bc_concat_channels(graph, a, b)
                      : i == 3 ? bc_slice_batch(graph, a, 1, 2)
                               : bc_slice_batch(graph, a, -1, 1);
        ck_assert_ptr_null(y);
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("combine");
    TCase *t = tcase_create("combine");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, addition);
    tcase_add_test(t, channel_scaling);
    tcase_add_test(t, concatenation);
    tcase_add_test(t, slices);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
