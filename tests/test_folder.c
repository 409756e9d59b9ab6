/* Data sets from folders: matching files, simulated spikes, and every way in which a folder can be wrong. */
#include "bicross/data/folder.h"
#include "bicross/data/sequence.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npy.h"
#include "bicross/formats/npz.h"
#include "host/base/path.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

enum { H = 6, W = 10 };

static char root[256]; /* a folder of the test's own */

static bc_file_set_options plain(void) {
    return (bc_file_set_options){
        .labels = true, .depth_scale = 256, .filming = bc_filming_plain(), .seed = 3};
}

static void new_root(const char *name) {
    snprintf(root, sizeof root, "%s/%s", test_folder(), name);
    ck_ok(bc_make_folder(&test_error, root));
}

static const char *file(char path[400], const char *kind, const char *name) {
    snprintf(path, 400, "%s/%s", root, kind);
    ck_ok(bc_make_folder(&test_error, path));
    snprintf(path, 400, "%s/%s/%s", root, kind, name);
    return path;
}

static void put_rgb(const char *kind, const char *name, int width, int height, int level) {
    char path[400];
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    ck_assert_ptr_nonnull(rgb);
    memset(rgb, level, (size_t)width * (size_t)height * 3);
    ck_ok(bc_png_write_rgb(&test_error, file(path, kind, name), width, height, rgb));
    free(rgb);
}

static void put_depth(const char *name, int width, int height, float metres) {
    char path[400];
    float *depth = malloc((size_t)width * (size_t)height * sizeof *depth);
    ck_assert_ptr_nonnull(depth);
    for (int i = 0; i < width * height; i++)
        depth[i] = metres;
    ck_ok(bc_depth_write(&test_error, file(path, "depth", name), 256, width, height, depth));
    free(depth);
}

/* Frame t fires everywhere when t is a multiple of `period`. */
static void put_spikes(const char *name, int frames, int width, int height, int period) {
    char path[400];
    bc_spike_format format = {.width = width, .height = height};
    bc_spike_stream s;
    ck_ok(bc_spikes_create(&test_error, frames, height, width, &s));
    for (int p = 0; p < width * height; p++)
        for (int t = 0; t < frames; t += period)
            s.words[p * s.words_per_pixel + t / 32] |= 1u << (t % 32);
    ck_ok(bc_spikes_write(&test_error, file(path, "spikes", name), &format, &s));
    bc_spikes_release(&s);
}

static void put_bytes(const char *kind, const char *name) {
    char path[400];
    ck_ok(bc_file_write(&test_error, file(path, kind, name), "text", 4));
}

/* Opening fails and the message holds the words. */
static void expect_refusal(const bc_file_set_options *options, bc_status wanted, const char *first,
                           const char *second) {
    bc_dataset *dataset;
    bc_status status = bc_folder_open(test_host(), root, options, &dataset);
    ck_assert_ptr_null(dataset);
    ck_assert_msg(status == wanted, "status %d, expected %d: %s", status, wanted, test_error.text);
    ck_assert_msg(strstr(test_error.text, first) && strstr(test_error.text, second),
                  "\"%s\" lacks \"%s\" or \"%s\"", test_error.text, first, second);
    bc_error_clear(&test_error);
}

START_TEST(all_three) {
    new_root("three");
    put_rgb("rgb", "b.png", W, H, 20);
    put_rgb("rgb", "a.png", W, H, 10);
    put_rgb("rgb", "a.b.png", W, H, 15);
    put_bytes("rgb", "notes.txt");
    put_bytes("rgb", ".hidden.png");
    put_spikes("a.npy", 130, W, H, 2);
    put_spikes("b.dat", 128, W, H, 4);
    put_spikes("a.b.dat", 128, W, H, 8);
    put_depth("a.png", W, H, 1);
    put_depth("a.b.pfm", W, H, 1.5f);
    put_depth("b.npy", W, H, 2);
    bc_file_set_options options = plain();
    options.spikes = (bc_spike_format){.width = W, .height = H};
    bc_dataset *d;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert_int_eq(d->count, 3);
    ck_assert(d->has_rgb && d->has_depth && d->has_spikes);
    ck_assert_int_eq(d->height, H);
    ck_assert_int_eq(d->width, W);
    static const char *const names[] = {"a", "a.b", "b"};
    for (int i = 0; i < 3; i++) {
        const bc_sample *s, *again;
        ck_ok(bc_dataset_get(d, &test_error, i, &s));
        ck_assert_str_eq(s->name, names[i]);
        ck_assert_int_eq(s->rgb[W * H * 3 - 1], 10 + 5 * i);
        ck_assert_float_eq(s->depth[W * H - 1], 1 + 0.5f * (float)i);
        static const uint32_t words[] = {0x55555555, 0x01010101, 0x11111111};
        for (int k = 0; k < W * H * 4; k++)
            ck_assert_uint_eq(s->spikes[k], words[i]);
        ck_ok(bc_dataset_get(d, &test_error, i, &again));
        ck_assert_ptr_eq(s, again);
    }
    const bc_sample *s;
    ck_assert_int_eq(bc_dataset_get(d, &test_error, 3, &s), BC_E_ARGUMENT);
    ck_assert(strstr(test_error.text, "0 to 2") && strstr(test_error.text, "found 3"));
    bc_error_clear(&test_error);
    bc_dataset_release(d);
}
END_TEST

START_TEST(parts) {
    new_root("parts");
    char name[16];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        put_rgb("image_02", name, W, H, i);
    }
    bc_file_set_options options = plain();
    options.first = 1;
    options.limit = 3;
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert_int_eq(d->count, 3);
    ck_assert(d->has_rgb && !d->has_depth && !d->has_spikes);
    ck_ok(bc_dataset_get(d, &test_error, 2, &s));
    ck_assert_str_eq(s->name, "3");
    ck_assert(s->rgb && !s->depth && !s->spikes);
    bc_dataset_release(d);
    options.limit = 100; /* as many as there are */
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert_int_eq(d->count, 4);
    bc_dataset_release(d);
    options.first = 5;
    expect_refusal(&options, BC_E_ARGUMENT, "the 5 there are", "first 5");
    options = plain();
    options.limit = -1;
    expect_refusal(&options, BC_E_ARGUMENT, "the 5 there are", "limit -1");
    options = plain();
    options.crop_height = H + 1;
    options.crop_width = W;
    expect_refusal(&options, BC_E_FORMAT, "sample 0", "10 x 7");
}
END_TEST

START_TEST(wrong_folders) {
    bc_file_set_options options = plain();
    snprintf(root, sizeof root, "%s/nowhere", test_folder());
    expect_refusal(&options, BC_E_FILE, root, "No such file");
    new_root("bare");
    expect_refusal(&options, BC_E_FORMAT, root, "rgb/");
    put_bytes("rgb", "photo.gif");
    expect_refusal(&options, BC_E_FORMAT, "bare/rgb: expected files ending in .png", "none among 1 files");
    new_root("file");
    char path[400];
    snprintf(path, sizeof path, "%s/rgb", root);
    ck_ok(bc_file_write(&test_error, path, "x", 1));
    expect_refusal(&options, BC_E_FILE, path, "Not a directory");
    new_root("twins");
    put_spikes("a.npy", 128, W, H, 2);
    put_bytes("spikes", "a.dat");
    expect_refusal(&options, BC_E_FORMAT, "one file of each stem", "a.npy");
}
END_TEST

START_TEST(missing_stems) {
    bc_file_set_options options = plain();
    new_root("missing");
    put_rgb("rgb", "a.png", W, H, 0);
    put_rgb("rgb", "b.png", W, H, 0);
    put_spikes("a.npy", 128, W, H, 2);
    expect_refusal(&options, BC_E_FORMAT, "missing/spikes: expected a file with the stem b", "rgb/b.png");
    put_spikes("b.npy", 128, W, H, 2);
    put_spikes("c.npy", 128, W, H, 2);
    expect_refusal(&options, BC_E_FORMAT, "missing/rgb: expected a file with the stem c", "spikes/c.npy");
    put_rgb("rgb", "c.png", W, H, 0);
    put_depth("aa.png", W, H, 1);
    expect_refusal(&options, BC_E_FORMAT, "missing/depth: expected a file with the stem a,", "rgb/a.png");
}
END_TEST

/* Where labels must not be used, depth files may be missing, of another size or no images at all. */
START_TEST(labels_are_left_alone) {
    bc_file_set_options options = plain();
    new_root("unlabelled");
    put_rgb("rgb", "a.png", W, H, 1);
    put_rgb("rgb", "b.png", W, H, 2);
    put_bytes("depth", "a.png");
    expect_refusal(&options, BC_E_FORMAT, "unlabelled/depth: expected a file with the stem b", "rgb/b.png");
    put_depth("b.png", W, H + 1, 1);
    expect_refusal(&options, BC_E_FORMAT, "depth/a.png", "");
    options.labels = false;
    bc_dataset *d;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert(d->has_rgb && !d->has_depth);
    for (int i = 0; i < 2; i++) {
        const bc_sample *s;
        ck_ok(bc_dataset_get(d, &test_error, i, &s));
        ck_assert_int_eq(s->rgb[0], 1 + i);
        ck_assert_ptr_null(s->depth);
    }
    bc_dataset_release(d);
}
END_TEST

START_TEST(sizes_that_disagree) {
    bc_file_set_options options = plain();
    new_root("sizes");
    put_rgb("rgb", "a.png", W, H, 0);
    put_spikes("a.npy", 128, W + 1, H, 2);
    expect_refusal(&options, BC_E_FORMAT, "spikes/a.npy: expected 10 x 6", "found 11 x 6");
    put_spikes("a.npy", 128, W, H, 2);
    put_depth("a.png", W, H - 1, 1);
    expect_refusal(&options, BC_E_FORMAT, "depth/a.png: expected 10 x 6", "found 10 x 5");
    put_depth("a.png", W, H, 1);
    put_spikes("a.npy", 127, W, H, 2);
    expect_refusal(&options, BC_E_FORMAT, "spikes/a.npy: expected at least 128 spike frames", "found 127");
}
END_TEST

/* A bad file in the middle is found when its sample is wanted; the others stay usable, and so does the data
 * set. */
START_TEST(bad_file_later) {
    bc_file_set_options options = plain();
    new_root("later");
    put_rgb("rgb", "a.png", W, H, 0);
    put_bytes("rgb", "b.png");
    put_rgb("rgb", "c.png", W, H, 9);
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    for (int twice = 0; twice < 2; twice++) {
        ck_assert_int_eq(bc_dataset_get(d, &test_error, 1, &s), BC_E_FORMAT);
        ck_assert_ptr_null(s);
        ck_assert(strstr(test_error.text, "rgb/b.png"));
        bc_error_clear(&test_error);
    }
    put_rgb("rgb", "b.png", W, H, 4);
    ck_ok(bc_dataset_get(d, &test_error, 1, &s));
    ck_assert_int_eq(s->rgb[0], 4);
    ck_ok(bc_dataset_get(d, &test_error, 2, &s));
    ck_assert_int_eq(s->rgb[0], 9);
    bc_dataset_release(d);
}
END_TEST

static int count_spikes(const bc_sample *s, int pixel, int first, int end) {
    int sum = 0;
    for (int t = first; t < end; t++)
        sum += (int)(s->spikes[4 * pixel + t / 32] >> (t % 32) & 1);
    return sum;
}

/* The ideal sensor fires at the rate of the light: over the window of the middle frame it goes from halfway
 * to the frame before, over the frame itself, to halfway to the frame after. */
START_TEST(simulated) {
    static const int levels[3] = {51, 102, 204}; /* 0.2, 0.4, 0.8 */
    bc_file_set_options options = plain();
    options.simulate = true;
    new_root("simulated");
    put_rgb("rgb", "0.png", W, H, levels[0]);
    put_rgb("rgb", "1.png", W, H, levels[1]);
    put_rgb("rgb", "2.png", W, H, levels[2]);
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert(d->has_spikes);
    ck_ok(bc_dataset_get(d, &test_error, 1, &s));
    for (int p = 0; p < W * H; p++) {
        ck_assert_int_ge(count_spikes(s, p, 0, 64), 21); /* mean light 0.35: 22.4 spikes, one more or less */
        ck_assert_int_le(count_spikes(s, p, 0, 64), 24);
        ck_assert_int_ge(count_spikes(s, p, 64, 128), 31); /* 0.5: 32 */
        ck_assert_int_le(count_spikes(s, p, 64, 128), 33);
    }
    ck_ok(bc_dataset_get(d, &test_error, 0, &s)); /* the first frame stands for the one before it */
    for (int p = 0; p < W * H; p++) {
        ck_assert_int_ge(count_spikes(s, p, 0, 64), 12); /* 0.2: 12.8 */
        ck_assert_int_le(count_spikes(s, p, 0, 64), 14);
    }
    /* The same noise when only a part of the folder is taken. */
    bc_dataset *part;
    const bc_sample *same;
    options.first = 1;
    ck_ok(bc_dataset_get(d, &test_error, 2, &s));
    ck_ok(bc_folder_open(test_host(), root, &options, &part));
    ck_ok(bc_dataset_get(part, &test_error, 1, &same));
    ck_assert_mem_eq(s->spikes, same->spikes, W * H * 16);
    bc_dataset_release(part);
    bc_dataset_release(d);
}
END_TEST

static void expect_description(bc_dataset *d, const char *wanted) {
    char text[BC_DATASET_TEXT];
    ck_ok(bc_dataset_describe(d, &test_error, text));
    ck_assert_str_eq(text, wanted);
}

START_TEST(in_words) {
    bc_file_set_options options = plain();
    bc_dataset *d;
    new_root("words");
    put_rgb("rgb", "a_1.png", W, H, 51);
    put_rgb("rgb", "a_2.png", W, H, 51);
    put_depth("a_1.png", W, H, 3);
    put_depth("a_2.png", W, H, 0);
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    expect_description(d, "2 samples of 10 x 6 (width x height), rgb, depth (100 % labelled)");
    bc_dataset_release(d);
    options.first = 1;
    put_spikes("a_1.npy", 128, W, H, 4);
    put_spikes("a_2.npy", 128, W, H, 2);
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    expect_description(
        d, "1 sample of 10 x 6 (width x height), rgb, spikes (rate 0.5000), depth (0 % labelled)");
    bc_dataset_release(d);
    new_root("words_simulated");
    put_rgb("rgb", "a_1.png", W, H, 0);
    put_rgb("rgb", "a_2.png", W, H, 0);
    put_rgb("rgb", "a_7.png", W, H, 0);
    put_rgb("rgb", "b_7.png", W, H, 0);
    options = plain();
    options.simulate = true;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    expect_description(d, "4 samples of 10 x 6 (width x height), rgb, spikes (rate 0.0000, simulated from 2 "
                          "sequences with 1 gap)");
    bc_dataset_release(d);
    new_root("words_assumed");
    put_spikes("1.dat", 128, 400, 250, 2);
    char path[400];
    ck_assert_int_eq(remove(file(path, "spikes", "1.dat.ini")), 0);
    options = plain();
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    expect_description(d, "1 sample of 400 x 250 (width x height), spikes (rate 0.5000, size assumed: "
                          "data.dat_width and dat_height say it)");
    bc_dataset_release(d);
}
END_TEST

/* One format for both kinds of file: the size is for raw files alone, the axes for arrays alone. */
START_TEST(spike_formats) {
    new_root("formats");
    put_spikes("1.npy", 128, W, H, 2);
    put_spikes("2.dat", 128, W, H, 4);
    char path[400];
    ck_assert_int_eq(remove(file(path, "spikes", "2.dat.ini")), 0);
    bc_file_set_options options = plain();
    options.spikes = (bc_spike_format){.width = W, .height = H, .axes = "thw"};
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_ok(bc_dataset_get(d, &test_error, 1, &s));
    ck_assert_uint_eq(s->spikes[0], 0x11111111);
    bc_dataset_release(d);
    new_root("turned"); /* an array that is asked about, and the answer */
    uint8_t *values = calloc(40 * 60 * 128, 1);
    ck_assert_ptr_nonnull(values);
    values[(39 * 60 + 59) * 128 + 127] = 1;
    ck_ok(bc_npy_write(&test_error, file(path, "spikes", "1.npy"), "|u1", 3, (long[]){40, 60, 128}, values));
    free(values);
    options = plain();
    expect_refusal(&options, BC_E_ARGUMENT, "(height, width, frames)", "data.npy_axes");
    options.spikes = (bc_spike_format){.axes = "hwt"};
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert(d->height == 40 && d->width == 60);
    ck_ok(bc_dataset_get(d, &test_error, 0, &s));
    ck_assert_uint_eq(s->spikes[4 * 40 * 60 - 1], 1u << 31);
    bc_dataset_release(d);
}
END_TEST

static int order(const char *a, const char *b) {
    int found = bc_path_order(a, strlen(a), b, strlen(b));
    return (found > 0) - (found < 0);
}

/* Each text comes before all that follow, and only a text equals itself. */
START_TEST(order_of_names) {
    static const char *const sorted[] = {"",
                                         "-1",
                                         "0",
                                         "00",
                                         "01",
                                         "1",
                                         "1-2",
                                         "1-10",
                                         "2",
                                         "010",
                                         "10",
                                         "11",
                                         "99999999999999999999999999999",
                                         "100000000000000000000000000000",
                                         "a",
                                         "a0",
                                         "a01b2",
                                         "a1b2",
                                         "a1b03",
                                         "a1b10",
                                         "a9",
                                         "a10",
                                         "a10.b",
                                         "ab",
                                         "\xc3\xa4"};
    int count = (int)(sizeof sorted / sizeof *sorted);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            ck_assert_msg(order(sorted[i], sorted[j]) == (i > j) - (i < j), "'%s' and '%s'", sorted[i],
                          sorted[j]);
    ck_assert_int_eq(bc_path_order("12x", 1, "12y", 1), 0); /* not a character past the length */
    ck_assert_int_lt(bc_path_order("12x", 1, "12y", 2), 0);
}
END_TEST

/* Files of all three kinds meet although their order as text is another one. */
START_TEST(order_of_files) {
    static const char *const names[] = {"f1", "f2", "f9", "f10", "f11", "f100"};
    new_root("numbers");
    for (int i = 5; i >= 0; i--) {
        char name[16];
        snprintf(name, sizeof name, "%s.png", names[i]);
        put_rgb("rgb", name, W, H, 10 * i);
        put_depth(name, W, H, 1 + (float)i);
        snprintf(name, sizeof name, "%s.npy", names[i]);
        put_spikes(name, 128, W, H, 1 << i);
    }
    bc_file_set_options options = plain();
    bc_dataset *d;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert_int_eq(d->count, 6);
    for (int i = 0; i < 6; i++) {
        const bc_sample *s;
        ck_ok(bc_dataset_get(d, &test_error, i, &s));
        ck_assert_str_eq(s->name, names[i]);
        ck_assert_int_eq(s->rgb[0], 10 * i);
        ck_assert_float_eq(s->depth[0], 1 + (float)i);
        ck_assert_int_eq(count_spikes(s, 0, 0, 128), 128 >> i);
    }
    bc_dataset_release(d);
}
END_TEST

/* A list as bc_folder_list_read makes it. */
static void list_stems(const char *const *stems, int count, bc_folder_file files[16], bc_folder_list *list) {
    for (int i = 0; i < count; i++)
        files[i] = (bc_folder_file){.stem = stems[i], .stem_length = strlen(stems[i])};
    *list = (bc_folder_list){.folder = "list", .files = files, .count = count};
}

START_TEST(sequences) {
    static const char *const stems[] = {"a1_l",  "a1_r", "a2_l",  "a2_r",  "a4_l", "a5_l",
                                        "a08_l", "b7",   "b0010", "b0013", "c",    "c1000000000000000000001",
                                        "d"};
    /* a*_l go by 1, a*_r by 1, b by 3; the last two have nothing beside them */
    static const int before[] = {0, 1, 0, 1, 4, 4, 6, 7, 7, 8, 10, 11, 12};
    static const int after[] = {2, 3, 2, 3, 5, 5, 6, 8, 9, 9, 10, 11, 12};
    static const int sequence[] = {0, 1, 0, 1, 0, 0, 0, 7, 7, 7, 10, 11, 12};
    bc_folder_file files[16];
    bc_folder_list list;
    bc_frame *frames;
    list_stems(stems, 13, files, &list);
    ck_ok(bc_sequence_find(&test_error, &list, &frames));
    for (int i = 0; i < 13; i++)
        ck_assert_msg(frames[i].before == before[i] && frames[i].after == after[i] &&
                          frames[i].sequence == sequence[i],
                      "%s: before %d, after %d, of %d", stems[i], frames[i].before, frames[i].after,
                      frames[i].sequence);
    ck_assert(frames[6].number == 8 && frames[6].step == 1 && frames[9].number == 13 && frames[9].step == 3);
    ck_assert(frames[11].number == 1 && frames[11].step == 0); /* the last 18 digits alone */
    free(frames);
}
END_TEST

/* The light of a frame of another sequence, or beyond a gap, is not mixed in. */
START_TEST(simulated_within_sequences) {
    static const struct {
        const char *name;
        int level, first, second; /* spikes in both halves of the window */
    } frames[] = {
        {"a_1.png", 51, 13, 19},  /* 0.2, then from there halfway to 0.6: 0.3 on average */
        {"a_2.png", 153, 32, 38}, /* 0.5, and 0.6 where 3 is missing */
        {"a_4.png", 255, 64, 64}, /* neither 2 nor b_5 */
        {"b_5.png", 51, 13, 26},  {"b_10.png", 255, 51, 64}, /* 5 is the step, */
        {"b_20.png", 51, 13, 13},                            /* so that 15 is missing */
    };
    new_root("sequences");
    for (int i = 0; i < 6; i++)
        put_rgb("rgb", frames[i].name, W, H, frames[i].level);
    bc_file_set_options options = plain();
    options.simulate = true;
    bc_dataset *d;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    for (int i = 0; i < 6; i++) {
        const bc_sample *s;
        ck_ok(bc_dataset_get(d, &test_error, i, &s));
        for (int half = 0; half < 2; half++) {
            int found = count_spikes(s, 0, 64 * half, 64 + 64 * half);
            int wanted = half ? frames[i].second : frames[i].first;
            ck_assert_msg(abs(found - wanted) <= 1, "%s, half %d: %d spikes, expected %d", frames[i].name,
                          half, found, wanted);
        }
    }
    bc_dataset_release(d);
}
END_TEST

/* Half the light, pixels of which every second one is blind, and what moves: pictures that stand still have no motion. */
START_TEST(simulated_as_said) {
    static float response[W * H];
    char maps[400];
    for (int p = 0; p < W * H; p++)
        response[p] = (float)(p % 2);
    new_root("said");
    for (int i = 0; i < 3; i++)
        put_rgb("rgb", (const char *[]){"0.png", "1.png", "2.png"}[i], W, H, 204); /* 0.8 */
    bc_npz_member member = {"response", {"<f4", 2, (const long[]){H, W}, response}};
    ck_ok(bc_npz_write(&test_error, file(maps, "rgb", "maps.npz"), &member, 1));
    bc_file_set_options options = plain();
    options.simulate = true;
    options.maps = maps;
    options.filming.interpolation = BC_INTERPOLATE_MOTION;
    options.filming.simulator.gain = 0.5f;
    options.filming.sub_frames = 3;
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    for (int i = 0; i < 3; i++) {
        ck_ok(bc_dataset_get(d, &test_error, i, &s));
        for (int p = 0; p < W * H; p++) {
            int found = count_spikes(s, p, 0, 128), wanted = p % 2 ? 51 : 0;
            ck_assert_msg(abs(found - wanted) <= 1, "pixel %d: %d spikes, expected %d", p, found, wanted);
        }
    }
    bc_dataset_release(d);
    options.maps = "nowhere.npz";
    expect_refusal(&options, BC_E_FILE, "nowhere.npz", "");
    options.simulate = false; /* then nothing is read */
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    bc_dataset_release(d);
}
END_TEST

START_TEST(simulation_errors) {
    bc_file_set_options options = plain();
    options.simulate = true;
    new_root("unlike");
    put_rgb("rgb", "0.png", W, H, 0);
    put_rgb("rgb", "1.png", W, H + 2, 0);
    expect_refusal(&options, BC_E_FORMAT, "rgb/1.png: expected 10 x 6", "found 10 x 8");
    bc_dataset *d;
    new_root("hostless");
    put_rgb("rgb", "0.png", W, H, 0);
    ck_assert_int_eq(bc_folder_open(NULL, root, &options, &d), BC_E_ARGUMENT);
    ck_assert_ptr_null(d);
}
END_TEST

START_TEST(crops) {
    bc_crop crop;
    bc_error err = {0};
    ck_ok(bc_crop_bottom_centre(&test_error, 375, 1242, 352, 1216, &crop));
    ck_assert(crop.top == 23 && crop.left == 13 && crop.height == 352 && crop.width == 1216);
    ck_ok(bc_crop_bottom_centre(&test_error, 400, 881, 384, 864, &crop));
    ck_assert(crop.top == 16 && crop.left == 8);
    ck_ok(bc_crop_bottom_centre(&test_error, 7, 5, 0, 0, &crop));
    ck_assert(crop.top == 0 && crop.left == 0 && crop.height == 7 && crop.width == 5);
    static const int bad[][2] = {{8, 5}, {7, 6}, {0, 5}, {7, 0}, {-1, -1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(bc_crop_bottom_centre(&err, 7, 5, bad[i][0], bad[i][1], &crop), BC_E_ARGUMENT);
        ck_assert(strstr(err.text, "5 x 7"));
        bc_error_clear(&err);
    }
}
END_TEST

/* A stream that was not written here, known by its description alone. */
START_TEST(kept_stream) {
    static const char *const names[] = {"car_crop.dat", "car_crop.dat.ini"};
    new_root("kept");
    for (int i = 0; i < 2; i++) {
        char from[512], to[400];
        uint8_t *bytes;
        size_t count;
        snprintf(from, sizeof from, TEST_SOURCE_DIR "/data/%s", names[i]);
        ck_ok(bc_file_read(&test_error, from, &bytes, &count));
        ck_ok(bc_file_write(&test_error, file(to, "spikes", names[i]), bytes, count));
        free(bytes);
    }
    bc_file_set_options options = plain();
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert(d->count == 1 && d->has_spikes && !d->has_rgb && !d->has_depth);
    ck_ok(bc_dataset_get(d, &test_error, 0, &s));
    ck_assert_str_eq(s->name, "car_crop");
    ck_assert(s->height == 48 && s->width == 64);
    ck_assert_int_eq(count_spikes(s, 10 * 64 + 50, 0, 128), 48);
    ck_assert_int_eq(count_spikes(s, 47 * 64, 0, 128), 117);
    bc_dataset_release(d);
}
END_TEST

/* Consecutive frames of a real street. */
START_TEST(real_drive) {
    snprintf(root, sizeof root, "%.200s/kitti_drive", test_shared_data());
    bc_file_set_options options = plain();
    options.simulate = true;
    options.crop_height = 352;
    options.crop_width = 1216;
    options.first = 9;
    bc_dataset *d;
    const bc_sample *s;
    ck_ok(bc_folder_open(test_host(), root, &options, &d));
    ck_assert_int_eq(d->count, 1);
    ck_assert(d->has_rgb && d->has_depth && d->has_spikes);
    ck_ok(bc_dataset_get(d, &test_error, 0, &s));
    ck_assert_str_eq(s->name, "0000000009");
    ck_assert(s->height == 375 && s->width == 1242);
    double light = 0, fired = 0, labels = 0;
    for (int p = 0; p < 375 * 1242; p++) {
        light += (0.299 * s->rgb[3 * p] + 0.587 * s->rgb[3 * p + 1] + 0.114 * s->rgb[3 * p + 2]) / 255;
        fired += count_spikes(s, p, 0, 128) / 128.0;
        ck_assert(s->depth[p] >= 0 && s->depth[p] < 130);
        labels += s->depth[p] > 0;
    }
    double pixels = 375.0 * 1242;
    ck_assert_double_eq_tol(fired / pixels, light / pixels, 0.02);
    ck_assert(labels / pixels > 0.02 && labels / pixels < 0.06);
    bc_dataset_release(d);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("folder");
    TCase *folders = tcase_create("folders");
    tcase_set_timeout(folders, 60);
    tcase_add_test(folders, all_three);
    tcase_add_test(folders, parts);
    tcase_add_test(folders, wrong_folders);
    tcase_add_test(folders, missing_stems);
    tcase_add_test(folders, labels_are_left_alone);
    tcase_add_test(folders, sizes_that_disagree);
    tcase_add_test(folders, bad_file_later);
    tcase_add_test(folders, simulated);
    tcase_add_test(folders, in_words);
    tcase_add_test(folders, spike_formats);
    tcase_add_test(folders, order_of_names);
    tcase_add_test(folders, order_of_files);
    tcase_add_test(folders, sequences);
    tcase_add_test(folders, simulated_within_sequences);
    tcase_add_test(folders, simulated_as_said);
    tcase_add_test(folders, simulation_errors);
    tcase_add_test(folders, crops);
    tcase_add_test(folders, kept_stream);
    if (test_shared_data() && !test_tiny())
        tcase_add_test(folders, real_drive);
    suite_add_tcase(s, folders);
    return s;
}

int main(void) {
    return test_run(suite());
}
