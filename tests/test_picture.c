/* Pictures: known colours, sizes, values that are no numbers, and what a row is made of. */
#include "support.h"

#include "bicross/formats/image.h"
#include "bicross/report/picture.h"
#include "bicross/report/picture_font.h"
#include "bicross/report/shrink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect_colour(const uint8_t *found, int red, int green, int blue, int tolerance) {
    ck_assert_msg(abs(found[0] - red) <= tolerance && abs(found[1] - green) <= tolerance &&
                      abs(found[2] - blue) <= tolerance,
                  "found #%02x%02x%02x, expected #%02x%02x%02x", found[0], found[1], found[2], red, green,
                  blue);
}

/* matplotlib's tables at 0, 0.3, 1/2 and 1. */
START_TEST(published_colours) {
    const float at[] = {0, 0.3f, 0.5f, 1};
    const int known[][4][3] = {
        [BC_VIRIDIS] = {{68, 1, 84}, {53, 95, 141}, {33, 145, 140}, {253, 231, 37}},
        [BC_INFERNO] = {{0, 0, 4}, {106, 23, 110}, {188, 55, 84}, {252, 255, 164}},
        [BC_MAGMA] = {{0, 0, 4}, {100, 26, 128}, {183, 55, 121}, {252, 253, 191}},
        [BC_TURBO] = {{48, 18, 59}, {25, 213, 205}, {164, 252, 60}, {122, 4, 3}},
        [BC_SPECTRAL] = {{94, 79, 162}, {169, 220, 164}, {255, 254, 190}, {158, 1, 66}},
    };
    for (int map = 0; bc_colour_map_words[map]; map++)
        for (int k = 0; k < 4; k++) {
            uint8_t rgb[3];
            bc_colour((bc_colour_map)map, at[k], rgb);
            expect_colour(rgb, known[map][k][0], known[map][k][1], known[map][k][2], 9);
        }
}
END_TEST

START_TEST(colours_outside_the_range) {
    const float below[] = {-1, -INFINITY, NAN}, above[] = {2, INFINITY};
    uint8_t lowest[3], highest[3], found[3];
    bc_colour(BC_VIRIDIS, 0, lowest);
    bc_colour(BC_VIRIDIS, 1, highest);
    for (int i = 0; i < 3; i++) {
        bc_colour(BC_VIRIDIS, below[i], found);
        ck_assert_mem_eq(found, lowest, 3);
    }
    for (int i = 0; i < 2; i++) {
        bc_colour(BC_VIRIDIS, above[i], found);
        ck_assert_mem_eq(found, highest, 3);
    }
}
END_TEST

/* Near is bright, far is dark, the geometric mean lies between; what is no depth is black. */
START_TEST(depth_colours) {
    const float metres[] = {1, 80, 0.1f, 1000, sqrtf(80), 0, NAN, INFINITY, -5, 1e-3f};
    bc_picture p;
    uint8_t near[3], middle[3], far[3];
    bc_colour(BC_VIRIDIS, 1, near);
    bc_colour(BC_VIRIDIS, 0.5f, middle);
    bc_colour(BC_VIRIDIS, 0, far);
    ck_ok(bc_picture_depth(&test_error, metres, 2, 5, bc_depth_range_for(80), &p));
    ck_assert_int_eq(p.width, 5);
    ck_assert_int_eq(p.height, 2);
    ck_assert_mem_eq(p.rgb, near, 3);
    ck_assert_mem_eq(p.rgb + 3, far, 3);
    ck_assert_mem_eq(p.rgb + 6, near, 3);
    ck_assert_mem_eq(p.rgb + 9, far, 3);
    expect_colour(p.rgb + 12, middle[0], middle[1], middle[2], 1);
    for (int i = 5; i < 10; i++)
        expect_colour(p.rgb + 3 * i, 0, 0, 0, 0);
    bc_picture_release(&p);
    ck_assert_ptr_null(p.rgb);
}
END_TEST

START_TEST(error_and_values) {
    const float depth[] = {2, 3, 2, 9, NAN}, label[] = {2, 2, 0, NAN, 2};
    bc_picture p;
    uint8_t none[3], most[3];
    bc_colour(BC_INFERNO, 0, none);
    bc_colour(BC_INFERNO, 1, most);
    ck_ok(bc_picture_error(&test_error, depth, label, 1, 5, 0.5f, &p));
    ck_assert_mem_eq(p.rgb, none, 3);
    ck_assert_mem_eq(p.rgb + 3, most, 3);
    for (int i = 2; i < 5; i++)
        expect_colour(p.rgb + 3 * i, 96, 96, 96, 0);
    bc_picture_release(&p);
    const float values[] = {-1, 3, 5, NAN, INFINITY};
    ck_ok(bc_picture_values(&test_error, values, 5, 1, 1, 3, &p));
    ck_assert_mem_eq(p.rgb, none, 3);
    ck_assert_mem_eq(p.rgb + 3, most, 3);
    ck_assert_mem_eq(p.rgb + 6, most, 3);
    expect_colour(p.rgb + 9, 0, 0, 0, 0);
    expect_colour(p.rgb + 12, 0, 0, 0, 0);
    bc_picture_release(&p);
}
END_TEST

START_TEST(spike_counts) {
    const uint32_t all = 0xffffffffu;
    const uint32_t words[3 * 4] = {0, 0, 0, 0, all, 0, all, 0, 0, 0, 0xffffu, 0};
    bc_picture p;
    ck_ok(bc_picture_spikes(&test_error, words, 1, 3, &p));
    expect_colour(p.rgb, 0, 0, 0, 0);
    expect_colour(p.rgb + 3, 255, 255, 255, 0);
    expect_colour(p.rgb + 6, 63, 63, 63, 0);
    bc_picture_release(&p);
    const uint32_t silent[4] = {0};
    ck_ok(bc_picture_spikes(&test_error, silent, 1, 1, &p));
    expect_colour(p.rgb, 0, 0, 0, 0);
    bc_picture_release(&p);
}
END_TEST

START_TEST(letters) {
    int dots = 0;
    for (int c = 0; c < BC_GLYPH_WIDTH; c++)
        for (int r = 0; r < BC_GLYPH_HEIGHT; r++) {
            dots += bc_glyph_dot('l', c, r);
            ck_assert(!bc_glyph_dot(' ', c, r));
            ck_assert(bc_glyph_dot('\n', c, r) == bc_glyph_dot('?', c, r));
            ck_assert(bc_glyph_dot((char)200, c, r) == bc_glyph_dot('?', c, r));
        }
    ck_assert_int_eq(dots, 10); /* a stem of 7, a foot, a serif */
    ck_assert(!bc_glyph_dot('H', -1, 0) && !bc_glyph_dot('H', 0, 8) && bc_glyph_dot('H', 4, 6));
}
END_TEST

static bc_picture plain(int height, int width, uint8_t grey) {
    bc_picture p = {width, height, malloc((size_t)height * (size_t)width * 3)};
    memset(p.rgb, grey, (size_t)height * (size_t)width * 3);
    return p;
}

static int count_grey(const bc_picture *p, uint8_t grey) {
    int count = 0;
    for (int i = 0; i < p->width * p->height; i++)
        count += p->rgb[3 * i] == grey && p->rgb[3 * i + 1] == grey && p->rgb[3 * i + 2] == grey;
    return count;
}

/* Tiny panels are enlarged by a whole factor, large ones are kept; nothing is cut off. */
START_TEST(row_of_panels) {
    bc_picture panels[] = {plain(20, 30, 100), plain(10, 7, 50)}, row, barred;
    const char *captions[] = {"a", "a long caption"};
    const bc_scale scales[] = {bc_scale_of_depth((bc_depth_range){1, 80, BC_VIRIDIS}),
                               bc_scale_of_share(0.5f)};
    ck_ok(bc_picture_row(&test_error, 2, panels, captions, NULL, &row));
    ck_assert_int_eq(count_grey(&row, 100), 20 * 30 * 8 * 8);
    ck_assert_int_eq(count_grey(&row, 50), 10 * 7 * 8 * 8);
    ck_assert_int_gt(count_grey(&row, 0), 0);
    ck_assert_int_ge(row.width, 30 * 8 + 14 * 12);
    ck_ok(bc_picture_row(&test_error, 2, panels, captions, scales, &barred));
    ck_assert_int_gt(barred.width, row.width);
    ck_assert_int_eq(barred.height, row.height);
    bc_picture_release(&row);
    bc_picture_release(&barred);
    for (int i = 0; i < 2; i++)
        bc_picture_release(&panels[i]);
    bc_picture large = plain(200, 300, 100);
    ck_ok(bc_picture_row(&test_error, 1, &large, NULL, NULL, &row));
    bc_picture_release(&row);
    ck_ok(bc_picture_row(&test_error, 1, &large, captions, NULL, &row));
    ck_assert_int_eq(count_grey(&row, 100), 200 * 300);
    bc_picture_release(&row);
    bc_picture_release(&large);
}
END_TEST

START_TEST(misuse) {
    bc_picture p, nothing = {0};
    const char *captions[] = {"nothing"};
    ck_assert_int_eq(bc_picture_depth(&test_error, NULL, 0, 5, bc_depth_range_for(80), &p), BC_E_ARGUMENT);
    ck_assert_ptr_null(p.rgb);
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_picture_row(&test_error, 1, &nothing, captions, NULL, &p), BC_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "nothing"));
    bc_error_clear(&test_error);
    ck_assert_int_eq(bc_picture_row(&test_error, 0, NULL, NULL, NULL, &p), BC_E_ARGUMENT);
    bc_error_clear(&test_error);
}
END_TEST

/* A wide map with a label in every 40th pixel. */
START_TEST(labels_that_are_few) {
    enum { H = 100, W = 301, STEP = 3 };
    float *label = calloc(H * W, sizeof *label), *depth = calloc(H * W, sizeof *depth);
    int row = 31, column = 62;
    for (int i = 0; i < H * W; i++)
        depth[i] = (float)i;
    label[row * W + column] = 5;
    label[(row + 1) * W + column] = 7; /* in the same block, further away */
    bc_seen_labels seen;
    ck_ok(bc_labels_shrink(&test_error, label, depth, H, W, STEP, &seen));
    ck_assert(seen.height == H / STEP && seen.width == W / STEP);
    for (int y = 0; y < seen.height; y++)
        for (int x = 0; x < seen.width; x++) {
            bool near = abs(y - row / STEP) <= 1 && abs(x - column / STEP) <= 1;
            ck_assert(seen.label[y * seen.width + x] == (near ? 5 : 0));
            ck_assert(seen.beside[y * seen.width + x] == (near ? (float)(row * W + column) : 0));
        }
    bc_seen_labels_release(&seen);
    for (int i = 0; i < H * W; i += 2)
        label[i] = 9; /* many: they stay where they are */
    ck_ok(bc_labels_shrink(&test_error, label, NULL, H, W, 1, &seen));
    ck_assert(!seen.beside && memcmp(seen.label, label, H * W * sizeof *label) == 0);
    bc_seen_labels_release(&seen);
    free(label);
    free(depth);
}
END_TEST

START_TEST(shrunk_picture) {
    uint8_t rgb[5 * 3 * 3];
    for (int i = 0; i < 45; i++)
        rgb[i] = (uint8_t)(4 * i);
    bc_picture p;
    ck_ok(bc_picture_copy(&test_error, rgb, 3, 5, &p));
    bc_picture_shrink(2, &p);
    ck_assert(p.width == 2 && p.height == 1);
    for (int x = 0; x < 2; x++)
        for (int c = 0; c < 3; c++) {
            int left = 6 * x + c;
            ck_assert_int_eq(p.rgb[3 * x + c],
                             (rgb[left] + rgb[left + 3] + rgb[left + 15] + rgb[left + 18]) / 4);
        }
    bc_picture_release(&p);
    ck_assert(bc_shrink_step(640, 640) == 1 && bc_shrink_step(641, 640) == 2 &&
              bc_shrink_step(1281, 640) == 3);
}
END_TEST

/* Of any shape, at most 1600 pixels wide, and no less than half of that where the image has them. */
START_TEST(evaluated_width) {
    const int sizes[][2] = {{64, 128},  {96, 192},   {250, 400}, {352, 1216},
                            {480, 640}, {375, 1242}, {9, 3000}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bc_sample sample = {.name = "s", .height = sizes[i][0], .width = sizes[i][1]};
        size_t pixels = (size_t)sample.height * (size_t)sample.width;
        bc_picture picture;
        sample.rgb = calloc(pixels, 3);
        sample.depth = calloc(pixels, sizeof(float));
        bc_evaluated image = {.sample = &sample, .depth = sample.depth, .uncertainty = sample.depth};
        ck_ok(bc_picture_evaluated(&test_error, &image, 80, (bc_window){0, 1 << 20, 0, 1 << 20}, &picture));
        ck_assert_msg(picture.width <= 1600 && picture.width >= 800, "%d x %d: %d", sample.width,
                      sample.height, picture.width);
        bc_picture_release(&picture);
        bc_sample_release(&sample);
    }
}
END_TEST

/* A synthetic road: all six panels, written as a PNG and read back. */
START_TEST(evaluated_image) {
    enum { H = 64, W = 96 };
    bc_sample sample = {.name = "road", .height = H, .width = W};
    float depth[H * W], uncertainty[H * W];
    sample.rgb = malloc(H * W * 3);
    sample.depth = malloc(H * W * sizeof(float));
    sample.spikes = malloc(H * W * 4 * sizeof(uint32_t));
    for (int i = 0; i < H * W; i++) {
        int row = i / W, column = i % W;
        float y = row < 24 ? 75 : 75 * 2 / (2.0f + (float)(row - 24) * 3);
        sample.depth[i] = (row + column) % 17 == 0 ? 0 : y;
        depth[i] = row < 8 ? 1e-3f : y * (1 + 0.4f * sinf((float)column / 9));
        uncertainty[i] = fabsf(depth[i] - y) / y;
        memset(sample.rgb + 3 * i, row * 3, 3);
        for (int k = 0; k < 4; k++)
            sample.spikes[4 * i + k] = row < 24 ? 0xffffffffu : 0x01010101u << (column % 4) | (uint32_t)row;
    }
    bc_evaluated image = {.sample = &sample, .depth = depth, .uncertainty = uncertainty};
    bc_picture picture;
    ck_ok(bc_picture_evaluated(&test_error, &image, 80, (bc_window){0, 1 << 20, 0, 1 << 20}, &picture));
    ck_assert(picture.width >= 2 * 3 * W && picture.height >= 3 * 3 * H);
    char path[256];
    int width, height;
    uint8_t *rgb;
    snprintf(path, sizeof path, "%s/row.png", test_folder());
    ck_ok(bc_png_write_rgb(&test_error, path, picture.width, picture.height, picture.rgb));
    ck_ok(bc_picture_read(&test_error, path, &width, &height, &rgb));
    ck_assert_int_eq(width, picture.width);
    ck_assert_int_eq(height, picture.height);
    ck_assert_mem_eq(rgb, picture.rgb, (size_t)width * (size_t)height * 3);
    free(rgb);
    bc_picture_release(&picture);
    bc_sample_release(&sample);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("picture");
    TCase *t = tcase_create("picture");
    tcase_add_test(t, published_colours);
    tcase_add_test(t, colours_outside_the_range);
    tcase_add_test(t, depth_colours);
    tcase_add_test(t, error_and_values);
    tcase_add_test(t, spike_counts);
    tcase_add_test(t, letters);
    tcase_add_test(t, row_of_panels);
    tcase_add_test(t, misuse);
    tcase_add_test(t, labels_that_are_few);
    tcase_add_test(t, shrunk_picture);
    tcase_add_test(t, evaluated_width);
    tcase_add_test(t, evaluated_image);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
