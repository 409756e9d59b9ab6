/* Optimisers against double-precision references, their state files, EMA and schedules. */
#include "tests/support.h"

#include "host/base/random.h"
#include "net/store/optimiser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TENSORS = 5, LARGEST = 41 * 53 };

static const struct {
    const char *name;
    bc_param_spec spec;
} declared[TENSORS] = {
    {"pretrained.big", {2, {41, 53}, BC_LAYOUT_LINEAR, BC_INIT_NORMAL, 1, BC_GROUP_BACKBONE}},
    {"scratch.odd", {1, {13}, BC_LAYOUT_PLAIN, BC_INIT_NORMAL, 1, BC_GROUP_SCRATCH}},
    {"head.one", {1, {1}, BC_LAYOUT_PLAIN, BC_INIT_NORMAL, 1, BC_GROUP_HEADS}},
    {"pretrained.small", {1, {3}, BC_LAYOUT_PLAIN, BC_INIT_NORMAL, 1, BC_GROUP_BACKBONE}},
    {"head.mean", {1, {4}, BC_LAYOUT_PLAIN, BC_INIT_CONSTANT, 5, BC_GROUP_BUFFERS}},
};

static const bc_optimiser_options adam = {.kind = BC_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
static const float rates[BC_GROUP_COUNT] = {1e-3f, 1e-2f, 3e-2f, 1.0f};

static bc_params *make_params(bool trainable, uint32_t seed) {
    bc_graph *graph;
    bc_params *params;
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), trainable, &params));
    for (int i = 0; i < TENSORS; i++)
        bc_param_value(graph, params, declared[i].name, &declared[i].spec);
    ck_ok(bc_params_allocate(params));
    ck_ok(bc_params_initialise(params, seed));
    bc_graph_release(graph);
    return params;
}

static float gradient_at(int tensor, int i, int step) {
    bc_random r = {.seed = (uint32_t)step, .stream = (uint32_t)tensor, .index = (uint64_t)i * 4};
    return bc_random_range(&r, -1, 1) * (tensor == 1 ? 100.0f : 1.0f);
}

static void write_gradients(bc_params *params, int step) {
    float values[LARGEST];
    for (int t = 0; t < TENSORS; t++) {
        bc_param *param = bc_params_at(params, t);
        if (!param->grad.mem)
            continue;
        for (size_t i = 0; i < param->count; i++)
            values[i] = gradient_at(t, (int)i, step);
        ck_ok(bc_buffer_write(test_host(), param->grad, 0, values, param->count * sizeof(float)));
    }
}

static void run_steps(bc_params *params, bc_optimiser *optimiser, int first, int last) {
    for (int step = first; step <= last; step++) {
        write_gradients(params, step);
        ck_ok(bc_optimiser_step(optimiser, rates));
    }
}

static void read_raw(bc_params *params, int t, float *out) {
    ck_ok(bc_buffer_read(test_host(), bc_params_at(params, t)->value, 0, out,
                         bc_params_at(params, t)->count * sizeof(float)));
}

/* --- the reference --- */

static double norm_at(int step) {
    double squares = 0;
    for (int t = 0; t < TENSORS - 1; t++)
        for (int i = 0; i < (t == 0 ? LARGEST : declared[t].spec.shape[0]); i++)
            squares += pow(gradient_at(t, i, step), 2);
    return sqrt(squares);
}

typedef struct moments {
    double m, v;
} moments;

/* Adam as in Kingma and Ba, written as the paper does. */
static double adam_step(double p, double g, double rate, int step, moments *s) {
    s->m = 0.9 * s->m + 0.1 * g;
    s->v = 0.999 * s->v + 0.001 * g * g;
    double m = s->m / (1 - pow(0.9, step)), v = s->v / (1 - pow(0.999, step));
    return p - rate * m / (sqrt(v) + 1e-8);
}

static double sgd_step(double p, double g, double rate, double momentum, moments *s) {
    s->m = momentum * s->m + g;
    return p - rate * s->m;
}

static double reference(const bc_optimiser_options *options, int t, int i, double p, int steps) {
    moments own = {0}, second = {0};
    bc_group group = declared[t].spec.group;
    for (int step = 1; step <= steps; step++) {
        double g = gradient_at(t, i, step);
        if (options->clip_norm > 0)
            g *= fmin(1, options->clip_norm / (norm_at(step) + 1e-6));
        if (options->double_backbone && group == BC_GROUP_BACKBONE)
            p = adam_step(p, g, rates[BC_GROUP_SCRATCH], step, &second);
        p = options->kind == BC_ADAM ? adam_step(p, g, rates[group], step, &own)
                                     : sgd_step(p, g, rates[group], options->momentum, &own);
    }
    return p;
}

static void check_against_reference(const bc_optimiser_options *options) {
    enum { STEPS = 5 };
    bc_params *params = make_params(true, 1);
    bc_optimiser *optimiser;
    static float before[TENSORS][LARGEST], after[LARGEST];
    for (int t = 0; t < TENSORS; t++)
        read_raw(params, t, before[t]);
    ck_ok(bc_optimiser_create(params, options, &optimiser));
    run_steps(params, optimiser, 1, STEPS);
    for (int t = 0; t < TENSORS; t++) {
        read_raw(params, t, after);
        /* every element of the small ones, some of the large one, and its last */
        int count = (int)bc_params_at(params, t)->count, stride = count > 100 ? 97 : 1;
        for (int i = count - 1; i >= 0; i -= stride) {
            double expected = t == TENSORS - 1 ? before[t][i] : reference(options, t, i, before[t][i], STEPS);
            ck_assert_msg(fabs(after[i] - expected) < 2e-6 * (1 + fabs(expected)),
                          "%s[%d]: %.8g, expected %.8g", declared[t].name, i, after[i], expected);
        }
    }
    bc_optimiser_release(optimiser);
    bc_params_release(params);
}

START_TEST(adam_agrees) {
    check_against_reference(&adam);
}
END_TEST

START_TEST(adam_with_clipping_agrees) {
    bc_optimiser_options options = adam;
    options.clip_norm = 10;
    check_against_reference(&options);
}
END_TEST

START_TEST(the_double_backbone_agrees) {
    bc_optimiser_options options = adam;
    options.double_backbone = true;
    check_against_reference(&options);
}
END_TEST

START_TEST(sgd_agrees) {
    check_against_reference(&(bc_optimiser_options){.kind = BC_SGD, .momentum = 0.9f, .clip_norm = 5});
}
END_TEST

/* A step that is long beside the values shows the factor of the gradients, and by it their norm. */
START_TEST(clipping_takes_the_norm_of_all_gradients) {
    const double norm = norm_at(4), limits[] = {0, 1e9, norm / 3};
    const float far[BC_GROUP_COUNT] = {1e4f, 1e4f, 1e4f, 1e4f};
    for (int i = 0; i < 3; i++) {
        bc_params *params = make_params(true, 1);
        bc_optimiser *optimiser;
        float before[LARGEST], after[LARGEST];
        read_raw(params, 1, before);
        ck_ok(bc_optimiser_create(
            params, &(bc_optimiser_options){.kind = BC_SGD, .clip_norm = (float)limits[i]}, &optimiser));
        write_gradients(params, 4);
        ck_ok(bc_optimiser_step(optimiser, far));
        read_raw(params, 1, after);
        double factor = ((double)before[0] - after[0]) / (1e4 * gradient_at(1, 0, 4));
        ck_assert_double_eq_tol(factor, i == 2 ? 1 / 3.0 : 1, 1e-6);
        bc_optimiser_release(optimiser);
        bc_params_release(params);
    }
}
END_TEST

/* With and without clipping, the first bad step is remembered while good ones follow. */
START_TEST(a_gradient_that_is_no_number_is_found) {
    const float limits[] = {0, 1}, bad[] = {NAN, INFINITY};
    for (int i = 0; i < 2; i++) {
        bc_params *params = make_params(true, 1);
        bc_optimiser *optimiser;
        bc_optimiser_options options = adam;
        long ago;
        options.clip_norm = limits[i];
        ck_ok(bc_optimiser_create(params, &options, &optimiser));
        run_steps(params, optimiser, 1, 2);
        ck_ok(bc_optimiser_bad_since(optimiser, &ago));
        ck_assert_int_eq(ago, -1);
        write_gradients(params, 3);
        ck_ok(bc_buffer_write(test_host(), bc_params_at(params, 2)->grad, 0, &bad[i], sizeof bad[i]));
        ck_ok(bc_optimiser_step(optimiser, rates));
        ck_ok(bc_optimiser_bad_since(optimiser, &ago));
        ck_assert_int_eq(ago, 0);
        run_steps(params, optimiser, 4, 6);
        ck_ok(bc_optimiser_bad_since(optimiser, &ago));
        ck_assert_int_eq(ago, 3);
        bc_optimiser_release(optimiser);
        bc_params_release(params);
    }
}
END_TEST

START_TEST(frozen_parameters_are_refused) {
    bc_params *params = make_params(false, 1);
    bc_optimiser *optimiser;
    ck_assert_int_eq(bc_optimiser_create(params, &adam, &optimiser), BC_E_ARGUMENT);
    ck_assert_ptr_null(optimiser);
    bc_error_clear(&test_error);
    bc_params_release(params);
}
END_TEST

/* --- files --- */

static const char *state_path(void) {
    return test_path("state.safetensors");
}

/* Six steps at once, and three, a save, a load into a new optimiser, and three more: the same bits. */
static void check_resume(const bc_optimiser_options *options) {
    bc_params *whole = make_params(true, 2), *parts = make_params(true, 2);
    bc_optimiser *optimiser;
    ck_ok(bc_optimiser_create(whole, options, &optimiser));
    run_steps(whole, optimiser, 1, 6);
    bc_optimiser_release(optimiser);
    ck_ok(bc_optimiser_create(parts, options, &optimiser));
    run_steps(parts, optimiser, 1, 3);
    ck_ok(bc_optimiser_save(optimiser, state_path()));
    bc_optimiser_release(optimiser);
    ck_ok(bc_optimiser_create(parts, options, &optimiser));
    ck_ok(bc_optimiser_load(optimiser, state_path()));
    run_steps(parts, optimiser, 4, 6);
    bc_optimiser_release(optimiser);
    ck_assert_uint_eq(test_params_hash(whole), test_params_hash(parts));
    bc_params_release(whole);
    bc_params_release(parts);
}

START_TEST(training_resumes_bit_for_bit) {
    bc_optimiser_options options = adam;
    options.double_backbone = true;
    options.clip_norm = 3;
    check_resume(&options);
    check_resume(&(bc_optimiser_options){.kind = BC_SGD, .momentum = 0.5f});
}
END_TEST

START_TEST(foreign_state_is_refused) {
    bc_params *params = make_params(true, 1);
    bc_optimiser *optimiser;
    bc_optimiser_options options = adam;
    ck_ok(bc_optimiser_create(params, &options, &optimiser));
    ck_ok(bc_optimiser_save(optimiser, state_path()));
    bc_optimiser_release(optimiser);
    options.double_backbone = true;
    ck_ok(bc_optimiser_create(params, &options, &optimiser));
    ck_assert_int_eq(bc_optimiser_load(optimiser, state_path()), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "second.m.pretrained.big"));
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_optimiser_load(optimiser, "/nonexistent/state"), BC_E_FILE);
    bc_error_clear(&test_error);
    bc_optimiser_release(optimiser);
    bc_params_release(params);
}
END_TEST

/* --- EMA and schedules --- */

START_TEST(ema_moves_every_value) {
    bc_params *teacher = make_params(false, 1), *student = make_params(true, 2), *other;
    static float t0[LARGEST], s[LARGEST], t1[LARGEST];
    for (int t = 0; t < TENSORS; t++) {
        read_raw(teacher, t, t0);
        read_raw(student, t, s);
        ck_ok(bc_ema_update(teacher, student, 0.75f));
        read_raw(teacher, t, t1);
        for (size_t i = 0; i < bc_params_at(teacher, t)->count; i++)
            ck_assert_double_eq_tol(t1[i], 0.75 * t0[i] + 0.25 * s[i], 1e-6);
    }
    ck_ok(bc_params_create(test_host(), false, &other));
    ck_ok(bc_params_allocate(other));
    ck_assert_int_eq(bc_ema_update(other, student, 0.5f), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
    bc_params_release(other);
    bc_params_release(teacher);
    bc_params_release(student);
}
END_TEST

START_TEST(plateaus_lower_the_rate) {
    bc_plateau p;
    bc_plateau_init(&p);
    bc_plateau_step(&p, 1.0f);
    bc_plateau_step(&p, 0.99995f); /* better by less than the threshold: bad epoch 1 */
    for (int bad = 2; bad <= 10; bad++)
        bc_plateau_step(&p, 1.0f);
    ck_assert_float_eq(p.scale, 1.0f);
    bc_plateau_step(&p, 1.0f); /* the eleventh */
    ck_assert_float_eq_tol(p.scale, 0.1f, 1e-7f);
    ck_assert_int_eq(p.bad_epochs, 0);
    bc_plateau_step(&p, 0.5f);
    ck_assert_float_eq(p.best, 0.5f);
    for (int bad = 1; bad <= 11; bad++)
        bc_plateau_step(&p, NAN); /* never better */
    ck_assert_float_eq_tol(p.scale, 0.01f, 1e-8f);
}
END_TEST

START_TEST(cosine_warms_up_and_falls) {
    ck_assert_float_eq(bc_cosine_scale(0, 4, 104), 0.25f);
    ck_assert_float_eq(bc_cosine_scale(3, 4, 104), 1.0f);
    ck_assert_float_eq(bc_cosine_scale(4, 4, 104), 1.0f);
    ck_assert_float_eq_tol(bc_cosine_scale(54, 4, 104), 0.5f, 1e-6f);
    ck_assert_float_eq(bc_cosine_scale(104, 4, 104), 0.0f);
    ck_assert_float_eq(bc_cosine_scale(0, 0, 10), 1.0f);
    for (long step = 5; step < 104; step++)
        ck_assert_float_lt(bc_cosine_scale(step, 4, 104), bc_cosine_scale(step - 1, 4, 104));
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("optimiser");
    TCase *c = tcase_create("updates");
    tcase_add_test(c, adam_agrees);
    tcase_add_test(c, adam_with_clipping_agrees);
    tcase_add_test(c, the_double_backbone_agrees);
    tcase_add_test(c, sgd_agrees);
    tcase_add_test(c, clipping_takes_the_norm_of_all_gradients);
    tcase_add_test(c, a_gradient_that_is_no_number_is_found);
    tcase_add_test(c, frozen_parameters_are_refused);
    tcase_add_test(c, training_resumes_bit_for_bit);
    tcase_add_test(c, foreign_state_is_refused);
    tcase_add_test(c, ema_moves_every_value);
    tcase_add_test(c, plateaus_lower_the_rate);
    tcase_add_test(c, cosine_warms_up_and_falls);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
