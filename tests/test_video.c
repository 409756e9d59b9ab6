/* From videos to spikes: streams in parts, what is known of pixels, the camera's terms, and light between images. */
#include "bicross/data/video.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int count_spikes(const bc_spike_stream *s, int pixel, int first, int end) {
    int count = 0;
    for (int t = first; t < end; t++)
        count += (int)(s->words[pixel * s->words_per_pixel + t / 32] >> (t % 32) & 1);
    return count;
}

static size_t bytes_of(const bc_spike_stream *s) {
    return (size_t)s->height * (size_t)s->width * (size_t)s->words_per_pixel * sizeof *s->words;
}

/* --- parts --- */

enum { H = 5, W = 7, PIXELS = H * W, IMAGES = 3, FRAMES = 101 };

static void expose_part(bc_simulation *s, bc_buffer images, int begin, int end) {
    bc_exposure part = {images, IMAGES, begin, end, 0, (IMAGES - 1) / (float)(FRAMES - 1)};
    ck_ok(bc_simulation_expose(s, &part));
}

/* A stream does not show where its parts meet, whatever the noise. */
START_TEST(parts_are_as_the_whole) {
    static float light[IMAGES * PIXELS];
    bc_random random = {.seed = 8};
    for (int i = 0; i < IMAGES * PIXELS; i++)
        light[i] = bc_random_uniform(&random);
    for (int noise = BC_NOISE_IDEAL; noise <= BC_NOISE_SCSIM; noise++) {
        bc_simulator simulator = bc_simulator_of((bc_noise)noise);
        bc_spike_stream whole, parts;
        bc_simulation s;
        bc_buffer images;
        ck_ok(bc_simulate_stream(test_host(), light, IMAGES, H, W, FRAMES, &simulator, 3, &whole));
        ck_ok(bc_buffer_create(test_host(), sizeof light, "images", &images));
        ck_ok(bc_buffer_write(test_host(), images, 0, light, sizeof light));
        ck_ok(bc_simulation_begin(test_host(), &simulator, NULL, H, W, FRAMES, 3, &s));
        expose_part(&s, images, 0, 17);
        expose_part(&s, images, 17, 64);
        expose_part(&s, images, 64, FRAMES);
        ck_ok(bc_simulation_finish(&s, &parts));
        ck_assert_mem_eq(parts.words, whole.words, bytes_of(&whole));
        bc_simulation_release(&s);
        bc_buffer_release(&images);
        bc_spikes_release(&whole);
        bc_spikes_release(&parts);
    }
}
END_TEST

/* --- the camera --- */

static bc_spike_stream watch(float light, const bc_simulator *simulator, const bc_pixel_maps *maps,
                             int frames) {
    float image[PIXELS];
    bc_spike_stream s;
    for (int p = 0; p < PIXELS; p++)
        image[p] = light;
    ck_ok(bc_simulate_images(test_host(), image, 1, H, W, frames, simulator, maps, 5, &s));
    return s;
}

/* After a spike a quarter of the light is lost: n spikes come of 0.5 * (frames - n / 4). */
START_TEST(a_reset_loses_light) {
    bc_simulator simulator = bc_simulator_ideal();
    simulator.reset = 0.25f;
    bc_spike_stream s = watch(0.5f, &simulator, NULL, 900);
    for (int p = 0; p < PIXELS; p++)
        ck_assert_int_le(abs(count_spikes(&s, p, 0, 900) - 400), 1);
    bc_spikes_release(&s);
}
END_TEST

static double spread_of_counts(float removal) {
    bc_simulator simulator = bc_simulator_ideal();
    simulator.removal = removal;
    bc_spike_stream s = watch(0.25f, &simulator, NULL, 1024);
    double sum = 0, squares = 0;
    for (int p = 0; p < PIXELS; p++) {
        double count = count_spikes(&s, p, 0, 1024);
        sum += count / PIXELS;
        squares += count * count / PIXELS;
    }
    bc_spikes_release(&s);
    ck_assert_double_eq_tol(sum, 256, 2);
    return sqrt(fmax(squares - sum * sum, 0));
}

/* What spikes take away adds up: 256 times 0.1 is a walk of 1.6. */
START_TEST(what_spikes_take_away_varies) {
    ck_assert_double_lt(spread_of_counts(0), 0.6);
    ck_assert_double_eq_tol(spread_of_counts(0.1f), 1.6, 0.8);
}
END_TEST

START_TEST(maps_take_the_place_of_draws) {
    float response[PIXELS], dark[PIXELS];
    for (int p = 0; p < PIXELS; p++) {
        response[p] = (float)p / PIXELS;
        dark[p] = 0.125f * (float)(p % 3);
    }
    bc_simulator simulator = bc_simulator_sensor();
    bc_pixel_maps both = {H, W, response, dark}, responses = {H, W, response, NULL};
    bc_spike_stream s = watch(0.5f, &simulator, &both, 800), night = watch(0, &simulator, &both, 800),
                    drawn = watch(0, &simulator, &responses, 800);
    for (int p = 0; p < PIXELS; p++) {
        double wanted = 800 * (0.5 * (double)response[p] + (double)dark[p]);
        ck_assert_double_eq_tol(count_spikes(&s, p, 0, 800), wanted, 3);
        ck_assert_double_eq_tol(count_spikes(&night, p, 0, 800), 800 * (double)dark[p], 3);
        ck_assert_int_le(count_spikes(&drawn, p, 0, 800), 20); /* 4, which varies over pixels */
    }
    bc_spikes_release(&s);
    bc_spikes_release(&night);
    bc_spikes_release(&drawn);
}
END_TEST

/* --- between images --- */

enum { VIDEO_H = 45, VIDEO_W = 64, VIDEO = VIDEO_H * VIDEO_W, LENGTH = 4 };

/* A pattern that has moved by 6 pixels an image to the right, and by 2 down. */
static void draw(float *image, double time) {
    for (int y = 0; y < VIDEO_H; y++)
        for (int x = 0; x < VIDEO_W; x++) {
            double u = x - 6 * time, v = y - 2 * time;
            image[y * VIDEO_W + x] =
                (float)(0.4 + 0.15 * sin(0.4 * u + 0.15 * v) + 0.1 * sin(0.35 * v - 0.2 * u));
        }
}

/* How far counts of 16 frames are from what the pattern at that time gives, on average, in spikes. */
static double error_of(const bc_spike_stream *s, double first_time, double time_a_frame) {
    static float truth[VIDEO];
    double sum = 0;
    int parts = s->frames / 16;
    for (int k = 0; k < parts; k++) {
        draw(truth, first_time + time_a_frame * (16 * k + 7.5));
        for (int p = 0; p < VIDEO; p++)
            sum += fabs(count_spikes(s, p, 16 * k, 16 * k + 16) - 16 * (double)truth[p]);
    }
    return sum / (parts * VIDEO);
}

static double error_of_video(bc_interpolation interpolation, int fps_up) {
    static float greys[LENGTH * VIDEO];
    bc_filming filming = bc_filming_plain();
    bc_spike_stream s, again;
    filming.interpolation = interpolation;
    filming.fps_up = fps_up;
    for (int k = 0; k < LENGTH; k++)
        draw(greys + k * VIDEO, k);
    bc_video video = {LENGTH, VIDEO_H, VIDEO_W, greys};
    ck_ok(bc_simulate_video(test_host(), &video, &filming, NULL, 2, &s));
    ck_ok(bc_simulate_video(test_host(), &video, &filming, NULL, 2, &again));
    ck_assert_int_eq(s.frames, (LENGTH - 1) * fps_up);
    ck_assert_mem_eq(s.words, again.words, bytes_of(&s));
    double error = error_of(&s, 0, (LENGTH - 1) / (s.frames - 1.0));
    bc_spikes_release(&s);
    bc_spikes_release(&again);
    return error;
}

/* Spikes alone are off by 0.3 on average; what fades is off by more than a spike. */
START_TEST(a_video_that_moves) {
    if (test_tiny())
        return;
    for (int fps_up = 64; fps_up <= 150; fps_up += 86) { /* parts that end with words, and that do not */
        double by_motion = error_of_video(BC_INTERPOLATE_MOTION, fps_up);
        double by_fading = error_of_video(BC_INTERPOLATE_LINEAR, fps_up);
        ck_assert_msg(by_motion < 0.45 && by_fading > 0.65, "%d frames: off by %.3f spikes, by fading %.3f",
                      fps_up, by_motion, by_fading);
    }
}
END_TEST

static double error_of_window(bc_interpolation interpolation, int fps_up) {
    static float images[3][VIDEO];
    bc_filming filming = bc_filming_plain();
    bc_spike_stream s;
    filming.interpolation = interpolation;
    filming.fps_up = fps_up;
    for (int k = 0; k < 3; k++)
        draw(images[k], k);
    bc_moment moment = {VIDEO_H, VIDEO_W, images[0], images[1], images[2]};
    ck_ok(bc_simulate_window(test_host(), &moment, &filming, NULL, 2, &s));
    ck_assert_int_eq(s.frames, BC_SPIKE_FRAMES);
    double error = error_of(&s, 1 - 64.0 / fps_up, 128.0 / fps_up / 127);
    bc_spikes_release(&s);
    return error;
}

/* From the image before to the one after, a half to either side, and less. */
START_TEST(a_window_that_moves) {
    static const int frames[] = {64, 128, 400};
    if (test_tiny())
        return;
    for (int i = 0; i < 3; i++) {
        double by_motion = error_of_window(BC_INTERPOLATE_MOTION, frames[i]);
        double by_fading = error_of_window(BC_INTERPOLATE_LINEAR, frames[i]);
        ck_assert_msg(by_motion < 0.45 && by_motion < by_fading + 0.01,
                      "%d frames: off by %.3f spikes, by fading %.3f", frames[i], by_motion, by_fading);
    }
}
END_TEST

/* What moves has no neighbours, or one. */
START_TEST(a_window_at_an_end) {
    float before[PIXELS], own[PIXELS];
    bc_filming filming = bc_filming_plain();
    for (int p = 0; p < PIXELS; p++) {
        before[p] = 0.2f;
        own[p] = 0.6f;
    }
    for (int i = 0; i < 2; i++) {
        bc_moment moment = {H, W, before, own, NULL};
        bc_spike_stream s;
        filming.interpolation = i ? BC_INTERPOLATE_MOTION : BC_INTERPOLATE_LINEAR;
        filming.sub_frames = 4;
        filming.fps_up = 256; /* a quarter of the way: from 0.5 on */
        ck_ok(bc_simulate_window(test_host(), &moment, &filming, NULL, 2, &s));
        for (int p = 0; p < PIXELS; p++) {
            ck_assert_int_le(abs(count_spikes(&s, p, 0, 64) - 35), 1);
            ck_assert_int_le(abs(count_spikes(&s, p, 64, 128) - 38), 1);
        }
        bc_spikes_release(&s);
    }
    bc_spike_stream never;
    bc_moment moment = {H, W, before, own, NULL};
    filming.fps_up = 63;
    test_expect_failure(bc_simulate_window(test_host(), &moment, &filming, NULL, 2, &never), BC_E_ARGUMENT,
                        &test_error, "at least 64", "found 63");
}
END_TEST

START_TEST(too_many_frames_are_refused) {
    float greys[2] = {0};
    bc_filming filming = bc_filming_plain();
    bc_spike_stream never;
    filming.fps_up = 1000000;
    bc_video video = {3000, 1, 1, greys};
    test_expect_failure(bc_simulate_video(test_host(), &video, &filming, NULL, 1, &never), BC_E_ARGUMENT,
                        &test_error, "2999000000", "too many");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("video");
    TCase *t = tcase_create("video");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, parts_are_as_the_whole);
    tcase_add_test(t, a_reset_loses_light);
    tcase_add_test(t, what_spikes_take_away_varies);
    tcase_add_test(t, maps_take_the_place_of_draws);
    tcase_add_test(t, a_video_that_moves);
    tcase_add_test(t, a_window_that_moves);
    tcase_add_test(t, a_window_at_an_end);
    tcase_add_test(t, too_many_frames_are_refused);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
