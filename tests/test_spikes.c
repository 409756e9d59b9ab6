/* Spike streams on the host: packing, windows, both file formats, and files that are not what they should be.
 */
#include "bicross/npy.h"
#include "bicross/spikes.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static char path_text[512];

static const char *in_folder(const char *name) {
    snprintf(path_text, sizeof path_text, "%s/%s", test_folder(), name);
    return path_text;
}

static void expect_failure(bc_status status, bc_status wanted, const bc_error *err, const char *first,
                           const char *second) {
    ck_assert_int_eq(status, wanted);
    ck_assert_msg(strstr(err->text, first) && strstr(err->text, second), "\"%s\" lacks \"%s\" or \"%s\"",
                  err->text, first, second);
}

/* Any fixed pattern without period 8 or 32. */
static int pattern(int t, int y, int x) {
    return ((unsigned)(t * 7 + y * 13 + x * 29 + t * x * y) * 2654435761u >> 28) & 1;
}

static int spike(const bc_spike_stream *s, int t, int y, int x) {
    return (int)(s->words[((size_t)y * (size_t)s->width + (size_t)x) * (size_t)s->words_per_pixel +
                          (size_t)(t / 32)] >>
                     (t % 32) &
                 1);
}

static void make_stream(int frames, int height, int width, bc_spike_stream *out) {
    ck_ok(bc_spikes_create(&test_error, frames, height, width, out));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int t = 0; t < frames; t++)
                out->words[((size_t)y * (size_t)width + (size_t)x) * (size_t)out->words_per_pixel +
                           (size_t)(t / 32)] |= (uint32_t)pattern(t, y, x) << (t % 32);
}

static void expect_same(const bc_spike_stream *a, const bc_spike_stream *b) {
    ck_assert_int_eq(a->frames, b->frames);
    ck_assert_int_eq(a->height, b->height);
    ck_assert_int_eq(a->width, b->width);
    ck_assert_int_eq(a->words_per_pixel, b->words_per_pixel);
    size_t words = (size_t)a->height * (size_t)a->width * (size_t)a->words_per_pixel;
    ck_assert_mem_eq(a->words, b->words, words * sizeof *a->words);
}

START_TEST(create) {
    bc_spike_stream s;
    bc_error err = {0};
    ck_ok(bc_spikes_create(&test_error, 33, 2, 3, &s));
    ck_assert_int_eq(s.words_per_pixel, 2);
    for (int i = 0; i < 12; i++)
        ck_assert_uint_eq(s.words[i], 0);
    bc_spikes_release(&s);
    ck_assert_ptr_null(s.words);
    expect_failure(bc_spikes_create(&err, 0, 2, 3, &s), BC_E_ARGUMENT, &err, "1 to", "0 frames");
    bc_error_clear(&err);
    expect_failure(bc_spikes_create(&err, 1, 2, 40000, &s), BC_E_ARGUMENT, &err, "32768", "40000 x 2");
}
END_TEST

/* Odd frame counts and a row longer than the packing block. */
START_TEST(npy_round_trip) {
    static const int sizes[][3] = {{1, 1, 1}, {37, 5, 7}, {128, 3, 11}, {65, 2, 1030}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bc_spike_stream s, back;
        make_stream(sizes[i][0], sizes[i][1], sizes[i][2], &s);
        ck_ok(bc_spikes_write(&test_error, in_folder("s.npy"), NULL, &s));
        ck_ok(bc_spikes_read(&test_error, path_text, NULL, &back));
        expect_same(&s, &back);
        bc_spikes_release(&s);
        bc_spikes_release(&back);
    }
}
END_TEST

START_TEST(npy_of_bool) {
    const uint8_t values[2 * 1 * 3] = {1, 0, 1, 0, 0, 1};
    bc_spike_stream s;
    ck_ok(bc_npy_write(&test_error, in_folder("bool.npy"), "|b1", 3, (long[]){2, 1, 3}, values));
    ck_ok(bc_spikes_read(&test_error, path_text, NULL, &s));
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(spike(&s, i / 3, 0, i % 3), values[i]);
    bc_spikes_release(&s);
}
END_TEST

START_TEST(npy_errors) {
    bc_error err = {0};
    bc_spike_stream s;
    uint8_t values[3 * 4 * 5] = {0};
    values[2 * 20 + 1 * 5 + 4] = 7;
    ck_ok(bc_npy_write(&test_error, in_folder("seven.npy"), "|u1", 3, (long[]){3, 4, 5}, values));
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FORMAT, &err, path_text,
                   "found 7 in frame 2, row 1, column 4");
    ck_assert_ptr_null(s.words);
    bc_error_clear(&err);
    ck_ok(bc_npy_write(&test_error, in_folder("flat.npy"), "|u1", 2, (long[]){3, 4}, values));
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FORMAT, &err, path_text, "2 dimensions");
    bc_error_clear(&err);
    ck_ok(bc_npy_write(&test_error, in_folder("float.npy"), "<f4", 3, (long[]){1, 1, 5}, values));
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FORMAT, &err, path_text, "found <f4");
    bc_error_clear(&err);
    ck_ok(bc_npy_write(&test_error, in_folder("none.npy"), "|u1", 3, (long[]){3, 0, 5}, values));
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FORMAT, &err, path_text, "(3, 0, 5)");
    bc_error_clear(&err);
    in_folder("s.txt");
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_ARGUMENT, &err, path_text, "\".txt\"");
    bc_error_clear(&err);
    in_folder("gone.dat");
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FILE, &err, path_text, "cannot open");
}
END_TEST

/* method.md 9.1: pixel p is bit p%8 of byte p/8, lowest bit first, bottom row first. */
START_TEST(dat_layout) {
    const uint8_t file[2 * 2] = {0x01, 0x00, 0x80, 0x06}; /* 8 x 2 pixels, two frames */
    bc_dat_format format = {.width = 8, .height = 2};
    bc_spike_stream s;
    ck_ok(bc_file_write(&test_error, in_folder("l.dat"), file, sizeof file));
    ck_ok(bc_spikes_read(&test_error, path_text, &format, &s));
    ck_assert_int_eq(s.frames, 2);
    ck_assert_int_eq(spike(&s, 0, 1, 0), 1);
    ck_assert_int_eq(spike(&s, 1, 1, 7), 1);
    ck_assert_int_eq(spike(&s, 1, 0, 1), 1);
    ck_assert_int_eq(spike(&s, 1, 0, 2), 1);
    int sum = 0;
    for (int p = 0; p < 16; p++)
        sum += __builtin_popcount(s.words[p]);
    ck_assert_int_eq(sum, 4);
    bc_spikes_release(&s);
    format.msb_first = format.no_flip = true;
    ck_ok(bc_spikes_read(&test_error, path_text, &format, &s));
    ck_assert_int_eq(spike(&s, 0, 0, 7), 1);
    ck_assert_int_eq(spike(&s, 1, 0, 0), 1);
    ck_assert_int_eq(spike(&s, 1, 1, 5), 1);
    ck_assert_int_eq(spike(&s, 1, 1, 6), 1);
    bc_spikes_release(&s);
}
END_TEST

START_TEST(dat_round_trip) {
    for (int variant = 0; variant < 4; variant++) {
        bc_dat_format format = {.width = 13, .height = 5, .msb_first = variant & 1, .no_flip = variant & 2};
        bc_spike_stream s, back;
        make_stream(40, 5, 13, &s); /* 65 pixels: a frame ends inside a byte */
        ck_ok(bc_spikes_write(&test_error, in_folder("r.dat"), &format, &s));
        ck_ok(bc_spikes_read(&test_error, path_text, &format, &back));
        expect_same(&s, &back);
        bc_spikes_release(&s);
        bc_spikes_release(&back);
    }
}
END_TEST

START_TEST(dat_default_is_the_camera) {
    bc_spike_stream s, back;
    make_stream(2, 250, 400, &s);
    ck_ok(bc_spikes_write(&test_error, in_folder("c.dat"), NULL, &s));
    uint8_t *file;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, path_text, &file, &bytes));
    free(file);
    ck_assert_uint_eq(bytes, 25000);
    ck_ok(bc_spikes_read(&test_error, path_text, NULL, &back));
    expect_same(&s, &back);
    bc_spikes_release(&s);
    bc_spikes_release(&back);
}
END_TEST

START_TEST(dat_errors) {
    bc_error err = {0};
    bc_spike_stream s;
    bc_dat_format format = {.width = 8, .height = 2};
    ck_ok(bc_file_write(&test_error, in_folder("odd.dat"), "12345", 5));
    expect_failure(bc_spikes_read(&err, path_text, &format, &s), BC_E_FORMAT, &err, path_text,
                   "2 frames and 1 bytes over");
    bc_error_clear(&err);
    expect_failure(bc_spikes_read(&err, path_text, NULL, &s), BC_E_FORMAT, &err, "12500 bytes (400 x 250",
                   "0 frames and 5 bytes over");
    bc_error_clear(&err);
    ck_ok(bc_file_write(&test_error, in_folder("empty.dat"), "", 0));
    expect_failure(bc_spikes_read(&err, path_text, &format, &s), BC_E_FORMAT, &err, path_text, "0 frames");
    bc_error_clear(&err);
    format.height = 0;
    expect_failure(bc_spikes_read(&err, path_text, &format, &s), BC_E_ARGUMENT, &err, path_text, "8 x 0");
    bc_error_clear(&err);
    make_stream(2, 3, 8, &s);
    format.height = 2;
    expect_failure(bc_spikes_write(&err, path_text, &format, &s), BC_E_ARGUMENT, &err, "8 x 2", "8 x 3");
    bc_error_clear(&err);
    in_folder("s.raw");
    expect_failure(bc_spikes_write(&err, path_text, NULL, &s), BC_E_ARGUMENT, &err, path_text, "\".raw\"");
    bc_spikes_release(&s);
}
END_TEST

START_TEST(windows) {
    static const int cuts[][2] = {{0, 150}, {0, 128}, {1, 128}, {31, 33},
                                  {32, 64}, {77, 73}, {149, 1}, {5, 7}};
    bc_spike_stream s, w;
    make_stream(150, 3, 4, &s);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        ck_ok(bc_spikes_window(&test_error, &s, cuts[i][0], cuts[i][1], &w));
        ck_assert_int_eq(w.frames, cuts[i][1]);
        for (int t = 0; t < w.words_per_pixel * 32; t++)
            for (int p = 0; p < 12; p++)
                ck_assert_int_eq(spike(&w, t, p / 4, p % 4),
                                 t < w.frames ? spike(&s, cuts[i][0] + t, p / 4, p % 4) : 0);
        bc_spikes_release(&w);
    }
    static const int bad[][2] = {{-1, 5}, {0, 151}, {150, 1}, {0, 0}, {100, 2147483647}, {2147483647, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bc_error err = {0};
        expect_failure(bc_spikes_window(&err, &s, bad[i][0], bad[i][1], &w), BC_E_ARGUMENT, &err,
                       "150 spike frames", "found");
        ck_assert_ptr_null(w.words);
    }
    bc_spikes_release(&s);
}
END_TEST

/* A real camera on a sunny street: the share of one bits in the file. */
START_TEST(real_stream) {
    const char *data = test_shared_data();
    if (!data) {
        puts("skipped: no shared data");
        return;
    }
    bc_spike_stream s;
    snprintf(path_text, sizeof path_text, "%s/spike_real/car_250x400.dat", data);
    ck_ok(bc_spikes_read(&test_error, path_text, NULL, &s));
    ck_assert_int_eq(s.frames, 128);
    double fired = 0;
    for (size_t i = 0; i < (size_t)250 * 400 * 4; i++)
        fired += __builtin_popcount(s.words[i]);
    ck_assert_double_eq_tol(fired / (250.0 * 400 * 128), 0.363931, 1e-6);
    bc_spikes_release(&s);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spikes");
    TCase *streams = tcase_create("streams");
    tcase_add_test(streams, create);
    tcase_add_test(streams, windows);
    tcase_add_test(streams, npy_round_trip);
    tcase_add_test(streams, npy_of_bool);
    tcase_add_test(streams, npy_errors);
    tcase_add_test(streams, dat_layout);
    tcase_add_test(streams, dat_round_trip);
    tcase_add_test(streams, dat_default_is_the_camera);
    tcase_add_test(streams, dat_errors);
    tcase_add_test(streams, real_stream);
    suite_add_tcase(s, streams);
    return s;
}

int main(void) {
    return test_run(suite());
}
