/* Image and array files: what is written is read back, and everything that is not what it should be is named.
 */
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npy.h"
#include "bicross/formats/ply.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

/* The call failed with this status, and its message holds the file's name and both words. */
static void expect_failure(bc_status status, bc_status wanted, bc_error *err, const char *first,
                           const char *second) {
    ck_assert_msg(strstr(err->text, test_path_text), "\"%s\" lacks %s", err->text, test_path_text);
    test_expect_failure(status, wanted, err, first, second);
}

static void write_bytes(const char *name, const void *data, size_t bytes) {
    bc_error_clear(&test_error);
    ck_ok(bc_file_write(&test_error, test_path(name), data, bytes));
}

static void fill_bytes(uint8_t *data, size_t count) {
    for (size_t i = 0; i < count; i++)
        data[i] = (uint8_t)(i * 37 + i / 7);
}

/* The bytes of a picture's file. */
static void encode_png(int width, int height, const uint8_t *rgb, uint8_t **png, size_t *bytes) {
    ck_ok(bc_png_write_rgb(&test_error, test_path("whole.png"), width, height, rgb));
    ck_ok(bc_file_read(&test_error, test_path_text, png, bytes));
}

/* Header and bytes of two points, with and without their uncertainty: little-endian, packed. */
START_TEST(ply_bytes) {
    const bc_point points[] = {{1, -2, 3, 0.5f, {4, 5, 6}}, {0, 0, 80, 0.25f, {255, 0, 1}}};
    const uint8_t first[] = {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x40, 0x40, 4, 5, 6, 0, 0, 0, 0x3f};
    static const char head[] = "ply\nformat binary_little_endian 1.0\ncomment a word\nelement vertex 2\n";
    for (int with = 0; with < 2; with++) {
        uint8_t *file;
        size_t bytes;
        ck_ok(bc_ply_write(&test_error, test_path("two.ply"), "a word", with, 2, points));
        ck_ok(bc_file_read(&test_error, test_path_text, &file, &bytes));
        ck_assert_int_eq(strncmp((char *)file, head, sizeof head - 1), 0);
        ck_assert(!strstr((char *)file, "float uncertainty") == !with);
        const uint8_t *data = (uint8_t *)strstr((char *)file, "end_header\n") + 11;
        size_t point = with ? 19 : 15;
        ck_assert_uint_eq(bytes - (size_t)(data - file), 2 * point);
        ck_assert_mem_eq(data, first, point);
        ck_assert_mem_eq(data + point + 12, points[1].rgb, 3);
        free(file);
    }
}
END_TEST

START_TEST(png_rgb_round_trip) {
    uint8_t rgb[13 * 7 * 3], *read;
    int width, height;
    fill_bytes(rgb, sizeof rgb);
    ck_ok(bc_png_write_rgb(&test_error, test_path("a.png"), 13, 7, rgb));
    ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &read));
    ck_assert_int_eq(width, 13);
    ck_assert_int_eq(height, 7);
    ck_assert_mem_eq(read, rgb, sizeof rgb);
    free(read);
}
END_TEST

START_TEST(png_grey_reads_as_rgb) {
    uint8_t grey[5 * 3], *read;
    int width, height;
    fill_bytes(grey, sizeof grey);
    ck_ok(bc_png_write_grey(&test_error, test_path("grey.png"), 5, 3, grey));
    ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &read));
    for (int i = 0; i < 45; i++)
        ck_assert_int_eq(read[i], grey[i / 3]);
    free(read);
}
END_TEST

START_TEST(png_16_round_trip) {
    uint16_t values[6] = {0, 1, 255, 256, 0x1234, 65535}, *read;
    int width, height;
    ck_ok(bc_png_write_16(&test_error, test_path("d.png"), 3, 2, values));
    ck_ok(bc_png_read_16(&test_error, test_path_text, &width, &height, &read));
    ck_assert_int_eq(width, 3);
    ck_assert_int_eq(height, 2);
    ck_assert_mem_eq(read, values, sizeof values);
    free(read);
}
END_TEST

/* An interlaced 5 x 4 image with 2 bits a pixel, a palette of three colours, and transparency on one of them.
 */
static const uint8_t palette_png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x04, 0x02, 0x03, 0x00, 0x00, 0x01, 0x4c, 0x5a, 0x2d, 0x45, 0x00,
    0x00, 0x00, 0x09, 0x50, 0x4c, 0x54, 0x45, 0xff, 0x00, 0x00, 0x00, 0x80, 0x00, 0x01, 0x02, 0xfa, 0x15,
    0x56, 0x46, 0xae, 0x00, 0x00, 0x00, 0x01, 0x74, 0x52, 0x4e, 0x53, 0x80, 0xad, 0x5e, 0x5b, 0x46, 0x00,
    0x00, 0x00, 0x18, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x60, 0x70, 0x60, 0x68, 0x60, 0xf0,
    0x00, 0x92, 0x13, 0x18, 0xda, 0x18, 0x18, 0x24, 0x1c, 0x00, 0x16, 0xa8, 0x02, 0xb7, 0x4b, 0x0d, 0xf7,
    0x3d, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

START_TEST(png_interlaced_palette) {
    int width, height;
    uint8_t *read;
    write_bytes("palette.png", palette_png, sizeof palette_png);
    ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &read));
    ck_assert_int_eq(width, 5);
    ck_assert_int_eq(height, 4);
    static const uint8_t colours[3][3] = {{255, 0, 0}, {0, 128, 0}, {1, 2, 250}};
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 5; x++)
            ck_assert_mem_eq(read + 3 * (y * 5 + x), colours[(x + 2 * y) % 3], 3);
    free(read);
}
END_TEST

START_TEST(png_of_another_kind) {
    bc_error err = {0};
    int width, height;
    uint8_t rgb[2 * 2 * 3] = {0}, *pixels;
    uint16_t deep[4] = {0}, *values;
    ck_ok(bc_png_write_rgb(&test_error, test_path("rgb.png"), 2, 2, rgb));
    expect_failure(bc_png_read_16(&err, test_path_text, &width, &height, &values), BC_E_FORMAT, &err,
                   "16-bit grey", "8-bit RGB");
    ck_assert_ptr_null(values);
    ck_ok(bc_png_write_16(&test_error, test_path("deep.png"), 2, 2, deep));
    expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FORMAT, &err,
                   "picture", "16-bit grey, as depth maps");
    ck_assert_ptr_null(pixels);
    write_bytes("photo.png", "\xff\xd8\xff\xe0 a JPEG", 12);
    expect_failure(bc_png_read_16(&err, test_path_text, &width, &height, &values), BC_E_FORMAT, &err,
                   "expected a PNG", "found a JPEG");
    write_bytes("page.png", "<!DOCTYPE html>", 15);
    expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FORMAT, &err,
                   "expected a PNG or JPEG", "found a page of the web");
    write_bytes("empty.png", "", 0);
    expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FORMAT, &err, "PNG",
                   "empty");
    test_path("absent.png");
    expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FILE, &err,
                   "cannot open", "No such file");
    expect_failure(bc_png_write_rgb(&err, test_path_text, 0, 2, rgb), BC_E_ARGUMENT, &err, "1 to", "0 x 2");
}
END_TEST

/* An image with a chunk before its pixels; both checksums are right. */
static void write_with_chunk(const char *name, const uint8_t *png, size_t bytes, const char *type,
                             const uint8_t *data, size_t length) {
    enum { HEADER = 33 }; /* signature and IHDR */
    uint8_t *file = malloc(bytes + length + 12), *at = file + HEADER;
    ck_assert_ptr_nonnull(file);
    memcpy(file, png, HEADER);
    uint32_t sum = (uint32_t)crc32(crc32(0, (const uint8_t *)type, 4), data, (uInt)length);
    const uint32_t words[2] = {__builtin_bswap32((uint32_t)length), __builtin_bswap32(sum)};
    memcpy(at, &words[0], 4);
    memcpy(at + 4, type, 4);
    memcpy(at + 8, data, length);
    memcpy(at + 8 + length, &words[1], 4);
    memcpy(at + 12 + length, png + HEADER, bytes - HEADER);
    write_bytes(name, file, bytes + length + 12);
    free(file);
}

/* A few kilobytes that become 64 MiB are passed over: the picture is good, and the memory is not asked for. */
START_TEST(png_bombs_beside_the_pixels) {
    enum { LARGE = 64 << 20 };
    static const struct {
        const char *type, *start;
        size_t length;
    } cases[] = {{"zTXt", "bomb\0\0", 6}, {"iCCP", "p\0\0", 3}, {"iTXt", "bomb\0\1\0\0\0", 9}};
    uint8_t rgb[9 * 5 * 3], *png, *pixels, *zeros = calloc(1, LARGE), *chunk = malloc(LARGE / 100);
    size_t bytes;
    int width, height;
    fill_bytes(rgb, sizeof rgb);
    encode_png(9, 5, rgb, &png, &bytes);
    for (int i = 0; i < 3; i++) {
        uLongf packed = LARGE / 100 - 16;
        memcpy(chunk, cases[i].start, cases[i].length);
        ck_assert_int_eq(compress(chunk + cases[i].length, &packed, zeros, LARGE), Z_OK);
        write_with_chunk("bomb.png", png, bytes, cases[i].type, chunk, cases[i].length + packed);
        struct rusage before, after;
        getrusage(RUSAGE_SELF, &before);
        ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &pixels));
        getrusage(RUSAGE_SELF, &after);
        ck_assert_mem_eq(pixels, rgb, sizeof rgb);
        ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 16 << 10); /* KiB */
        free(pixels);
    }
    free(zeros);
    free(chunk);
    free(png);
}
END_TEST

START_TEST(png_of_too_many_pixels) {
    bc_error err = {0};
    int width, height;
    uint8_t rgb[3] = {0}, *png, *pixels;
    size_t bytes;
    encode_png(1, 1, rgb, &png, &bytes);
    png[18] = png[22] = 0x40; /* 16385 a side */
    uint32_t sum = __builtin_bswap32((uint32_t)crc32(0, png + 12, 17));
    memcpy(png + 29, &sum, 4);
    write_bytes("many.png", png, bytes);
    free(png);
    expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FORMAT, &err, "2^27",
                   "pixels");
    ck_assert_ptr_null(pixels);
}
END_TEST

START_TEST(png_of_either_kind) {
    uint8_t rgb[2 * 2 * 3] = {1, 2, 3}, *pixels;
    uint16_t deep[4] = {1, 2, 3, 400}, *values;
    int width, height;
    ck_ok(bc_png_write_rgb(&test_error, test_path("rgb.png"), 2, 2, rgb));
    ck_ok(bc_png_read_either(&test_error, test_path_text, &width, &height, &pixels, &values));
    ck_assert_ptr_null(values);
    ck_assert_mem_eq(pixels, rgb, sizeof rgb);
    free(pixels);
    ck_ok(bc_png_write_16(&test_error, test_path("deep.png"), 2, 2, deep));
    ck_ok(bc_png_read_either(&test_error, test_path_text, &width, &height, &pixels, &values));
    ck_assert_ptr_null(pixels);
    ck_assert_mem_eq(values, deep, sizeof deep);
    free(values);
}
END_TEST

START_TEST(depth_ranges_are_known_before) {
    bc_error err = {0};
    ck_ok(bc_depth_check_range(&test_error, test_path("d.png"), 256, 255.99f));
    ck_ok(bc_depth_check_range(&test_error, test_path("d.pfm"), 256, 1e4f));
    ck_ok(bc_depth_check_range(&test_error, test_path("d.npy"), 256, 1e4f));
    test_path("d.png");
    expect_failure(bc_depth_check_range(&err, test_path_text, 256, 300), BC_E_ARGUMENT, &err,
                   "at most 256.0 m", "300 m");
    expect_failure(bc_depth_check_range(&err, test_path_text, 0, 1), BC_E_ARGUMENT, &err, "positive",
                   "found 0");
}
END_TEST

START_TEST(kinds_are_told_by_endings) {
    static const struct {
        const char *ending;
        int number;
    } formats[] = {{".one", 1}, {".two", 2}, {".three", 3}}, *found;
    const bc_kind kind = BC_KIND("a number", formats), first = {"a number", formats, 1, sizeof formats[0]};
    char text[BC_KIND_TEXT];
    ck_assert_str_eq(bc_kind_endings(&kind, text), ".one, .two or .three");
    ck_assert_str_eq(bc_kind_endings(&first, text), ".one");
    found = bc_kind_find(&kind, "a.b/c.TWO");
    ck_assert_ptr_eq(found, &formats[1]);
    ck_assert_ptr_null(bc_kind_find(&first, "c.two"));
    ck_assert_ptr_null(bc_kind_find(&kind, "a.two/c"));
    bc_error err = {0};
    test_path("c.four");
    expect_failure(bc_kind_fail(&err, &kind, test_path_text), BC_E_ARGUMENT, &err,
                   "expected a number ending in .one, .two or", "found \".four\"");
}
END_TEST

START_TEST(depths_find_a_format_that_holds_them) {
    bc_error err = {0};
    ck_assert_str_eq(bc_depth_ending_for(&err, BC_UNITS_INDOOR, 65), BC_PNG);
    ck_assert_int_eq(err.status, BC_OK);
    ck_assert_str_eq(bc_depth_ending_for(&err, BC_UNITS_INDOOR, 66), BC_PFM);
    ck_assert_int_eq(err.status, BC_E_ARGUMENT);
}
END_TEST

/* Every proper prefix of a file is refused; so is every file with one byte changed, or it decodes to some
 * image. */
START_TEST(png_truncated_and_damaged) {
    uint8_t rgb[9 * 5 * 3], *file, *pixels;
    size_t bytes;
    int width, height;
    fill_bytes(rgb, sizeof rgb);
    encode_png(9, 5, rgb, &file, &bytes);
    for (size_t cut = 0; cut < bytes; cut += 3) {
        bc_error err = {0};
        write_bytes("cut.png", file, cut);
        expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &pixels), BC_E_FORMAT, &err,
                       "expected", "found");
        ck_assert_ptr_null(pixels);
    }
    for (size_t at = 0; at < bytes; at += 2) {
        bc_error err = {0};
        file[at] ^= 0x55;
        write_bytes("damaged.png", file, bytes);
        file[at] ^= 0x55;
        bc_status status = bc_picture_read(&err, test_path_text, &width, &height, &pixels);
        ck_assert(status == BC_OK || strstr(err.text, test_path_text));
        free(pixels);
    }
    free(file);
}
END_TEST

START_TEST(pfm_round_trip_both_orders) {
    float values[6] = {0, -1.5f, 2, INFINITY, 1e-20f, 7}, *read;
    int width, height;
    ck_ok(bc_pfm_write(&test_error, test_path("a.pfm"), 3, 2, values));
    ck_ok(bc_pfm_read(&test_error, test_path_text, &width, &height, &read));
    ck_assert_int_eq(width, 3);
    ck_assert_int_eq(height, 2);
    ck_assert_mem_eq(read, values, sizeof values);
    free(read);
    /* big-endian, bottom row first: 1.0 below 2.0 */
    write_bytes("big.pfm", "Pf\n1 2\n1.0\n\x3f\x80\0\0\x40\0\0\0", 19);
    ck_ok(bc_pfm_read(&test_error, test_path_text, &width, &height, &read));
    ck_assert_float_eq(read[0], 2.0f);
    ck_assert_float_eq(read[1], 1.0f);
    free(read);
}
END_TEST

/* As the common reader in Python takes them; the data begin like white space and must not be taken for it. */
START_TEST(pfm_headers_of_others) {
    static const char *const headers[] = {"Pf\r\n1 1\r\n-1.0\r\n", "Pf\n1 1 \n-1.0\n", "Pf\n1  1\n-1.0\n",
                                          "Pf 1 1\n-1\n", "Pf\n1\n1\n-1.0 \t\r\n"};
    static const char *const data[] = {"\n\r \x3f", " \n\n\x3f", "\r\n\t\x3f"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        for (size_t k = 0; k < 3; k++) {
            char file[64];
            int width, height;
            float *values;
            int length = snprintf(file, sizeof file, "%s%s", headers[i], data[k]);
            write_bytes("other.pfm", file, (size_t)length);
            ck_ok(bc_pfm_read(&test_error, test_path_text, &width, &height, &values));
            ck_assert_mem_eq(values, data[k], 4);
            free(values);
        }
}
END_TEST

START_TEST(pfm_malformed) {
    static const struct {
        const char *text, *first, *second;
    } cases[] = {
        {"", "one channel", "another start"},
        {"PF\n1 1\n-1\n............", "one channel", "three channels"},
        {"Pf\n0 1\n-1\n", "width and height", "something else"},
        {"Pf\n1 99999999999\n-1\n", "width and height", "something else"},
        {"Pf\n1 x\n-1\n....", "width and height", "something else"},
        {"Pf\n2.5 3\n-1\n....", "width and height", "something else"},
        {"Pf\n0x1 1\n-1\n....", "width and height", "something else"},
        {"Pf\n+1 1\n-1\n....", "width and height", "something else"},
        {"Pf\n32769 1\n-1\n....", "width and height", "1 to 32768"},
        {"Pf\n1 1\n0x1\n....", "scale", "\"0x1\""},
        {"Pf\n1 1\n-1 ....", "line end", "-1"},
        {"Pf\n1 1\n-1\r....", "line end", "-1"},
        {"Pf\n1 1\n-1\n\n....", "4 bytes", "found 5"},
        {"Pf\n1 1\n0\n....", "scale", "\"0\""},
        {"Pf\n1 1\nnan\n....", "scale", "\"nan\""},
        {"Pf\n1 1\n-1", "scale", "\"-1\""},
        {"Pf\n2 1\n-1\n....", "8 bytes", "found 4"},
        {"Pf\n1 1\n-1\n.....", "4 bytes", "found 5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_error err = {0};
        int width, height;
        float *values;
        write_bytes("bad.pfm", cases[i].text, strlen(cases[i].text));
        expect_failure(bc_pfm_read(&err, test_path_text, &width, &height, &values), BC_E_FORMAT, &err,
                       cases[i].first, cases[i].second);
        ck_assert_ptr_null(values);
    }
}
END_TEST

START_TEST(npy_round_trip) {
    static const struct {
        const char *type;
        size_t bytes;
    } types[] = {{"|b1", 1}, {"|u1", 1}, {"|i1", 1}, {"<u2", 2}, {"<i2", 2}, {"<u4", 4},
                 {"<i4", 4}, {"<u8", 8}, {"<i8", 8}, {"<f2", 2}, {"<f4", 4}, {"<f8", 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        bc_npy npy;
        uint8_t data[6 * 8] = {0};
        float values[6];
        for (size_t k = 0; k < 6; k++)
            data[k * types[i].bytes] = (uint8_t)k; /* little-endian k, for integers */
        long shape[2] = {2, 3};
        ck_ok(bc_npy_write(&test_error, test_path("a.npy"), types[i].type, 2, shape, data));
        ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
        ck_assert_str_eq(npy.type, types[i].type);
        ck_assert_int_eq(npy.rank, 2);
        ck_assert_int_eq(npy.shape[0], 2);
        ck_assert_int_eq(npy.shape[1], 3);
        ck_assert_uint_eq(npy.count, 6);
        ck_assert_mem_eq(npy.data, data, 6 * types[i].bytes);
        ck_assert_uint_eq((size_t)(npy.data - npy.bytes) % 64, 0);
        ck_ok(bc_npy_floats(&test_error, test_path_text, &npy, values));
        for (int k = 0; types[i].type[1] != 'f' && k < 6; k++)
            ck_assert_float_eq(values[k], (float)k);
        bc_npy_close(&npy);
    }
}
END_TEST

START_TEST(npy_signs_and_doubles) {
    bc_npy npy;
    float values[2];
    int16_t negative[2] = {-3, 300};
    double wide[2] = {-0.25, 1e10};
    ck_ok(bc_npy_write(&test_error, test_path("s.npy"), "<i2", 1, (long[]){2}, negative));
    ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
    ck_ok(bc_npy_floats(&test_error, test_path_text, &npy, values));
    ck_assert_float_eq(values[0], -3.0f);
    ck_assert_float_eq(values[1], 300.0f);
    bc_npy_close(&npy);
    ck_ok(bc_npy_write(&test_error, test_path("w.npy"), "<f8", 1, (long[]){2}, wide));
    ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
    ck_ok(bc_npy_floats(&test_error, test_path_text, &npy, values));
    ck_assert_float_eq(values[0], -0.25f);
    ck_assert_float_eq(values[1], 1e10f);
    bc_npy_close(&npy);
}
END_TEST

START_TEST(npy_in_memory) {
    const float data[6] = {1, 2, 3, 4, 5, 6};
    const long shape[2] = {3, 2};
    uint8_t *written, *encoded, *broken = calloc(1, 5);
    size_t written_size, encoded_size;
    bc_npy npy;
    ck_ok(bc_npy_write(&test_error, test_path("m.npy"), "<f4", 2, shape, data));
    ck_ok(bc_file_read(&test_error, test_path_text, &written, &written_size));
    ck_ok(bc_npy_encode(&test_error, "memory", &(bc_npy_array){"<f4", 2, shape, data}, &encoded,
                        &encoded_size));
    ck_assert_uint_eq(encoded_size, written_size);
    ck_assert_mem_eq(encoded, written, written_size);
    free(written);
    ck_ok(bc_npy_decode(&test_error, "memory", encoded, encoded_size, &npy));
    ck_assert_mem_eq(npy.data, data, sizeof data);
    bc_npy_close(&npy);
    bc_error err = {0};
    test_expect_failure(bc_npy_decode(&err, "memory", broken, 5, &npy), BC_E_FORMAT, &err, "memory",
                        "NPY file");
    ck_assert_ptr_null(npy.bytes);
    test_expect_failure(
        bc_npy_encode(&err, "memory", &(bc_npy_array){"<f4", 9, shape, data}, &encoded, &encoded_size),
        BC_E_ARGUMENT, &err, "memory", "found 9");
}
END_TEST

/* A file with this version, dictionary and number of data bytes. */
static void write_npy(int version, const char *dictionary, size_t data) {
    uint8_t file[600] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0, (uint8_t)strlen(dictionary)};
    size_t start = version == 1 ? 10 : 12, length = strlen(dictionary);
    memcpy(file + start, dictionary, length);
    write_bytes("x.npy", file, start + length + data);
}

START_TEST(npy_versions_and_scalars) {
    bc_npy npy;
    write_npy(2, "{\"x\": 0, 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 8);
    ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
    ck_assert_uint_eq(npy.count, 2);
    bc_npy_close(&npy);
    write_npy(1, "{'shape': (), 'fortran_order': False, 'descr': '|u1'}", 1);
    ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
    ck_assert_int_eq(npy.rank, 0);
    ck_assert_uint_eq(npy.count, 1);
    bc_npy_close(&npy);
}
END_TEST

/* A file with this dictionary and these elements. */
static void write_elements(const char *dictionary, const void *data, size_t bytes) {
    uint8_t file[600] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)strlen(dictionary)};
    memcpy(file + 10, dictionary, strlen(dictionary));
    memcpy(file + 10 + strlen(dictionary), data, bytes);
    write_bytes("x.npy", file, 10 + strlen(dictionary) + bytes);
}

/* As other machines and older programs wrote: either order of bytes and of indices, halves, sizes like 2L. */
START_TEST(npy_of_others) {
    static const struct {
        const char *dictionary;
        uint8_t data[12];
        size_t bytes;
        const char *type;
        float values[6];
    } cases[] = {
        {"{'descr': '>u2', 'fortran_order': False, 'shape': (2L, 3L)}",
         {0, 1, 0, 2, 0, 3, 1, 4, 0, 5, 0, 6},
         12,
         "<u2",
         {1, 2, 3, 260, 5, 6}},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}",
         {1, 2, 3, 4, 5, 6},
         6,
         "|u1",
         {1, 3, 5, 2, 4, 6}},
        {"{'descr': '>i2', 'fortran_order': True, 'shape': (3, 2, 1)}",
         {0, 1, 0, 2, 0, 3, 255, 255, 0, 5, 0, 6},
         12,
         "<i2",
         {1, -1, 2, 5, 3, 6}},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (6,)}",
         {0, 0x3c, 0, 0xbc, 0, 0x38, 1, 0, 0, 0, 0xf8, 0x5b},
         12,
         "<f2",
         {1, -1, 0.5f, 0x1p-24f, 0, 255}},
        {"{'descr': '>f2', 'fortran_order': False, 'shape': (6,)}",
         {0x3c, 0, 0xbc, 0, 0x38, 0, 0, 1, 0, 0, 0x5b, 0xf8},
         12,
         "<f2",
         {1, -1, 0.5f, 0x1p-24f, 0, 255}},
        {"{'descr': '>i1', 'fortran_order': False, 'shape': (6,)}",
         {255, 1, 2, 3, 4, 5},
         6,
         "|i1",
         {-1, 1, 2, 3, 4, 5}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_npy npy;
        float values[6];
        write_elements(cases[i].dictionary, cases[i].data, cases[i].bytes);
        ck_ok(bc_npy_open(&test_error, test_path_text, &npy));
        ck_assert_str_eq(npy.type, cases[i].type);
        ck_assert_uint_eq(npy.count, 6);
        ck_ok(bc_npy_floats(&test_error, test_path_text, &npy, values));
        ck_assert_mem_eq(values, cases[i].values, sizeof values);
        bc_npy_close(&npy);
    }
}
END_TEST

START_TEST(npy_malformed) {
    static const struct {
        int version;
        const char *dictionary;
        size_t data;
        const char *first, *second;
    } cases[] = {
        {4, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 4, "format 1 to 3", "4.0"},
        {1, "{'fortran_order': False, 'shape': (1,)}", 4, "'descr':", "header"},
        {1, "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", 8, "floats of 2, 4 or 8",
         "found '<c8'"},
        {1, "{'descr': '>f3', 'fortran_order': False, 'shape': (1,)}", 4, "floats of 2, 4 or 8",
         "found '>f3'"},
        {1, "{'descr': '|f4', 'fortran_order': False, 'shape': (1,)}", 4, "floats of 2, 4 or 8",
         "found '|f4'"},
        {1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4, "floats", "[('a'"},
        {1, "{'descr': '<f4', 'fortran_order': 1, 'shape': (1, 1)}", 4, "True or False", "found 1"},
        {1, "{'descr': '<f4', 'fortran_order': False}", 4, "'shape':", "header"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': 3}", 4, "shape", "3"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, -2)}", 4, "shape", "-2"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}", 8, "shape", "(1 2)"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2", 8, "shape", "(1, 2"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 4, "shape", "up to 8"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 4, "shape",
         "4294967296"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", 0, "elements",
         "0 bytes"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", 11, "3 elements", "11 bytes"},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", 13, "3 elements", "13 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bc_error err = {0};
        bc_npy npy;
        write_npy(cases[i].version, cases[i].dictionary, cases[i].data);
        expect_failure(bc_npy_open(&err, test_path_text, &npy), BC_E_FORMAT, &err, cases[i].first,
                       cases[i].second);
        ck_assert_ptr_null(npy.bytes);
    }
    bc_error err = {0};
    bc_npy npy;
    write_bytes("zip.npy", "PK\3\4..........", 14);
    expect_failure(bc_npy_open(&err, test_path_text, &npy), BC_E_FORMAT, &err, "NPY", "zip");
    write_bytes("short.npy", "\x93NUMPY\1\0\xff\0{", 11);
    expect_failure(bc_npy_open(&err, test_path_text, &npy), BC_E_FORMAT, &err, "255 bytes", "11 bytes");
    write_bytes("shorter.npy", "\x93NUMPY\2\0\0\0", 10);
    expect_failure(bc_npy_open(&err, test_path_text, &npy), BC_E_FORMAT, &err, "header", "10 bytes");
    expect_failure(bc_npy_write(&err, test_path_text, ">f2", 1, (long[]){1}, "xx"), BC_E_FORMAT, &err,
                   "floats of 2", ">f2");
}
END_TEST

START_TEST(depth_round_trip) {
    static const struct {
        const char *name;
        float scale, tolerance;
    } files[] = {{"d.png", 256, 0.5f / 256}, {"d.PNG", 1000, 0.5f / 1000}, {"d.pfm", 0, 0}, {"d.npy", 0, 0}};
    const float metres[6] = {0, 1.25f, 63.111f, 7.0003f, 0.25f, 60};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int width, height;
        float *read;
        ck_ok(bc_depth_write(&test_error, test_path(files[i].name), files[i].scale, 3, 2, metres));
        ck_ok(bc_depth_read(&test_error, test_path_text, files[i].scale, &width, &height, &read));
        ck_assert_int_eq(width, 3);
        ck_assert_int_eq(height, 2);
        for (int k = 0; k < 6; k++)
            ck_assert_float_eq_tol(read[k], metres[k], files[i].tolerance + 1e-5f);
        free(read);
    }
}
END_TEST

START_TEST(depth_without_value) {
    const float metres[4] = {NAN, INFINITY, -2, 5};
    static const char *const names[] = {"n.png", "n.pfm", "n.npy"};
    for (int i = 0; i < 3; i++) {
        int width, height;
        float *read;
        ck_ok(bc_depth_write(&test_error, test_path(names[i]), 256, 2, 2, metres));
        ck_ok(bc_depth_read(&test_error, test_path_text, 256, &width, &height, &read));
        for (int k = 0; k < 4; k++)
            ck_assert_float_eq(read[k], k == 3 ? 5.0f : 0.0f);
        free(read);
    }
}
END_TEST

START_TEST(depth_errors) {
    bc_error err = {0};
    int width, height;
    float metres[4] = {1, 2, 300, 4}, *read;
    test_path("far.png");
    expect_failure(bc_depth_write(&err, test_path_text, 256, 2, 2, metres), BC_E_ARGUMENT, &err, "256.0 m",
                   "300 m");
    ck_assert(!bc_file_exists(test_path_text));
    expect_failure(bc_depth_write(&err, test_path_text, 0, 2, 2, metres), BC_E_ARGUMENT, &err, "scale", "0");
    test_path("d.tif");
    expect_failure(bc_depth_write(&err, test_path_text, 256, 2, 2, metres), BC_E_ARGUMENT, &err, ".pfm",
                   ".tif");
    expect_failure(bc_depth_read(&err, test_path_text, 256, &width, &height, &read), BC_E_ARGUMENT, &err,
                   ".pfm", ".tif");
    ck_ok(bc_npy_write(&test_error, test_path("line.npy"), "<f4", 1, (long[]){4}, metres));
    expect_failure(bc_depth_read(&err, test_path_text, 256, &width, &height, &read), BC_E_FORMAT, &err,
                   "(height, width)", "1 dimensions");
    ck_assert_ptr_null(read);
    ck_ok(bc_npy_write(&test_error, test_path("none.npy"), "<f4", 2, (long[]){0, 3}, metres));
    expect_failure(bc_depth_read(&err, test_path_text, 256, &width, &height, &read), BC_E_FORMAT, &err,
                   "(height, width)", "0 values");
}
END_TEST

/* Nothing is said on the error stream: it goes to a file for the length of one bad read. */
START_TEST(silent) {
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    FILE *log = tmpfile();
    ck_assert_ptr_nonnull(log);
    dup2(fileno(log), STDERR_FILENO);
    bc_error err = {0};
    int width, height;
    uint8_t *pixels;
    write_bytes("loud.png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR....", 20);
    bc_status status = bc_picture_read(&err, test_path_text, &width, &height, &pixels);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    fseek(log, 0, SEEK_END);
    long said = ftell(log);
    fclose(log);
    ck_assert_int_eq(status, BC_E_FORMAT);
    ck_assert_int_eq(said, 0);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("formats");
    TCase *images = tcase_create("images");
    tcase_add_test(images, ply_bytes);
    tcase_add_test(images, png_rgb_round_trip);
    tcase_add_test(images, png_grey_reads_as_rgb);
    tcase_add_test(images, png_16_round_trip);
    tcase_add_test(images, png_interlaced_palette);
    tcase_add_test(images, png_of_another_kind);
    tcase_add_test(images, png_truncated_and_damaged);
    tcase_add_test(images, pfm_round_trip_both_orders);
    tcase_add_test(images, png_bombs_beside_the_pixels);
    tcase_add_test(images, png_of_too_many_pixels);
    tcase_add_test(images, png_of_either_kind);
    tcase_add_test(images, pfm_headers_of_others);
    tcase_add_test(images, pfm_malformed);
    tcase_add_test(images, silent);
    suite_add_tcase(s, images);
    TCase *arrays = tcase_create("arrays");
    tcase_add_test(arrays, npy_round_trip);
    tcase_add_test(arrays, npy_signs_and_doubles);
    tcase_add_test(arrays, npy_in_memory);
    tcase_add_test(arrays, npy_versions_and_scalars);
    tcase_add_test(arrays, npy_of_others);
    tcase_add_test(arrays, npy_malformed);
    suite_add_tcase(s, arrays);
    TCase *depth = tcase_create("depth");
    tcase_add_test(depth, depth_round_trip);
    tcase_add_test(depth, depth_without_value);
    tcase_add_test(depth, depth_errors);
    tcase_add_test(depth, kinds_are_told_by_endings);
    tcase_add_test(depth, depth_ranges_are_known_before);
    tcase_add_test(depth, depths_find_a_format_that_holds_them);
    suite_add_tcase(s, depth);
    return s;
}

int main(void) {
    return test_run(suite());
}
