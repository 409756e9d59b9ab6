/* Spike streams on the device: rates and intervals against plain loops, the simulator against its own
 * arithmetic and against what real sensors do. */
#include "bicross/data/simulate.h"
#include "bicross/data/spike_device.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool spike_at(const bc_spike_stream *s, int pixel, int frame) {
    return s->words[(size_t)pixel * s->words_per_pixel + frame / 32] >> (frame % 32) & 1;
}

static int count_spikes(const bc_spike_stream *s, int pixel, int first, int end) {
    int count = 0;
    for (int t = first; t < end; t++)
        count += spike_at(s, pixel, t);
    return count;
}

/* Spikes with a density that grows from pixel to pixel, from none to all. */
static bc_spike_stream random_stream(int frames, int height, int width) {
    bc_spike_stream s;
    ck_ok(bc_spikes_create(&test_error, frames, height, width, &s));
    bc_random random = {.seed = 5, .stream = 1};
    int pixels = height * width;
    for (int p = 0; p < pixels; p++)
        for (int t = 0; t < frames; t++)
            if (bc_random_uniform(&random) < (float)p / (float)(pixels - 1))
                s.words[(size_t)p * s.words_per_pixel + t / 32] |= 1u << (t % 32);
    return s;
}

static void check_refused(bc_status status, const char *text) {
    ck_assert_int_eq(status, BC_E_ARGUMENT);
    ck_assert_msg(strstr(test_error.text, text), "\"%s\" does not say \"%s\"", test_error.text, text);
    bc_error_clear(&test_error);
}

/* --- rates and intervals --- */

START_TEST(rate_counts_spikes) {
    enum { FRAMES = 150, H = 5, W = 7 };
    static const int windows[][2] = {{0, 150}, {0, 1},   {149, 1}, {32, 32},
                                     {31, 2},  {37, 70}, {0, 128}, {96, 54}};
    bc_spike_stream s = random_stream(FRAMES, H, W);
    float rate[H * W];
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        int first = windows[i][0], count = windows[i][1];
        ck_ok(bc_spike_rate(test_host(), &s, first, count, rate));
        for (int p = 0; p < H * W; p++)
            ck_assert_float_eq(rate[p], (float)count_spikes(&s, p, first, first + count) / (float)count);
    }
    check_refused(bc_spike_rate(test_host(), &s, 100, 51, rate), "150 frames");
    check_refused(bc_spike_rate(test_host(), &s, -1, 3, rate), "150 frames");
    check_refused(bc_spike_rate(test_host(), &s, 0, 0, rate), "150 frames");
    bc_spikes_release(&s);
}
END_TEST

static float interval_reference(const bc_spike_stream *s, int pixel, int t, int window) {
    int left = t - window, right = t + window;
    bool found_left = false, found_right = false;
    for (int k = 0; k < s->frames; k++) {
        if (!spike_at(s, pixel, k))
            continue;
        if (k <= t && k > t - window) {
            left = k;
            found_left = true;
        } else if (k > t && k <= t + window && !found_right) {
            right = k;
            found_right = true;
        }
    }
    return found_left || found_right ? 1.0f / (float)(right - left) : 0;
}

START_TEST(interval_finds_both_neighbours) {
    enum { FRAMES = 150, H = 5, W = 7 };
    static const int places[][2] = {{75, 50}, {0, 20}, {149, 20}, {63, 1}, {64, 2}, {31, 300}};
    bc_spike_stream s = random_stream(FRAMES, H, W);
    float image[H * W];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ck_ok(bc_spike_interval(test_host(), &s, places[i][0], places[i][1], image));
        for (int p = 0; p < H * W; p++)
            ck_assert_float_eq(image[p], interval_reference(&s, p, places[i][0], places[i][1]));
        ck_assert_float_eq(image[0], 0); /* never fires */
        if (places[i][0] < FRAMES - 1)
            ck_assert_float_eq(image[H * W - 1], 1); /* always fires */
    }
    check_refused(bc_spike_interval(test_host(), &s, 150, 5, image), "0..149");
    check_refused(bc_spike_interval(test_host(), &s, 5, 0, image), "window");
    bc_spikes_release(&s);
}
END_TEST

/* --- simulation --- */

static bc_spike_stream simulate(const float *images, int count, int height, int width, int frames,
                                const bc_simulator *simulator, uint32_t seed) {
    bc_spike_stream s;
    ck_ok(bc_simulate_stream(test_host(), images, count, height, width, frames, simulator, seed, &s));
    ck_assert_int_eq(s.frames, frames);
    return s;
}

/* The initial integral of a pixel, in thresholds: the first draw of (seed, stream 0). */
static double initial(uint32_t seed, int pixel) {
    uint32_t bits[4];
    bc_philox(seed, 0, (uint64_t)pixel, bits);
    return (bits[0] >> 8) * (1.0 / 16777216.0);
}

/* Static light: floor((V0 + T * gain * I) / theta) spikes. */
static void check_static_counts(int frames, float gain, float threshold) {
    enum { H = 7, W = 9 };
    float light[H * W];
    bc_simulator simulator = bc_simulator_ideal();
    simulator.gain = gain;
    simulator.threshold = threshold;
    for (int p = 0; p < H * W; p++)
        light[p] = (float)p / (H * W - 1);
    bc_spike_stream s = simulate(light, 1, H, W, frames, &simulator, 77);
    for (int p = 0; p < H * W; p++) {
        double expected = initial(77, p) + frames * (double)gain * light[p] / threshold;
        if (fabs(expected - round(expected)) > 1e-3) /* rounding decides at whole numbers */
            ck_assert_int_eq(count_spikes(&s, p, 0, frames), (int)expected);
        if (frames % 32)
            ck_assert_uint_eq(s.words[p * s.words_per_pixel + frames / 32] >> (frames % 32), 0);
    }
    bc_spikes_release(&s);
}

START_TEST(static_light_gives_the_count) {
    check_static_counts(128, 1, 1);
    check_static_counts(128, 0.37f, 1);
    check_static_counts(75, 1, 2.5f);
    check_static_counts(200, 1, 5);
    check_static_counts(1, 0.8f, 1);
}
END_TEST

START_TEST(moving_light_gives_the_integral) {
    enum { H = 3, W = 7, COUNT = 4, FRAMES = 101 };
    float images[COUNT * H * W];
    bc_random random = {.seed = 3};
    for (int i = 0; i < COUNT * H * W; i++)
        images[i] = bc_random_uniform(&random);
    bc_simulator simulator = bc_simulator_ideal();
    bc_spike_stream s = simulate(images, COUNT, H, W, FRAMES, &simulator, 4);
    for (int p = 0; p < H * W; p++) {
        double integral = initial(4, p);
        for (int t = 0; t < FRAMES; t++) {
            double place = t * (COUNT - 1.0) / (FRAMES - 1), share = place - floor(place);
            int i = (int)place, j = i + 1 < COUNT ? i + 1 : i;
            integral += images[i * H * W + p] * (1 - share) + images[j * H * W + p] * share;
            ck_assert_int_le(abs(count_spikes(&s, p, 0, t + 1) - (int)integral), 1);
        }
        if (fabs(integral - round(integral)) > 1e-3)
            ck_assert_int_eq(count_spikes(&s, p, 0, FRAMES), (int)integral);
    }
    bc_spikes_release(&s);
}
END_TEST

START_TEST(too_much_light_is_lost) {
    enum { PIXELS = 11, FRAMES = 128 };
    float images[2 * PIXELS];
    for (int p = 0; p < PIXELS; p++) {
        images[p] = 1;
        images[PIXELS + p] = 0;
    }
    bc_simulator simulator = bc_simulator_ideal();
    simulator.gain = 4; /* saturates over three quarters of the time */
    bc_spike_stream s = simulate(images, 2, 1, PIXELS, FRAMES, &simulator, 1);
    for (int p = 0; p < PIXELS; p++) {
        ck_assert_int_eq(count_spikes(&s, p, 1, 95), 94);
        /* the light of the last 31 frames, 4 * sum(t / 127) for t = 0..30, and a residue below one */
        ck_assert_int_le(count_spikes(&s, p, 97, 128), 15);
        ck_assert_int_ge(count_spikes(&s, p, 97, 128), 13);
    }
    bc_spikes_release(&s);
}
END_TEST

START_TEST(simulation_repeats_bit_for_bit) {
    enum { H = 6, W = 11, FRAMES = 90 };
    float light[H * W];
    for (int p = 0; p < H * W; p++)
        light[p] = 0.3f;
    bc_simulator simulator = bc_simulator_sensor();
    bc_spike_stream a = simulate(light, 1, H, W, FRAMES, &simulator, 8),
                    b = simulate(light, 1, H, W, FRAMES, &simulator, 8),
                    c = simulate(light, 1, H, W, FRAMES, &simulator, 9);
    size_t bytes = (size_t)H * W * (size_t)a.words_per_pixel * sizeof(uint32_t);
    ck_assert_mem_eq(a.words, b.words, bytes);
    ck_assert_mem_ne(a.words, c.words, bytes);
    bc_spikes_release(&a);
    bc_spikes_release(&b);
    bc_spikes_release(&c);
}
END_TEST

START_TEST(simulation_refuses_nonsense) {
    float light[4] = {0};
    bc_spike_stream s;
    bc_simulator simulator = bc_simulator_ideal();
    check_refused(bc_simulate_stream(test_host(), light, 0, 2, 2, 8, &simulator, 1, &s), "0 images");
    check_refused(bc_simulate_stream(test_host(), light, 1, 2, 2, 0, &simulator, 1, &s), "0 frames");
    simulator.threshold = 0;
    check_refused(bc_simulate_stream(test_host(), light, 1, 2, 2, 8, &simulator, 1, &s), "threshold");
}
END_TEST

/* --- the sensor's noise, against the measurements of real streams --- */

typedef struct spread {
    double mean, deviation;
} spread;

static spread spread_of(const double *x, int n) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
    }
    return (spread){sum / n, sqrt(fmax(squares / n - sum / n * (sum / n), 0))};
}

enum { PATCH = 40, PATCH_PIXELS = PATCH * PATCH, PATCH_FRAMES = 1000, TICKS = 50 };

static bc_spike_stream flat_patch(float light, uint32_t seed) {
    static float images[PATCH_PIXELS];
    for (int p = 0; p < PATCH_PIXELS; p++)
        images[p] = light;
    bc_simulator simulator = bc_simulator_sensor();
    return simulate(images, 1, PATCH, PATCH, PATCH_FRAMES, &simulator, seed);
}

START_TEST(sensor_has_a_fixed_pattern) {
    static double first[PATCH_PIXELS], second[PATCH_PIXELS];
    if (test_tiny())
        return;
    bc_spike_stream a = flat_patch(0.19f, 1), b = flat_patch(0.19f, 2);
    double product = 0;
    for (int p = 0; p < PATCH_PIXELS; p++) {
        first[p] = count_spikes(&a, p, 0, PATCH_FRAMES);
        second[p] = count_spikes(&b, p, 0, PATCH_FRAMES);
        product += first[p] * second[p] / PATCH_PIXELS;
    }
    spread x = spread_of(first, PATCH_PIXELS), y = spread_of(second, PATCH_PIXELS);
    ck_assert_double_eq_tol(x.deviation / x.mean, 0.037, 0.004);
    /* the pattern is the sensor's: another exposure shows the same */
    ck_assert_double_gt((product - x.mean * y.mean) / (x.deviation * y.deviation), 0.95);
    bc_spikes_release(&a);
    bc_spikes_release(&b);
}
END_TEST

START_TEST(sensor_is_nearly_deterministic) {
    double fano = 0, interval = 0, squares = 0;
    long intervals = 0;
    if (test_tiny())
        return;
    bc_spike_stream s = flat_patch(0.19f, 3);
    for (int p = 0; p < PATCH_PIXELS; p++) {
        double counts[PATCH_FRAMES / TICKS];
        for (int k = 0; k < PATCH_FRAMES / TICKS; k++)
            counts[k] = count_spikes(&s, p, k * TICKS, (k + 1) * TICKS);
        spread c = spread_of(counts, PATCH_FRAMES / TICKS);
        fano += c.deviation * c.deviation / c.mean / PATCH_PIXELS;
        for (int t = 0, last = -1; t < PATCH_FRAMES; t++)
            if (spike_at(&s, p, t)) {
                if (last >= 0) {
                    interval += t - last;
                    squares += (double)(t - last) * (t - last);
                    intervals++;
                }
                last = t;
            }
    }
    interval /= (double)intervals;
    ck_assert_double_eq_tol(fano, 0.020, 0.008); /* a Poisson process has 1 */
    ck_assert_double_eq_tol(interval, 5.14, 0.1);
    ck_assert_double_eq_tol(sqrt(squares / (double)intervals - interval * interval), 0.45, 0.08);
    bc_spikes_release(&s);
}
END_TEST

START_TEST(dark_current_fires_in_the_dark) {
    enum { PIXELS = 40, FRAMES = 1000 };
    float light[PIXELS] = {0};
    bc_simulator simulator = bc_simulator_ideal();
    simulator.dark = 0.02f;
    bc_spike_stream s = simulate(light, 1, 1, PIXELS, FRAMES, &simulator, 2);
    double sum = 0;
    int least = FRAMES, most = 0;
    for (int p = 0; p < PIXELS; p++) {
        int count = count_spikes(&s, p, 0, FRAMES);
        sum += count;
        least = count < least ? count : least;
        most = count > most ? count : most;
    }
    ck_assert_double_eq_tol(sum / PIXELS, 20, 5);
    ck_assert_int_lt(least, 14); /* it varies by 40 % */
    ck_assert_int_gt(most, 26);
    bc_spikes_release(&s);
}
END_TEST

/* --- streams of sensors --- */

/* Rate and interval are two views of the same brightness. */
static void check_views(const bc_spike_stream *s, const float *rate, const float *interval, double wanted,
                        double most_apart) {
    int pixels = s->height * s->width;
    double mean = 0, apart = 0;
    for (int p = 0; p < pixels; p++) {
        mean += rate[p] / pixels;
        apart += fabsf(rate[p] - interval[p]) / pixels;
        ck_assert(interval[p] >= 0 && interval[p] <= 1);
    }
    ck_assert_double_eq_tol(mean, wanted, 1e-4);
    ck_assert_double_lt(apart, most_apart);
}

/* The stream in tests/data; what is expected of single pixels was counted by other code. */
START_TEST(kept_stream_is_plausible) {
    enum { H = 48, W = 64 };
    static const struct {
        int y, x, count, interval;
    } pixels[] = {{0, 0, 45, 11}, {10, 50, 48, 5}, {20, 30, 31, 5}, {47, 0, 117, 1}};
    static float rate[H * W], interval[H * W];
    bc_spike_stream s;
    ck_ok(bc_spikes_read(&test_error, TEST_SOURCE_DIR "/data/car_crop.dat", NULL, &s));
    ck_assert(s.height == H && s.width == W);
    ck_ok(bc_spike_rate(test_host(), &s, 0, s.frames, rate));
    ck_ok(bc_spike_interval(test_host(), &s, 64, 64, interval));
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++) {
        int p = pixels[i].y * W + pixels[i].x;
        ck_assert_double_eq_tol(rate[p], pixels[i].count / 128.0, 1e-6);
        ck_assert_double_eq_tol(interval[p], 1.0 / pixels[i].interval, 1e-6);
    }
    check_views(&s, rate, interval, 0.406822, 0.126);
    bc_spikes_release(&s);
}
END_TEST

START_TEST(real_stream_is_plausible) {
    char path[1024];
    enum { PIXELS = 250 * 400 };
    static float rate[PIXELS], interval[PIXELS];
    bc_spike_stream s;
    snprintf(path, sizeof path, "%s/spike_real/car_250x400.dat", test_shared_data());
    ck_ok(bc_spikes_read(&test_error, path, NULL, &s));
    ck_ok(bc_spike_rate(test_host(), &s, 0, s.frames, rate));
    ck_ok(bc_spike_interval(test_host(), &s, 64, 64, interval));
    check_views(&s, rate, interval, 0.36393, 0.12);
    bc_spikes_release(&s);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spike_device");
    TCase *t = tcase_create("spike_device");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, rate_counts_spikes);
    tcase_add_test(t, interval_finds_both_neighbours);
    tcase_add_test(t, static_light_gives_the_count);
    tcase_add_test(t, moving_light_gives_the_integral);
    tcase_add_test(t, too_much_light_is_lost);
    tcase_add_test(t, simulation_repeats_bit_for_bit);
    tcase_add_test(t, simulation_refuses_nonsense);
    tcase_add_test(t, sensor_has_a_fixed_pattern);
    tcase_add_test(t, sensor_is_nearly_deterministic);
    tcase_add_test(t, dark_current_fires_in_the_dark);
    tcase_add_test(t, kept_stream_is_plausible);
    if (test_shared_data() && !test_tiny())
        tcase_add_test(t, real_stream_is_plausible);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
