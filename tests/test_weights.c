/* Weight files as networks: what may start from what. */
#include "bicross/train/weights.h"
#include "host/base/file.h"
#include "net/store/weight_file.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 3 };

static bc_config config_of(bc_front_end front_end) {
    bc_config c;
    bc_config_defaults(&c);
    c.front_end = front_end;
    return c;
}

static bc_params *declare(bool rgb, bc_front_end front_end) {
    bc_config config = config_of(front_end);
    bc_model model;
    bc_params *params;
    ck_ok(bc_config_model(&test_error, &config, rgb, &model));
    ck_ok(bc_weights_declare(test_host(), &model, false, &params));
    return params;
}

/* A file of a network drawn from its own seed; `prefix` (may be NULL): only tensors with such names. */
static const char *save(bool rgb, bc_front_end front_end, const char *prefix, char path[512]) {
    bc_params *whole = declare(rgb, front_end), *part;
    bc_graph *graph;
    snprintf(path, 512, "%s/%s-%s-%s.safetensors", test_folder(), rgb ? "rgb" : "spike",
             bc_front_end_words[front_end], prefix ? prefix : "all");
    ck_ok(bc_graph_create(test_host(), &graph));
    ck_ok(bc_params_create(test_host(), false, &part));
    for (int i = 0; i < bc_params_count(whole); i++) {
        const bc_param *param = bc_params_at(whole, i);
        if (!prefix || strncmp(param->name, prefix, strlen(prefix)) == 0)
            ck_assert_ptr_nonnull(bc_param_value(graph, part, param->name, &param->spec));
    }
    ck_ok(bc_weights_draw(part, 77));
    ck_ok(bc_params_save(part, path, NULL, 0));
    bc_graph_release(graph);
    bc_params_release(part);
    bc_params_release(whole);
    return path;
}

/* A tensor in published layout; malloc'ed. */
static float *values_of(bc_params *params, const char *name) {
    const bc_param *param = bc_params_find(params, name);
    ck_assert_msg(param != NULL, "there is no %s", name);
    float *values = malloc(param->count * sizeof *values);
    ck_assert_ptr_nonnull(values);
    ck_ok(bc_param_read(params, param, values));
    return values;
}

static void assert_equal(bc_params *a, bc_params *b, const char *name, bool equal) {
    float *x = values_of(a, name), *y = values_of(b, name);
    size_t bytes = bc_params_find(a, name)->count * sizeof(float);
    ck_assert_msg((memcmp(x, y, bytes) == 0) == equal, "%s should %sbe equal", name, equal ? "" : "not ");
    free(x);
    free(y);
}

static const char query[] = "pretrained.model.blocks.0.attn.qkv.weight";
static const char positions[] = "pretrained.model.pos_embed";
static const char decoder[] = "scratch.refinenet1.out_conv.weight";

/* Starts a network from a file and expects so many drawn tensors; the stem is compared with the file's where
 * it can be. */
static bc_params *start(bool rgb, bc_front_end front_end, const char *path, bool inflate, int drawn) {
    bc_params *params = declare(rgb, front_end);
    bc_start report;
    ck_ok(bc_weights_start(params, SEED, path, inflate, &report));
    ck_assert_int_eq(report.drawn, drawn);
    ck_assert_int_eq(report.loaded, bc_params_count(params) - drawn);
    return params;
}

static int count_outside(bc_params *params, const char *prefix) {
    int count = 0;
    for (int i = 0; i < bc_params_count(params); i++)
        count += strncmp(bc_params_at(params, i)->name, prefix, strlen(prefix)) != 0;
    return count;
}

static int front_end_tensors(bc_front_end front_end) {
    bc_params *with = declare(false, front_end), *without = declare(false, BC_FRONT_PLAIN);
    int count = bc_params_count(with) - bc_params_count(without);
    bc_params_release(with);
    bc_params_release(without);
    return count;
}

START_TEST(spike_networks_start_from_an_rgb_network) {
    char path[512];
    bc_params *rgb = declare(true, BC_FRONT_PLAIN), *drawn = declare(false, BC_FRONT_PLAIN);
    ck_ok(bc_weights_load(rgb, save(true, BC_FRONT_PLAIN, NULL, path)));
    ck_ok(bc_weights_draw(drawn, SEED));
    bc_params *fresh = start(false, BC_FRONT_PLAIN, path, false, 1),
              *inflated = start(false, BC_FRONT_PLAIN, path, true, 0);
    assert_equal(fresh, rgb, query, true);
    assert_equal(fresh, rgb, decoder, true);
    assert_equal(fresh, drawn, bc_stem_name, true);
    assert_equal(inflated, drawn, bc_stem_name, false);
    bc_params_release(fresh);
    bc_params_release(inflated);
    static const bc_front_end fronts[] = {BC_FRONT_SE, BC_FRONT_UNET};
    for (int i = 0; i < 2; i++) {
        int front = front_end_tensors(fronts[i]);
        bc_params *behind = start(false, fronts[i], path, false, front + (i == 0));
        if (i > 0) /* three channels: the stem fits */
            assert_equal(behind, rgb, bc_stem_name, true);
        bc_params_release(behind);
    }
    bc_params_release(rgb);
    bc_params_release(drawn);
}
END_TEST

START_TEST(a_backbone_alone_is_a_start) {
    static const char backbone[] = "pretrained.model.";
    char path[512];
    bc_params *rgb = declare(true, BC_FRONT_PLAIN), *spike = declare(false, BC_FRONT_PLAIN);
    int outside = count_outside(rgb, backbone);
    save(true, BC_FRONT_PLAIN, backbone, path);
    ck_assert_int_eq(bc_weights_load(rgb, path), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "has no tensor"));
    bc_error_clear(&test_error);
    ck_ok(bc_weights_draw(spike, SEED));
    bc_params *started = start(true, BC_FRONT_PLAIN, path, false, outside);
    assert_equal(started, spike, query, false);
    assert_equal(started, spike, decoder, true);
    bc_params_release(started);
    bc_params_release(start(false, BC_FRONT_PLAIN, path, false, outside + 1));
    bc_params_release(start(false, BC_FRONT_PLAIN, path, true, outside));
    bc_params_release(start(false, BC_FRONT_SE, path, true, outside + front_end_tensors(BC_FRONT_SE)));
    bc_params_release(rgb);
    bc_params_release(spike);
}
END_TEST

static void refuse_start(bool rgb, bc_front_end front_end, const char *path, const char *message) {
    bc_params *params = declare(rgb, front_end);
    bc_start report;
    ck_assert_int_eq(bc_weights_start(params, SEED, path, true, &report), BC_E_FORMAT);
    ck_assert_msg(strstr(test_error.text, path) && strstr(test_error.text, message), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
    bc_params_release(params);
}

START_TEST(the_configuration_chooses_the_convolutions) {
    bc_config config;
    bc_model model;
    bc_config_defaults(&config);
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    ck_assert(!model.conv_direct);
    ck_ok(bc_config_set(&test_error, "device.convolution=direct", &config));
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    ck_assert(model.conv_direct);
    ck_assert(!model.recompute);
    ck_ok(bc_config_set(&test_error, "model.recompute=blocks", &config));
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    ck_assert(model.recompute);
}
END_TEST

START_TEST(the_configuration_chooses_epsilon_and_bias) {
    bc_config config;
    bc_model model, preset;
    bc_config_defaults(&config);
    ck_ok(bc_model_preset(&test_error, BC_TINY, BC_OUTDOOR, BC_SPIKE_FRAMES, &preset));
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    ck_assert(model.stem_epsilon == preset.stem_epsilon && model.drawn_bias == preset.drawn_bias);
    ck_ok(bc_config_set(&test_error, "model.stem_epsilon=1e-6", &config));
    ck_ok(bc_config_set(&test_error, "model.last_bias=false", &config));
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    ck_assert(model.stem_epsilon == 1e-6f && model.drawn_bias);
}
END_TEST

START_TEST(files_of_other_networks_are_refused) {
    char spike[512], unet[512], stem[512], decoder_only[512];
    save(false, BC_FRONT_PLAIN, NULL, spike);
    save(false, BC_FRONT_UNET, NULL, unet);
    refuse_start(true, BC_FRONT_PLAIN, spike, "reads 128 channels, expected 3");
    refuse_start(true, BC_FRONT_PLAIN, unet, "reads 3 channels behind a front end, expected 3");
    refuse_start(false, BC_FRONT_UNET, spike, "expected 3 behind a front end, or 3 of an RGB network");
    refuse_start(false, BC_FRONT_PLAIN, save(true, BC_FRONT_PLAIN, bc_stem_name, stem),
                 "has no tensor pretrained.model.");
    refuse_start(false, BC_FRONT_PLAIN, save(true, BC_FRONT_PLAIN, "scratch.", decoder_only),
                 "holds no depth network");
}
END_TEST

START_TEST(a_trained_network_says_what_it_reads) {
    const struct {
        bool rgb;
        bc_front_end front_end;
    } cases[] = {{true, BC_FRONT_SE}, {false, BC_FRONT_PLAIN}, {false, BC_FRONT_SE}};
    char path[512];
    bc_trained trained;
    for (int i = 0; i < 3; i++) {
        bc_config config = config_of(cases[i].front_end);
        save(cases[i].rgb, cases[i].front_end, NULL, path);
        ck_ok(bc_trained_open(test_host(), &config, path, &trained));
        ck_assert_int_eq(trained.rgb, cases[i].rgb);
        ck_assert_int_eq(trained.model.input_channels, cases[i].rgb ? 3 : BC_SPIKE_FRAMES);
        bc_trained_close(&trained);
    }
    bc_config config = config_of(BC_FRONT_PLAIN);
    ck_assert_int_eq(bc_trained_open(test_host(), &config, path, &trained), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "reads 128 channels behind a front end, expected 128"));
    bc_error_clear(&test_error);
}
END_TEST

/* A network's file with what training would say of it. */
static const char *save_described(const bc_config *config, const bc_weights_info *change, char path[512]) {
    bc_model model;
    bc_params *params;
    snprintf(path, 512, "%s/described.safetensors", test_folder());
    ck_ok(bc_config_model(&test_error, config, false, &model));
    ck_ok(bc_weights_declare(test_host(), &model, false, &params));
    ck_ok(bc_weights_draw(params, 5));
    bc_weights_info info;
    ck_ok(bc_weights_info_of(&test_error, config, "crossdomain", &model, 352, 1216, &info));
    ck_ok(bc_weights_save(params, path, change ? change : &info));
    bc_params_release(params);
    return path;
}

static bc_config with(const char *const *settings) {
    bc_config config;
    bc_config_defaults(&config);
    for (; *settings; settings++)
        ck_ok(bc_config_set(&test_error, *settings, &config));
    return config;
}

START_TEST(a_file_says_what_it_is) {
    char path[512];
    bc_config trained =
        with((const char *const[]){"model.scene=indoor", "model.input_height=96", "model.front_end=se",
                                   "data.dmax=7.5", "eval.whole_image=true", NULL});
    bc_config plain = with((const char *const[]){NULL});
    bc_trained network;
    save_described(&trained, NULL, path);
    ck_ok(bc_trained_open(test_host(), &plain, path, &network));
    ck_assert(network.info.known && network.config.whole_image);
    ck_assert_str_eq(network.info.stage, "crossdomain");
    ck_assert_str_eq(network.info.version, BICROSS_VERSION);
    ck_assert_int_eq(network.config.scene, BC_INDOOR);
    ck_assert_int_eq(network.config.front_end, BC_FRONT_SE);
    ck_assert_int_eq(network.config.input_height, 96);
    ck_assert_int_eq(network.info.crop_width, 1216);
    ck_assert_int_eq(network.info.spike_frames, BC_SPIKE_FRAMES);
    ck_assert(network.config.dmax == 7.5f);
    ck_assert_str_eq(network.notes, "");
    bc_model indoor;
    ck_ok(bc_config_model(&test_error, &trained, false, &indoor));
    ck_assert(network.model.depth_scale == indoor.depth_scale &&
              network.model.depth_shift == indoor.depth_shift);
    bc_trained_close(&network);
}
END_TEST

static bc_config from_file(const char *text) {
    bc_config config;
    char path[512];
    snprintf(path, sizeof path, "%s/said.ini", test_folder());
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
    bc_config_defaults(&config);
    ck_ok(bc_config_read(&test_error, path, &config));
    return config;
}

static void refuse_open(const bc_config *config, const char *path, bc_status expected, const char *message) {
    bc_trained network;
    ck_assert_int_eq(bc_trained_open(test_host(), config, path, &network), expected);
    ck_assert_msg(strstr(test_error.text, path) && strstr(test_error.text, message), "message: %s",
                  test_error.text);
    bc_error_clear(&test_error);
}

/* Makes a file one that does not say this: under another name, it is nobody's. */
static void forget(const char *path, const char *key) {
    uint8_t *bytes;
    size_t count, length = strlen(key);
    ck_ok(bc_file_read(&test_error, path, &bytes, &count));
    uint8_t *found = memmem(bytes, count, key, length);
    ck_assert_msg(found != NULL, "%s does not say %s", path, key);
    found[length - 1] = '_';
    ck_ok(bc_file_write(&test_error, path, bytes, count));
    free(bytes);
}

START_TEST(the_stem_s_epsilon_is_kept_with_the_weights) {
    char path[512];
    bc_config trained = with((const char *const[]){"model.stem_epsilon=1e-6", NULL});
    bc_config plain = with((const char *const[]){NULL});
    bc_config other = with((const char *const[]){"model.stem_epsilon=1e-5", NULL});
    bc_trained network;
    save_described(&trained, NULL, path);
    ck_ok(bc_trained_open(test_host(), &plain, path, &network));
    ck_assert(network.model.stem_epsilon == 1e-6f);
    bc_trained_close(&network);
    refuse_open(&other, path, BC_E_ARGUMENT, "model.stem_epsilon = 1e-06, but here it is 1e-05");
    forget(path, "bicross.stem_epsilon"); /* as files of before it was a key: all had the same */
    ck_ok(bc_trained_open(test_host(), &plain, path, &network));
    ck_assert(network.info.known && network.model.stem_epsilon == 1e-8f);
    bc_trained_close(&network);
    refuse_open(&trained, path, BC_E_ARGUMENT, "model.stem_epsilon = 1e-08, but here it is 1e-06");
    forget(path, "bicross.groups");
    refuse_open(&plain, path, BC_E_FORMAT, "do not say bicross.groups");
}
END_TEST

START_TEST(contradictions_are_refused_and_words_by_hand_override) {
    char path[512];
    bc_config trained = with((const char *const[]){"model.scene=indoor", NULL});
    bc_config agrees = from_file("[model]\nscene = indoor\n"),
              differs = from_file("[model]\nscene = outdoor\n");
    bc_config other = with((const char *const[]){"model.preset=hybrid", NULL});
    bc_config by_hand = with((const char *const[]){"model.scene=outdoor", "model.input_width=256", NULL});
    bc_trained network;
    trained.dmax = 10;
    save_described(&trained, NULL, path);
    ck_ok(bc_trained_open(test_host(), &agrees, path, &network));
    bc_trained_close(&network);
    refuse_open(&differs, path, BC_E_ARGUMENT, "model.scene = indoor, but here it is outdoor");
    refuse_open(&other, path, BC_E_ARGUMENT, "model.preset = tiny, but here it is hybrid");
    ck_ok(bc_trained_open(test_host(), &by_hand, path, &network));
    ck_assert_int_eq(network.config.scene, BC_OUTDOOR);
    ck_assert_int_eq(network.config.input_width, 256);
    ck_assert_msg(strstr(network.notes, "model.scene is indoor in the file, taken is outdoor"), "%s",
                  network.notes);
    bc_trained_close(&network);
}
END_TEST

START_TEST(a_file_that_says_nothing_leaves_assumptions) {
    char path[512];
    bc_config config = with((const char *const[]){"model.scene=indoor", NULL});
    bc_trained network;
    save(false, BC_FRONT_PLAIN, NULL, path);
    ck_ok(bc_trained_open(test_host(), &config, path, &network));
    ck_assert(!network.info.known);
    ck_assert_msg(strstr(network.notes, "preset = tiny") && !strstr(network.notes, "scene"), "%s",
                  network.notes);
    ck_assert(network.config.dmax == 10); /* as rooms have it */
    bc_trained_close(&network);
}
END_TEST

START_TEST(a_file_of_other_sizes_is_refused) {
    char path[512];
    bc_config config = with((const char *const[]){NULL});
    bc_model model;
    ck_ok(bc_config_model(&test_error, &config, false, &model));
    bc_weights_info info;
    ck_ok(bc_weights_info_of(&test_error, &config, "supervised", &model, 0, 0, &info));
    info.width++;
    save_described(&config, &info, path);
    refuse_open(&config, path, BC_E_FORMAT, "bicross.width = 193");
    snprintf(info.scene, sizeof info.scene, "moon");
    save_described(&config, &info, path);
    refuse_open(&config, path, BC_E_FORMAT, "bicross.scene = moon");
}
END_TEST

/* --- files of others --- */

/* The file without the tensors below `prefix`, in PyTorch's format; of the position embedding the first `rows`. */
static const char *as_published(const char *path, const char *prefix, long rows, char out[512]) {
    bc_tensor_file file;
    int written, kept = 0;
    long shape[3] = {1, rows, 0};
    ck_ok(bc_weight_file_open(&test_error, path, &file));
    for (int i = 0; i < file.count; i++) {
        bc_tensor_entry *entry = &file.entries[i];
        if (strcmp(entry->name, positions) == 0) {
            shape[2] = entry->shape[2];
            entry->shape = shape;
        }
        if (strncmp(entry->name, prefix, strlen(prefix)) != 0)
            file.entries[kept++] = *entry;
    }
    file.count = kept;
    ck_ok(bc_tensor_file_sort(&test_error, &file));
    snprintf(out, 512, "%s/published.pt", test_folder());
    ck_ok(bc_weight_file_write(&test_error, out, &file, &written));
    ck_assert_int_eq(written, kept);
    bc_tensor_file_close(&file);
    return out;
}

START_TEST(positions_of_another_grid_are_resized) {
    enum { WIDTH = 192, GRID = 8, SMALLER = 4 };
    char path[512], smaller[512];
    bc_params *whole = declare(true, BC_FRONT_PLAIN), *resized = declare(true, BC_FRONT_PLAIN);
    bc_start report;
    ck_ok(bc_weights_load(whole, save(true, BC_FRONT_PLAIN, NULL, path)));
    ck_ok(bc_weights_start(resized, SEED, as_published(path, "auxlayer", 1 + SMALLER * SMALLER, smaller),
                           false, &report));
    ck_assert_str_eq(report.report.resized.names, positions);
    ck_assert_int_eq(report.drawn, 0);
    float *from = values_of(whole, positions), *to = values_of(resized, positions);
    ck_assert_mem_eq(from, to, WIDTH * sizeof *from); /* the class token's */
    for (int c = 0; c < WIDTH; c++) { /* half-pixel centres: the corner stays, 1 is a quarter after it */
        const float *a = from + WIDTH + c, *b = to + WIDTH + c;
        ck_assert_float_eq(b[0], a[0]);
        ck_assert_float_eq_tol(b[WIDTH], 0.75f * a[0] + 0.25f * a[WIDTH], 1e-6f);
        ck_assert_float_eq_tol(b[GRID * WIDTH], 0.75f * a[0] + 0.25f * a[SMALLER * WIDTH], 1e-6f);
        ck_assert_float_eq(b[(GRID * GRID - 1) * WIDTH], a[(SMALLER * SMALLER - 1) * WIDTH]);
    }
    free(from);
    free(to);
    as_published(path, "auxlayer", 12, smaller); /* 11 are no square */
    bc_params_release(resized);
    resized = declare(true, BC_FRONT_PLAIN);
    ck_assert_int_eq(bc_weights_load(resized, smaller), BC_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(test_error.text, "pos_embed should be 1x65x192, found 1x12x192"));
    bc_error_clear(&test_error);
    bc_params_release(resized);
    bc_params_release(whole);
}
END_TEST

START_TEST(a_network_may_lack_what_depth_does_not_need) {
    char path[512], lacking[512];
    bc_config config = with((const char *const[]){NULL});
    bc_trained network;
    save(false, BC_FRONT_PLAIN, NULL, path);
    ck_ok(
        bc_trained_open(test_host(), &config, as_published(path, "uncertaity_head.", 65, lacking), &network));
    ck_assert(network.no_uncertainty);
    ck_assert_int_eq(network.report.missing.count, 6);
    ck_assert_int_eq(network.config.preset, BC_TINY);
    bc_trained_close(&network);
    ck_ok(bc_trained_open(test_host(), &config, as_published(path, "pretrained.model.norm.", 65, lacking),
                          &network));
    ck_assert(!network.no_uncertainty);
    ck_assert_int_eq(network.report.missing.count, 2);
    bc_trained_close(&network);
    refuse_open(&config, as_published(path, "uncertaity_head.0", 65, lacking), BC_E_FORMAT,
                "no tensor uncertaity_head.0.weight");
    refuse_open(&config, as_published(path, "scratch.output_conv", 65, lacking), BC_E_FORMAT,
                "no tensor scratch.output_conv.0.weight");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("weights");
    TCase *c = tcase_create("weights");
    tcase_set_timeout(c, 120);
    tcase_add_test(c, spike_networks_start_from_an_rgb_network);
    tcase_add_test(c, a_backbone_alone_is_a_start);
    tcase_add_test(c, the_configuration_chooses_the_convolutions);
    tcase_add_test(c, the_configuration_chooses_epsilon_and_bias);
    tcase_add_test(c, files_of_other_networks_are_refused);
    tcase_add_test(c, a_trained_network_says_what_it_reads);
    tcase_add_test(c, a_file_says_what_it_is);
    tcase_add_test(c, the_stem_s_epsilon_is_kept_with_the_weights);
    tcase_add_test(c, contradictions_are_refused_and_words_by_hand_override);
    tcase_add_test(c, a_file_that_says_nothing_leaves_assumptions);
    tcase_add_test(c, a_file_of_other_sizes_is_refused);
    tcase_add_test(c, positions_of_another_grid_are_resized);
    tcase_add_test(c, a_network_may_lack_what_depth_does_not_need);
    suite_add_tcase(s, c);
    return s;
}

int main(void) {
    return test_run(suite());
}
