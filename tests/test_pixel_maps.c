/* Maps of a camera's pixels: which arrays are read, what is refused, and how they are laid on pictures of other sizes. */
#include "bicross/data/pixel_maps.h"
#include "tests/support.h"
#include "tests/support_npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { H = 2, W = 3, PIXELS = H * W };
static const long shape[] = {H, W};
static const float ones[PIXELS] = {1, 1, 1, 1, 1, 1}, rising[PIXELS] = {1, 2, 3, 4, 5, 9};

static bc_npz_member map_of(const char *name, const float *values) {
    return (bc_npz_member){name, {"<f4", 2, shape, values}};
}

static const char *pack(const bc_npz_member *members, int count) {
    test_path("maps.npz");
    test_pack_npz(test_path_text, ZIP_CM_DEFLATE, members, count);
    return test_path_text;
}

static bc_pixel_maps read(const bc_npz_member *members, int count) {
    bc_pixel_maps maps;
    ck_ok(bc_pixel_maps_read(&test_error, pack(members, count), &maps));
    ck_assert(maps.height == H && maps.width == W);
    return maps;
}

static void refuse(const bc_npz_member *members, int count, const char *first, const char *second) {
    bc_pixel_maps maps;
    test_expect_failure(bc_pixel_maps_read(&test_error, pack(members, count), &maps), BC_E_FORMAT,
                        &test_error, first, second);
    ck_assert(!maps.response && !maps.dark);
}

START_TEST(maps_by_their_own_names) {
    bc_npz_member members[] = {map_of("dark", ones), map_of("response", rising), map_of("Nl", ones)};
    bc_pixel_maps maps = read(members, 3);
    ck_assert_mem_eq(maps.response, rising, sizeof rising);
    ck_assert_mem_eq(maps.dark, ones, sizeof ones);
    bc_pixel_maps_release(&maps);
    maps = read(members, 1); /* one is enough */
    ck_assert(maps.dark && !maps.response);
    bc_pixel_maps_release(&maps);
}
END_TEST

START_TEST(maps_of_spikenerf) {
    bc_npz_member members[] = {map_of("Nl", rising), map_of("Nd", rising), map_of("D_light", ones)};
    bc_pixel_maps maps = read(members, 3);
    for (int i = 0; i < PIXELS; i++) {
        ck_assert_float_eq_tol(maps.response[i], rising[i] / 4, 1e-6f); /* of which the mean is 4 */
        ck_assert_float_eq_tol(maps.dark[i], rising[i] / (335 + rising[i]), 1e-6f);
    }
    bc_pixel_maps_release(&maps);
}
END_TEST

START_TEST(pattern_of_a_calibration) {
    bc_npz_member members[] = {map_of("pattern", rising),
                               {"light", {"<f4", 2, (const long[]){3, 2}, rising}}};
    bc_pixel_maps maps = read(members, 2);
    ck_assert_mem_eq(maps.response, rising, sizeof rising);
    ck_assert_ptr_null(maps.dark);
    bc_pixel_maps_release(&maps);
}
END_TEST

START_TEST(what_is_no_map_is_refused) {
    static const float zeros[PIXELS], below[PIXELS] = {0, -1}, no_number[PIXELS] = {[4] = NAN},
                                      huge[PIXELS] = {1e30f};
    bc_npz_member other = map_of("other", ones),
                  light = {"D_light", {"<f4", 2, (const long[]){3, 2}, rising}};
    refuse(&other, 1, "maps.npz: expected an array response, Nl or pattern", "found none");
    refuse(&(bc_npz_member){"dark", {"<f4", 1, (const long[]){6}, ones}}, 1, "dark.npy: expected a map",
           "1 dim");
    refuse((bc_npz_member[]){map_of("dark", below)}, 1, "expected numbers from 0 to 1000",
           "-1 in row 0, column 1");
    refuse((bc_npz_member[]){map_of("dark", no_number)}, 1, "found nan", "row 1, column 1");
    refuse((bc_npz_member[]){map_of("response", huge)}, 1, "response.npy", "found 1e+30");
    refuse((bc_npz_member[]){map_of("Nl", zeros)}, 1, "Nl.npy", "found 0 in all");
    refuse((bc_npz_member[]){map_of("Nd", ones)}, 1, "maps.npz", "D_light");
    refuse((bc_npz_member[]){map_of("Nd", ones), light}, 2, "D_light.npy: expected 3 x 2 pixels",
           "found 2 x 3");
    refuse((bc_npz_member[]){map_of("Nd", ones), map_of("D_light", zeros)}, 2, "intervals above 0", "row 0");
    bc_pixel_maps maps;
    test_path("text.npz");
    ck_ok(bc_file_write(&test_error, test_path_text, (const uint8_t *)"no archive", 10));
    test_expect_failure(bc_pixel_maps_read(&test_error, test_path_text, &maps), BC_E_FORMAT, &test_error,
                        "text.npz", "NPZ");
}
END_TEST

static void expect_fit(int height, int width, const float *wanted) {
    float values[PIXELS];
    memcpy(values, rising, sizeof values);
    bc_pixel_maps maps = {H, W, values, NULL};
    float *fitted;
    ck_ok(bc_pixel_maps_fit(&test_error, &maps, maps.response, height, width, &fitted));
    ck_assert_mem_eq(fitted, wanted, (size_t)height * (size_t)width * sizeof *wanted);
    free(fitted);
}

/* 1 2 3
 * 4 5 9, whose centre lies on the picture's. */
START_TEST(maps_are_cut_and_go_on) {
    expect_fit(2, 3, rising);
    expect_fit(1, 1, (const float[]){2});
    expect_fit(2, 1, (const float[]){2, 5});
    expect_fit(2, 5, (const float[]){3, 1, 2, 3, 1, 9, 4, 5, 9, 4});
    expect_fit(5, 1, (const float[]){5, 2, 5, 2, 5});
    expect_fit(1, 11, (const float[]){3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1}); /* 3 further than the map is wide */
    bc_pixel_maps maps = {H, W, NULL, NULL};
    float *fitted;
    ck_ok(bc_pixel_maps_fit(&test_error, &maps, maps.dark, 4, 4, &fitted));
    ck_assert_ptr_null(fitted);
}
END_TEST

/* As published of a real camera: it fires in the dark about once in 220 frames. */
START_TEST(maps_of_a_real_camera) {
    char path[1024];
    bc_pixel_maps maps;
    snprintf(path, sizeof path, "%s/spike_real/sensor_noise_250x400.npz", test_shared_data());
    ck_ok(bc_pixel_maps_read(&test_error, path, &maps));
    ck_assert(maps.height == 250 && maps.width == 400);
    double response = 0, dark = 0;
    for (int i = 0; i < 100000; i++) {
        response += (double)maps.response[i] / 1e5;
        dark += (double)maps.dark[i] / 1e5;
    }
    ck_assert_double_eq_tol(response, 1, 1e-6);
    ck_assert_double_eq_tol(dark, 0.0047, 0.0004);
    bc_pixel_maps_release(&maps);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("pixel_maps");
    TCase *t = tcase_create("pixel_maps");
    tcase_add_test(t, maps_by_their_own_names);
    tcase_add_test(t, maps_of_spikenerf);
    tcase_add_test(t, pattern_of_a_calibration);
    tcase_add_test(t, what_is_no_map_is_refused);
    tcase_add_test(t, maps_are_cut_and_go_on);
    if (test_shared_data())
        tcase_add_test(t, maps_of_a_real_camera);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
