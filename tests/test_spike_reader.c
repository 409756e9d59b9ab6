/* Spike files read window by window: arrays of every type, archives, layouts of raw files, recordings that were cut off. */
#include "bicross/data/spike_reader.h"
#include "tests/support.h"
#include "tests/support_npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 70, ROWS = 5, COLUMNS = 39, PIXELS = ROWS * COLUMNS, VALUES = FRAMES * PIXELS };

/* Smooth from row to row, as pictures are, and without a period of 8 or 32. */
static int spike_of(int t, int y, int x, int height) {
    double light = 0.15 + 0.7 * (0.5 + 0.5 * sin(x * 0.9)) * (0.8 + 0.2 * y / height);
    return (int)((t + 1) * light + 0.37 * x) - (int)(t * light + 0.37 * x);
}

static int spike(const bc_spike_stream *s, int t, int y, int x) {
    size_t pixel = (size_t)y * (size_t)s->width + (size_t)x;
    return (int)(s->words[pixel * (size_t)s->words_per_pixel + (size_t)(t / 32)] >> (t % 32) & 1);
}

/* Frames first .. of what spike_of says, in the stream's size; the bits after the last frame are 0. */
static void expect_spikes(const bc_spike_stream *s, int first) {
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++)
            for (int t = 0; t < 32 * s->words_per_pixel; t++)
                if (spike(s, t, y, x) != (t < s->frames ? spike_of(first + t, y, x, s->height) : 0))
                    ck_abort_msg("frame %d, row %d, column %d", first + t, y, x);
}

static void expect_file(const char *path, const bc_spike_format *format) {
    bc_spike_stream s;
    ck_ok(bc_spikes_read(&test_error, path, format, &s));
    ck_assert(s.frames == FRAMES && s.height == ROWS && s.width == COLUMNS && s.cut == 0);
    expect_spikes(&s, 0);
    bc_spikes_release(&s);
}

/* The known spikes as an array of a type, whose elements of 0 and of a spike are given. */
static uint8_t *array_of(size_t element, const void *none, const void *one) {
    uint8_t *values = malloc(VALUES * element), *at = values;
    for (int t = 0; t < FRAMES; t++)
        for (int y = 0; y < ROWS; y++)
            for (int x = 0; x < COLUMNS; x++, at += element)
                memcpy(at, spike_of(t, y, x, ROWS) ? one : none, element);
    return values;
}

static void write_array(const char *path, const char *type, size_t element, const void *none,
                        const void *one) {
    uint8_t *values = array_of(element, none, one);
    ck_ok(bc_npy_write(&test_error, path, type, 3, (long[]){FRAMES, ROWS, COLUMNS}, values));
    free(values);
}

START_TEST(arrays_of_every_type) {
    static const struct {
        const char *type;
        size_t element;
        uint8_t one[8], full[8];
    } types[] = {
        {"|b1", 1, {1}, {1}},
        {"|u1", 1, {1}, {255}},
        {"|i1", 1, {1}, {1}},
        {"<u2", 2, {1}, {255}},
        {"<i2", 2, {1}, {255}},
        {"<u4", 4, {1}, {255}},
        {"<i4", 4, {1}, {255}},
        {"<u8", 8, {1}, {255}},
        {"<i8", 8, {1}, {255}},
        {"<f2", 2, {0, 0x3c}, {0xf8, 0x5b}},
        {"<f4", 4, {0, 0, 0x80, 0x3f}, {0, 0, 0x7f, 0x43}},
        {"<f8", 8, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, {0, 0, 0, 0, 0, 0xe0, 0x6f, 0x40}},
    };
    static const uint8_t none[8] = {0};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t last = types[i].element - 1;
        uint8_t minus[8] = {0}, turned[8];
        write_array(test_path("a.npy"), types[i].type, types[i].element, none, types[i].one);
        expect_file(test_path_text, NULL);
        write_array(test_path_text, types[i].type, types[i].element, none, types[i].full);
        expect_file(test_path_text, NULL);
        minus[last] = types[i].type[1] == 'f' ? 0x80 : 0; /* a zero, too */
        write_array(test_path_text, types[i].type, types[i].element, minus, types[i].one);
        expect_file(test_path_text, NULL);
        if (last == 0)
            continue;
        for (size_t k = 0; k <= last; k++)
            turned[k] = types[i].one[last - k];
        write_array(test_path_text, types[i].type, types[i].element, none, turned);
        FILE *file = fopen(test_path_text, "r+");
        fseek(file, 10 + (long)strlen("{'descr': '"), SEEK_SET);
        ck_assert_int_eq(fputc('>', file), '>');
        ck_assert_int_eq(fclose(file), 0);
        expect_file(test_path_text, NULL);
    }
}
END_TEST

START_TEST(values_that_are_no_spikes) {
    static const struct {
        const char *type;
        size_t element;
        uint8_t bad[8];
        const char *found;
    } cases[] = {
        {"|u1", 1, {2}, "found 2 in frame 1, row 2, column 3"},
        {"|i1", 1, {255}, "found -1 in frame 1, row 2, column 3"},
        {"<u2", 2, {0, 1}, "found 256 in frame 1"},
        {"<f2", 2, {0, 0x38}, "found 0.5 in frame 1"},
        {"<f4", 4, {0, 0, 0xc0, 0x7f}, "found nan in frame 1"},
        {"<f8", 8, {0, 0, 0, 0, 0, 0, 0xf0, 0xbf}, "found -1 in frame 1"},
        {"<i8", 8, {1, 0, 0, 0, 0, 0, 0, 1}, "found 7.20576e+16 in frame 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t values[2 * 4 * 5 * 8] = {0};
        bc_error err = {0};
        bc_spike_stream s;
        memcpy(values + (20 + 2 * 5 + 3) * cases[i].element, cases[i].bad, cases[i].element);
        ck_ok(bc_npy_write(&test_error, test_path("bad.npy"), cases[i].type, 3, (long[]){2, 4, 5}, values));
        test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.axes = "thw"}, &s),
                            BC_E_FORMAT, &err, test_path_text, cases[i].found);
        ck_assert_ptr_null(s.words);
    }
    uint8_t mixed[2 * 4 * 5] = {0, 1, 255};
    bc_error err = {0};
    bc_spike_stream s;
    ck_ok(bc_npy_write(&test_error, test_path("mixed.npy"), "|u1", 3, (long[]){2, 4, 5}, mixed));
    test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.axes = "thw"}, &s),
                        BC_E_FORMAT, &err, "found 255 in frame 0, row 0, column 2", "1 and 255");
}
END_TEST

/* Dimensions of size 1 around the three, and the order of indices of another language. */
START_TEST(shapes_of_others) {
    static const uint8_t none = 0, one = 1;
    static const long shapes[][5] = {{1, FRAMES, ROWS, COLUMNS},
                                     {FRAMES, 1, ROWS, COLUMNS},
                                     {1, 1, FRAMES, ROWS, COLUMNS},
                                     {FRAMES, ROWS, COLUMNS, 1}};
    static const int ranks[] = {4, 4, 5, 4};
    uint8_t *values = array_of(1, &none, &one), *fortran = malloc(VALUES);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        ck_ok(bc_npy_write(&test_error, test_path("shape.npy"), "|u1", ranks[i], shapes[i], values));
        expect_file(test_path_text, NULL);
    }
    for (int i = 0; i < VALUES; i++)
        fortran[i / PIXELS + FRAMES * (i / COLUMNS % ROWS + ROWS * (i % COLUMNS))] = values[i];
    ck_ok(bc_npy_write(&test_error, test_path("fortran.npy"), "|u1", 3, shapes[0] + 1, fortran));
    FILE *file = fopen(test_path_text, "r+");
    fseek(file, 10 + (long)strlen("{'descr': '|u1', 'fortran_order': "), SEEK_SET);
    ck_assert_int_ge(fputs("True, ", file), 0); /* a blank more after "False," */
    ck_assert_int_eq(fclose(file), 0);
    expect_file(test_path_text, NULL);
    bc_error err = {0};
    bc_spike_stream s;
    ck_ok(bc_npy_write(&test_error, test_path("four.npy"), "|u1", 4, (long[]){2, FRAMES / 2, ROWS, COLUMNS},
                       values));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, test_path_text,
                        "4 dimensions");
    free(values);
    free(fortran);
}
END_TEST

/* Windows in any order are what the whole stream has there. */
static void expect_windows(const char *path, const bc_spike_format *format) {
    static const int cuts[][2] = {{0, FRAMES}, {3, 40}, {0, 1}, {69, 1}, {31, 33}, {10, 60}};
    bc_spike_reader *reader;
    ck_ok(bc_spike_reader_open(&test_error, path, format, &reader));
    ck_assert_int_eq(bc_spike_reader_info(reader).frames, FRAMES);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        bc_spike_stream s;
        ck_ok(bc_spike_reader_window(reader, &test_error, cuts[i][0], cuts[i][1], &s));
        ck_assert(s.frames == cuts[i][1] && s.height == ROWS && s.width == COLUMNS);
        expect_spikes(&s, cuts[i][0]);
        bc_spikes_release(&s);
    }
    bc_error err = {0};
    bc_spike_stream s;
    test_expect_failure(bc_spike_reader_window(reader, &err, 60, 11, &s), BC_E_ARGUMENT, &err,
                        "70 spike frames", "11 frames from frame 60");
    bc_spike_reader_close(reader);
}

START_TEST(archives) {
    static const uint8_t none = 0, one = 1;
    static const long shape[3] = {FRAMES, ROWS, COLUMNS}, flat[2] = {FRAMES * ROWS, COLUMNS};
    uint8_t *values = array_of(1, &none, &one);
    char named[1100];
    const bc_npz_member spikes = {"left", {"|u1", 3, shape, values}},
                        other = {"label", {"|u1", 2, flat, values}},
                        usual = {"spk", {"|u1", 3, shape, values}};
    for (int i = 0; i < 2; i++) {
        test_pack_npz(test_path("one.npz"), i ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                      (bc_npz_member[]){other, spikes}, 2);
        expect_windows(test_path_text, NULL);
        snprintf(named, sizeof named, "%s:left", test_path_text);
        expect_file(named, NULL);
    }
    test_pack_npz(test_path("both.npz"), ZIP_CM_DEFLATE, (bc_npz_member[]){spikes, usual}, 2);
    expect_file(test_path_text, NULL);
    bc_error err = {0};
    bc_spike_stream s;
    bc_npz_member twin = spikes;
    twin.name = "right";
    test_pack_npz(test_path("pair.npz"), ZIP_CM_STORE, (bc_npz_member[]){spikes, twin}, 2);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_ARGUMENT, &err, "left, right",
                        ":NAME");
    snprintf(named, sizeof named, "%s:middle", test_path_text);
    test_expect_failure(bc_spikes_read(&err, named, NULL, &s), BC_E_FORMAT, &err, "middle.npy",
                        "none among 2");
    test_pack_npz(test_path("none.npz"), ZIP_CM_STORE, &other, 1);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, "three dimensions",
                        "none among 1");
    ck_ok(bc_file_write(&test_error, test_path("no.npz"), "no archive", 10));
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &s), BC_E_FORMAT, &err, "no.npz",
                        "zip archive");
    free(values);
}
END_TEST

static void make_stream(int frames, int height, int width, bc_spike_stream *out) {
    ck_ok(bc_spikes_create(&test_error, frames, height, width, out));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int t = 0; t < frames; t++)
                out->words[((size_t)y * (size_t)width + (size_t)x) * (size_t)out->words_per_pixel +
                           (size_t)(t / 32)] |= (uint32_t)spike_of(t, y, x, height) << (t % 32);
}

START_TEST(every_format_reads_windows) {
    static const char *const names[] = {"w.npy", "w.npz", "w.dat"};
    bc_spike_stream s;
    make_stream(FRAMES, ROWS, COLUMNS, &s);
    for (int i = 0; i < 3; i++) {
        ck_ok(bc_spikes_write(&test_error, test_path(names[i]), NULL, &s));
        expect_windows(test_path_text, NULL);
    }
    bc_spikes_release(&s);
    static const uint8_t none = 0, one = 1;
    uint8_t *values = array_of(1, &none, &one), turned[VALUES];
    for (int i = 0; i < VALUES; i++)
        turned[i % PIXELS * FRAMES + i / PIXELS] = values[i];
    ck_ok(bc_npy_write(&test_error, test_path("hwt.npy"), "|u1", 3, (long[]){ROWS, COLUMNS, FRAMES}, turned));
    expect_windows(test_path_text, &(bc_spike_format){.axes = "hwt"});
    free(values);
}
END_TEST

/* Layouts that others write: each bit is put where it belongs, by hand. */
static void write_rows(const char *path, int row_bits, bool msb, bool top_down) {
    size_t frame = ((size_t)row_bits * ROWS + 7) / 8;
    uint8_t *file = calloc(FRAMES, frame);
    for (int t = 0; t < FRAMES; t++)
        for (int y = 0; y < ROWS; y++)
            for (int x = 0; x < row_bits; x++) {
                size_t bit = (size_t)(top_down ? y : ROWS - 1 - y) * (size_t)row_bits + (size_t)x;
                int value = x < COLUMNS ? spike_of(t, y, x, ROWS) : 1; /* what is no pixel must not be seen */
                file[(size_t)t * frame + bit / 8] |= (uint8_t)(value << (msb ? 7 - bit % 8 : bit % 8));
            }
    ck_ok(bc_file_write(&test_error, path, file, FRAMES * frame));
    free(file);
}

START_TEST(layouts) {
    static const struct {
        bc_dat_layout layout;
        int row_bits;
    } known[] = {{BC_DAT_PLAIN, COLUMNS}, {BC_DAT_ROWS, 40}, {BC_DAT_HEAD, COLUMNS + 16}};
    for (int i = 0; i < 3 * 4; i++) {
        bc_spike_format format = {.width = COLUMNS,
                                  .height = ROWS,
                                  .layout = known[i / 4].layout,
                                  .bits = i & 1 ? BC_BITS_MSB : BC_BITS_UNSAID,
                                  .rows = i & 2 ? BC_ROWS_TOP_DOWN : BC_ROWS_UNSAID};
        write_rows(test_path("layout.dat"), known[i / 4].row_bits, i & 1, i & 2);
        expect_windows(test_path_text, &format);
    }
    bc_spike_stream s; /* what is written says how */
    make_stream(FRAMES, ROWS, COLUMNS, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("own.dat"), &(bc_spike_format){.layout = BC_DAT_ROWS}, &s));
    expect_file(test_path_text, NULL);
    bc_error err = {0};
    test_expect_failure(
        bc_spikes_write(&err, test_path("pcie.dat"), &(bc_spike_format){.layout = BC_DAT_PCIE}, &s),
        BC_E_ARGUMENT, &err, "pcie.dat", "not written");
    bc_spikes_release(&s);
}
END_TEST

/* Half lines of 500 pixels, of which the last 12 bits say line (1..500; frames begin at 500) and channel (0..3). */
START_TEST(pcie_layout) {
    enum { SIDE = 1000, HALF = 64, FRAME = SIDE * 2 * HALF, COUNT = 3, BEFORE = 5 * HALF };
    uint8_t *file = calloc(1, BEFORE + COUNT * FRAME + 77);
    file[2 * HALF + 62] = 500 << 4 & 0xff; /* looks like a beginning, but for what comes a frame later */
    file[2 * HALF + 63] = 500 << 4 >> 8;
    for (int t = 0; t < COUNT; t++)
        for (int half = 0; half < 2 * SIDE; half++) {
            uint8_t *line = file + BEFORE + (size_t)t * FRAME + (size_t)half * HALF;
            for (int x = 0; x < SIDE / 2; x++)
                line[x / 8] |= (uint8_t)(spike_of(t, half / 2, half % 2 * SIDE / 2 + x, SIDE) << x % 8);
            int number = (half / 4 + 499) % 500 + 1, tail = number << 4 | half % 4 << 14;
            line[62] |= (uint8_t)(tail & 0xf0);
            line[63] = (uint8_t)(tail >> 8);
        }
    ck_ok(bc_file_write(&test_error, test_path("pcie.dat"), file, BEFORE + COUNT * FRAME + 77));
    bc_spike_stream s;
    ck_ok(bc_spikes_read(&test_error, test_path_text, &(bc_spike_format){.layout = BC_DAT_PCIE}, &s));
    ck_assert(s.frames == COUNT && s.height == SIDE && s.width == SIDE && s.cut == 77 && !s.size_assumed);
    expect_spikes(&s, 0);
    bc_spikes_release(&s);
    bc_error err = {0};
    memset(file, 0, BEFORE + COUNT * FRAME);
    ck_ok(bc_file_write(&test_error, test_path_text, file, BEFORE + COUNT * FRAME));
    test_expect_failure(bc_spikes_read(&err, test_path_text, &(bc_spike_format){.layout = BC_DAT_PCIE}, &s),
                        BC_E_FORMAT, &err, "line 500, channel 0", "pcie");
    test_expect_failure(bc_spikes_read(&err, test_path_text,
                                       &(bc_spike_format){.width = 400, .height = 250, .layout = BC_DAT_PCIE},
                                       &s),
                        BC_E_ARGUMENT, &err, "1000 x 1000", "400 x 250");
    free(file);
}
END_TEST

/* A recording that ends within a frame is read up to it; at a size that the picture speaks against it is refused. */
START_TEST(cut_recordings) {
    enum { HEIGHT = 48, WIDTH = 56, FRAME = HEIGHT * WIDTH / 8 };
    bc_spike_format format = {.width = WIDTH, .height = HEIGHT};
    bc_spike_stream s, back;
    bc_error err = {0};
    make_stream(40, HEIGHT, WIDTH, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("cut.dat"), &format, &s));
    ck_assert_int_eq(truncate(test_path_text, 39 * FRAME + 17), 0);
    test_expect_failure(bc_spikes_read(&err, test_path_text, NULL, &back), BC_E_FORMAT, &err, "is not what",
                        "expected 40 frames of 56 x 48, found 39");
    ck_assert_int_eq(remove(test_path("cut.dat.ini")), 0);
    ck_ok(bc_spikes_read(&test_error, test_path("cut.dat"), &format, &back));
    ck_assert(back.frames == 39 && back.cut == 17);
    expect_spikes(&back, 0);
    bc_spikes_release(&back);
    format.width = 57;
    test_expect_failure(bc_spikes_read(&err, test_path_text, &format, &back), BC_E_FORMAT, &err, "57 x 48",
                        "whole frames");
    bc_spikes_release(&s);
}
END_TEST

/* The camera's own columns, where nothing says the size: 13,000 bytes a frame. */
START_TEST(forgotten_head) {
    bc_spike_stream s, back;
    bc_error err = {0};
    make_stream(7, 250, 400, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("head.dat"), &(bc_spike_format){.layout = BC_DAT_HEAD}, &s));
    ck_assert_int_eq(remove(test_path("head.dat.ini")), 0);
    test_expect_failure(bc_spikes_read(&err, test_path("head.dat"), NULL, &back), BC_E_FORMAT, &err,
                        "7 frames of 400 x 250 with 16 columns more", "layout head");
    ck_ok(bc_spikes_read(&test_error, test_path_text, &(bc_spike_format){.layout = BC_DAT_HEAD}, &back));
    ck_assert(back.frames == 7 && back.size_assumed);
    expect_spikes(&back, 0);
    bc_spikes_release(&s);
    bc_spikes_release(&back);
}
END_TEST

/* A sparse file of ten gigabytes: windows of it take the memory of a window. */
START_TEST(longer_than_memory) {
    const off_t frames = 800000;
    bc_spike_stream s, last;
    bc_spike_reader *reader;
    make_stream(128, 250, 400, &s);
    ck_ok(bc_spikes_write(&test_error, test_path("long.dat"), NULL, &s));
    ck_assert_int_eq(remove(test_path("long.dat.ini")), 0);
    if (truncate(test_path("long.dat"), frames * 12500) != 0) {
        fprintf(stderr, "skipped: no sparse files here\n");
        bc_spikes_release(&s);
        return;
    }
    bc_spike_format camera = {.width = 400, .height = 250};
    ck_ok(bc_spike_reader_open(&test_error, test_path_text, &camera, &reader));
    ck_assert_int_eq(bc_spike_reader_info(reader).frames, frames);
    ck_ok(bc_spike_reader_window(reader, &test_error, 0, 128, &last));
    ck_assert_mem_eq(last.words, s.words, (size_t)250 * 400 * 4 * sizeof *s.words);
    bc_spikes_release(&last);
    ck_ok(bc_spike_reader_window(reader, &test_error, (int)frames - 128, 128, &last));
    ck_assert_double_eq(bc_spikes_rate(&last), 0);
    bc_spikes_release(&last);
    bc_spike_reader_close(reader);
    ck_assert_int_eq(remove(test_path_text), 0);
    bc_spikes_release(&s);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("spike_reader");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, arrays_of_every_type);
    tcase_add_test(reading, values_that_are_no_spikes);
    tcase_add_test(reading, shapes_of_others);
    tcase_add_test(reading, archives);
    tcase_add_test(reading, every_format_reads_windows);
    tcase_add_test(reading, layouts);
    tcase_add_test(reading, pcie_layout);
    tcase_add_test(reading, cut_recordings);
    tcase_add_test(reading, forgotten_head);
    tcase_add_test(reading, longer_than_memory);
    suite_add_tcase(s, reading);
    return s;
}

int main(void) {
    return test_run(suite());
}
