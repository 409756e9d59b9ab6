/* Half precision: every half, and floats around and between them. */
#include "host/base/half.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

enum { HALVES = 1 << 16, MANY = 100000 };

static bool is_nan(uint16_t half) {
    return (half & 0x7c00) == 0x7c00 && (half & 0x3ff);
}

/* By the definition: the multiple of the last place that is nearest, of two the even one. */
static double nearest(double value) {
    int exponent;
    frexp(value, &exponent);
    double place = ldexp(1, exponent < -13 ? -24 : exponent - 11), rounded = nearbyint(value / place) * place;
    return fabs(rounded) >= 65536 ? copysign(INFINITY, value) : rounded;
}

START_TEST(test_every_half_comes_back) {
    for (int h = 0; h < HALVES; h++) {
        uint16_t half = (uint16_t)h, many;
        float value = bc_float_of_half(half), again;
        if (is_nan(half)) {
            ck_assert(isnan(value) && is_nan(bc_half_of_float(value)));
            continue;
        }
        ck_assert_msg(bc_half_of_float(value) == half, "%04x became %04x", h, bc_half_of_float(value));
        bc_floats_of_halves(&half, 1, 1, &again);
        bc_halves_of_floats(&value, 1, 1, &many);
        ck_assert(memcmp(&again, &value, sizeof value) == 0 && many == half);
    }
}
END_TEST

START_TEST(test_floats_go_to_the_nearest) {
    bc_random random = {.seed = 5};
    for (int i = 0; i < MANY; i++) {
        float value = ldexpf(2 * bc_random_uniform(&random) - 1, i % 50 - 30);
        ck_assert_msg((double)bc_float_of_half(bc_half_of_float(value)) == nearest((double)value), "%.9g",
                      value);
    }
    /* Halfway between two halves, and the least that becomes infinite. */
    for (int h = 0; h < 0x7c00; h++) {
        double low = (double)bc_float_of_half((uint16_t)h),
               high = h == 0x7bff ? 65536 : (double)bc_float_of_half((uint16_t)(h + 1));
        float middle = (float)((low + high) / 2);
        ck_assert_int_eq(bc_half_of_float(middle), h & 1 ? h + 1 : h);
        ck_assert_int_eq(bc_half_of_float(nextafterf(middle, 0)), h);
        ck_assert_int_eq(bc_half_of_float(nextafterf(middle, INFINITY)), h + 1);
    }
    ck_assert_int_eq(bc_half_of_float(-INFINITY), 0xfc00);
}
END_TEST

START_TEST(test_a_factor) {
    const float values[] = {3e-9f, -1.5e-7f, 0, 4e-8f}, factor = 0x1p30f;
    uint16_t halves[4];
    float back[4];
    bc_halves_of_floats(values, 4, factor, halves);
    bc_floats_of_halves(halves, 4, factor, back);
    for (int i = 0; i < 4; i++)
        ck_assert_msg(fabsf(back[i] - values[i]) <= 0x1p-11f * fabsf(values[i]), "%.9g became %.9g",
                      values[i], back[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("half");
    TCase *cases = tcase_create("half");
    tcase_add_test(cases, test_every_half_comes_back);
    tcase_add_test(cases, test_floats_go_to_the_nearest);
    tcase_add_test(cases, test_a_factor);
    suite_add_tcase(suite, cases);
    return test_run(suite);
}
