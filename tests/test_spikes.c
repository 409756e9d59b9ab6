/* Spike streams on the host: packing, windows, both file formats, and files that are not what they should be.
 */
#include "bicross/data/spikes.h"
#include "bicross/formats/npy.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    test_expect_failure(bc_spikes_create(&err, 0, 2, 3, &s), BC_E_ARGUMENT, &err, "1 to", "0 frames");
    test_expect_failure(bc_spikes_create(&err, 1, 2, 40000, &s), BC_E_ARGUMENT, &err, "32768", "40000 x 2");
}
END_TEST

/* Odd frame counts and a row longer than the packing block. */
START_TEST(npy_round_trip) {
    static const int sizes[][3] = {{1, 1, 1}, {37, 5, 7}, {128, 3, 11}, {65, 2, 1030}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bc_spike_stream s, back;
        make_stream(sizes[i][0], sizes[i][1], sizes[i][2], &s);
        ck_ok(bc_spikes_write(&test_error, test_path("s.npy"), NULL, &s));
        ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
        expect_same(&s, &back);
        bc_spikes_release(&s);
        bc_spikes_release(&back);
    }
}
END_TEST

START_TEST(npy_of_bool) {
    const uint8_t values[2 * 1 * 3] = {1, 0, 1, 0, 0, 1};
    bc_spike_stream s;
    ck_ok(bc_npy_write(&test_error, test_path("bool.npy"), "|b1", 3, (long[]){2, 1, 3}, values));
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &s));
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
    ck_ok(bc_npy_write(&test_error, test_path("seven.npy"), "|u1", 3, (long[]){3, 4, 5}, values));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, test_path_text,
                        "found 7 in frame 2, row 1, column 4");
    ck_assert_ptr_null(s.words);
    ck_ok(bc_npy_write(&test_error, test_path("flat.npy"), "|u1", 2, (long[]){3, 4}, values));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, test_path_text,
                        "2 dimensions");
    const float halves[5] = {0, 1, 0, 0.5f, 1};
    ck_ok(bc_npy_write(&test_error, test_path("float.npy"), "<f4", 3, (long[]){1, 1, 5}, halves));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, test_path_text,
                        "found 0.5 in frame 0, row 0, column 3");
    ck_ok(bc_npy_write(&test_error, test_path("none.npy"), "|u1", 3, (long[]){3, 0, 5}, values));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, test_path_text,
                        "(3, 0, 5)");
    test_path("s.txt");
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_ARGUMENT, &err, test_path_text,
                        "\".txt\"");
    test_path("gone.dat");
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FILE, &err, test_path_text,
                        "cannot open");
}
END_TEST

/* method.md 9.1: pixel p is bit p%8 of byte p/8, lowest bit first, bottom row first. */
START_TEST(dat_layout) {
    const uint8_t file[2 * 2] = {0x01, 0x00, 0x80, 0x06}; /* 8 x 2 pixels, two frames */
    bc_spike_format format = {.width = 8, .height = 2};
    bc_spike_stream s;
    ck_ok(bc_file_write(&test_error, test_path("l.dat"), file, sizeof file));
    ck_ok(bc_spikes_read(&test_error, test_path_text, &format, &s));
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
    format.bits = BC_BITS_MSB;
    format.rows = BC_ROWS_TOP_DOWN;
    ck_ok(bc_spikes_read(&test_error, test_path_text, &format, &s));
    ck_assert_int_eq(spike(&s, 0, 0, 7), 1);
    ck_assert_int_eq(spike(&s, 1, 0, 0), 1);
    ck_assert_int_eq(spike(&s, 1, 1, 5), 1);
    ck_assert_int_eq(spike(&s, 1, 1, 6), 1);
    bc_spikes_release(&s);
}
END_TEST

START_TEST(dat_round_trip) {
    for (int variant = 0; variant < 4; variant++) {
        bc_spike_format format = {.width = 13,
                                  .height = 5,
                                  .bits = variant & 1 ? BC_BITS_MSB : BC_BITS_LSB,
                                  .rows = variant & 2 ? BC_ROWS_TOP_DOWN : BC_ROWS_UNSAID};
        bc_spike_stream s, back;
        make_stream(40, 5, 13, &s); /* 65 pixels: a frame ends inside a byte */
        ck_ok(bc_spikes_write(&test_error, test_path("r.dat"), &format, &s));
        ck_ok(bc_spikes_read(&test_error, test_path_text, &format, &back));
        expect_same(&s, &back);
        bc_spikes_release(&s);
        bc_spikes_release(&back);
    }
}
END_TEST

START_TEST(dat_default_is_the_camera) {
    bc_spike_stream s, back;
    make_stream(2, 250, 400, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("c.dat"), NULL, &s));
    uint8_t *file;
    size_t bytes;
    ck_ok(bc_file_read(&test_error, test_path_text, &file, &bytes));
    free(file);
    ck_assert_uint_eq(bytes, 25000);
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
    expect_same(&s, &back);
    ck_assert(!back.size_assumed);
    bc_spikes_release(&back);
    test_path("c.dat.ini");
    ck_assert_int_eq(remove(test_path_text), 0);
    ck_ok(bc_spikes_read(&test_error, test_path("c.dat"), NULL, &back));
    expect_same(&s, &back);
    ck_assert(back.size_assumed);
    bc_spikes_release(&s);
    bc_spikes_release(&back);
}
END_TEST

START_TEST(dat_errors) {
    bc_error err = {0};
    bc_spike_stream s;
    bc_spike_format format = {.width = 8, .height = 2};
    ck_ok(bc_file_write(&test_error, test_path("odd.dat"), "1Z34k",
                        5)); /* rows that do not resemble each other */
    test_expect_failure(bc_spikes_read(&err, test_path_text, &format, &s), BC_E_FORMAT, &err, test_path_text,
                        "2 frames and 1 bytes over");
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err,
                        "12500 bytes (400 x 250", "0 frames and 5 bytes over");
    ck_ok(bc_file_write(&test_error, test_path("empty.dat"), "", 0));
    test_expect_failure(bc_spikes_read(&err, test_path_text, &format, &s), BC_E_FORMAT, &err, test_path_text,
                        "0 frames");
    format.height = 0;
    test_expect_failure(bc_spikes_read(&err, test_path_text, &format, &s), BC_E_ARGUMENT, &err,
                        test_path_text, "8 x 0");
    make_stream(2, 3, 8, &s);
    format.height = 2;
    test_expect_failure(bc_spikes_write(&err, test_path_text, &format, &s), BC_E_ARGUMENT, &err, "8 x 2",
                        "8 x 3");
    test_path("s.raw");
    test_expect_failure(bc_spikes_write(&err, test_path_text, NULL, &s), BC_E_ARGUMENT, &err, test_path_text,
                        "\".raw\"");
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
        test_expect_failure(bc_spikes_window(&err, &s, bad[i][0], bad[i][1], &w), BC_E_ARGUMENT, &err,
                            "150 spike frames", "found");
        ck_assert_ptr_null(w.words);
    }
    bc_spikes_release(&s);
}
END_TEST

/* The same stream as an array in each order of the axes. */
START_TEST(npy_axes) {
    static const char *const orders[] = {"thw", "hwt", "twh", "wht", "htw", "wth"};
    enum { T = 37, Y = 6, X = 9 };
    bc_spike_stream s, back;
    uint8_t values[T * Y * X];
    make_stream(T, Y, X, &s);
    for (int o = 0; o < 6; o++) {
        bc_spike_format format = {.width = 0};
        long shape[3];
        size_t i = 0;
        memcpy(format.axes, orders[o], 4);
        for (int d = 0; d < 3; d++)
            shape[d] = orders[o][d] == 't' ? T : orders[o][d] == 'h' ? Y : X;
        for (long a = 0; a < shape[0]; a++)
            for (long b = 0; b < shape[1]; b++)
                for (long c = 0; c < shape[2]; c++) {
                    long at[3] = {a, b, c}, t = 0, y = 0, x = 0;
                    for (int d = 0; d < 3; d++)
                        *(orders[o][d] == 't' ? &t : orders[o][d] == 'h' ? &y : &x) = at[d];
                    values[i++] = (uint8_t)pattern((int)t, (int)y, (int)x);
                }
        ck_ok(bc_npy_write(&test_error, test_path("axes.npy"), "|u1", 3, shape, values));
        ck_ok(bc_spikes_read(&test_error, test_path_text, &format, &back));
        expect_same(&s, &back);
        bc_spikes_release(&back);
    }
    bc_spikes_release(&s);
    bc_error err = {0};
    values[(2 * X + 5) * T + 31] = 3; /* row 2, column 5, frame 31 */
    ck_ok(bc_npy_write(&test_error, test_path_text, "|u1", 3, (long[]){Y, X, T}, values));
    test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.axes = "hwt"}, &s),
                        BC_E_FORMAT, &err, test_path_text, "found 3 in frame 31, row 2, column 5");
    test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.axes = "hht"}, &s),
                        BC_E_ARGUMENT, &err, test_path_text, "found hht");
}
END_TEST

/* Shapes that are asked about, and what they may be; the others pass. */
START_TEST(npy_doubt) {
    static const struct {
        long shape[3];
        const char *doubt; /* NULL: none */
    } cases[] = {
        {{250, 400, 128}, "(height, width, frames)"},
        {{250, 400, 1000}, "(height, width, frames)"},
        {{400, 250, 128}, "(width, height, frames)"},
        {{128, 400, 250}, "(frames, width, height)"},
        {{64, 128, 128}, "(height, width, frames)"},
        {{32, 64, 128}, "(height, width, frames)"},
        {{480, 640, 32}, "(height, width, frames)"},
        {{64, 96, 40}, "(height, width, frames)"},
        {{128, 250, 400}, NULL},
        {{20, 250, 400}, NULL},
        {{128, 64, 128}, NULL},
        {{256, 64, 128}, NULL},
        {{128, 32, 64}, NULL},
        {{128, 64, 64}, NULL},
        {{1, 64, 128}, NULL},
        {{250, 200, 200}, NULL},
        {{12, 8, 8}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const long *shape = cases[i].shape;
        size_t count = (size_t)(shape[0] * shape[1] * shape[2]);
        uint8_t *values = calloc(count, 1);
        bc_spike_stream s;
        bc_error err = {0};
        ck_assert_ptr_nonnull(values);
        ck_ok(bc_npy_write(&test_error, test_path("doubt.npy"), "|u1", 3, shape, values));
        free(values);
        bc_status status = bc_spikes_read(&err, test_path_text, NULL, &s);
        if (cases[i].doubt) {
            test_expect_failure(status, BC_E_ARGUMENT, &err, cases[i].doubt, "axes thw");
            ck_ok(bc_spikes_read(&test_error, test_path_text, &(bc_spike_format){.axes = "thw"}, &s));
        } else {
            ck_assert_msg(status == BC_OK, "%s", err.text);
        }
        ck_assert(s.frames == shape[0] && s.height == shape[1] && s.width == shape[2]);
        bc_spikes_release(&s);
    }
}
END_TEST

/* What we write reads back without a question, whatever its shape; a later file is not described by an older one's words. */
START_TEST(npy_described) {
    bc_spike_stream s, back;
    make_stream(128, 40, 30, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("tall.npy"), NULL, &s));
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
    expect_same(&s, &back);
    bc_spikes_release(&back);
    bc_error err = {0};
    test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.axes = "hwt"}, &back),
                        BC_E_ARGUMENT, &err, "thw in", "hwt was asked for");
    bc_spikes_release(&s);
    make_stream(33, 40, 50, &s);
    ck_ok(bc_spikes_write(&test_error, test_path_text, NULL, &s));
    test_path("tall.npy.ini");
    ck_assert(!bc_file_exists(test_path_text));
    bc_spikes_release(&s);
}
END_TEST

START_TEST(dat_described) {
    bc_spike_stream s, back;
    bc_error err = {0};
    for (int variant = 0; variant < 4; variant++) {
        bc_spike_format format = {.bits = variant & 1 ? BC_BITS_MSB : BC_BITS_UNSAID,
                                  .rows = variant & 2 ? BC_ROWS_TOP_DOWN : BC_ROWS_UNSAID};
        make_stream(40, 5, 13, &s);
        ck_ok(bc_spikes_write(&test_error, test_path("d.dat"), &format, &s));
        /* size and orders are as described */
        ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
        expect_same(&s, &back);
        ck_assert(!back.size_assumed);
        bc_spikes_release(&back);
        bc_spikes_release(&s);
    }
    static const struct {
        bc_spike_format format;
        const char *first, *second;
    } others[] = {{{.width = 5, .height = 13}, "found 13 x 5 in", "5 x 13 (width x height) was asked for"},
                  {{.bits = BC_BITS_LSB}, "bit order msb in", "bit order lsb was asked for"},
                  {{.rows = BC_ROWS_BOTTOM_UP}, "no flip", "flip (bottom row first) was asked for"}};
    for (size_t i = 0; i < 3; i++) {
        test_expect_failure(bc_spikes_read(&err, test_path_text, &others[i].format, &back), BC_E_ARGUMENT,
                            &err, others[i].first, others[i].second);
        ck_assert_ptr_null(back.words);
    }
}
END_TEST

static void describe(const char *text) {
    ck_ok(bc_file_write(&test_error, test_path_in(test_folder(), "d.dat.ini"), text, strlen(text)));
}

/* A description that is wrong, or of another file, is said; one that somebody wrote by hand serves. */
START_TEST(dat_wrongly_described) {
    static const struct {
        const char *text, *first, *second;
    } bad[] = {
        {"[spikes]\nwidth = 13\nheight = 5\nframes = 41\n", "expected 41 frames of 13 x 5", "found 40"},
        {"[spikes]\nwidth = 13\nheight = 5\nrate = 0.25\n", "expected the rate 0.250000", "found 0."},
        {"[spikes]\nwidth = 26\nheight = 5\nframes = 40\n", "(26 x 5 pixels, as its .ini says)", "found 21"},
        {"[spikes]\nwidth = 13\n", "width and height together", "d.dat.ini"},
        {"[spikes]\nwidth = 99999\nheight = 5\n", "1 to 32768", "99999"},
        {"[spikes]\nwidht = 13\n", "expected width, height", "'widht'"},
        {"[spikes]\naxes = thw\n", "expected width, height", "'axes'"},
        {"[spikes]\nbit_order = low\n", "lsb or msb", "'low'"},
        {"[spikes]\nrate = nan\n", "from 0 to 1", "'nan'"},
        {"[other]\nwidth = 13\n", "[spikes]", "'other"},
        {"spikes\n", "d.dat.ini, line 1", "'spikes'"},
    };
    bc_spike_stream s, back;
    make_stream(40, 5, 13, &s); /* 9 bytes a frame */
    ck_ok(bc_spikes_write(&test_error, test_path("d.dat"), NULL, &s));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bc_error err = {0};
        describe(bad[i].text);
        test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &back), BC_E_FORMAT, &err,
                            bad[i].first, bad[i].second);
        ck_assert_ptr_null(back.words);
    }
    bc_error err = {0}; /* what is no description is not removed */
    test_expect_failure(bc_spikes_write(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, "d.dat.ini",
                        "line 1");
    describe("; by hand\n[spikes]\nwidth = 13\nheight = 5\n");
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
    expect_same(&s, &back);
    bc_spikes_release(&back);
    bc_spikes_release(&s);
}
END_TEST

/* A file that cannot be replaced keeps its description. */
START_TEST(description_stays) {
    bc_spike_stream s;
    bc_error err = {0};
    make_stream(40, 5, 13, &s);
    ck_ok(bc_make_folder(&test_error, test_path("full.dat"))); /* a folder stands in the way of the file */
    ck_ok(bc_file_write(&test_error, test_path("full.dat.ini"), "[spikes]\nframes = 7\n", 20));
    test_path("full.dat");
    ck_assert_int_ne(bc_spikes_write(&err, test_path_text, NULL, &s), BC_OK);
    test_path("full.dat.ini");
    ck_assert(bc_file_exists(test_path_text));
    bc_spikes_release(&s);
}
END_TEST

/* A picture of soft blobs, as rates. */
static void make_picture(int frames, int height, int width, bc_spike_stream *out) {
    ck_ok(bc_spikes_create(&test_error, frames, height, width, out));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double light = 0.3 + 0.2 * sin(0.021 * x + 0.013 * y) + 0.1 * cos(0.047 * x - 0.03 * y);
            double sum = (pattern(0, y, x) + 2 * pattern(1, y, x)) / 4.0;
            for (int t = 0; t < frames; t++) {
                sum += light;
                if (sum < 1)
                    continue;
                sum -= 1;
                out->words[((size_t)y * (size_t)width + (size_t)x) * (size_t)out->words_per_pixel +
                           (size_t)(t / 32)] |= 1u << (t % 32);
            }
        }
}

/* Writes a raw file without its description. */
static void write_bare(const char *name, const bc_spike_stream *s) {
    char description[100];
    snprintf(description, sizeof description, "%s.ini", name);
    ck_ok(bc_spikes_write(&test_error, test_path(name), NULL, s));
    ck_assert_int_eq(remove(test_path_in(test_folder(), description)), 0);
}

/* Bytes that would do for two sensors: taken for the camera only where the picture is clearly of it. */
START_TEST(dat_size_forgotten) {
    bc_spike_stream s, back;
    bc_error err = {0};
    char others[160];
    make_picture(20, 250, 400, &s);
    write_bare("camera.dat", &s);
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
    ck_assert(back.size_assumed);
    back.size_assumed = false;
    expect_same(&s, &back);
    bc_spike_info info = bc_spikes_info(&back);
    bc_spikes_other_sizes(&info, others);
    ck_assert_str_eq(others, "2 frames of 1000 x 1000");
    bc_spikes_release(&back);
    bc_spikes_release(&s);

    make_picture(12, 1000, 1000, &s);
    write_bare("large.dat", &s);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &back), BC_E_ARGUMENT, &err,
                        "120 frames of 400 x 250", "or 12 frames of 1000 x 1000");
    ck_assert_ptr_null(back.words);
    ck_ok(bc_spikes_read(&test_error, test_path_text, &(bc_spike_format){.width = 1000, .height = 1000},
                         &back));
    expect_same(&s, &back);
    ck_assert(!back.size_assumed);
    bc_spikes_release(&back);
    bc_spikes_release(&s);

    ck_ok(bc_spikes_create(&test_error, 20, 250, 400, &s)); /* darkness does not tell */
    write_bare("dark.dat", &s);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &back), BC_E_ARGUMENT, &err,
                        "20 frames of 400 x 250", "or 2 frames of 1000 x 1000");
    bc_spikes_release(&s);

    ck_ok(bc_spikes_create(&test_error, 3, 480, 640, &s));
    write_bare("wide.dat", &s);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &back), BC_E_FORMAT, &err,
                        "nothing says its size", "3 frames of 640 x 480");
    bc_spikes_release(&s);
}
END_TEST

START_TEST(rates) {
    bc_spike_stream s;
    ck_ok(bc_spikes_create(&test_error, 40, 2, 3, &s));
    ck_assert_double_eq(bc_spikes_rate(&s), 0);
    s.words[0] = UINT32_MAX; /* 32 of 240 */
    s.words[3] = 0xff;       /* and 8 */
    ck_assert_double_eq_tol(bc_spikes_rate(&s), 40.0 / 240, 1e-12);
    bc_spikes_release(&s);
}
END_TEST

static int fired(const bc_spike_stream *s, int y, int x) {
    int count = 0;
    for (int t = 0; t < s->frames; t++)
        count += spike(s, t, y, x);
    return count;
}

/* A file that other code packed (tests/data): its description gives the size, and what fires where shows the order of bits and rows.
 * In the corners no two agree. */
START_TEST(kept_stream) {
    static const struct {
        int y, x, count, first;
    } pixels[] = {{0, 0, 45, 0},   {0, 63, 71, 3},  {47, 0, 117, 0},
                  {47, 63, 81, 1}, {10, 50, 48, 0}, {20, 30, 31, 0}};
    bc_spike_stream s;
    ck_ok(bc_spikes_read(&test_error, TEST_SOURCE_DIR "/data/car_crop.dat", NULL, &s));
    ck_assert(s.frames == 128 && s.height == 48 && s.width == 64 && !s.size_assumed);
    ck_assert_double_eq_tol(bc_spikes_rate(&s), 159969 / (128 * 48 * 64.0), 1e-12);
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++) {
        int first = 0;
        while (!spike(&s, first, pixels[i].y, pixels[i].x))
            first++;
        ck_assert_int_eq(fired(&s, pixels[i].y, pixels[i].x), pixels[i].count);
        ck_assert_int_eq(first, pixels[i].first);
    }
    bc_spikes_release(&s);
}
END_TEST

/* A real camera on a sunny street: the share of one bits in the file. */
START_TEST(real_stream) {
    bc_spike_stream s;
    const char *street = test_path_in(test_shared_data(), "spike_real/car_250x400.dat");
    ck_ok(bc_spikes_read(&test_error, street, NULL, &s));
    ck_assert_int_eq(s.frames, 128);
    double ones = 0;
    for (size_t i = 0; i < (size_t)250 * 400 * 4; i++)
        ones += __builtin_popcount(s.words[i]);
    ck_assert_double_eq_tol(ones / (250.0 * 400 * 128), 0.363931, 1e-6);
    ck_assert_double_eq_tol(bc_spikes_rate(&s), 0.363931, 1e-6);
    bc_spike_stream part, back; /* its first 120 frames would also be twelve of 1000 x 1000 */
    ck_ok(bc_spikes_window(&test_error, &s, 0, 120, &part));
    write_bare("street.dat", &part);
    ck_ok(bc_spikes_read(&test_error, test_path_text, NULL, &back));
    ck_assert(back.size_assumed);
    expect_same(&part, &back);
    bc_spikes_release(&part);
    bc_spikes_release(&back);
    bc_spikes_release(&s);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spikes");
    TCase *streams = tcase_create("streams");
    tcase_add_test(streams, create);
    tcase_add_test(streams, windows);
    tcase_add_test(streams, rates);
    tcase_add_test(streams, npy_round_trip);
    tcase_add_test(streams, npy_of_bool);
    tcase_add_test(streams, npy_axes);
    tcase_add_test(streams, npy_doubt);
    tcase_add_test(streams, npy_described);
    tcase_add_test(streams, npy_errors);
    tcase_add_test(streams, dat_layout);
    tcase_add_test(streams, dat_round_trip);
    tcase_add_test(streams, dat_default_is_the_camera);
    tcase_add_test(streams, dat_described);
    tcase_add_test(streams, dat_wrongly_described);
    tcase_add_test(streams, description_stays);
    tcase_add_test(streams, dat_size_forgotten);
    tcase_add_test(streams, dat_errors);
    tcase_add_test(streams, kept_stream);
    if (test_shared_data())
        tcase_add_test(streams, real_stream);
    suite_add_tcase(s, streams);
    return s;
}

int main(void) {
    return test_run(suite());
}
