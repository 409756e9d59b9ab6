/* Attention against a double-precision reference. */
#include "net/ops.h"
#include "tests/support.h"

#include <math.h>

typedef struct attention_case {
    int n, t, d, heads;
} attention_case;

static void softmax(double *row, int count) {
    double largest = row[0], sum = 0;
    for (int i = 1; i < count; i++)
        largest = fmax(largest, row[i]);
    for (int i = 0; i < count; i++)
        sum += row[i] = exp(row[i] - largest);
    for (int i = 0; i < count; i++)
        row[i] /= sum;
}

static double dot(const double *a, const double *b, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void reference(double *const *in, double *y, const void *user) {
    const attention_case *test = user;
    int d = test->d, t = test->t, head = d / test->heads;
    double p[64];
    for (int n = 0; n < test->n; n++)
        for (int h = 0; h < test->heads; h++) {
            const double *q = in[0] + (size_t)n * t * 3 * d + h * head;
            for (int i = 0; i < t; i++) {
                for (int j = 0; j < t; j++)
                    p[j] = dot(q + i * 3 * d, q + j * 3 * d + d, head) / sqrt(head);
                softmax(p, t);
                for (int c = 0; c < head; c++) {
                    double *out = y + ((size_t)n * t + i) * d + h * head + c;
                    *out = 0;
                    for (int j = 0; j < t; j++)
                        *out += p[j] * q[j * 3 * d + 2 * d + c];
                }
            }
        }
}

static bc_value *build(bc_graph *g, bc_value **in, const void *user) {
    return bc_attention(g, in[0], ((const attention_case *)user)->heads);
}

static void check(const char *label, attention_case test) {
    test_check_operation(
        &(test_operation){.label = label,
                          .input_count = 1,
                          .inputs = {{{test.n, 1, test.t, 3 * test.d}, -2, 2, NULL, true, false}},
                          .build = build,
                          .reference = reference,
                          .user = &test});
}

START_TEST(attention_of_odd_sizes) {
    check("one head", (attention_case){1, 5, 4, 1});
    check("3 samples, 2 heads", (attention_case){3, 7, 6, 2});
    check("rows of one vector and a tail", (attention_case){2, 17, 16, 2});
    check("one token", (attention_case){2, 1, 4, 2});
}
END_TEST

/* The same without anything trainable: the probabilities are scratch. */
START_TEST(attention_without_gradient) {
    attention_case test = {2, 9, 8, 2};
    test_check_operation(&(test_operation){.label = "inference",
                                           .input_count = 1,
                                           .inputs = {{{2, 1, 9, 24}, -2, 2, NULL, false, false}},
                                           .build = build,
                                           .reference = reference,
                                           .user = &test});
}
END_TEST

/* Scores far apart choose one value exactly, without overflow. */
START_TEST(attention_with_large_scores) {
    static const float qkv[] = {100, 100, 1, 100, -100, 2, 100, 50, 3}; /* rows (q, k, v) of one channel */
    attention_case test = {1, 3, 1, 1};
    test_check_operation(&(test_operation){.label = "large scores",
                                           .input_count = 1,
                                           .inputs = {{{1, 1, 3, 3}, 0, 0, qkv, false, false}},
                                           .build = build,
                                           .reference = reference,
                                           .user = &test});
}
END_TEST

START_TEST(wrong_shapes_fail) {
    for (int i = 0; i < 3; i++) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){1, i == 2 ? 2 : 1, 4, i == 0 ? 10 : 12});
        ck_assert_ptr_null(bc_attention(graph, x, i == 1 ? 3 : 1));
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("attention");
    TCase *t = tcase_create("attention");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, attention_of_odd_sizes);
    tcase_add_test(t, attention_without_gradient);
    tcase_add_test(t, attention_with_large_scores);
    tcase_add_test(t, wrong_shapes_fail);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
