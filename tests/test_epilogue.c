/* Activations and residuals in the node of the linear layer or convolution before them. */
#include "net/ops/ops.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

typedef enum addition { NO_RESIDUAL, OTHER_RESIDUAL, INPUT_RESIDUAL } addition;

typedef struct fused_case {
    const char *label;
    bc_shape x, weight; /* (kh,kw,ci,co); 1x1 without padding: a linear layer */
    bc_conv geometry;
    bc_activation activation;
    addition addition;
    bool frozen; /* only the residual takes a gradient */
} fused_case;

static bc_shape output_of(const fused_case *c) {
    const bc_conv *g = &c->geometry;
    return (bc_shape){c->x.n, (c->x.h + g->pad_top + g->pad_bottom - c->weight.n) / g->stride + 1,
                      (c->x.w + g->pad_left + g->pad_right - c->weight.h) / g->stride + 1, c->weight.c};
}

static double sum_at(const fused_case *c, double *const *inputs, int n, int oy, int ox, int o) {
    const bc_conv *g = &c->geometry;
    int ci = c->x.c, co = c->weight.c;
    double sum = inputs[2][o];
    for (int ky = 0; ky < c->weight.n; ky++)
        for (int kx = 0; kx < c->weight.h; kx++) {
            int y = oy * g->stride + ky - g->pad_top, x = ox * g->stride + kx - g->pad_left;
            if (y < 0 || y >= c->x.h || x < 0 || x >= c->x.w)
                continue;
            for (int i = 0; i < ci; i++)
                sum += inputs[0][((n * c->x.h + y) * c->x.w + x) * ci + i] *
                       inputs[1][((ky * c->weight.h + kx) * ci + i) * co + o];
        }
    return sum;
}

static void reference(double *const *inputs, double *output, const void *user) {
    const fused_case *c = user;
    bc_shape y = output_of(c);
    const double *residual = c->addition == INPUT_RESIDUAL ? inputs[0] : inputs[3];
    size_t i = 0;
    for (int n = 0; n < y.n; n++)
        for (int oy = 0; oy < y.h; oy++)
            for (int ox = 0; ox < y.w; ox++)
                for (int o = 0; o < y.c; o++, i++) {
                    double v = sum_at(c, inputs, n, oy, ox, o);
                    if (c->activation == BC_ACTIVATION_RELU)
                        v = v > 0 ? v : 0;
                    if (c->activation == BC_ACTIVATION_GELU)
                        v = 0.5 * v * (1 + erf(v / sqrt(2)));
                    output[i] = v + (c->addition == NO_RESIDUAL ? 0 : residual[i]);
                }
}

static bc_value *build(bc_graph *graph, bc_value **inputs, const void *user) {
    const fused_case *c = user;
    bc_epilogue epilogue = {.activation = c->activation};
    if (c->addition != NO_RESIDUAL)
        epilogue.residual = c->addition == INPUT_RESIDUAL ? inputs[0] : inputs[3];
    bc_value *y = bc_conv2d_fused(graph, inputs[0], inputs[1], inputs[2], c->geometry, epilogue);
    /* GELU is a node of its own only where backward needs the numbers before it. */
    if (y && c->weight.n == 1)
        ck_assert_int_eq(strcmp(y->producer->op->name, "gelu") == 0,
                         c->activation == BC_ACTIVATION_GELU && !c->frozen);
    return y;
}

#define LINEAR                                                                                               \
    { 1, 0, 0, 0, 0 }
#define DIRECT                                                                                               \
    { 1, 1, 1, 1, 1, BC_CONV_DIRECT }
#define WINOGRAD                                                                                             \
    { 1, 1, 1, 1, 1, BC_CONV_WINOGRAD }
#define RELU BC_ACTIVATION_RELU
#define GELU BC_ACTIVATION_GELU
#define NONE BC_ACTIVATION_NONE

static const fused_case cases[] = {
    {"linear, ReLU", {2, 1, 5, 7}, {1, 1, 7, 9}, LINEAR, RELU, NO_RESIDUAL, false},
    {"linear, GELU", {1, 2, 3, 5}, {1, 1, 5, 4}, LINEAR, GELU, NO_RESIDUAL, false},
    {"linear, residual", {2, 1, 5, 7}, {1, 1, 7, 9}, LINEAR, NONE, OTHER_RESIDUAL, false},
    {"linear, its input again", {1, 3, 3, 8}, {1, 1, 8, 8}, LINEAR, NONE, INPUT_RESIDUAL, false},
    {"linear, wide rows", {1, 1, 3, 5}, {1, 1, 5, 67}, LINEAR, RELU, NO_RESIDUAL, false},
    {"frozen, ReLU, whole tiles", {1, 2, 8, 12}, {1, 1, 12, 64}, LINEAR, RELU, NO_RESIDUAL, true},
    {"frozen, GELU, more than tiles", {1, 1, 67, 9}, {1, 1, 9, 85}, LINEAR, GELU, NO_RESIDUAL, true},
    {"frozen, residual, more than tiles", {1, 1, 67, 9}, {1, 1, 9, 85}, LINEAR, NONE, OTHER_RESIDUAL, true},
    {"frozen, GELU, long sums", {1, 1, 2, 523}, {1, 1, 523, 35}, LINEAR, GELU, NO_RESIDUAL, true},
    {"frozen, ReLU, long sums", {1, 1, 2, 523}, {1, 1, 523, 35}, LINEAR, RELU, NO_RESIDUAL, true},
    {"frozen, residual, long sums", {1, 1, 2, 523}, {1, 1, 523, 35}, LINEAR, NONE, OTHER_RESIDUAL, true},
    {"3x3, ReLU", {2, 5, 7, 3}, {3, 3, 3, 5}, DIRECT, RELU, NO_RESIDUAL, false},
    {"3x3, residual", {2, 5, 7, 3}, {3, 3, 3, 5}, DIRECT, NONE, OTHER_RESIDUAL, false},
    {"3x3, its input again", {1, 4, 5, 4}, {3, 3, 4, 4}, DIRECT, NONE, INPUT_RESIDUAL, false},
    {"3x3, GELU", {1, 4, 5, 2}, {3, 3, 2, 3}, DIRECT, GELU, NO_RESIDUAL, false},
    {"frozen 3x3, ReLU, long sums", {1, 2, 3, 130}, {3, 3, 130, 5}, DIRECT, RELU, NO_RESIDUAL, true},
    {"frozen 3x3, residual, long sums", {1, 2, 3, 130}, {3, 3, 130, 5}, DIRECT, NONE, OTHER_RESIDUAL, true},
    {"Winograd, ReLU", {2, 5, 7, 3}, {3, 3, 3, 5}, WINOGRAD, RELU, NO_RESIDUAL, false},
    {"Winograd, residual", {2, 5, 7, 3}, {3, 3, 3, 5}, WINOGRAD, NONE, OTHER_RESIDUAL, false},
    {"Winograd, its input again", {1, 4, 5, 16}, {3, 3, 16, 16}, WINOGRAD, NONE, INPUT_RESIDUAL, false},
};

START_TEST(epilogues_match_reference) {
    const fused_case *c = &cases[_i];
    test_check_operation(&(test_operation){
        .label = c->label,
        .input_count = 4,
        .inputs = {{.shape = c->x, .low = -1, .high = 1, .grad = !c->frozen},
                   {.shape = c->weight, .low = -0.5, .high = 0.5, .grad = !c->frozen},
                   {.shape = {1, 1, 1, c->weight.c}, .low = -1, .high = 1, .grad = !c->frozen},
                   {.shape = output_of(c),
                    .low = -1,
                    .high = 1,
                    .grad = true,
                    .absent = c->addition != OTHER_RESIDUAL}},
        .build = build,
        .reference = reference,
        .user = c,
        .step = 1e-7, /* a sum may lie close to ReLU's kink */
    });
}
END_TEST

static void expect_failure(bc_epilogue epilogue, bc_shape residual, const char *message) {
    for (int kernel = 1; kernel <= 3; kernel += 2) {
        bc_graph *graph;
        ck_ok(bc_graph_create(test_host(), &graph));
        bc_value *x = bc_graph_input(graph, "x", (bc_shape){2, 4, 3, 4});
        bc_value *weight = bc_graph_input(graph, "w", (bc_shape){kernel, kernel, 4, 6});
        epilogue.residual = bc_graph_input(graph, "r", residual);
        ck_assert_ptr_null(
            bc_conv2d_fused(graph, x, weight, NULL, bc_conv_symmetric(1, kernel / 2), epilogue));
        ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
        ck_assert_msg(strstr(test_error.text, message) != NULL, "%s", test_error.text);
        bc_error_clear(&test_error);
        bc_graph_release(graph);
    }
}

START_TEST(bad_epilogues_are_named) {
    expect_failure((bc_epilogue){0}, (bc_shape){2, 4, 3, 4}, "is 2x4x3x4, expected 2x4x3x6");
    expect_failure((bc_epilogue){.activation = RELU}, (bc_shape){2, 4, 3, 6}, "weight w");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("epilogue");
    TCase *c = tcase_create("epilogue");
    tcase_set_timeout(c, 240);
    tcase_add_loop_test(c, epilogues_match_reference, 0, sizeof cases / sizeof *cases);
    tcase_add_test(c, bad_epilogues_are_named);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
