/* What predicted uncertainty is worth: rankings and numbers whose score is known. */
#include "bicross/train/uncertainty_score.h"
#include "tests/support.h"

#include <math.h>

enum { PIXELS = 2000 };

static float error_of(int i) {
    return (float)(i * 7919 % PIXELS) / PIXELS;
}

static bc_uncertainty_score score_of(float (*uncertainty)(int pixel), int images) {
    static bc_judged_pixel pixels[PIXELS];
    bc_uncertainty_score score = {0};
    for (int image = 0; image < images; image++) {
        for (int i = 0; i < PIXELS; i++)
            pixels[i] = (bc_judged_pixel){error_of(i), uncertainty(i)};
        bc_uncertainty_add(&score, pixels, PIXELS);
    }
    bc_uncertainty_finish(&score);
    return score;
}

static float shifted(int i) {
    return error_of(i) + 0.25f;
}

static float reversed(int i) {
    return 1 - error_of(i);
}

static float constant(int i) {
    (void)i;
    return 0.5f;
}

START_TEST(the_errors_themselves_are_perfect) {
    bc_uncertainty_score s = score_of(error_of, 2);
    ck_assert_double_eq_tol(s.sparsification_error, 0, 1e-9);
    ck_assert_double_eq_tol(s.calibration_error, 0, 1e-6);
    ck_assert_double_eq_tol(s.by_error[0], 0.5, 1e-3);
    ck_assert_double_eq_tol(s.by_error[10], 0.25, 1e-3); /* the better half */
    ck_assert_int_eq(s.images, 2);
}
END_TEST

/* The right order, but a number that is too large by a quarter where it is not clamped. */
START_TEST(a_shift_is_an_error_of_calibration_alone) {
    bc_uncertainty_score s = score_of(shifted, 1);
    ck_assert_double_eq_tol(s.sparsification_error, 0, 1e-9);
    ck_assert_double_eq_tol(s.calibration_error, 0.25 * 0.75 + 0.125 * 0.25, 2e-3);
}
END_TEST

/* Of errors spread over [0,1], what is left of a share s is worth s/2 at best, 1 - s/2 at worst, 1/2 by chance. */
START_TEST(orders_have_their_known_worth) {
    double worst = 0, chance = 0;
    for (int k = 0; k < BC_SPARSIFICATION_STEPS; k++) {
        double s = 1 - (double)k / BC_SPARSIFICATION_STEPS;
        worst += (1 - s) / BC_SPARSIFICATION_STEPS;
        chance += (0.5 - s / 2) / BC_SPARSIFICATION_STEPS;
    }
    ck_assert_double_eq_tol(score_of(reversed, 1).sparsification_error, worst, 2e-3);
    /* One uncertainty for all says nothing: no order among equals may make it look as if it did. */
    ck_assert_double_eq_tol(score_of(constant, 3).sparsification_error, chance, 2e-3);
    ck_assert_double_eq_tol(score_of(constant, 1).calibration_error, 0, 1e-3); /* right on average */
}
END_TEST

START_TEST(nothing_is_not_a_number_of_something) {
    bc_uncertainty_score s = {0};
    bc_uncertainty_add(&s, NULL, 0);
    bc_uncertainty_finish(&s);
    ck_assert_int_eq(s.images, 0);
    ck_assert(s.sparsification_error == 0 && s.calibration_error == 0);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("uncertainty");
    TCase *t = tcase_create("uncertainty");
    tcase_add_test(t, the_errors_themselves_are_perfect);
    tcase_add_test(t, a_shift_is_an_error_of_calibration_alone);
    tcase_add_test(t, orders_have_their_known_worth);
    tcase_add_test(t, nothing_is_not_a_number_of_something);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
