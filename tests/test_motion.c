/* Motion: each kernel against plain C, known motion found, images between that follow it, in real video too. */
#include "bicross/data/motion.h"
#include "bicross/formats/image.h"
#include "bicross/reference/motion_check.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- kernels against the reference --- */

static const struct { int height, width; } sizes[] = {{1, 1}, {1, 7}, {6, 1}, {2, 3}, {13, 17}, {37, 53}};
enum { SIZES = sizeof sizes / sizeof *sizes, TINY_SIZES = SIZES - 1 };

START_TEST(steps_as_their_references) {
    bc_motion_check checks[BC_MOTION_CHECKS];
    ck_ok(bc_check_motion(test_host(), sizes[_i].height, sizes[_i].width, checks));
    for (int i = 0; i < BC_MOTION_CHECKS; i++)
        ck_assert_msg(checks[i].difference <= checks[i].allowed, "%s of %d x %d: %g apart, allowed %g",
                      checks[i].step, sizes[_i].width, sizes[_i].height, checks[i].difference,
                      checks[i].allowed);
}
END_TEST

/* --- known motion --- */

enum { H = 61, W = 83, PIXELS = H * W };

/* A smooth pattern, seen from (x, y). */
static float pattern(double x, double y) {
    return (float)(0.5 + 0.2 * sin(0.31 * x + 0.12 * y) + 0.15 * sin(0.17 * y - 0.23 * x + 1) +
                   0.1 * sin(0.45 * y + 0.05 * x));
}

/* The pattern after it has moved by (dx, dy). */
static void draw(float *image, double dx, double dy) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            image[y * W + x] = pattern(x - dx, y - dy);
}

/* Of the pixels further from the border than `margin`. */
static double psnr(const float *image, const float *truth, int height, int width, int margin) {
    double sum = 0;
    for (int y = margin; y < height - margin; y++)
        for (int x = margin; x < width - margin; x++) {
            double error = (double)image[y * width + x] - (double)truth[y * width + x];
            sum += error * error;
        }
    return -10 * log10(sum / ((height - 2 * margin) * (width - 2 * margin)) + 1e-12);
}

START_TEST(a_translation_is_found) {
    static const double moves[][2] = {{0, 0}, {0.5, -0.25}, {-3, 2}, {7.5, -5}};
    static float first[PIXELS], second[PIXELS], flow[2 * PIXELS];
    bc_motion *motion;
    if (test_tiny())
        return;
    ck_ok(bc_motion_create(test_host(), H, W, &motion));
    for (int i = 0; i < 4; i++) {
        double sum = 0;
        draw(first, 0, 0);
        draw(second, moves[i][0], moves[i][1]);
        ck_ok(bc_motion_find(motion, first, second));
        ck_ok(bc_motion_flow(motion, flow));
        for (int y = 12; y < H - 12; y++)
            for (int x = 12; x < W - 12; x++)
                sum += hypot((double)flow[2 * (y * W + x)] - moves[i][0],
                             (double)flow[2 * (y * W + x) + 1] - moves[i][1]);
        double error = sum / ((H - 24) * (W - 24));
        ck_assert_msg(error < 0.15, "moved by %g, %g, found %.3f pixels beside it", moves[i][0], moves[i][1],
                      error);
    }
    bc_motion_release(motion);
}
END_TEST

/* Two images of the pattern, and those between them: by motion and by fading. */
static void check_between(bc_motion *motion, double dx, double dy) {
    enum { COUNT = 4 };
    static float first[PIXELS], second[PIXELS], truth[PIXELS], faded[PIXELS], images[COUNT * PIXELS];
    bc_buffer out;
    draw(first, 0, 0);
    draw(second, dx, dy);
    ck_ok(bc_buffer_create(test_host(), sizeof images, "images between", &out));
    ck_ok(bc_motion_find(motion, first, second));
    ck_ok(bc_motion_between(motion, out, 0, COUNT, 0.2f, 0.2f));
    ck_ok(bc_buffer_read(test_host(), out, 0, images, sizeof images));
    for (int k = 0; k < COUNT; k++) {
        double share = 0.2 * (k + 1);
        draw(truth, share * dx, share * dy);
        for (int p = 0; p < PIXELS; p++)
            faded[p] = (float)((1 - share) * (double)first[p] + share * (double)second[p]);
        double by_motion = psnr(images + (size_t)k * PIXELS, truth, H, W, 0);
        double by_fading = psnr(faded, truth, H, W, 0);
        ck_assert_msg(by_motion > by_fading + 6, "at %g of %g, %g: %.1f dB by motion, %.1f dB by fading",
                      share, dx, dy, by_motion, by_fading);
    }
    bc_buffer_release(&out);
}

START_TEST(motion_beats_fading) {
    bc_motion *motion;
    if (test_tiny())
        return;
    ck_ok(bc_motion_create(test_host(), H, W, &motion));
    check_between(motion, 5, 2);
    check_between(motion, -8, 3);
    bc_motion_release(motion);
}
END_TEST

/* What is nowhere in the other image fades, and nothing is made up: a value lies between the least and the largest. */
START_TEST(what_has_no_motion_fades) {
    static float first[PIXELS], second[PIXELS], image[PIXELS];
    bc_random random = {.seed = 11};
    bc_motion *motion;
    bc_buffer out;
    if (test_tiny())
        return;
    for (int p = 0; p < PIXELS; p++) {
        first[p] = 0.25f;
        second[p] = bc_random_range(&random, 0.5f, 0.75f);
    }
    ck_ok(bc_motion_create(test_host(), H, W, &motion));
    ck_ok(bc_buffer_create(test_host(), sizeof image, "image between", &out));
    ck_ok(bc_motion_find(motion, first, second));
    ck_ok(bc_motion_between(motion, out, 0, 1, 0.5f, 0));
    ck_ok(bc_buffer_read(test_host(), out, 0, image, sizeof image));
    for (int p = 0; p < PIXELS; p++)
        ck_assert(image[p] >= 0.2499f && image[p] <= 0.7501f);
    ck_ok(bc_motion_between(motion, out, 0, 1, 0, 0)); /* the ends are the images themselves */
    ck_ok(bc_buffer_read(test_host(), out, 0, image, sizeof image));
    for (int p = 0; p < PIXELS; p++)
        ck_assert_float_eq_tol(image[p], first[p], 1e-6f);
    bc_buffer_release(&out);
    bc_motion_release(motion);
}
END_TEST

START_TEST(motion_repeats_bit_for_bit) {
    static float first[PIXELS], second[PIXELS], flow[2][2 * PIXELS];
    if (test_interpreted())
        return;
    draw(first, 0, 0);
    draw(second, 3, -2);
    for (int i = 0; i < 2; i++) {
        bc_motion *motion;
        ck_ok(bc_motion_create(test_host(), H, W, &motion));
        ck_ok(bc_motion_find(motion, first, second));
        ck_ok(bc_motion_flow(motion, flow[i]));
        bc_motion_release(motion);
    }
    ck_assert_mem_eq(flow[0], flow[1], sizeof flow[0]);
}
END_TEST

START_TEST(sizes_without_pixels_are_refused) {
    bc_motion *motion;
    test_expect_failure(bc_motion_create(test_host(), 0, 5, &motion), BC_E_ARGUMENT, &test_error, "motion",
                        "5 x 0");
    test_expect_failure(bc_motion_create(test_host(), 1 << 20, 1 << 20, &motion), BC_E_ARGUMENT, &test_error,
                        "motion", "1048576 x 1048576");
}
END_TEST

/* --- real video: every second frame of a street is left out and made again --- */

enum { STREET_H = 375, STREET_W = 1242, STREET = STREET_H * STREET_W };

static void read_street(int number, float *grey) {
    char path[1024];
    int width, height;
    uint8_t *rgb;
    snprintf(path, sizeof path, "%s/kitti_drive/image_02/%010d.png", test_shared_data(), number);
    ck_ok(bc_picture_read(&test_error, path, &width, &height, &rgb));
    ck_assert(width == STREET_W && height == STREET_H);
    for (int i = 0; i < STREET; i++)
        grey[i] = (0.299f * rgb[3 * i] + 0.587f * rgb[3 * i + 1] + 0.114f * rgb[3 * i + 2]) / 255;
    free(rgb);
}

START_TEST(motion_beats_fading_in_a_real_street) {
    static float first[STREET], second[STREET], truth[STREET], image[STREET], faded[STREET];
    double by_motion = 0, by_fading = 0;
    bc_motion *motion;
    bc_buffer out;
    if (test_tiny())
        return;
    ck_ok(bc_motion_create(test_host(), STREET_H, STREET_W, &motion));
    ck_ok(bc_buffer_create(test_host(), sizeof image, "image between", &out));
    for (int i = 0; i < 4; i++) {
        read_street(2 * i, first);
        read_street(2 * i + 1, truth);
        read_street(2 * i + 2, second);
        ck_ok(bc_motion_find(motion, first, second));
        ck_ok(bc_motion_between(motion, out, 0, 1, 0.5f, 0));
        ck_ok(bc_buffer_read(test_host(), out, 0, image, sizeof image));
        for (int p = 0; p < STREET; p++)
            faded[p] = (first[p] + second[p]) / 2;
        by_motion += psnr(image, truth, STREET_H, STREET_W, 0) / 4;
        by_fading += psnr(faded, truth, STREET_H, STREET_W, 0) / 4;
    }
    printf("frames 1, 3, 5, 7 of the street from their neighbours: %.2f dB by motion, %.2f dB by fading\n",
           by_motion, by_fading);
    ck_assert_double_gt(by_motion, by_fading + 4);
    bc_buffer_release(&out);
    bc_motion_release(motion);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("motion");
    TCase *t = tcase_create("motion");
    int count = test_tiny() ? TINY_SIZES : SIZES;
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, steps_as_their_references, 0, count);
    tcase_add_test(t, a_translation_is_found);
    tcase_add_test(t, motion_beats_fading);
    tcase_add_test(t, what_has_no_motion_fades);
    tcase_add_test(t, motion_repeats_bit_for_bit);
    tcase_add_test(t, sizes_without_pixels_are_refused);
    if (test_shared_data())
        tcase_add_test(t, motion_beats_fading_in_a_real_street);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
