/* Data sets in the layouts of their publishers and of the released code: small trees of empty and of real files. */
#include "bicross/data/folder.h"
#include "bicross/data/layout.h"
#include "bicross/data/path_pattern.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 16, HEIGHT = 8 };

/* --- trees --- */

static const char *root;

static void make_parent(const char *path) {
    char *folder = strdup(path);
    *strrchr(folder, '/') = 0;
    ck_ok(bc_make_folder(&test_error, folder));
    free(folder);
}

/* A file below the root, of the kind that its ending says. */
static void put(const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, name);
    make_parent(path);
    uint8_t rgb[WIDTH * HEIGHT * 3] = {0};
    float depth[WIDTH * HEIGHT];
    bool picture = !strstr(name, "depth") && !strstr(name, "_gt") && !strstr(name, "groundtruth");
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        depth[i] = 2 + (float)i / 10;
    if (bc_kind_find(&bc_spike_kind, name) && strstr(name, "sp")) {
        bc_spike_stream s;
        ck_ok(bc_spikes_create(&test_error, BC_SPIKE_FRAMES, HEIGHT, WIDTH, &s));
        s.words[0] = UINT32_MAX;
        ck_ok(bc_spikes_write(&test_error, path, NULL, &s));
        bc_spikes_release(&s);
    } else if (picture)
        ck_ok(bc_png_write_rgb(&test_error, path, WIDTH, HEIGHT, rgb));
    else
        ck_ok(bc_depth_write(&test_error, path, 100, WIDTH, HEIGHT, depth));
}

static void put_all(const char *const *names) {
    for (; *names; names++)
        put(*names);
}

static void put_text(const char *name, const char *text) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, name);
    make_parent(path);
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
}

static bc_status open_set(const char *kind, bc_layout_role role, const char *list, bool labels,
                          bc_dataset **out) {
    char text[512];
    bc_place place;
    snprintf(text, sizeof text, "%s:%s", kind, root);
    ck_ok(bc_place_parse(&test_error, text, &place));
    bc_file_set_options options = {.labels = labels, .depth_scale = 100, .spikes = place.layout->spikes};
    return bc_layout_open(test_host(), &place, role, list, &options, out);
}

/* The samples' names, with a blank after each. */
static void expect_samples(const char *kind, bc_layout_role role, const char *names) {
    bc_dataset *set;
    char found[1024] = "";
    ck_ok(open_set(kind, role, "", true, &set));
    for (int i = 0; i < set->count; i++) {
        const bc_sample *sample;
        ck_ok(bc_dataset_get(set, &test_error, i, &sample));
        ck_assert(sample->rgb || !set->has_rgb);
        ck_assert(sample->depth && sample->height == HEIGHT && sample->width == WIDTH);
        ck_assert_float_eq_tol(sample->depth[10], 3, 0.01f);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s ", sample->name);
    }
    ck_assert_str_eq(found, names);
    bc_dataset_release(set);
}

static void expect_refusal(const char *kind, bc_layout_role role, const char *list, const char *first,
                           const char *second) {
    bc_dataset *set;
    bc_status status = open_set(kind, role, list, true, &set);
    ck_assert_int_ne(status, BC_OK);
    ck_assert_ptr_null(set);
    const char *text = bc_host_error(test_host())->text;
    ck_assert_msg(strstr(text, first) && strstr(text, second), "\"%s\" lacks \"%s\" or \"%s\"", text, first,
                  second);
    bc_host_error(test_host())->status = BC_OK;
}

static void fresh_root(const char *name) {
    root = test_path(name);
    static char kept[1024];
    snprintf(kept, sizeof kept, "%s", root);
    root = kept;
    ck_ok(bc_make_folder(&test_error, root));
}

/* --- patterns --- */

START_TEST(patterns) {
    static const struct {
        const char *pattern, *path, *values;
    } cases[] = {
        {"{a}/rgb/rgb_{n}{.picture}", "Scene01/rgb/rgb_00001.jpg", "a=Scene01 n=00001 "},
        {"{a}/rgb/rgb_{n}{.picture}", "Scene01/rgb/rgb_00001.JPEG", "a=Scene01 n=00001 "},
        {"{a}/rgb/rgb_{n}{.picture}", "Scene01/rgb/rgb_00001.npy", NULL},
        {"{a}/rgb/rgb_{n}{.picture}", "x/Scene01/rgb/rgb_00001.jpg", NULL},
        {"{a}/{a}_{n}{.spikes}", "x7/x7_2.dat", "a=x7 n=2 "},
        {"{a}/{a}_{n}{.spikes}", "x7/x8_2.dat", NULL},
        {"r{t}.jpg {d}.png", "r-1.5-x.jpg d-1.6.png", "t=-1.5-x d=d-1.6 "},
        {"{n}{.depth}", ".png", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_path_parts parts = {0};
        char values[256] = "";
        bool matched = bc_path_match(cases[i].pattern, cases[i].path, &parts);
        ck_assert_msg(matched == (cases[i].values != NULL), "%s and %s", cases[i].pattern, cases[i].path);
        for (int k = 0; matched && k < parts.count; k++)
            snprintf(values + strlen(values), sizeof values - strlen(values), "%s=%s ", parts.part[k].name,
                     parts.part[k].value);
        if (matched)
            ck_assert_str_eq(values, cases[i].values);
    }
}
END_TEST

START_TEST(places) {
    static const struct {
        const char *text, *word, *variant, *path;
        bool indoor;
    } good[] = {{"vkitti2:/data/v", "vkitti2", "clone", "/data/v", false},
                {"vkitti2/fog:/data/v", "vkitti2", "fog", "/data/v", false},
                {"weather/rainy:w", "weather", "rainy", "w", false},
                {"respike:r", "respike", "indoor", "r", true},
                {"respike/outdoor:r", "respike", "outdoor", "r", false},
                {"nyu:n", "nyu", "", "n", true},
                {"folder:x:y", NULL, "", "x:y", false},
                {"plain/folder", NULL, "", "plain/folder", false}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bc_place place;
        ck_ok(bc_place_parse(&test_error, good[i].text, &place));
        ck_assert(!place.layout == !good[i].word);
        if (place.layout)
            ck_assert_str_eq(place.layout->word, good[i].word);
        ck_assert_str_eq(place.variant, good[i].variant);
        ck_assert_str_eq(place.path, good[i].path);
        ck_assert(bc_place_is_indoor(&place) == good[i].indoor);
    }
    bc_error err = {0};
    bc_place place;
    test_expect_failure(bc_place_parse(&err, "vkiti2:/data", &place), BC_E_ARGUMENT, &err, "'vkiti2'",
                        "nearest is 'vkitti2'");
    test_expect_failure(bc_place_parse(&err, "weather/snowy:/data", &place), BC_E_ARGUMENT, &err, "'snowy'",
                        "(cloudy foggy rainy sunny)");
    test_expect_failure(bc_place_parse(&err, "kitti/x:/data", &place), BC_E_ARGUMENT, &err, "no variants",
                        "'x'");
    test_expect_failure(bc_place_parse(&err, "kitti:", &place), BC_E_ARGUMENT, &err, "kitti:", "path after");
}
END_TEST

/* --- layouts --- */

START_TEST(virtual_kitti_2) {
    static const char *const published[] = {"Scene01/clone/frames/rgb/Camera_0/rgb_00000.jpg",
                                            "Scene01/clone/frames/spike/Camera_0/spike_00000.npy",
                                            "Scene01/clone/frames/depth/Camera_0/depth_00000.png",
                                            "Scene02/clone/frames/rgb/Camera_0/rgb_00001.png",
                                            "Scene02/clone/frames/spike/Camera_0/spike_00001.dat",
                                            "Scene02/clone/frames/depth/Camera_0/depth_00001.png",
                                            "Scene18/clone/frames/rgb/Camera_0/rgb_00002.jpg",
                                            "Scene18/clone/frames/spike/Camera_0/spike_00002.npy",
                                            "Scene18/clone/frames/depth/Camera_0/depth_00002.png",
                                            "Scene01/fog/frames/rgb/Camera_0/rgb_00003.jpg",
                                            "Scene01/fog/frames/spike/Camera_0/spike_00003.npy",
                                            "Scene01/fog/frames/depth/Camera_0/depth_00003.png",
                                            "Scene01/clone/frames/rgb/Camera_1/rgb_00000.jpg",
                                            "Scene07/clone/frames/rgb/Camera_0/rgb_00000.jpg",
                                            NULL};
    fresh_root("v2");
    put_all(published);
    expect_samples("vkitti2", BC_LAYOUT_TRAIN, "Scene01_00000 Scene02_00001 ");
    expect_samples("vkitti2", BC_LAYOUT_TEST, "Scene18_00002 ");
    expect_samples("vkitti2/fog", BC_LAYOUT_TRAIN, "Scene01_00003 ");
    expect_refusal("vkitti2/rain", BC_LAYOUT_TRAIN, "", "Virtual KITTI 2.0.3",
                   "{scene}/rain/frames/rgb/Camera_0/rgb_{n}{.picture} (as published)");
    expect_refusal("vkitti2/fog", BC_LAYOUT_TEST, "", "scene Scene18", "among its 1 files");
    expect_refusal("vkitti2", BC_LAYOUT_TRAIN, "x.txt", "split without a list", "x.txt");
    static const char *const released[] = {"input/Scene20/rgb/rgb_00010.jpg",
                                           "input/Scene20/spike/npy/spike_00010.npy",
                                           "input/Scene20/depth/depth_00010.png", NULL};
    fresh_root("v2r");
    put_all(released);
    expect_samples("vkitti2", BC_LAYOUT_TRAIN, "Scene20_00010 ");
}
END_TEST

START_TEST(virtual_kitti_1) {
    static const char *const published[] = {
        "vkitti_1.3.1_rgb/0002/clone/00000.png", "vkitti_1.3.1_depthgt/0002/clone/00000.png",
        "vkitti_1.3.1_rgb/0018/clone/00001.png", "vkitti_1.3.1_depthgt/0018/clone/00001.png", NULL};
    fresh_root("v1");
    put_all(published);
    expect_samples("vkitti1", BC_LAYOUT_TRAIN, "0002_00000 ");
    expect_samples("vkitti1", BC_LAYOUT_TEST, "0018_00001 ");
}
END_TEST

#define DRIVE "2011_09_26/2011_09_26_drive_00"

START_TEST(kitti_by_lists) {
    static const char *const files[] = {
        DRIVE "35_sync/image_02/data/0000000007.png",
        DRIVE "35_sync/proj_depth/groundtruth/image_02/0000000007.png",
        DRIVE "39_sync/image_02/data/0000000001.jpg",
        "train/2011_09_26_drive_0039_sync/proj_depth/groundtruth/image_02/0000000001.png",
        DRIVE "39_sync/image_02/data/0000000002.jpg",
        NULL};
    bc_dataset *set;
    fresh_root("kitti");
    put_all(files);
    expect_refusal("kitti", BC_LAYOUT_TRAIN, "", "kitti_eigen_train.txt", "of BTS");
    put_text("eigen_train_files_with_gt.txt",
             DRIVE "35_sync/image_02/data/0000000007.png depth/7.png 721.5\n" DRIVE
                   "39_sync/image_02/data/0000000002.png None 7\n" DRIVE
                   "35_sync/image_02/data/0000000009.png depth/9.png 721.5\n");
    expect_samples("kitti", BC_LAYOUT_TRAIN, "2011_09_26_2011_09_26_drive_0035_sync_0000000007 ");
    ck_ok(open_set("kitti", BC_LAYOUT_TRAIN, "", true, &set));
    ck_assert_str_eq(set->spikes_note, "1 listed files missing, 1 incomplete samples passed over");
    bc_dataset_release(set);
    char own[1100];
    put_text("own.txt", "# frames\n" DRIVE "39_sync 1 l\n" DRIVE "39_sync 1 r\n");
    snprintf(own, sizeof own, "%s/own.txt", root);
    ck_ok(open_set("kitti", BC_LAYOUT_TEST, own, true, &set));
    ck_assert_int_eq(set->count, 1);
    bc_dataset_release(set);
    put_text("empty.txt", "nothing of the kind\n");
    snprintf(own, sizeof own, "%s/empty.txt", root);
    expect_refusal("kitti", BC_LAYOUT_TEST, own, "expected lines like", "none among 1");
    expect_samples("ekitti", BC_LAYOUT_TRAIN, "2011_09_26_2011_09_26_drive_0035_sync_0000000007 ");
    expect_samples("ekitti", BC_LAYOUT_TEST, "2011_09_26_2011_09_26_drive_0039_sync_0000000001 ");
    expect_refusal("ekitti/19", BC_LAYOUT_TEST, "", "expected drive", "found none");
}
END_TEST

START_TEST(driving_stereo) {
    static const char *const files[] = {"train-left-image/2018-07-31-11-07-48/a.png",
                                        "train-depth-map/2018-07-31-11-07-48/a.png",
                                        "train-left-image/2018-07-09-16-11-56/a.png",
                                        "train-depth-map/2018-07-09-16-11-56/a.png",
                                        "test-left-image/left-image-half-size/2018-08-01-11-13-14_b.png",
                                        "test-depth-map/depth-map-half-size/2018-08-01-11-13-14_b.png",
                                        NULL};
    fresh_root("ds");
    put_all(files);
    expect_samples("drivingstereo", BC_LAYOUT_TRAIN, "2018-07-31-11-07-48_a ");
    expect_samples("drivingstereo", BC_LAYOUT_TEST, "2018-08-01-11-13-14_b ");
}
END_TEST

START_TEST(weathers_are_split_by_names) {
    char name[128];
    fresh_root("weather");
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "foggy/left-image-half-size/%d_image.png", i + 5);
        put(name);
        snprintf(name, sizeof name, "foggy/depth-map-half-size/%d_image.png", i + 5);
        put(name);
    }
    bc_dataset *set;
    ck_ok(open_set("weather/foggy", BC_LAYOUT_TRAIN, "", true, &set));
    ck_assert_int_eq(set->count, 8);
    bc_dataset_release(set);
}
END_TEST

START_TEST(nyu_forms) {
    static const char *const bts[] = {"sync/kitchen_0001/rgb_00001.png",
                                      "sync/kitchen_0001/sync_depth_00001.png",
                                      "sync/kitchen_0001/rgb_00002.png",
                                      "sync/kitchen_0001/sync_depth_00002.png",
                                      "official_splits/test/bath/rgb_00003.png",
                                      "official_splits/test/bath/sync_depth_00003.png",
                                      NULL};
    fresh_root("nyu");
    put_all(bts);
    expect_samples("nyu", BC_LAYOUT_TRAIN, "kitchen_0001_00001 kitchen_0001_00002 ");
    put_text("nyudepthv2_train_files_with_gt.txt",
             "/kitchen_0001/rgb_00002.jpg /kitchen_0001/sync_depth_00002.png 518.8579\n");
    expect_samples("nyu", BC_LAYOUT_TRAIN, "kitchen_0001_00002 ");
    expect_samples("nyu", BC_LAYOUT_TEST, "bath_00003 ");
    static const char *const released[] = {"input/a/b/rgb/r-1.5-7.png", "input/a/b/spike/s-1.5-7.npy",
                                           "input/a/b/depth/d-1.6-8.png", NULL};
    fresh_root("nyu_released");
    put_all(released);
    put_text("train.txt", "a/b/r-1.5-7.jpg a/b/d-1.6-8.png\n");
    expect_samples("nyu", BC_LAYOUT_TRAIN, "a_b_-1.5-7_d-1.6-8 ");
}
END_TEST

/* Arrays of Respike were unpacked highest bit first and bottom row first: the first pixel's spikes are in the last row, eighth column. */
START_TEST(respike_is_turned) {
    static const char *const files[] = {"indoor/reconstruction/train/s1/left/0001.png",
                                        "indoor/depth_trans/train/s1/0001.pfm", NULL};
    char path[1100];
    uint8_t values[BC_SPIKE_FRAMES * HEIGHT * WIDTH] = {0};
    fresh_root("respike");
    put_all(files);
    for (int t = 0; t < BC_SPIKE_FRAMES; t++) {
        values[(t * HEIGHT + HEIGHT - 1) * WIDTH + 7] = 1;             /* row 0, column 0 */
        values[(t * HEIGHT + HEIGHT - 3) * WIDTH + 8 + 7 - 2] = t % 2; /* row 2, column 10 */
    }
    snprintf(path, sizeof path, "%s/indoor/spike/train/s1/left/0001.npy", root);
    make_parent(path);
    ck_ok(bc_npy_write(&test_error, path, "|u1", 3, (long[]){BC_SPIKE_FRAMES, HEIGHT, WIDTH}, values));
    bc_dataset *set;
    const bc_sample *s;
    ck_ok(open_set("respike", BC_LAYOUT_TRAIN, "", true, &set));
    ck_ok(bc_dataset_get(set, &test_error, 0, &s));
    ck_assert_str_eq(s->name, "s1_0001");
    for (int i = 0; i < HEIGHT * WIDTH; i++)
        ck_assert_uint_eq(s->spikes[4 * i], i == 0 ? UINT32_MAX : i == 2 * WIDTH + 10 ? 0xaaaaaaaau : 0);
    bc_dataset_release(set);
}
END_TEST

START_TEST(stereo_spikes_are_split_by_folders) {
    char name[128];
    fresh_root("pku");
    for (int folder = 0; folder < 5; folder++)
        for (int i = 0; i < 2; i++) {
            snprintf(name, sizeof name, "indoor/left/000%d/sp%d/sp%d.dat", folder, i, i);
            put(name);
            snprintf(name, sizeof name, "indoor/left/000%d/sp%d/sp%d_gt.png", folder, i, i);
            put(name);
        }
    expect_samples("spikecv", BC_LAYOUT_TEST, "0004_sp0 0004_sp1 ");
    bc_dataset *set;
    ck_ok(open_set("spikecv", BC_LAYOUT_TRAIN, "", false, &set));
    ck_assert(set->count == 8 && !set->has_depth && set->has_spikes);
    bc_dataset_release(set);
}
END_TEST

/* The size of raw files is in config.yaml. */
START_TEST(spikecv_trees) {
    bc_dataset *set;
    fresh_root("spikecv");
    put("cars/sp1.dat");
    put("cars/sp1_gt.png");
    char description[1100];
    snprintf(description, sizeof description, "%s/cars/sp1.dat.ini", root);
    ck_assert_int_eq(remove(description), 0);
    put_text("config.yaml",
             "filename: cars # of these\nspike_w: 16\nspike_h : 8  # rows\nis_labeled: true\n");
    expect_samples("spikecv", BC_LAYOUT_TRAIN, "cars_sp1 ");
    put_text("config.yaml", "spike_w: 16\nspike_h: eight\n");
    expect_refusal("spikecv", BC_LAYOUT_TRAIN, "", "config.yaml: expected spike_h of 1 to", "\"eight\"");
    put_text("config.yaml", "name: cars\n");
    ck_assert_int_ne(open_set("spikecv", BC_LAYOUT_TRAIN, "", true, &set), BC_OK); /* not 400 x 250 */
    bc_host_error(test_host())->status = BC_OK;
}
END_TEST

/* Files of a time may have different numbers; the first of a sequence has no frame. */
START_TEST(dense_by_times) {
    char name[128];
    fresh_root("dense");
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "train/Town01/spike/r128/spike_%010d.npy", i);
        put(name);
        snprintf(name, sizeof name, "train/Town01/depth/data/depth_%010d.npy", i + 1);
        put(name);
    }
    expect_samples("dense", BC_LAYOUT_TRAIN, "Town01_0000000001 Town01_0000000002 Town01_0000000003 ");
    put_text("train/Town01/spike/r128/timestamps.txt", "0 0.1\n1 0.2\n2 0.3\n3 0.4\n");
    expect_samples("dense", BC_LAYOUT_TRAIN, "Town01_0000000001 Town01_0000000002 Town01_0000000003 ");
    put_text("train/Town01/depth/data/timestamps.txt", "0 0.05\n1 0.1\n2 0.200001\n3 0.35\n4 0.4\n");
    expect_samples("dense", BC_LAYOUT_TRAIN, "Town01_0000000001 Town01_0000000003 ");
    bc_dataset *set;
    ck_ok(open_set("dense", BC_LAYOUT_TRAIN, "", true, &set));
    ck_assert_str_eq(set->spikes_note, "2 incomplete samples passed over");
    bc_dataset_release(set);
    ck_ok(open_set("dense", BC_LAYOUT_TRAIN, "", false, &set)); /* of spikes alone, none is missing */
    ck_assert_int_eq(set->count, 4);
    bc_dataset_release(set);
    put_text("train/Town01/depth/data/timestamps.txt", "0 0.05\n1 soon\n");
    expect_refusal("dense", BC_LAYOUT_TRAIN, "",
                   "depth/data/timestamps.txt, line 2: expected a number and seconds", "soon");
    put_text("train/Town01/depth/data/timestamps.txt", "0 0.2\n1 0.2\n");
    expect_refusal("dense", BC_LAYOUT_TRAIN, "", "line 2: expected a time after 0.2", "found 0.2");
    put_text("train/Town01/spike/r128/timestamps.txt", "0 0.1\n1 0.2\n");
    put_text("train/Town01/depth/data/timestamps.txt", "0 0.1\n1 0.2\n");
    expect_refusal("dense", BC_LAYOUT_TRAIN, "", "expected a time for the file of number 0000000002",
                   "found 2 lines");
}
END_TEST

START_TEST(samples_that_lack_a_file) {
    static const char *const files[] = {"input/Scene01/rgb/rgb_1.jpg",     "input/Scene01/depth/depth_1.png",
                                        "input/Scene01/rgb/rgb_2.jpg",     "input/Scene01/rgb/rgb_3.jpg",
                                        "input/Scene01/depth/depth_3.png", NULL};
    bc_dataset *set;
    fresh_root("lack");
    put_all(files);
    expect_samples("vkitti2", BC_LAYOUT_TRAIN, "Scene01_1 Scene01_3 ");
    ck_ok(open_set("vkitti2", BC_LAYOUT_TRAIN, "", true, &set));
    ck_assert_str_eq(set->spikes_note, "1 incomplete samples passed over");
    bc_dataset_release(set);
    ck_ok(open_set("vkitti2", BC_LAYOUT_TRAIN, "", false, &set)); /* labels are not looked at */
    ck_assert_int_eq(set->count, 3);
    bc_dataset_release(set);
    fresh_root("unlabelled");
    put("input/Scene01/rgb/rgb_1.jpg");
    expect_refusal("vkitti2", BC_LAYOUT_TRAIN, "", "expected depth", "input/Scene01/depth/depth_1{.depth}");
}
END_TEST

/* One's own folders may be nested, and names say their kind. */
START_TEST(own_tree) {
    static const char *const files[] = {"rgb/a/rgb/rgb_01.jpg",
                                        "rgb/a/rgb/rgb_02.png",
                                        "depth/a/depth/depth_01.png",
                                        "depth/a/depth/depth_02.png",
                                        "spikes/a/spike_01.npy",
                                        "spikes/a/spike_02.dat",
                                        NULL};
    bc_dataset *set;
    const bc_sample *sample;
    bc_file_set_options options = {.labels = true, .depth_scale = 100};
    fresh_root("own");
    put_all(files);
    ck_ok(bc_folder_open(test_host(), root, &options, &set));
    ck_assert_int_eq(set->count, 2);
    ck_ok(bc_dataset_get(set, &test_error, 1, &sample));
    ck_assert_str_eq(sample->name, "a_02");
    ck_assert(sample->rgb && sample->depth && sample->spikes);
    bc_dataset_release(set);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("layout");
    TCase *layouts = tcase_create("layouts");
    tcase_add_test(layouts, patterns);
    tcase_add_test(layouts, places);
    tcase_add_test(layouts, virtual_kitti_1);
    tcase_add_test(layouts, virtual_kitti_2);
    tcase_add_test(layouts, kitti_by_lists);
    tcase_add_test(layouts, driving_stereo);
    tcase_add_test(layouts, weathers_are_split_by_names);
    tcase_add_test(layouts, nyu_forms);
    tcase_add_test(layouts, respike_is_turned);
    tcase_add_test(layouts, stereo_spikes_are_split_by_folders);
    tcase_add_test(layouts, spikecv_trees);
    tcase_add_test(layouts, dense_by_times);
    tcase_add_test(layouts, samples_that_lack_a_file);
    tcase_add_test(layouts, own_tree);
    suite_add_tcase(s, layouts);
    return s;
}

int main(void) {
    return test_run(suite());
}
