/* Log softmax against a double-precision reference. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>

typedef struct rows_case {
    int rows, c;
} rows_case;

static void reference_log(double *const *in, double *y, const void *user) {
    const rows_case *test = user;
    for (int r = 0; r < test->rows; r++) {
        double sum = 0, largest = in[0][r * test->c];
        for (int j = 1; j < test->c; j++)
            largest = fmax(largest, in[0][r * test->c + j]);
        for (int j = 0; j < test->c; j++)
            sum += exp(in[0][r * test->c + j] - largest);
        for (int j = 0; j < test->c; j++)
            y[r * test->c + j] = in[0][r * test->c + j] - largest - log(sum);
    }
}

static bc_value *build_log(bc_graph *g, bc_value **in, const void *user) {
    (void)user;
    return bc_log_softmax(g, in[0]);
}

static void check_log(const char *label, rows_case test, double range) {
    test_check_operation(
        &(test_operation){.label = label,
                          .input_count = 1,
                          .inputs = {{{test.rows, 1, 1, test.c}, -range, range, NULL, true, false}},
                          .build = build_log,
                          .reference = reference_log,
                          .user = &test});
}

START_TEST(log_softmax_of_rows) {
    check_log("2 classes", (rows_case){3, 2}, 2);
    check_log("one class", (rows_case){2, 1}, 2);
    check_log("19 classes", (rows_case){5, 19}, 2);
    check_log("large", (rows_case){4, 3}, 200);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("softmax");
    TCase *t = tcase_create("softmax");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, log_softmax_of_rows);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
