/* The configuration: defaults, files, overrides, messages, and that what is written reads back the same. */
#include "bicross/config/table.h"
#include "bicross/report/demo.h"
#include "host/base/file.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static bc_config config;

static void setup(void) {
    bc_error_clear(&test_error);
    bc_config_defaults(&config);
}

static const char *write_ini(const char *text) {
    static char path[256];
    snprintf(path, sizeof path, "%s/test.ini", test_folder());
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
    return path;
}

/* The status is as expected and the message contains each of the words. */
static void check_refused(bc_status found, bc_status expected, const char *first, const char *second) {
    ck_assert_int_eq(found, expected);
    ck_assert_msg(strstr(test_error.text, first) != NULL, "'%s' lacks '%s'", test_error.text, first);
    ck_assert_msg(strstr(test_error.text, second) != NULL, "'%s' lacks '%s'", test_error.text, second);
    bc_error_clear(&test_error);
}

START_TEST(test_defaults) {
    ck_assert_int_eq(config.pretrain.epochs, 30);
    ck_assert_int_eq(config.crossmodality.epochs, 10);
    ck_assert_int_eq(config.crossdomain.epochs, 20);
    ck_assert_int_eq(config.pretrain.batch, 16);
    ck_assert_int_eq(config.crossdomain.batch, 8);
    ck_assert_float_eq(config.crossmodality.lr_backbone, 1e-5f);
    ck_assert_float_eq(config.crossmodality.lr_scratch, 1e-4f);
    ck_assert_float_eq(config.alpha, 0.999f);
    ck_assert_float_eq(config.dmax, 80);
    ck_assert_int_eq(config.method, BC_METHOD_PAPER);
    ck_assert_int_eq(config.crossdomain.schedule, BC_SCHEDULE_PLATEAU);
    ck_assert(config.ckd && config.scp && config.shared_head && !config.whole_image);
    ck_assert(config.last_bias && config.normalise_rgb && !config.strong_view);
    ck_assert_float_eq(config.stem_epsilon, 1e-8f);
    ck_ok(bc_config_check(&test_error, &config));
}
END_TEST

/* Every default is inside its own range, and no key stands twice. */
START_TEST(test_table) {
    for (int i = 0; i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        char assignment[512];
        snprintf(assignment, sizeof assignment, "%s.%s=%s", key->section, key->name, key->default_value);
        ck_ok(bc_config_set(&test_error, assignment, &config));
        ck_assert(key->type != BC_KEY_CHOICE || key->size == sizeof(int)); /* an enum is read as an int */
        for (int j = 0; j < i; j++) {
            const bc_key *other = &bc_config_keys[j];
            ck_assert(strcmp(key->section, other->section) != 0 || strcmp(key->name, other->name) != 0);
            ck_assert(key->offset >= other->offset + other->size || other->offset >= key->offset + key->size);
        }
    }
}
END_TEST

START_TEST(test_words_of_choices) {
    for (int i = 0; i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        for (int w = 0; key->type == BC_KEY_CHOICE && key->words[w]; w++) {
            char assignment[512], value[BC_VALUE_TEXT];
            snprintf(assignment, sizeof assignment, "%s.%s=%s", key->section, key->name, key->words[w]);
            ck_ok(bc_config_set(&test_error, assignment, &config));
            bc_config_value_text(key, &config, value);
            ck_assert_str_eq(value, key->words[w]);
        }
    }
    for (int i = 0; i < BC_SCENARIO_COUNT; i++)
        ck_assert_str_eq(bc_scenario_words[i], bc_scenario_name((bc_scenario)i));
    ck_assert_int_eq(config.method, BC_METHOD_PLUS); /* the last of each */
    ck_assert_int_eq(config.gemm, BC_GEMM_CLBLAST);
    ck_assert_int_eq(config.npy_axes, BC_NPY_WHT);
    ck_assert_int_eq(config.supervised.optimiser, BC_SGD);
}
END_TEST

START_TEST(test_read) {
    const char *path =
        write_ini("# comment\n[run]\nseed = 7 ; a comment\nout = \"a;b\"\n\n[CrossDomain]\nALPHA=0.98\n"
                  "sca = no\n[data]\ntest =\n");
    ck_ok(bc_config_read(&test_error, path, &config));
    ck_assert_int_eq(config.seed, 7);
    ck_assert_str_eq(config.out, "a;b");
    ck_assert_float_eq(config.alpha, 0.98f);
    ck_assert(!config.sca);
    ck_assert_str_eq(config.test, "");
    ck_assert_int_eq(config.pretrain.epochs, 30);
}
END_TEST

START_TEST(test_refused_files) {
    static const struct {
        const char *text;
        bc_status status;
        const char *first, *second;
    } cases[] = {
        {"[pretrain]\nlr_bacbone = 1\n", BC_E_ARGUMENT, "lr_bacbone", "'lr_backbone'"},
        {"[crosdomain]\n", BC_E_ARGUMENT, "[crosdomain]", "[crossdomain]"},
        {"[crosdomain]\nalpha = 1\n", BC_E_ARGUMENT, "[crosdomain]", "[crossdomain]"},
        {"[model]\nalpha = 1\n", BC_E_ARGUMENT, "'alpha'", "belongs to [crossdomain]"},
        {"seed = 1\n", BC_E_ARGUMENT, "'seed'", "before the first [section]"},
        {"[run]\nseed = 1.5\n", BC_E_ARGUMENT, "run.seed", "'1.5'"},
        {"[run]\nseed =\n", BC_E_ARGUMENT, "run.seed", "whole number"},
        {"[run]\nmethod = pape\n", BC_E_ARGUMENT, "run.method", "paper|code"},
        {"[run]\nmethod = paper|code\n", BC_E_ARGUMENT, "run.method", "paper|code"},
        {"[crossdomain]\nalpha = 1.01\n", BC_E_ARGUMENT, "crossdomain.alpha", "from 0 to 1"},
        {"[crossdomain]\nalpha = nan\n", BC_E_ARGUMENT, "crossdomain.alpha", "'nan'"},
        {"[eval]\nwhole_image = maybe\n", BC_E_ARGUMENT, "eval.whole_image", "true or false"},
        {"[run]\nseed = 1\nnonsense\n", BC_E_FORMAT, "line 3", "nonsense"},
        {"[run]\nseed = 99999999999999999999\n", BC_E_ARGUMENT, "run.seed", "99999999999999999999"},
        {"[crossdomain]\nalpha = 1e-60\n", BC_E_ARGUMENT, "crossdomain.alpha", "'1e-60'"},
        {"[crossdomain]\nalpha = 1e60\n", BC_E_ARGUMENT, "crossdomain.alpha", "'1e60'"},
        {"[run]\nout = a\\b\n", BC_E_ARGUMENT, "run.out", "backslashes"},
        {"[run]\nout = \"a\\b\"\n", BC_E_FORMAT, "line 2", "backslashes"},
        {"; \"\\\"\n[run]\n out\t= \"a\\\"b\"", BC_E_FORMAT, "line 3", "backslashes"},
        {"[run]\nout = 'a\\b'\n", BC_E_FORMAT, "line 2", "backslashes"},
        {"\xef\xbb\xbf\xef\xbb\xbf[run]\n", BC_E_FORMAT, "line 1", "[run]"},
        {"\n[run] ; why\n", BC_E_FORMAT, "line 2", "[run] ; why"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = write_ini(cases[i].text);
        check_refused(bc_config_read(&test_error, path, &config), cases[i].status, cases[i].first,
                      cases[i].second);
    }
    ck_assert_int_eq(config.seed, 0); /* a refused file changes nothing */
    check_refused(bc_config_read(&test_error, "/nowhere/x.ini", &config), BC_E_FILE, "/nowhere/x.ini",
                  "No such file");
    check_refused(bc_config_read(&test_error, test_folder(), &config), BC_E_FILE, test_folder(),
                  "found a folder");
}
END_TEST

/* Some editors begin a file with a byte order mark, and end lines with CR LF. */
START_TEST(test_files_of_other_editors) {
    const char *path = write_ini("\xef\xbb\xbf[run]\r\nseed = 8\r\nout = \"x \"\r\n");
    ck_ok(bc_config_read(&test_error, path, &config));
    ck_assert_int_eq(config.seed, 8);
    ck_assert_str_eq(config.out, "x ");
    static const char zero[] = "[run]\nseed = 9\n\0[nonsense]\n";
    ck_ok(bc_file_write(&test_error, path, zero, sizeof zero - 1));
    check_refused(bc_config_read(&test_error, path, &config), BC_E_FORMAT, path, "not text");
    ck_assert_int_eq(config.seed, 8);
}
END_TEST

START_TEST(test_set) {
    ck_ok(bc_config_set(&test_error, "supervised.batch = 3", &config));
    ck_assert_int_eq(config.supervised.batch, 3);
    ck_ok(bc_config_set(&test_error, "run.out=a=b.c", &config));
    ck_assert_str_eq(config.out, "a=b.c");
    check_refused(bc_config_set(&test_error, "supervised.batch", &config), BC_E_ARGUMENT, "section.key=value",
                  "supervised.batch");
    check_refused(bc_config_set(&test_error, "batch=3.1", &config), BC_E_ARGUMENT, "section.key=value",
                  "batch=3.1");
    check_refused(bc_config_set(&test_error, "supervised.batch=0", &config), BC_E_ARGUMENT,
                  "supervised.batch", "'0'");
    check_refused(bc_config_set(&test_error, "run.out=a\"b", &config), BC_E_ARGUMENT, "run.out", "quotation");
    char longest[BC_TEXT + 16] = "run.out=";
    memset(longest + 8, 'x', BC_TEXT);
    check_refused(bc_config_set(&test_error, longest, &config), BC_E_ARGUMENT, "run.out", "shorter than 256");
}
END_TEST

START_TEST(test_checks) {
    ck_ok(bc_config_set(&test_error, "model.input_width=100", &config));
    check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, "multiples of 32", "64 x 100");
    setup();
    ck_ok(bc_config_set(&test_error, "data.scenario=realspike", &config));
    check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, "realspike is indoor", "outdoor");
    ck_ok(bc_config_set(&test_error, "model.scene=indoor", &config));
    ck_ok(bc_config_check(&test_error, &config));
    static const char *const domains[] = {"source", "target"};
    for (int i = 0; i < 2; i++) {
        char assignment[64];
        setup();
        snprintf(assignment, sizeof assignment, "data.%s_crop_height=32", domains[i]);
        ck_ok(bc_config_set(&test_error, assignment, &config));
        check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, domains[i], "32 x 0");
        snprintf(assignment, sizeof assignment, "data.%s_crop_width=4096", domains[i]);
        ck_ok(bc_config_set(&test_error, assignment, &config));
        check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, domains[i],
                      "32 x 4096 is larger");
    }
    setup();
    ck_ok(bc_config_set(&test_error, "data.kind=folder", &config));
    check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, "folder", "data.source");
    ck_ok(bc_config_set(&test_error, "data.dat_width=640", &config));
    check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, "dat_height", "640 x 0");
    ck_ok(bc_config_set(&test_error, "data.dat_width=0", &config));
}
END_TEST

START_TEST(test_written_text_reads_back) {
    ck_ok(bc_config_set(&test_error, "run.out=runs/a;b #c's", &config));
    ck_ok(bc_config_set(&test_error, "crossdomain.beta=0.3333333", &config));
    ck_ok(bc_config_set(&test_error, "augment.thin=0.1", &config));
    ck_ok(bc_config_set(&test_error, "data.scenario=weather", &config));
    ck_ok(bc_config_set(&test_error, "crossmodality.filter=off", &config));
    ck_ok(bc_config_set(&test_error, "model.stem_epsilon=1e-6", &config));
    ck_ok(bc_config_set(&test_error, "model.last_bias=false", &config));
    ck_ok(bc_config_set(&test_error, "data.normalise_rgb=off", &config));
    ck_ok(bc_config_set(&test_error, "crossdomain.strong_view=yes", &config));
    ck_ok(bc_config_set(&test_error, "augment.sensor=a; b/noise.npz", &config));
    char *text;
    ck_ok(bc_config_text(&test_error, &config, &text));
    ck_assert_ptr_nonnull(strstr(text, "thin = 0.1\n")); /* not 0.100000001 */
    ck_assert_ptr_nonnull(strstr(text, "stem_epsilon = 1e-06\n"));
    ck_assert_ptr_nonnull(strstr(text, "last_bias = false\n"));
    ck_assert_ptr_nonnull(strstr(text, "normalise_rgb = false\n"));
    ck_assert_ptr_nonnull(strstr(text, "strong_view = true\n"));
    ck_assert_ptr_nonnull(strstr(text, "sensor = \"a; b/noise.npz\"\n"));
    bc_config again;
    bc_config_defaults(&again);
    const char *path = write_ini(text);
    ck_ok(bc_config_read(&test_error, path, &again));
    memset(config.given, 0, sizeof config.given); /* by hand, and by the file */
    memset(again.given, 0, sizeof again.given);
    ck_assert_int_eq(memcmp(&config, &again, sizeof config), 0);
    free(text);
}
END_TEST

/* Any text comes back as it was, from --set and from a file, or is refused. */
START_TEST(test_text_round_trips) {
    static const char *const texts[] = {"",
                                        "a b",
                                        "a;b",
                                        "a # b",
                                        "it's",
                                        "'quoted'",
                                        "=",
                                        "[run]",
                                        "a = b",
                                        "%d%s",
                                        "; c",
                                        "caf\xc3\xa9",
                                        "''",
                                        "x\\",
                                        "a\\nb",
                                        "a\tb",
                                        "a\x1b"
                                        "b",
                                        "a\x7f"
                                        "b",
                                        "eed=  4 "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char assignment[64], *text;
        bool writable = !strpbrk(texts[i], "\\\t\x1b\x7f");
        setup();
        snprintf(assignment, sizeof assignment, "run.out=%s", texts[i]);
        bc_status status = bc_config_set(&test_error, assignment, &config);
        if (!writable) {
            check_refused(status, BC_E_ARGUMENT, "run.out", "backslashes or control characters");
            continue;
        }
        ck_ok(status);
        snprintf(config.out, sizeof config.out, "%s", texts[i]); /* with the blanks that --set trims */
        ck_ok(bc_config_text(&test_error, &config, &text));
        bc_config again;
        bc_config_defaults(&again);
        ck_ok(bc_config_read(&test_error, write_ini(text), &again));
        ck_assert_str_eq(again.out, texts[i]);
        free(text);
    }
}
END_TEST

/* The files that come with the program are read without complaint. */
START_TEST(test_delivered_files) {
    static const char *const names[] = {"published", "syn2real", "weather", "scene", "realspike", "own"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        snprintf(path, sizeof path, TEST_SOURCE_DIR "/../apps/configs/%s.ini", names[i]);
        setup();
        ck_ok(bc_config_read(&test_error, path, &config));
        ck_ok(bc_config_check(&test_error, &config));
    }
}
END_TEST

/* Virtual KITTI has 100 units a metre, KITTI 256; both are cropped alike (method.md 4). */
START_TEST(test_published_domains) {
    ck_ok(bc_config_read(&test_error, TEST_SOURCE_DIR "/../apps/configs/published.ini", &config));
    bc_config_settle(&config);
    ck_assert_float_eq(config.source_domain.depth_scale, 100);
    ck_assert_float_eq(config.target_domain.depth_scale, 256);
    const bc_domain_config *domains[] = {&config.source_domain, &config.target_domain};
    for (int i = 0; i < 2; i++)
        ck_assert(domains[i]->crop_height == 352 && domains[i]->crop_width == 1216);
    ck_assert(config.dat_width == 0 && config.dat_height == 0 && !config.dat_msb_first &&
              !config.dat_no_flip);
    const char *path = write_ini("[data]\ntarget_crop_height = 384\ntarget_crop_width = 864\ndat_width = 32\n"
                                 "dat_msb_first = true\ntest_first = 320\n");
    ck_ok(bc_config_read(&test_error, path, &config));
    ck_assert_int_eq(config.source_domain.crop_height, 352);
    ck_assert(config.target_domain.crop_height == 384 && config.target_domain.crop_width == 864);
    ck_assert(config.dat_width == 32 && config.dat_msb_first && config.test_first == 320);
}
END_TEST

/* What a published data set brings, unless it is given. */
START_TEST(test_kinds_of_data_sets) {
    static const char *const rooms[] = {"data.kind=folder", "model.preset=hybrid", "data.source=nyu:n",
                                        "data.target=respike:r", "data.test=respike:r"};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        ck_ok(bc_config_set(&test_error, rooms[i], &config));
    bc_config_settle(&config);
    ck_ok(bc_config_check(&test_error, &config));
    ck_assert(config.scene == BC_INDOOR && config.input_height == 224 && config.input_width == 224);
    ck_assert(config.dmax == 10 && config.source_domain.depth_scale == 1000 &&
              config.source_domain.crop_height == 0);
    static const char *const streets[] = {"data.kind=folder", "data.source=vkitti2:v",
                                          "data.source_depth_scale=50", "data.target=weather/foggy:w",
                                          "data.target_crop_height=64"};
    setup();
    for (size_t i = 0; i < sizeof streets / sizeof *streets; i++)
        ck_ok(bc_config_set(&test_error, streets[i], &config));
    bc_config_settle(&config);
    ck_assert(config.scene == BC_OUTDOOR && config.dmax == 80);
    ck_assert(config.source_domain.depth_scale == 50 && config.source_domain.crop_width == 1216);
    ck_assert(config.target_domain.depth_scale == 256 && config.target_domain.crop_width == 0);
    bc_error err = {0};
    ck_ok(bc_config_set(&test_error, "data.target_crop_height=0", &config));
    ck_ok(bc_config_set(&test_error, "data.test=wether/foggy:w", &config));
    test_expect_failure(bc_config_check(&err, &config), BC_E_ARGUMENT, &err, "'wether'",
                        "nearest is 'weather'");
    ck_ok(bc_config_set(&test_error, "data.test=w", &config));
    ck_ok(bc_config_set(&test_error, "data.test_list=l.txt", &config));
    test_expect_failure(bc_config_check(&err, &config), BC_E_ARGUMENT, &err, "data.test_list", "is a folder");
}
END_TEST

/* The demo and the file of its scenario say the same; the demo gives the single-run arms their updates
 * itself. */
START_TEST(test_demo_files) {
    static const char *const names[] = {"syn2real", "weather", "scene", "realspike", "night"};
    for (size_t i = 0; i < 5; i++) {
        bc_config demo;
        char path[512], *expected, *found;
        setup();
        snprintf(path, sizeof path, TEST_SOURCE_DIR "/../apps/configs/%s.ini", names[i]);
        ck_ok(bc_config_read(&test_error, path, &config));
        bc_config_defaults(&demo);
        ck_ok(bc_demo_config(&test_error, names[i], BC_PROTOCOL_GENERIC, false, &demo));
        snprintf(demo.out, sizeof demo.out, "%s", config.out);
        demo.pretrain.epochs = config.pretrain.epochs; /* steps decide */
        demo.neuromorphic.epochs = config.neuromorphic.epochs;
        demo.crossmodality.epochs = config.crossmodality.epochs;
        demo.crossdomain.epochs = config.crossdomain.epochs;
        demo.supervised.epochs = config.supervised.epochs;
        ck_ok(bc_config_text(&test_error, &demo, &expected));
        ck_ok(bc_config_text(&test_error, &config, &found));
        size_t same = 0; /* the first difference: the whole text is too long for a message */
        while (found[same] && found[same] == expected[same])
            same++;
        ck_assert_msg(found[same] == expected[same], "%s: '%.80s', the demo has '%.80s'", path, found + same,
                      expected + same);
        free(found);
        free(expected);
    }
}
END_TEST

START_TEST(test_text_reads_back_from_any_file) {
    static const char *const values[] = {" a ", "a;b#c", "it's", "[x]", "a = b", ""};
    for (int i = 0; i < 6; i++) {
        char *text;
        bc_config again;
        snprintf(config.out, sizeof config.out, "%s", values[i]);
        ck_ok(bc_config_text(&test_error, &config, &text));
        bc_config_defaults(&again);
        ck_ok(bc_config_read(&test_error, write_ini(text), &again));
        ck_assert_str_eq(again.out, values[i]);
        free(text);
    }
    check_refused(bc_config_set(&test_error, "run.out=x\\", &config), BC_E_ARGUMENT, "run.out",
                  "backslashes");
    check_refused(bc_config_set(&test_error, "run.out=x\033[31m", &config), BC_E_ARGUMENT, "run.out",
                  "control");
    ck_ok(bc_config_read(&test_error, write_ini("\xEF\xBB\xBF[run]\nseed = 9\n"), &config));
    ck_assert_int_eq(config.seed, 9);
}
END_TEST

START_TEST(test_keys_that_contradict_each_other) {
    static const char *const cases[][3] = {
        {"data.source=here", "data.kind=world", "data.source is \"here\""},
        {"data.simulate=yes", "data.kind=world", "data.simulate is true"},
        {"data.world_width=256", "data.kind=folder", "data.world_width is 256"},
        {"data.interpolate=motion", "data.kind=world", "data.interpolate is motion"},
        {"data.maps=here.npz", "data.kind=world", "data.maps is \"here.npz\""},
        {"data.npy_axes=hwt", "data.kind=world", "data.npy_axes is hwt"}};
    for (int i = 0; i < 6; i++) {
        bc_config_defaults(&config);
        ck_ok(bc_config_set(&test_error, cases[i][0], &config));
        ck_ok(bc_config_set(&test_error, cases[i][1], &config));
        check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, cases[i][2], "data.kind is");
    }
    bc_config_defaults(&config);
    ck_ok(bc_config_set(&test_error, "augment.sensor=noise.npz", &config));
    ck_ok(bc_config_check(&test_error, &config));
    ck_ok(bc_config_set(&test_error, "crossdomain.calibrate=true", &config));
    check_refused(bc_config_check(&test_error, &config), BC_E_ARGUMENT, "augment.sensor is \"noise.npz\"",
                  "crossdomain.calibrate is true");
}
END_TEST

START_TEST(test_dmax_follows_the_scene) {
    ck_ok(bc_config_set(&test_error, "model.scene=indoor", &config));
    bc_config_settle(&config);
    ck_assert_float_eq(config.dmax, 10);
    ck_ok(bc_config_set(&test_error, "data.dmax=80", &config)); /* said */
    bc_config_settle(&config);
    ck_assert_float_eq(config.dmax, 80);
}
END_TEST

START_TEST(test_a_method_is_a_bundle_of_settings) {
    char text[400];
    ck_ok(bc_config_set(&test_error, "run.method=code", &config));
    ck_ok(bc_config_set(&test_error, "crossdomain.shared_head=true", &config)); /* said */
    bc_config_settle(&config);
    ck_assert(config.pretrain.double_backbone && !config.filter && config.shared_head);
    ck_assert(config.scp && !config.sca && !config.source_loss);
    ck_assert_int_eq(config.init_from, BC_FROM_BEST);
    bc_config_implied(&config, "crossdomain", sizeof text, text);
    ck_assert_str_eq(text, "run.init_from = best, run.validation = test, model.stem_epsilon = 1e-06, "
                           "model.last_bias = false, crossdomain.double_backbone = true, "
                           "crossdomain.source_loss = false, crossdomain.sca = false");
    bc_config_implied(&config, "crossmodality", sizeof text, text);
    ck_assert_str_eq(text, "run.init_from = best, run.validation = test, model.stem_epsilon = 1e-06, "
                           "model.last_bias = false, crossmodality.double_backbone = true, "
                           "crossmodality.filter = false");
    bc_config_departures(&config, "crossdomain", sizeof text, text);
    ck_assert_ptr_nonnull(strstr(text, "crossdomain.shared_head = true"));
    ck_assert_ptr_null(strstr(text, "sca"));
}
END_TEST

START_TEST(test_ours_is_the_paper_s_and_more) {
    char text[400];
    ck_ok(bc_config_set(&test_error, "run.method=bicross+", &config));
    bc_config_settle(&config);
    ck_assert(config.scp && config.sca && config.source_loss && config.filter && config.calibrate);
    bc_config_implied(&config, "crossdomain", sizeof text, text);
    ck_assert_str_eq(text,
                     "crossdomain.calibrate = true, crossdomain.scp_ramp = 0.5, crossdomain.horizon = 0.1, "
                     "crossdomain.beta = 0.1");
    bc_config_departures(&config, "crossdomain", sizeof text, text);
    ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(test_code_without_pseudo_labels_is_adversarial) {
    ck_ok(bc_config_set(&test_error, "run.method=code", &config));
    ck_ok(bc_config_set(&test_error, "crossdomain.scp=false", &config));
    bc_config_settle(&config);
    ck_assert(config.sca && config.source_loss && !config.shared_head);
}
END_TEST

START_TEST(test_what_the_released_code_has_not) {
    char text[400];
    ck_ok(bc_config_set(&test_error, "augment.flip=true", &config));
    bc_config_departures(&config, "pretrain", sizeof text, text);
    ck_assert_str_eq(text, "");
    ck_ok(bc_config_set(&test_error, "run.method=code", &config));
    ck_ok(bc_config_set(&test_error, "model.preset=hybrid", &config));
    ck_ok(bc_config_set(&test_error, "pretrain.clip_norm=1", &config));
    ck_ok(bc_config_set(&test_error, "supervised.clip_norm=2", &config)); /* another stage's */
    bc_config_settle(&config);
    bc_config_departures(&config, "pretrain", sizeof text, text);
    ck_assert_str_eq(
        text,
        "model.input_height = 64, model.input_width = 128, augment.flip = true, pretrain.clip_norm = 1");
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("config");
    TCase *t = tcase_create("config");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, test_defaults);
    tcase_add_test(t, test_table);
    tcase_add_test(t, test_words_of_choices);
    tcase_add_test(t, test_read);
    tcase_add_test(t, test_refused_files);
    tcase_add_test(t, test_files_of_other_editors);
    tcase_add_test(t, test_set);
    tcase_add_test(t, test_text_round_trips);
    tcase_add_test(t, test_checks);
    tcase_add_test(t, test_written_text_reads_back);
    tcase_add_test(t, test_delivered_files);
    tcase_add_test(t, test_published_domains);
    tcase_add_test(t, test_kinds_of_data_sets);
    tcase_add_test(t, test_demo_files);
    tcase_add_test(t, test_text_reads_back_from_any_file);
    tcase_add_test(t, test_keys_that_contradict_each_other);
    tcase_add_test(t, test_dmax_follows_the_scene);
    tcase_add_test(t, test_a_method_is_a_bundle_of_settings);
    tcase_add_test(t, test_ours_is_the_paper_s_and_more);
    tcase_add_test(t, test_code_without_pseudo_labels_is_adversarial);
    tcase_add_test(t, test_what_the_released_code_has_not);
    suite_add_tcase(s, t);
    return s;
}

int main(void) {
    return test_run(suite());
}
