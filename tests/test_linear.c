/* Mistakes with linear layers; column sums. */
#include "tests/support.h"

#include "net/ops/column_sum.h"
#include "net/ops/ops.h"

#include <stdlib.h>
#include <string.h>

static void expect_failure(bc_shape weight_shape, int bias_channels, const char *message) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *x = bc_graph_input(graph, "x", (bc_shape){2, 1, 3, 4});
    bc_value *weight = bc_graph_input(graph, "w", weight_shape);
    bc_value *bias = bias_channels ? bc_graph_input(graph, "b", (bc_shape){1, 1, 1, bias_channels}) : NULL;
    ck_assert_ptr_null(bc_linear(graph, x, weight, bias));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, message));
    ck_assert_ptr_null(bc_linear(graph, NULL, weight, NULL));
    ck_assert_ptr_null(bc_linear(graph, x, NULL, NULL));
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}

START_TEST(bad_linears_are_named) {
    expect_failure((bc_shape){1, 1, 5, 6}, 0, "expected (1,1,4,out)");
    expect_failure((bc_shape){3, 3, 4, 6}, 0, "weight w is (3,3,4,6)");
    expect_failure((bc_shape){1, 1, 4, 6}, 5, "expected (1,1,1,6)");
}
END_TEST

/* --- column sums, in one pass and in two --- */

typedef struct sum_case {
    int batch, rows, columns;
    bool weighted, scaled, accumulate;
} sum_case;

static const sum_case sums[] = {
    {1, 1, 1, false, false, false},
    {2, 3, 5, true, true, true},
    {1, BC_COLUMN_SUM_ROWS, 16, false, true, false},
    {2, BC_COLUMN_SUM_ROWS + 1, 4, true, false, true},
    {1, 1000, 3, true, true, false},
};

static bc_buffer upload(const float *data, size_t count) {
    bc_buffer buffer;
    ck_ok(bc_buffer_create(test_host(), count * sizeof(float), "a test array", &buffer));
    ck_ok(bc_buffer_write(test_host(), buffer, 0, data, count * sizeof(float)));
    return buffer;
}

START_TEST(column_sums_are_right) {
    enum { OFFSET = 3 };
    const sum_case *c = &sums[_i];
    size_t count = (size_t)c->batch * c->rows * c->columns, outputs = (size_t)c->batch * c->columns;
    float *x = malloc((count + OFFSET) * sizeof *x),
          *weight = malloc((size_t)c->batch * c->rows * sizeof *weight);
    float *out = malloc(outputs * sizeof *out), scale[OFFSET + 2] = {0, 0, 0, 0.5f, -2.0f};
    for (size_t i = 0; i < count + OFFSET; i++)
        x[i] = (float)(i * 7 % 11) - 4;
    for (int i = 0; i < c->batch * c->rows; i++)
        weight[i] = (float)(i % 3) - 0.5f;
    for (size_t i = 0; i < outputs; i++)
        out[i] = 100;
    bc_buffer space = {0};
    size_t bytes = bc_column_sum_workspace(c->batch, c->rows, c->columns);
    bc_column_sum sum = {.out = upload(out, outputs),
                         .x = upload(x, count + OFFSET),
                         .x_offset = OFFSET,
                         .batch = c->batch,
                         .rows = c->rows,
                         .columns = c->columns,
                         .accumulate = c->accumulate};
    if (c->weighted)
        sum.row_weight = upload(weight, (size_t)c->batch * c->rows);
    if (c->scaled) {
        sum.scale = upload(scale, OFFSET + 2);
        sum.scale_offset = OFFSET;
    }
    ck_ok(bc_buffer_create(test_host(), bytes + 8 * sizeof(float), "workspace", &space));
    bc_tape *tape;
    ck_ok(bc_tape_create(test_host(), &tape));
    ck_ok(bc_tape_column_sum(tape, &sum, space, 8));
    ck_ok(bc_tape_run(tape));
    ck_ok(bc_buffer_read(test_host(), sum.out, 0, out, outputs * sizeof(float)));
    for (int b = 0; b < c->batch; b++)
        for (int k = 0; k < c->columns; k++) {
            double expected = 0;
            for (int r = 0; r < c->rows; r++)
                expected += x[OFFSET + ((size_t)b * c->rows + r) * c->columns + k] *
                            (c->weighted ? weight[b * c->rows + r] : 1.0);
            expected = expected * (c->scaled ? scale[OFFSET + b] : 1.0) + (c->accumulate ? 100 : 0);
            ck_assert_double_eq_tol(out[b * c->columns + k], expected, 1e-3);
        }
    bc_tape_release(tape);
    bc_buffer_release(&space);
    bc_buffer_release(&sum.out);
    bc_buffer_release(&sum.x);
    bc_buffer_release(&sum.row_weight);
    bc_buffer_release(&sum.scale);
    free(x);
    free(weight);
    free(out);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("linear");
    TCase *linear = tcase_create("linear");
    tcase_set_timeout(linear, 120);
    tcase_add_test(linear, bad_linears_are_named);
    tcase_add_loop_test(linear, column_sums_are_right, 0, sizeof sums / sizeof *sums);
    suite_add_tcase(s, linear);
    return s;
}

int main(void) {
    return test_run(suite());
}
