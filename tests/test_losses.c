/* The losses: the worked examples of the method's description, what decides at kinks, and the cases in which there is nothing to learn
 * from. */
#include "support.h"

#include "bicross/losses/losses.h"
#include "net/ops/ops.h"

#include <math.h>
#include <string.h>

/* --- one loss on fixed inputs --- */

typedef bc_value *(*loss_builder)(bc_graph *graph, bc_value **inputs);

typedef struct loss_case {
    loss_builder build;
    int count;
    bc_shape shape[4];
    const float *data[4];
    float *grad[4]; /* receives the gradient, or NULL: none is wanted */
    float upstream; /* gradient of the loss */
} loss_case;

/* Returns the loss and fills the gradients, whose memory holds garbage before. */
static float run_loss(const loss_case *c) {
    bc_host *host = test_host();
    bc_graph *graph;
    bc_plan *plan;
    bc_buffer data[4] = {{0}}, grad[4] = {{0}};
    bc_value *inputs[4] = {0};
    bool train = false;
    ck_ok(bc_graph_create(host, &graph));
    for (int i = 0; i < c->count; i++) {
        size_t bytes = bc_shape_count(c->shape[i]) * sizeof(float);
        if (!bytes)
            continue;
        ck_ok(bc_buffer_create(host, bytes, "a test input", &data[i]));
        ck_ok(bc_buffer_create(host, bytes, "a test gradient", &grad[i]));
        ck_ok(bc_buffer_write(host, data[i], 0, c->data[i], bytes));
        ck_ok(bc_buffer_fill(host, grad[i], 0, bytes, 1e30f));
        inputs[i] = bc_graph_external(graph, "input", c->shape[i], &data[i], c->grad[i] ? &grad[i] : NULL);
        train |= c->grad[i] != NULL;
    }
    bc_value *loss = c->build(graph, inputs);
    bc_graph_loss(graph, loss, c->upstream);
    ck_ok(bc_plan_create(graph, train ? BC_TRAIN : BC_INFER, &plan));
    float value;
    ck_ok(bc_plan_forward(plan));
    ck_ok(bc_value_read(graph, loss, &value));
    if (train)
        ck_ok(bc_plan_backward(plan));
    for (int i = 0; i < c->count; i++)
        if (c->grad[i])
            ck_ok(bc_buffer_read(host, grad[i], 0, c->grad[i], bc_shape_count(c->shape[i]) * sizeof(float)));
    bc_plan_release(plan);
    bc_graph_release(graph);
    for (int i = 0; i < 4; i++) {
        bc_buffer_release(&data[i]);
        bc_buffer_release(&grad[i]);
    }
    return value;
}

static bc_value *build_sig(bc_graph *g, bc_value **in) {
    return bc_sig_loss(g, in[0], in[1], in[2]);
}
static bc_value *build_uncertainty(bc_graph *g, bc_value **in) {
    return bc_uncertainty_loss(g, in[0], in[1], in[2], in[3], BC_UNCERTAINTY_L1);
}
static bc_value *build_squared_uncertainty(bc_graph *g, bc_value **in) {
    return bc_uncertainty_loss(g, in[0], in[1], in[2], in[3], BC_UNCERTAINTY_L2);
}
static bc_value *build_spread(bc_graph *g, bc_value **in) {
    return bc_uncertainty_loss(g, in[0], in[1], in[2], in[3], BC_UNCERTAINTY_L1LOG);
}
static bc_value *build_ssi(bc_graph *g, bc_value **in) {
    return bc_ssi_loss(g, in[0], in[1], in[2]);
}
static bc_value *build_info_nce(bc_graph *g, bc_value **in) {
    return bc_info_nce_loss(g, in[0], in[1]);
}
static bc_value *build_feature(bc_graph *g, bc_value **in) {
    return bc_feature_loss(g, in[0], in[1], in[2]);
}
static bc_value *build_divergence(bc_graph *g, bc_value **in) {
    return bc_divergence_loss(g, bc_log_softmax(g, in[0]), bc_log_softmax(g, in[1]), in[2]);
}
static bc_value *build_nll(bc_graph *g, bc_value **in) {
    return bc_nll_loss(g, in[0], 1);
}

static const float depth3[] = {1, 2, 4}, label3[] = {1, 1, 2}, all3[] = {1, 1, 1}, none3[] = {0, 0, 0};
static const bc_shape map3 = {1, 1, 3, 1};

static loss_case sig_case(const float *depth, const float *label, const float *mask, float *grad) {
    return (loss_case){build_sig, 3, {map3, map3, map3}, {depth, label, mask}, {grad}, .upstream = 1};
}

/* --- worked examples --- */

START_TEST(sig_example) {
    float grad[3];
    loss_case c = sig_case(depth3, label3, all3, grad);
    ck_assert_float_eq_tol(run_loss(&c), 0.416204558f, 1e-6f);
    ck_assert_float_eq_tol(grad[0], -0.431063208f, 1e-6f);
    ck_assert_float_eq_tol(grad[1], 0.144116478f, 1e-6f);
    ck_assert_float_eq_tol(grad[2], 0.080385716f, 1e-6f);
}
END_TEST

START_TEST(sig_scales_with_the_incoming_gradient) {
    float once[3], scaled[3];
    loss_case c = sig_case(depth3, label3, all3, once);
    run_loss(&c);
    c.grad[0] = scaled;
    c.upstream = -0.25f;
    run_loss(&c);
    for (int i = 0; i < 3; i++)
        ck_assert_float_eq_tol(scaled[i], -0.25f * once[i], 1e-7f);
}
END_TEST

/* Labels that are the depth but for its last bits: the root's slope would be as large as anywhere. */
START_TEST(sig_of_rounding_noise_sends_no_gradient) {
    const float near[] = {1.0000001f, 1.0000002f, 2};
    float grad[3];
    loss_case c = sig_case(near, label3, all3, grad);
    float loss = run_loss(&c);
    ck_assert(loss > 0 && loss < 1e-6f);
    for (int i = 0; i < 3; i++)
        ck_assert_float_eq(grad[i], 0);
    const float apart[] = {1.00001f, 1, 2};
    c.data[0] = apart;
    run_loss(&c);
    ck_assert_float_gt(fabsf(grad[0]), 0.1f);
}
END_TEST

static bc_value *build_soft_sig(bc_graph *g, bc_value **in) {
    return bc_soft_sig_loss(g, in[0], in[1], in[2], 0, 0.1f);
}

/* Free of scale, and a gradient in proportion to errors that are small beside 0.1. */
START_TEST(soft_sig_fades) {
    const float ones[] = {0.9f, 0.9f, 0.9f},
                twice[] = {1.9f, 1.9f, 1.9f}, /* ratios of d + 0.1: 2 everywhere */
        once[] = {0.901f, 0.9f, 0.9f}, double_error[] = {0.902f, 0.9f, 0.9f};
    float small[3], large[3];
    loss_case c = sig_case(twice, ones, all3, small);
    c.build = build_soft_sig;
    ck_assert_float_eq_tol(run_loss(&c), 0, 1e-7f);
    c.data[0] = once;
    run_loss(&c);
    c.data[0] = double_error;
    c.grad[0] = large;
    run_loss(&c);
    ck_assert_float_eq_tol(large[0] / small[0], 2, 0.01f);
}
END_TEST

START_TEST(uncertainty_example) {
    const float u[] = {0.2f, 0.3f, 0.9f};
    float to_u[3], to_depth[3];
    loss_case c = {build_uncertainty,        4,
                   {map3, map3, map3, map3}, {u, depth3, label3, all3},
                   {to_u, to_depth},         .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), 0.333333f, 1e-6f);
    const float third = 1.0f / 3.0f;
    const float expected_u[] = {third, -third, -third};
    /* d = y has no side; the ratios 1 lie on the clamp's edge, which belongs to its inside. */
    const float expected_depth[] = {0, third, third / 2};
    for (int i = 0; i < 3; i++) {
        ck_assert_float_eq_tol(to_u[i], expected_u[i], 1e-6f);
        ck_assert_float_eq_tol(to_depth[i], expected_depth[i], 1e-6f);
    }
}
END_TEST

START_TEST(uncertainty_stops_at_the_clamp) {
    const float u[] = {0.5f, 0.5f, 0.5f}, depth[] = {2.5f, 1.5f, 1.0f};
    float to_depth[3];
    loss_case c = {build_uncertainty, 4, {map3, map3, map3, map3}, {u, depth, label3, all3}, {NULL, to_depth},
                   .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), (0.5f + 0 + 0) / 3, 1e-6f);
    for (int i = 0; i < 3; i++)
        ck_assert_float_eq(to_depth[i], 0.0f); /* beyond the clamp; on the target; on the target */
}
END_TEST

START_TEST(squared_uncertainty_example) {
    const float u[] = {0.2f, 0.3f, 0.9f};
    float to_u[3], to_depth[3];
    loss_case c = {build_squared_uncertainty, 4,
                   {map3, map3, map3, map3},  {u, depth3, label3, all3},
                   {to_u, to_depth},          .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), 0.18f, 1e-6f);
    const float expected_u[] = {0.4f / 3, -1.4f / 3, -0.2f / 3};
    const float expected_depth[] = {0, 1.4f / 3, 0.1f / 3};
    for (int i = 0; i < 3; i++) {
        ck_assert_float_eq_tol(to_u[i], expected_u[i], 1e-6f);
        ck_assert_float_eq_tol(to_depth[i], expected_depth[i], 1e-6f);
    }
}
END_TEST

/* A spread below 0.1, even a negative one, counts as 0.1 and is led back. */
START_TEST(spread_example) {
    const float u[] = {-0.4f, 2, 0.5f};
    float to_u[3], to_depth[3];
    loss_case c = {build_spread, 4, {map3, map3, map3, map3}, {u, depth3, label3, all3}, {to_u, to_depth}, 1};
    float first = logf(0.1f) + 0.5f, second = 0.5f + logf(2), third = 4 + logf(0.5f);
    ck_assert_float_eq_tol(run_loss(&c), (first + second + third) / 3, 1e-6f);
    const float expected_u[] = {-1.0f / 3, 0.25f / 3, -2};
    const float expected_depth[] = {0, 0.5f / 3, 2.0f / 3};
    for (int i = 0; i < 3; i++) {
        ck_assert_float_eq_tol(to_u[i], expected_u[i], 1e-6f);
        ck_assert_float_eq_tol(to_depth[i], expected_depth[i], 1e-6f);
    }
}
END_TEST

/* Scale 5/14 and shift 1/2 leave -2/14, 3/14, -1/14. */
START_TEST(ssi_example) {
    float grad[3];
    loss_case c = {build_ssi, 3, {map3, map3, map3}, {depth3, label3, all3}, {grad}, .upstream = 1};
    float stride1 = 9.0f / 14 / 3, stride2 = 1.0f / 14 / 2;
    ck_assert_float_eq_tol(run_loss(&c), 1.0f / 14 / 6 + 0.5f * (stride1 + stride2), 1e-6f);
    /* Neither another shift nor another scale would change it. */
    ck_assert_float_eq_tol(grad[0] + grad[1] + grad[2], 0, 1e-6f);
    ck_assert_float_eq_tol(1 * grad[0] + 2 * grad[1] + 4 * grad[2], 0, 1e-6f);
    ck_assert_float_gt(fabsf(grad[1]), 0.01f);
}
END_TEST

START_TEST(ssi_is_free_of_scale_and_shift) {
    const float moved[] = {7, 7, 10}; /* 3 y + 4 */
    loss_case c = {build_ssi, 3, {map3, map3, map3}, {moved, label3, all3}, .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), 0, 1e-6f);
}
END_TEST

/* p = (1/2, 1/2), q = (1/4, 3/4), of one pixel of two; the gradient p - q goes to the student alone. */
START_TEST(divergence_example) {
    const float student[] = {5, 5, NAN, 1}, teacher[] = {1, 1 + logf(3), 2, INFINITY}, first[] = {1, 0};
    const bc_shape shape = {1, 1, 2, 2}, mask = {1, 1, 2, 1};
    float grad[4];
    loss_case c = {build_divergence,          3,      {shape, shape, mask},
                   {student, teacher, first}, {grad}, .upstream = 2};
    ck_assert_float_eq_tol(run_loss(&c), 0.25f * logf(0.5f) + 0.75f * logf(1.5f), 1e-6f);
    ck_assert_float_eq_tol(grad[0], 2 * 0.25f, 1e-6f);
    ck_assert_float_eq_tol(grad[1], 2 * -0.25f, 1e-6f);
}
END_TEST

/* As the squared error of depth: of the pixels that count alone. */
START_TEST(feature_loss_of_depth) {
    const float depth[] = {3, NAN, 4}, label[] = {1, 1, INFINITY}, first[] = {1, 0, 0};
    float grad[3];
    loss_case c = {build_feature, 3, {map3, map3, map3}, {depth, label, first}, {grad}, .upstream = 1};
    ck_assert_float_eq(run_loss(&c), 4);
    ck_assert_float_eq(grad[0], 4);
    ck_assert_float_eq(grad[1], 0);
    ck_assert_float_eq(grad[2], 0);
}
END_TEST

START_TEST(info_nce_example) {
    const float r[] = {1, 0, 0, 2}, s[] = {1, 1, 0, 1};
    const bc_shape shape = {2, 1, 1, 2};
    float to_r[4], to_s[4];
    loss_case c = {build_info_nce, 2, {shape, shape}, {r, s}, {to_r, to_s}, .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), 0.503204434f, 1e-6f);
    /* dlogits = (softmax - 1)/2 = a{-1,1}, b{1,-1} with a = (1 - e/(1+e))/2, b = 1/4. */
    float a = 0.5f / (1 + expf(1)), b = 0.25f;
    const float expected_r[] = {-a, 0, b, 0}, expected_s[] = {-a, 2 * b, a, -2 * b};
    for (int i = 0; i < 4; i++) {
        ck_assert_float_eq_tol(to_r[i], expected_r[i], 1e-6f);
        ck_assert_float_eq_tol(to_s[i], expected_s[i], 1e-6f);
    }
}
END_TEST

/* Logits of about +-40000: the softmax must not overflow. */
START_TEST(info_nce_large_logits) {
    const float r[] = {200, -200}, s[] = {-200, 200};
    const bc_shape shape = {2, 1, 1, 1};
    float to_r[2];
    loss_case c = {build_info_nce, 2, {shape, shape}, {r, s}, {to_r}, .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&c), 80000.0f, 0.1f);
    ck_assert_float_eq_tol(to_r[0], 200.0f, 1e-3f);
}
END_TEST

START_TEST(nll_example) {
    const float x[] = {-1, -2, -3, -0.5f, -5, -6};
    const bc_shape shape = {2, 1, 1, 3};
    float grad[6];
    loss_case c = {build_nll, 1, {shape}, {x}, {grad}, .upstream = 2};
    ck_assert_float_eq_tol(run_loss(&c), 3.5f, 1e-6f);
    const float expected[] = {0, -1, 0, 0, -1, 0};
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq(grad[i], expected[i]);
}
END_TEST

/* --- nothing to learn from --- */

static void expect_silence(const loss_case *c, int count) {
    ck_assert_float_eq(run_loss(c), 0.0f);
    for (int i = 0; i < c->count; i++)
        for (int k = 0; c->grad[i] && k < count; k++)
            ck_assert_msg(c->grad[i][k] == 0.0f, "gradient %d of input %d is %g", k, i,
                          (double)c->grad[i][k]);
}

START_TEST(sig_guards) {
    const float one[] = {0, 1, 0}, broken[] = {NAN, INFINITY, -7};
    float grad[3];
    loss_case empty = sig_case(broken, label3, none3, grad), single = sig_case(depth3, label3, one, grad),
              perfect = sig_case(label3, label3, all3, grad);
    expect_silence(&empty, 3);
    expect_silence(&single, 3);
    expect_silence(&perfect, 3);
}
END_TEST

START_TEST(masked_guards) {
    const float u[] = {NAN, 2, 3}, zero[] = {0, 0, 0};
    float to_u[3], to_depth[3];
    loss_case uncertainty = {build_uncertainty,        4,
                             {map3, map3, map3, map3}, {u, depth3, zero, none3},
                             {to_u, to_depth},         .upstream = 1};
    expect_silence(&uncertainty, 3);
    loss_case feature = {build_feature, 3, {map3, map3, map3}, {depth3, label3, none3}, {to_u, to_depth},
                         .upstream = 1};
    expect_silence(&feature, 3);
}
END_TEST

/* Where depth does not vary, or nearly not, there is no scale; other images of the batch are not touched by that. */
START_TEST(ssi_guards) {
    const float flat[] = {2, 2.000001f, 2}, one[] = {0, 1, 0}, broken[] = {NAN, INFINITY, -7};
    float grad[6];
    loss_case empty = {build_ssi, 3, {map3, map3, map3}, {broken, label3, none3}, {grad}, .upstream = 1};
    loss_case single = empty, even = empty;
    single.data[0] = depth3;
    single.data[2] = one;
    even.data[0] = flat;
    even.data[2] = all3;
    expect_silence(&empty, 3);
    expect_silence(&single, 3);
    expect_silence(&even, 3);
    const bc_shape two = {2, 1, 3, 1};
    const float depth[] = {1, 2, 4, 5, 5, 5}, label[] = {1, 1, 2, 1, 2, 3}, all[] = {1, 1, 1, 1, 1, 1};
    loss_case pair = {build_ssi, 3, {two, two, two}, {depth, label, all}, {grad}, .upstream = 1};
    ck_assert_float_eq_tol(run_loss(&pair), 1.0f / 84 + 1.0f / 8, 1e-6f);
    for (int i = 3; i < 6; i++)
        ck_assert_float_eq(grad[i], 0);
}
END_TEST

/* A depth that is no number has to be seen: it stops training. */
START_TEST(ssi_of_no_number) {
    const float broken[] = {NAN, 2, 3};
    loss_case c = {build_ssi, 3, {map3, map3, map3}, {broken, label3, all3}, .upstream = 1};
    ck_assert(isnan(run_loss(&c)));
}
END_TEST

/* Without a gradient there is nowhere to keep statistics. */
START_TEST(inference_only) {
    loss_case c = sig_case(depth3, label3, all3, NULL);
    ck_assert_float_eq_tol(run_loss(&c), 0.416204558f, 1e-6f);
    c.build = build_ssi;
    ck_assert_float_eq_tol(run_loss(&c), 1.0f / 84 + 1.0f / 8, 1e-6f);
}
END_TEST

/* --- misuse --- */

static void expect_refusal(const char *word, bc_value *(*build)(bc_graph *, bc_value *, bc_value *)) {
    bc_graph *graph;
    ck_ok(bc_graph_create(test_host(), &graph));
    bc_value *a = bc_graph_input(graph, "a", (bc_shape){1, 2, 3, 1});
    bc_value *b = bc_graph_input(graph, "b", (bc_shape){1, 3, 2, 1});
    ck_assert_ptr_null(build(graph, a, b));
    ck_assert_int_eq(bc_graph_status(graph), BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, word) != NULL, "\"%s\" does not name %s", test_error.text, word);
    bc_error_clear(&test_error);
    bc_graph_release(graph);
}

static bc_value *wrong_sig(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_sig_loss(g, a, a, b);
}
static bc_value *missing_sig(bc_graph *g, bc_value *a, bc_value *b) {
    (void)b;
    return bc_sig_loss(g, a, a, NULL);
}
static bc_value *wrong_info_nce(bc_graph *g, bc_value *a, bc_value *b) {
    (void)b;
    return bc_info_nce_loss(g, a, a);
}
static bc_value *wrong_nll(bc_graph *g, bc_value *a, bc_value *b) {
    (void)b;
    return bc_nll_loss(g, a, 1);
}
static bc_value *wrong_feature(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_feature_loss(g, a, a, b);
}

static bc_value *wrong_divergence(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_divergence_loss(g, a, b, NULL);
}
static bc_value *wrong_ssi(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_ssi_loss(g, b, b, a);
}
static bc_value *ssi_of_features(bc_graph *g, bc_value *a, bc_value *b) {
    bc_value *both = bc_concat_channels(g, a, a);
    (void)b;
    return bc_ssi_loss(g, both, both, both);
}

START_TEST(misuse) {
    expect_refusal("sig loss: input 2 is 1x3x2x1", wrong_sig);
    expect_refusal("sig loss: input 2 of 3 is missing", missing_sig);
    expect_refusal("InfoNCE", wrong_info_nce);
    expect_refusal("NLL", wrong_nll);
    expect_refusal("mask is 1x3x2x1", wrong_feature);
    expect_refusal("divergence loss: input 1 is 1x3x2x1", wrong_divergence);
    expect_refusal("ssi loss: input 2 is 1x2x3x1", wrong_ssi);
    expect_refusal("ssi loss: a map with one channel is needed, the input has 2", ssi_of_features);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("losses");
    TCase *t = tcase_create("losses");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, sig_example);
    tcase_add_test(t, sig_scales_with_the_incoming_gradient);
    tcase_add_test(t, sig_of_rounding_noise_sends_no_gradient);
    tcase_add_test(t, soft_sig_fades);
    tcase_add_test(t, uncertainty_example);
    tcase_add_test(t, uncertainty_stops_at_the_clamp);
    tcase_add_test(t, squared_uncertainty_example);
    tcase_add_test(t, spread_example);
    tcase_add_test(t, ssi_example);
    tcase_add_test(t, ssi_is_free_of_scale_and_shift);
    tcase_add_test(t, divergence_example);
    tcase_add_test(t, feature_loss_of_depth);
    tcase_add_test(t, info_nce_example);
    tcase_add_test(t, info_nce_large_logits);
    tcase_add_test(t, nll_example);
    tcase_add_test(t, sig_guards);
    tcase_add_test(t, masked_guards);
    tcase_add_test(t, ssi_guards);
    tcase_add_test(t, ssi_of_no_number);
    tcase_add_test(t, inference_only);
    tcase_add_test(t, misuse);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
