/* Spikes under other light, and what spikes tell of the camera that they come from. */
#include "bicross/data/loader.h"
#include "host/base/random.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 24, WIDTH = 40, PIXELS = HEIGHT * WIDTH, SAMPLES = 60 };

/* Images whose pixels fire evenly: as often as `spikes_of` says. */
typedef struct even {
    bc_dataset base;
    double (*rate)(int index, int pixel);
} even;

/* Spikes of a constant light of 0 to 1, as the camera would fire: when what was integrated reaches 1. */
static void fire(double rate, double integrated, uint32_t words[BC_SPIKE_WORDS]) {
    memset(words, 0, BC_SPIKE_WORDS * sizeof *words);
    for (int frame = 0; frame < BC_SPIKE_FRAMES; frame++) {
        integrated += rate;
        if (integrated >= 1) {
            words[frame / 32] |= 1u << frame % 32;
            integrated -= 1;
        }
    }
}

static bc_status even_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    (void)err;
    *out = (bc_sample){.height = HEIGHT, .width = WIDTH};
    snprintf(out->name, sizeof out->name, "even %d", index);
    out->spikes = malloc(PIXELS * BC_SPIKE_WORDS * sizeof(uint32_t));
    ck_assert_ptr_nonnull(out->spikes);
    bc_random random = {.seed = (uint32_t)index, .stream = 5};
    for (int p = 0; p < PIXELS; p++)
        fire(((even *)dataset)->rate(index, p), bc_random_uniform(&random), out->spikes + BC_SPIKE_WORDS * p);
    return BC_OK;
}

static void even_release(bc_dataset *dataset) {
    (void)dataset; /* lives on the stack of the test */
}

static even make_even(double (*rate)(int index, int pixel)) {
    return (even){.base = {.name = "even",
                           .count = SAMPLES,
                           .height = HEIGHT,
                           .width = WIDTH,
                           .has_spikes = true,
                           .load = even_load,
                           .release = even_release},
                  .rate = rate};
}

static int count_of(const uint32_t *words) {
    int sum = 0;
    for (int k = 0; k < BC_SPIKE_WORDS; k++)
        sum += __builtin_popcount(words[k]);
    return sum;
}

/* What the network sees of sample 0: spikes of each pixel. `sensor` may be NULL. */
static void load_counts(even *data, const bc_sensor *sensor, const bc_augment *augment, uint64_t draw,
                        int counts[PIXELS]) {
    bc_loader *loader;
    bc_value value = {.shape = {1, HEIGHT, WIDTH, BC_SPIKE_WORDS}};
    static uint32_t words[PIXELS * BC_SPIKE_WORDS];
    ck_ok(bc_buffer_create(test_host(), sizeof words, "test spikes", &value.data));
    ck_ok(bc_loader_create(test_host(), &loader));
    if (sensor)
        ck_ok(bc_loader_use_sensor(loader, sensor, HEIGHT, WIDTH));
    bc_batch batch = {.spikes = &value};
    ck_ok(bc_loader_fill(loader, &data->base, (int[]){0}, 1, 0, &batch, augment, draw));
    ck_ok(bc_buffer_read(test_host(), value.data, 0, words, sizeof words));
    for (int p = 0; p < PIXELS; p++)
        counts[p] = count_of(words + BC_SPIKE_WORDS * p);
    bc_loader_release(loader);
    bc_buffer_release(&value.data);
}

/* --- gain and contrast --- */

/* Pixels of a row fire alike, a row more than the one above: 2 to 110 of 128 frames. */
static double row_rate(int index, int pixel) {
    (void)index;
    return (2 + 108.0 * (pixel / WIDTH) / (HEIGHT - 1)) / BC_SPIKE_FRAMES;
}

static double mean_of_row(const int counts[PIXELS], int row) {
    double sum = 0;
    for (int x = 0; x < WIDTH; x++)
        sum += counts[row * WIDTH + x];
    return sum / WIDTH;
}

/* The line through dark and bright rows, which every row that does not saturate lies on: counts = slope * counts + offset. */
static void fit(const int before[PIXELS], const int after[PIXELS], double *slope, double *offset) {
    int low = 7, high = 12;
    *slope = (mean_of_row(after, high) - mean_of_row(after, low)) /
             (mean_of_row(before, high) - mean_of_row(before, low));
    *offset = mean_of_row(after, low) - *slope * mean_of_row(before, low);
    for (int row = 0; row < HEIGHT; row++) {
        double expected = fmin(fmax(*slope * mean_of_row(before, row) + *offset, 0), BC_SPIKE_FRAMES);
        ck_assert_double_eq_tol(mean_of_row(after, row), expected, 1.2);
    }
}

typedef struct line {
    double slope, offset;
} line;
enum { DRAWS = 30 };

/* What the augmentation makes of rows, draw by draw; returns how many draws. */
static int draw_lines(const bc_sensor *sensor, const bc_augment *augment, line lines[DRAWS]) {
    even data = make_even(row_rate);
    int before[PIXELS], after[PIXELS], draws = test_tiny() ? 3 : DRAWS;
    load_counts(&data, NULL, NULL, 0, before);
    for (int draw = 0; draw < draws; draw++) {
        load_counts(&data, sensor, augment, (uint64_t)draw, after);
        fit(before, after, &lines[draw].slope, &lines[draw].offset);
    }
    bc_dataset_release(&data.base);
    return draws;
}

static void expect_both_ways(const line *lines, int draws) {
    int steeper = 0;
    for (int draw = 0; draw < draws; draw++)
        steeper += lines[draw].slope > 1;
    ck_assert(test_tiny() || (steeper >= draws / 4 && steeper <= draws * 3 / 4));
}

START_TEST(a_gain_is_one_factor_of_all_pixels) {
    line lines[DRAWS];
    int draws = draw_lines(NULL, &(bc_augment){.gain = 0.5f, .seed = 3}, lines);
    for (int draw = 0; draw < draws; draw++) {
        ck_assert(lines[draw].slope > 1 / 1.5 - 0.02 && lines[draw].slope < 1.5 + 0.02);
        ck_assert_double_eq_tol(lines[draw].offset, 0, 1);
    }
    expect_both_ways(lines, draws);
}
END_TEST

START_TEST(a_contrast_turns_about_middle_grey) {
    line lines[DRAWS];
    int draws = draw_lines(NULL, &(bc_augment){.contrast = 0.5f, .seed = 8}, lines);
    for (int draw = 0; draw < draws; draw++) {
        ck_assert(lines[draw].slope > 0.5 - 0.02 && lines[draw].slope < 1.5 + 0.02);
        ck_assert_double_eq_tol(lines[draw].slope * 64 + lines[draw].offset, 64, 1.5);
    }
    expect_both_ways(lines, draws);
}
END_TEST

/* --- a sensor --- */

/* A checkerboard, so that around every pixel the mean is 1. */
static double response(int pixel) {
    return 1 + 0.2 * ((pixel / WIDTH + pixel % WIDTH) % 2 ? 1 : -1);
}

static double scene_rate(int index, int pixel) {
    bc_random random = {.seed = (uint32_t)(index * PIXELS + pixel / WIDTH / 6 * WIDTH + pixel % WIDTH / 6)};
    return bc_random_range(&random, 0.1f, 0.6f) * response(pixel);
}

START_TEST(spikes_tell_the_pattern_of_the_pixels) {
    even data = make_even(scene_rate);
    bc_sensor sensor;
    ck_ok(bc_sensor_estimate(&data.base, &test_error, 1000, &sensor));
    ck_assert(sensor.height == HEIGHT && sensor.width == WIDTH && sensor.image_count == SAMPLES);
    double sum[2] = {0}; /* of what scenes leave there, little, much averages out */
    for (int p = 0; p < PIXELS; p++) {
        ck_assert_double_eq_tol((double)sensor.pattern[p], response(p), 0.25);
        sum[response(p) > 1] += (double)sensor.pattern[p] / (PIXELS / 2);
    }
    ck_assert_double_eq_tol(sum[0], 0.8, 0.02);
    ck_assert_double_eq_tol(sum[1], 1.2, 0.02);
    bc_sensor_release(&sensor);
    ck_ok(bc_sensor_estimate(&data.base, &test_error, 7, &sensor)); /* evenly spread */
    ck_assert_int_eq(sensor.image_count, 7);
    bc_sensor_release(&sensor);
    bc_dataset_release(&data.base);
}
END_TEST

static double two_rates(int index, int pixel) {
    return (index + 1) * (pixel % WIDTH < WIDTH / 2 ? 0.1 : 0.3);
}

START_TEST(spikes_tell_how_bright_images_are) {
    even data = make_even(two_rates);
    bc_sensor sensor;
    data.base.count = 3;
    ck_ok(bc_sensor_estimate(&data.base, &test_error, 1000, &sensor));
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq_tol((double)sensor.images[i].low, (i + 1) * 0.1, 0.01);
        ck_assert_double_eq_tol((double)sensor.images[i].high, (i + 1) * 0.3, 0.01);
    }
    bc_sensor_release(&sensor);
    bc_dataset_release(&data.base);
}
END_TEST

/* Light of the sample itself, half of it on the left: that is all that changes. */
START_TEST(a_sensor_s_pattern_is_put_onto_spikes) {
    even data = make_even(row_rate);
    const bc_sample *sample;
    int before[PIXELS], after[PIXELS];
    float pattern[PIXELS];
    ck_ok(bc_dataset_get(&data.base, &test_error, 0, &sample));
    bc_light light = bc_light_of(sample);
    for (int p = 0; p < PIXELS; p++)
        pattern[p] = p % WIDTH < WIDTH / 2 ? 0.5f : 1.0f;
    bc_sensor sensor = {HEIGHT, WIDTH, pattern, 1, &light};
    load_counts(&data, NULL, NULL, 0, before);
    load_counts(&data, &sensor, &(bc_augment){.sensor = true}, 4, after);
    for (int p = 0; p < PIXELS; p++)
        ck_assert_double_eq_tol(after[p], (double)pattern[p] * before[p], 2);
    load_counts(&data, &sensor, &(bc_augment){.seed = 1}, 4, after); /* not asked for */
    ck_assert_mem_eq(before, after, sizeof before);
    bc_dataset_release(&data.base);
}
END_TEST

/* By a share between none and all of it. */
START_TEST(a_sensor_s_light_is_mixed_with_the_sample_s) {
    even data = make_even(row_rate);
    line lines[DRAWS];
    float pattern[PIXELS];
    const bc_sample *sample;
    double darkest = 1, brightest = 0;
    ck_ok(bc_dataset_get(&data.base, &test_error, 0, &sample));
    bc_light own = bc_light_of(sample), dim = {0.5f * own.low, 0.5f * own.high};
    for (int p = 0; p < PIXELS; p++)
        pattern[p] = 1;
    bc_sensor sensor = {HEIGHT, WIDTH, pattern, 1, &dim};
    int draws = draw_lines(&sensor, &(bc_augment){.sensor = true, .seed = 2}, lines);
    for (int draw = 0; draw < draws; draw++) {
        ck_assert(lines[draw].slope > 0.48 && lines[draw].slope < 1.02);
        darkest = fmin(darkest, lines[draw].slope);
        brightest = fmax(brightest, lines[draw].slope);
    }
    ck_assert(test_tiny() || (darkest < 0.6 && brightest > 0.9));
    bc_dataset_release(&data.base);
}
END_TEST

static double no_rate(int index, int pixel) {
    (void)index, (void)pixel;
    return 0;
}

START_TEST(one_image_after_the_other_is_as_all_at_once) {
    even data = make_even(scene_rate);
    bc_sensor_survey survey;
    bc_sensor whole, sensor;
    double sum = 0;
    ck_ok(bc_sensor_estimate(&data.base, &test_error, 5, &whole));
    ck_ok(bc_sensor_begin(&test_error, HEIGHT, WIDTH, 5, &survey));
    for (int i = 0; i < 5; i++) {
        const bc_sample *sample;
        ck_ok(bc_dataset_get(&data.base, &test_error, i * SAMPLES / 5, &sample));
        ck_ok(bc_sensor_add(&survey, &test_error, "here", sample));
        for (int p = 0; p < PIXELS; p++)
            sum += count_of(sample->spikes + BC_SPIKE_WORDS * p);
    }
    ck_assert_double_eq_tol(bc_sensor_rate(&survey), sum / (5.0 * PIXELS * BC_SPIKE_FRAMES), 1e-12);
    ck_ok(bc_sensor_finish(&survey, &test_error, "here", &sensor));
    ck_assert_int_eq(sensor.image_count, 5);
    ck_assert_mem_eq(sensor.pattern, whole.pattern, PIXELS * sizeof *sensor.pattern);
    ck_assert_mem_eq(sensor.images, whole.images, 5 * sizeof *sensor.images);
    bc_sensor_abandon(&survey);
    bc_sensor_release(&sensor);
    bc_sensor_release(&whole);
    bc_dataset_release(&data.base);
}
END_TEST

START_TEST(what_no_sensor_can_be_made_of_is_said) {
    even data = make_even(row_rate);
    bc_sensor sensor;
    data.base.count = 1;
    const bc_sample *sample;
    ck_ok(bc_dataset_get(&data.base, &test_error, 0, &sample));
    free(data.base.cache[0].spikes);
    data.base.cache[0].spikes = NULL;
    ck_assert_int_eq(bc_sensor_estimate(&data.base, &test_error, 10, &sensor), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "expected spikes, found none"));
    bc_error_clear(&test_error);
    bc_dataset_release(&data.base);
    data = make_even(no_rate);
    bc_error err = {0};
    test_expect_failure(bc_sensor_estimate(&data.base, &err, 10, &sensor), BC_E_FORMAT, &err, "even",
                        "no pixel fires in 10 images");
    ck_assert_ptr_null(sensor.images);
    bc_dataset_release(&data.base);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("sensor");
    TCase *t = tcase_create("sensor");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_gain_is_one_factor_of_all_pixels);
    tcase_add_test(t, a_contrast_turns_about_middle_grey);
    tcase_add_test(t, spikes_tell_the_pattern_of_the_pixels);
    tcase_add_test(t, spikes_tell_how_bright_images_are);
    tcase_add_test(t, a_sensor_s_pattern_is_put_onto_spikes);
    tcase_add_test(t, a_sensor_s_light_is_mixed_with_the_sample_s);
    tcase_add_test(t, one_image_after_the_other_is_as_all_at_once);
    tcase_add_test(t, what_no_sensor_can_be_made_of_is_said);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
