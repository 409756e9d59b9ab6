/* libbicross: what it predicts is the predictor's, and what it is given wrongly is refused in a sentence. */
#include "bicross/train/trained_predictor.h"
#include "library/bicross.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 40, WIDTH = 72, CROP_HEIGHT = 32, CROP_WIDTH = 64, PIXELS = HEIGHT * WIDTH };

static uint32_t words[PIXELS * BICROSS_WORDS];
static uint8_t rgb[PIXELS * 3];
static float depth[PIXELS], uncertainty[PIXELS];
static bicross_error error;

/* Weights as training writes them, drawn, with a crop. */
static const char *save(bool pictures) {
    bc_config config;
    bc_model model;
    bc_params *params;
    bc_weights_info info;
    bc_config_defaults(&config);
    config.input_height = CROP_HEIGHT;
    config.input_width = CROP_WIDTH;
    ck_ok(bc_config_model(&test_error, &config, pictures, &model));
    ck_ok(bc_weights_declare(test_host(), &model, false, &params));
    ck_ok(bc_weights_draw(params, 7));
    ck_ok(bc_weights_info_of(&test_error, &config, "supervised", &model, CROP_HEIGHT, CROP_WIDTH, &info));
    const char *path = test_path(pictures ? "pictures.safetensors" : "spikes.safetensors");
    ck_ok(bc_weights_save(params, path, &info));
    bc_params_release(params);
    return path;
}

static bicross_device *open_device(void) {
    bicross_device *device;
    ck_assert_msg(bicross_device_open(NULL, &device, &error) == BICROSS_OK, "%s", error.text);
    ck_assert(*error.text == 0 && error.status == BICROSS_OK);
    return device;
}

static bicross_network *load(bicross_device *device, const char *path, unsigned flags) {
    bicross_network *network;
    ck_assert_msg(bicross_network_load(device, path, flags, &network, &error) == BICROSS_OK, "%s",
                  error.text);
    return network;
}

static void draw_inputs(void) {
    uint32_t state = 1;
    for (int i = 0; i < PIXELS * BICROSS_WORDS; i++)
        words[i] = state = state * 1664525u + 1013904223u;
    for (int i = 0; i < PIXELS * 3; i++)
        rgb[i] = (uint8_t)(words[i] >> 24);
}

/* What the predictor makes of the same input. */
static void compare(const char *path, bool pictures, int crop_height, int crop_width) {
    bc_config config;
    bc_trained trained;
    bc_predictor maps;
    bc_sample sample = {.height = HEIGHT, .width = WIDTH, .rgb = pictures ? rgb : NULL};
    sample.spikes = pictures ? NULL : words;
    bc_config_defaults(&config);
    ck_ok(bc_trained_open(test_host(), &config, path, &trained));
    ck_ok(bc_trained_predictor_open(test_host(), &trained, true, &maps));
    ck_ok(bc_predictor_load(&maps, &sample, crop_height, crop_width));
    ck_ok(bc_predictor_run(&maps));
    ck_ok(bc_predictor_read(&maps));
    ck_assert_mem_eq(maps.depth, depth, sizeof depth);
    ck_assert_mem_eq(maps.uncertainty, uncertainty, sizeof uncertainty);
    ck_assert_int_eq(depth[0] == 0, crop_height > 0);
    bc_predictor_close(&maps);
    bc_trained_close(&trained);
}

START_TEST(predicts_what_the_predictor_does) {
    const char *path = save(_i);
    bicross_device *device = open_device();
    ck_assert_str_eq(bicross_device_name(device), bc_host_device(test_host())->name);
    for (unsigned flags = 0; flags <= BICROSS_WHOLE_IMAGE; flags += BICROSS_WHOLE_IMAGE) {
        bicross_network *network = load(device, path, flags);
        int height, width;
        bicross_network_crop(network, &height, &width);
        ck_assert_int_eq(height, flags ? 0 : CROP_HEIGHT);
        ck_assert_int_eq(width, flags ? 0 : CROP_WIDTH);
        ck_assert_int_eq(bicross_network_reads_rgb(network), _i);
        ck_assert_int_eq(bicross_network_has_uncertainty(network), 1);
        draw_inputs();
        bicross_status status =
            _i ? bicross_predict_rgb(network, rgb, HEIGHT, WIDTH, depth, uncertainty, &error)
               : bicross_predict_spikes(network, words, HEIGHT, WIDTH, depth, uncertainty, NULL);
        ck_assert_msg(status == BICROSS_OK, "%s", error.text);
        compare(path, _i, height, width);
        bicross_network_close(network);
    }
    bicross_device_close(device);
}
END_TEST

START_TEST(packs_spikes) {
    static uint8_t frames[BICROSS_FRAMES * 6];
    uint32_t packed[6 * BICROSS_WORDS];
    for (int i = 0; i < BICROSS_FRAMES * 6; i++)
        frames[i] = (uint8_t)(i % 7 == 0 ? i : 0);
    frames[0] = 1;
    bicross_pack_spikes(frames, 2, 3, packed);
    for (int t = 0; t < BICROSS_FRAMES; t++)
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(packed[i * BICROSS_WORDS + t / 32] >> t % 32 & 1, frames[t * 6 + i] != 0);
}
END_TEST

static void expect_refused(bicross_status found, bicross_status wanted, const char *word) {
    ck_assert_int_eq(found, wanted);
    ck_assert_int_eq(error.status, wanted);
    ck_assert_msg(strstr(error.text, word) != NULL, "expected '%s' in: %s", word, error.text);
}

START_TEST(refuses_mistakes) {
    bicross_device *device, *none = NULL;
    expect_refused(bicross_device_open("no such device", &none, &error), BICROSS_E_DEVICE, "no such device");
    ck_assert_ptr_null(none);
    const char *path = save(false);
    device = open_device();
    bicross_network *network = NULL;
    expect_refused(bicross_network_load(device, "nowhere.pt", 0, &network, &error), BICROSS_E_FILE,
                   "nowhere.pt");
    ck_assert_ptr_null(network);
    expect_refused(bicross_network_load(device, path, 8, &network, &error), BICROSS_E_ARGUMENT, "0x8");
    network = load(device, path, BICROSS_DEPTH_ONLY);
    ck_assert_int_eq(bicross_network_has_uncertainty(network), 0);
    expect_refused(bicross_predict_rgb(network, rgb, HEIGHT, WIDTH, depth, NULL, &error), BICROSS_E_ARGUMENT,
                   "reads spikes, it was given a picture");
    expect_refused(bicross_predict_spikes(network, words, HEIGHT, WIDTH, depth, uncertainty, &error),
                   BICROSS_E_ARGUMENT, "no uncertainty");
    expect_refused(bicross_predict_spikes(network, words, 31, WIDTH, depth, NULL, &error), BICROSS_E_ARGUMENT,
                   "BICROSS_WHOLE_IMAGE");
    expect_refused(bicross_predict_spikes(network, words, 1 << 30, WIDTH, depth, NULL, &error),
                   BICROSS_E_ARGUMENT, "1 to 32768");
    expect_refused(bicross_predict_spikes(network, NULL, HEIGHT, WIDTH, depth, NULL, &error),
                   BICROSS_E_ARGUMENT, "NULL");
    ck_assert_int_eq(bicross_predict_spikes(network, words, HEIGHT, WIDTH, depth, NULL, &error), BICROSS_OK);
    ck_assert_str_eq(error.text, "");
    bicross_network_close(network);
    bicross_device_close(device);
    bicross_network_close(NULL);
    bicross_device_close(NULL);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("library");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, predicts_what_the_predictor_does, 0, 2);
    tcase_add_test(all, packs_spikes);
    tcase_add_test(all, refuses_mistakes);
    suite_add_tcase(s, all);
    return s;
}

int main(void) {
    return test_run(suite());
}
