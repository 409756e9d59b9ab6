/* Statistics of spikes: of streams whose figures are known, and of simulated streams beside real ones. */
#include "bicross/data/simulate.h"
#include "bicross/data/spike_device.h"
#include "bicross/data/spike_statistics.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- known figures --- */

enum { SIDE = 20, FRAMES = 400 };

static bc_spike_stream silent(void) {
    bc_spike_stream s;
    ck_ok(bc_spikes_create(&test_error, FRAMES, SIDE, SIDE, &s));
    return s;
}

static void fire(bc_spike_stream *s, int pixel, int frame) {
    s->words[pixel * s->words_per_pixel + frame / 32] |= 1u << frame % 32;
}

static bc_spike_statistics measure(const bc_spike_stream *s) {
    bc_spike_statistics found;
    ck_ok(bc_spike_statistics_of(&test_error, s, &found));
    return found;
}

START_TEST(what_does_not_fire_is_not_measured) {
    bc_spike_stream s = silent();
    bc_spike_statistics found = measure(&s);
    ck_assert(found.rate == 0 && isnan(found.interval) && isnan(found.variation) &&
              isnan(found.fixed_pattern) && isnan(found.fano));
    for (int p = 0; p < SIDE * SIDE; p++)
        fire(&s, p, 30);
    found = measure(&s);
    ck_assert(isnan(found.interval) && isnan(found.variation) && found.fixed_pattern == 0);
    bc_spikes_release(&s);
}
END_TEST

/* Every fourth frame; 12 or 13 spikes in windows of 50. */
START_TEST(regular_spikes_do_not_vary) {
    bc_spike_stream s = silent();
    for (int p = 0; p < SIDE * SIDE; p++)
        for (int f = p % 4; f < FRAMES; f += 4)
            fire(&s, p, f);
    bc_spike_statistics found = measure(&s);
    ck_assert_double_eq_tol(found.rate, 0.25, 1e-9);
    ck_assert_double_eq_tol(found.interval, 4, 1e-9);
    ck_assert_double_eq_tol(found.variation, 0, 1e-9);
    ck_assert_double_eq_tol(found.fixed_pattern, 0, 1e-6);
    ck_assert_double_eq_tol(found.fano, 8 * 0.25 / 7 / 12.5, 1e-6);
    bc_spikes_release(&s);
}
END_TEST

/* Intervals of 2 and 6 in turn: 4 +- 2. */
START_TEST(intervals_in_turn_vary_by_half) {
    bc_spike_stream s = silent();
    for (int p = 0; p < SIDE * SIDE; p++)
        for (int f = 0; f < FRAMES; f += 8) {
            fire(&s, p, f);
            fire(&s, p, f + 2);
        }
    bc_spike_statistics found = measure(&s);
    ck_assert_double_eq_tol(found.interval, 4, 0.03);
    ck_assert_double_eq_tol(found.variation, 0.5, 0.01);
    bc_spikes_release(&s);
}
END_TEST

/* A spike with probability p in each frame: variance over mean of counts is 1 - p, that of intervals has its root. (The stream's ends cut
 * long intervals.) */
START_TEST(chance_has_its_figures) {
    const double chance = 0.2;
    bc_spike_stream s = silent();
    bc_random random = {.seed = 4};
    for (int p = 0; p < SIDE * SIDE; p++)
        for (int f = 0; f < FRAMES; f++)
            if ((double)bc_random_uniform(&random) < chance)
                fire(&s, p, f);
    bc_spike_statistics found = measure(&s);
    ck_assert_double_eq_tol(found.rate, chance, 0.005);
    ck_assert_double_eq_tol(found.interval, 1 / chance, 0.2);
    ck_assert_double_eq_tol(found.variation, sqrt(1 - chance), 0.03);
    ck_assert_double_eq_tol(found.fano, 1 - chance, 0.08);
    bc_spikes_release(&s);
}
END_TEST

/* Half of the pixels respond by 10 % more than the rest, in the pattern of a chess board. */
START_TEST(a_pattern_is_measured) {
    static float light[SIDE * SIDE];
    for (int p = 0; p < SIDE * SIDE; p++)
        light[p] = 0.5f + ((p / SIDE + p % SIDE) % 2 ? 0.025f : -0.025f);
    bc_simulator ideal = bc_simulator_ideal();
    bc_spike_stream s;
    ck_ok(bc_simulate_stream(test_host(), light, 1, SIDE, SIDE, FRAMES, &ideal, 1, &s));
    ck_assert_double_eq_tol(measure(&s).fixed_pattern, 0.05, 0.004);
    bc_spikes_release(&s);
}
END_TEST

/* --- real streams --- */

static double mean_around(const double *values, int height, int width, int pixel) {
    double sum = 0;
    int count = 0;
    for (int y = pixel / width - 2; y <= pixel / width + 2; y++)
        for (int x = pixel % width - 2; x <= pixel % width + 2; x++)
            if (y >= 0 && y < height && x >= 0 && x < width) {
                sum += values[y * width + x];
                count++;
            }
    return sum / count;
}

/* What a stream was made of: its rate over `count` spans of time, smoothed over 5 x 5 pixels, which takes the pixels' own pattern out. */
static float *light_of(const bc_spike_stream *s, int count) {
    int pixels = s->height * s->width, span = s->frames / count;
    double *sums = malloc((size_t)pixels * sizeof *sums);
    float *light = malloc((size_t)count * (size_t)pixels * sizeof *light);
    ck_assert(sums && light);
    for (int k = 0; k < count; k++) {
        float *image = light + (size_t)k * (size_t)pixels;
        ck_ok(bc_spike_rate(test_host(), s, k * span, span, image));
        for (int p = 0; p < pixels; p++)
            sums[p] = (double)image[p];
        for (int p = 0; p < pixels; p++)
            image[p] = (float)mean_around(sums, s->height, s->width, p);
    }
    free(sums);
    return light;
}

enum { IDEAL, SENSOR, SCSIM, MAPS, CAMERAS };

/* A stream simulated from the light that a real one shows, less what the camera fires in the dark. */
static bc_spike_statistics simulate(const bc_spike_stream *real, const float *light, int spans, int camera,
                                    const bc_pixel_maps *maps) {
    static const bc_noise noises[CAMERAS] = {BC_NOISE_IDEAL, BC_NOISE_SENSOR, BC_NOISE_SCSIM,
                                             BC_NOISE_SENSOR};
    size_t values = (size_t)spans * (size_t)real->height * (size_t)real->width;
    bc_simulator simulator = bc_simulator_of(noises[camera]);
    float *images = malloc(values * sizeof *images);
    bc_spike_stream s;
    ck_assert_ptr_nonnull(images);
    for (size_t i = 0; i < values; i++)
        images[i] = fmaxf(light[i] - simulator.dark, 0);
    ck_ok(bc_simulate_images(test_host(), images, spans, real->height, real->width, real->frames, &simulator,
                             camera == MAPS ? maps : NULL, 1, &s));
    bc_spike_statistics found = measure(&s);
    bc_spikes_release(&s);
    free(images);
    return found;
}

static void print_row(const char *name, const char *camera, bc_spike_statistics s) {
    printf(
        "%-5s %-12s rate %.4f, interval %5.2f, its variation %4.1f %%, fixed pattern %4.1f %%, Fano %.3f\n",
        name, camera, s.rate, s.interval, 100 * s.variation, 100 * s.fixed_pattern, s.fano);
}

typedef struct comparison {
    bc_spike_statistics real, made[CAMERAS];
} comparison;

/* `spans` of time have a light each; `maps_file` may be NULL. */
static comparison compare_with(const char *name, const char *path, int spans, const char *maps_file) {
    static const char *const cameras[CAMERAS] = {"ideal", "sensor", "scsim", "sensor, maps"};
    bc_spike_stream real;
    bc_pixel_maps maps = {0};
    ck_ok(bc_spikes_read(&test_error, path, NULL, &real));
    if (maps_file)
        ck_ok(bc_pixel_maps_read(&test_error, maps_file, &maps));
    comparison c = {.real = measure(&real)};
    float *light = light_of(&real, spans);
    print_row(name, "real", c.real);
    for (int i = 0; i < (maps_file ? CAMERAS : MAPS); i++) {
        c.made[i] = simulate(&real, light, spans, i, &maps);
        print_row(name, cameras[i], c.made[i]);
    }
    free(light);
    bc_pixel_maps_release(&maps);
    bc_spikes_release(&real);
    return c;
}

static void expect_near(const char *what, double found, double real, double most_apart) {
    ck_assert_msg(fabs(found / real - 1) <= most_apart, "%s: %g simulated, %g real", what, found, real);
}

/* The camera `sensor` makes the stream's rate and intervals, and comes nearer to what the camera adds than an ideal one. */
static void expect_likeness(const comparison *c) {
    const bc_spike_statistics *real = &c->real, *sensor = &c->made[SENSOR], *ideal = &c->made[IDEAL];
    expect_near("rate", sensor->rate, real->rate, 0.02);
    expect_near("interval", sensor->interval, real->interval, 0.03);
    ck_assert_double_lt(fabs(sensor->fixed_pattern - real->fixed_pattern),
                        0.8 * fabs(ideal->fixed_pattern - real->fixed_pattern));
    ck_assert_double_lt(fabs(sensor->variation - real->variation),
                        fabs(ideal->variation - real->variation) + 0.005);
}

/* An even wall that stands still: all that varies is the camera. */
START_TEST(simulated_beside_a_real_wall) {
    if (test_tiny())
        return;
    comparison c = compare_with("wall", TEST_SOURCE_DIR "/data/wall_crop.dat", 1, NULL);
    expect_likeness(&c);
    expect_near("fixed pattern", c.made[SENSOR].fixed_pattern, c.real.fixed_pattern, 0.2);
    expect_near("Fano factor", c.made[SENSOR].fano, c.real.fano, 0.3);
    /* as published, the pattern is twice as strong as this camera's */
    ck_assert_double_gt(c.made[SCSIM].fixed_pattern, 1.6 * c.real.fixed_pattern);
}
END_TEST

static const char *real_file(const char *name) {
    static char path[2][1024];
    static int next;
    next = 1 - next;
    snprintf(path[next], sizeof path[next], "%s/spike_real/%s", test_shared_data(), name);
    return path[next];
}

START_TEST(simulated_beside_a_real_car) {
    if (test_tiny())
        return;
    comparison c =
        compare_with("car", real_file("car_250x400.dat"), 16, real_file("sensor_noise_250x400.npz"));
    expect_likeness(&c);
    for (int i = SENSOR; i < CAMERAS; i += MAPS - SENSOR) { /* drawn, and as measured of such a camera */
        expect_near("fixed pattern", c.made[i].fixed_pattern, c.real.fixed_pattern, 0.25);
        expect_near("variation", c.made[i].variation, c.real.variation, 0.1);
        expect_near("Fano factor", c.made[i].fano, c.real.fano, 0.25);
    }
}
END_TEST

/* Five or six spikes a pixel: most of what varies is where they begin. */
START_TEST(simulated_beside_a_real_dim_scene) {
    if (test_tiny())
        return;
    comparison c =
        compare_with("uhsr", real_file("uhsr_250x250.npz"), 1, real_file("sensor_noise_250x400.npz"));
    expect_likeness(&c);
    expect_near("Fano factor", c.made[SENSOR].fano, c.real.fano, 0.25);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spike_statistics");
    TCase *t = tcase_create("spike_statistics");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, what_does_not_fire_is_not_measured);
    tcase_add_test(t, regular_spikes_do_not_vary);
    tcase_add_test(t, intervals_in_turn_vary_by_half);
    tcase_add_test(t, chance_has_its_figures);
    tcase_add_test(t, a_pattern_is_measured);
    tcase_add_test(t, simulated_beside_a_real_wall);
    if (test_shared_data()) {
        tcase_add_test(t, simulated_beside_a_real_car);
        tcase_add_test(t, simulated_beside_a_real_dim_scene);
    }
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
