/* Pictures of every kind that others write: PNGs of all depths and colours (JPEGs: test_jpeg.c). */
#include "bicross/formats/image.h"
#include "tests/support.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

/* The other kinds of pixels that PNGs have, from a file of libpng's: all become 8-bit RGB. */
START_TEST(png_kinds) {
    static const struct {
        int bits, colour;
        uint8_t row[16]; /* two pixels */
        uint8_t rgb[6];
    } kinds[] = {
        {1, PNG_COLOR_TYPE_GRAY, {0x40}, {0, 0, 0, 255, 255, 255}},
        {4, PNG_COLOR_TYPE_GRAY, {0x3f}, {0x33, 0x33, 0x33, 255, 255, 255}},
        {8, PNG_COLOR_TYPE_GRAY_ALPHA, {7, 0, 9, 255}, {7, 7, 7, 9, 9, 9}},
        {16,
         PNG_COLOR_TYPE_GRAY_ALPHA,
         {0x80, 0x80, 0, 0, 0xff, 0xff, 0, 0},
         {0x80, 0x80, 0x80, 255, 255, 255}},
        {8, PNG_COLOR_TYPE_RGB_ALPHA, {1, 2, 3, 0, 4, 5, 6, 9}, {1, 2, 3, 4, 5, 6}},
        {16,
         PNG_COLOR_TYPE_RGB,
         {0, 0, 0x80, 0x80, 0xff, 0xff, 0x12, 0x12, 0x34, 0x34, 0x56, 0x56},
         {0, 0x80, 0xff, 0x12, 0x34, 0x56}},
        {16,
         PNG_COLOR_TYPE_RGB_ALPHA,
         {0, 0, 0x80, 0x80, 0xff, 0xff, 0, 0, 1, 1, 2, 2, 3, 3, 0, 0},
         {0, 0x80, 0xff, 1, 2, 3}},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        FILE *file = fopen(test_path("kind.png"), "wb");
        png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
        png_infop info = png_create_info_struct(png);
        png_init_io(png, file);
        png_set_IHDR(png, info, 2, 1, kinds[i].bits, kinds[i].colour, PNG_INTERLACE_NONE,
                     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png, info);
        png_write_row(png, kinds[i].row);
        png_write_end(png, NULL);
        png_destroy_write_struct(&png, &info);
        ck_assert_int_eq(fclose(file), 0);
        int width, height;
        uint8_t *rgb;
        ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &rgb));
        ck_assert(width == 2 && height == 1);
        ck_assert_mem_eq(rgb, kinds[i].rgb, 6);
        free(rgb);
    }
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("picture_files");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, png_kinds);
    suite_add_tcase(s, reading);
    return s;
}

int main(void) {
    return test_run(suite());
}
