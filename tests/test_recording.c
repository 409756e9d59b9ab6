/* Recordings as data sets: their windows, labels and names, what is no recording, and one that is longer than memory. */
#include "bicross/data/recording.h"
#include "bicross/formats/depth.h"
#include "tests/support.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WIDTH = 16, HEIGHT = 8 };

static char root[1024]; /* of the test's recordings */

static void fresh_root(const char *name) {
    snprintf(root, sizeof root, "%s", test_path(name));
    ck_ok(bc_make_folder(&test_error, root));
}

static void put_text(const char *name, const char *text) {
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_ok(bc_file_write(&test_error, path, text, strlen(text)));
}

static void put_depth(const char *name) {
    char path[1100];
    float depth[WIDTH * HEIGHT];
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        depth[i] = 2 + (float)i / 10;
    snprintf(path, sizeof path, "%s/depth", root);
    ck_ok(bc_make_folder(&test_error, path));
    snprintf(path, sizeof path, "%s/depth/%s", root, name);
    ck_ok(bc_depth_write(&test_error, path, 100, WIDTH, HEIGHT, depth));
}

/* Of so many frames, each of which fires in one pixel: the frame's number modulo the pixels. */
static void put_recording(const char *name, int frames) {
    char path[1100];
    bc_spike_stream s;
    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_ok(bc_spikes_create(&test_error, frames, HEIGHT, WIDTH, &s));
    for (int t = 0; t < frames; t++)
        s.words[(size_t)(t % (HEIGHT * WIDTH)) * (size_t)s.words_per_pixel + (size_t)t / 32] |= 1u << t % 32;
    ck_ok(bc_spikes_write(&test_error, path, NULL, &s));
    bc_spikes_release(&s);
}

static bc_status open_recording(const char *below, int stride, bool labels, bc_dataset **out) {
    char text[1200];
    bc_place place;
    snprintf(text, sizeof text, "recording:%s%s%s", root, below[0] ? "/" : "", below);
    ck_ok(bc_place_parse(&test_error, text, &place));
    bc_file_set_options options = {.labels = labels, .depth_scale = 100, .stride = stride, .threads = 2};
    return bc_recording_open(test_host(), &place, &options, out);
}

/* The frame in which the pixel of frame `first` fires is the sample's first. */
static void expect_window(bc_dataset *set, int index, const char *name, int first) {
    const bc_sample *s;
    int pixel = first % (HEIGHT * WIDTH);
    ck_ok(bc_dataset_get(set, &test_error, index, &s));
    ck_assert_str_eq(s->name, name);
    ck_assert_uint_eq(s->spikes[4 * pixel], 1);
    ck_assert_uint_eq(s->spikes[4 * ((pixel + 33) % (HEIGHT * WIDTH)) + 1], 2);
}

START_TEST(recordings_are_cut_into_windows) {
    bc_dataset *set;
    fresh_root("recordings");
    put_recording("a_2.dat", 300);
    put_recording("a_10.npy", 128);
    put_recording("b.npz", 400);
    put_text("readme.txt", "of no kind");
    ck_ok(open_recording("", 0, false, &set));
    ck_assert_int_eq(set->count, 2 + 1 + 3);
    ck_assert(set->has_spikes && !set->has_depth && !set->has_rgb);
    ck_assert_str_eq(set->spikes_note, "windows of 3 files every 128 frames");
    expect_window(set, 0, "a_2_000000", 0);
    expect_window(set, 1, "a_2_000128", 128);
    expect_window(set, 2, "a_10_000000", 0);
    expect_window(set, 5, "b_000256", 256);
    expect_window(set, 4, "b_000128", 128);
    bc_dataset_release(set);
    ck_ok(open_recording("a_2.dat", 50, true, &set)); /* one file; no folder of labels */
    ck_assert(set->count == 4 && !set->has_depth);
    expect_window(set, 3, "a_2_000150", 150);
    bc_dataset_release(set);
    ck_ok(open_recording("b.npz:spk", 300, false, &set));
    ck_assert_int_eq(set->count, 1);
    bc_dataset_release(set);
}
END_TEST

START_TEST(labels_of_windows) {
    bc_dataset *set;
    const bc_sample *s;
    fresh_root("labelled");
    put_recording("car.dat", 600);
    put_depth("car_000128.png");
    put_depth("car_000384.png");
    ck_ok(open_recording("", 0, true, &set));
    ck_assert(set->count == 2 && set->has_depth);
    ck_assert_str_eq(set->spikes_note, "windows of 1 file every 128 frames, 2 unlabelled passed over");
    expect_window(set, 1, "car_000384", 384);
    ck_ok(bc_dataset_get(set, &test_error, 0, &s));
    ck_assert_str_eq(s->name, "car_000128");
    ck_assert_float_eq_tol(s->depth[10], 3, 0.01f);
    bc_dataset_release(set);
    ck_ok(open_recording("car.dat", 0, false, &set)); /* labels are not looked at */
    ck_assert(set->count == 4 && !set->has_depth);
    bc_dataset_release(set);
}
END_TEST

static void expect_no_recording(const char *below, int stride, bool labels, const char *first,
                                const char *second) {
    bc_dataset *set;
    bc_status status = open_recording(below, stride, labels, &set);
    test_expect_failure(status, status, bc_host_error(test_host()), first, second);
    ck_assert_int_ne(status, BC_OK);
    ck_assert_ptr_null(set);
}

START_TEST(recordings_that_are_none) {
    fresh_root("none");
    expect_no_recording("", 0, false, "expected recordings in files ending in", "found none");
    expect_no_recording("car.dat", 0, false, "car.dat", "No such file");
    put_recording("short.dat", 127);
    expect_no_recording("", 0, false, "short.dat: expected a recording of at least 128 frames", "found 127");
    fresh_root("unlabelled_windows");
    put_recording("car.dat", 300);
    put_depth("car_000100.png");
    expect_no_recording("", 0, true, "expected labels such as", "depth/car_000000{.depth}, found none for 2");
    fresh_root("many");
    put_recording("long.dat", 128);
    put_text("long.dat.ini", "[spikes]\nwidth = 16\nheight = 8\n");
    char path[1100];
    snprintf(path, sizeof path, "%s/long.dat", root);
    if (truncate(path, (off_t)16 << 21) == 0)
        expect_no_recording("", 1, false, "at most 1048576 windows", "raise data.stride");
}
END_TEST

/* A camera's own stream of 200 frames, in a room with little light. */
START_TEST(real_recording) {
    char text[1200];
    bc_place place;
    bc_dataset *set;
    const bc_sample *s;
    snprintf(text, sizeof text, "recording:%s/spike_real/uhsr_250x250.npz", test_shared_data());
    ck_ok(bc_place_parse(&test_error, text, &place));
    ck_ok(bc_recording_open(test_host(), &place, &(bc_file_set_options){.stride = 36}, &set));
    ck_assert_int_eq(set->count, 3);
    ck_ok(bc_dataset_get(set, &test_error, 2, &s));
    ck_assert_str_eq(s->name, "uhsr_250x250_000072");
    bc_spike_stream stream = bc_sample_stream(s);
    ck_assert_double_eq_tol(bc_spikes_rate(&stream), 0.031, 0.002);
    bc_dataset_release(set);
}
END_TEST

static long resident_kib(void) {
    struct rusage usage;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static int every_so_many(void *user) {
    int *at = user, now = at[0];
    at[0] += at[1];
    return now;
}

/* A sparse file of ten gigabytes as Outdoor-Spike has shorter ones: reading windows all over it takes no memory beyond the bounds of
 * what is kept and read ahead. */
START_TEST(longer_than_memory) {
    enum { FRAMES = 800000, READ = 400 };
    bc_place place;
    bc_dataset *set;
    char text[1200];
    int windows = FRAMES / BC_SPIKE_FRAMES, ahead[2] = {0, windows / READ};
    fresh_root("outdoor");
    put_text("seq_01.dat", "");
    snprintf(text, sizeof text, "%s/seq_01.dat", root);
    if (truncate(text, (off_t)FRAMES * 12500) != 0) {
        fprintf(stderr, "skipped: no sparse files here\n");
        return;
    }
    snprintf(text, sizeof text, "outdoorspike:%s", root);
    ck_ok(bc_place_parse(&test_error, text, &place));
    bc_file_set_options options = {.spikes = place.layout->spikes, .threads = 2};
    ck_ok(bc_recording_open(test_host(), &place, &options, &set));
    ck_assert_int_eq(set->count, windows);
    set->budget = (size_t)16 << 20;
    long before = resident_kib();
    ck_ok(bc_dataset_read_ahead(set, &test_error, (bc_read_plan){every_so_many, ahead}));
    for (int i = 0; i < READ; i++) {
        const bc_sample *s;
        char name[64];
        int window = i * (windows / READ);
        snprintf(name, sizeof name, "seq_01_%06d", window * BC_SPIKE_FRAMES);
        ck_ok(bc_dataset_get(set, &test_error, window, &s));
        ck_assert_str_eq(s->name, name);
        ck_assert_uint_eq(s->spikes[0], 0);
    }
    /* 400 windows are 640 MB; kept are 16 MiB, ahead at most 32 samples of 1.6 MB, and AddressSanitizer holds 256 MiB back */
    ck_assert_int_lt(resident_kib() - before, 384 << 10);
    bc_dataset_release(set);
    snprintf(text, sizeof text, "%s/seq_01.dat", root);
    ck_assert_int_eq(remove(text), 0);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("recording");
    TCase *recordings = tcase_create("recordings");
    tcase_set_timeout(recordings, 60);
    tcase_add_test(recordings, recordings_are_cut_into_windows);
    tcase_add_test(recordings, labels_of_windows);
    tcase_add_test(recordings, recordings_that_are_none);
    tcase_add_test(recordings, longer_than_memory);
    if (test_shared_data())
        tcase_add_test(recordings, real_recording);
    suite_add_tcase(s, recordings);
    return s;
}

int main(void) {
    return test_run(suite());
}
