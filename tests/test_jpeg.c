/* JPEG pictures that others write, also of another ending than they should have; not built where libjpeg-turbo is not there. */
#include "bicross/formats/image.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

static void write_bytes(const char *name, const void *bytes, size_t count) {
    ck_ok(bc_file_write(&test_error, test_path(name), bytes, count));
}

/* A JPEG image of smooth colours, in memory of the library's. */
static unsigned long encode_jpeg(int width, int height, int format, int flags, uint8_t **file) {
    uint8_t *pixels = malloc((size_t)width * (size_t)height * 4);
    int channels = tjPixelSize[format];
    for (int i = 0; i < width * height * channels; i++)
        pixels[i] = (uint8_t)(40 * (i % channels) + i / channels % width + i / channels / width);
    unsigned long bytes = 0;
    tjhandle jpeg = tjInitCompress();
    *file = NULL;
    int sampling = format == TJPF_GRAY ? TJSAMP_GRAY : TJSAMP_444;
    ck_assert_int_eq(tjCompress2(jpeg, pixels, width, 0, height, format, file, &bytes, sampling, 100, flags),
                     0);
    tjDestroy(jpeg);
    free(pixels);
    return bytes;
}

static void expect_jpeg(const char *name, int format, int flags) {
    enum { WIDTH = 37, HEIGHT = 21 };
    uint8_t *file, *rgb;
    int width, height, channels = tjPixelSize[format];
    unsigned long bytes = encode_jpeg(WIDTH, HEIGHT, format, flags, &file);
    write_bytes(name, file, bytes);
    tjFree(file);
    ck_ok(bc_picture_read(&test_error, test_path_text, &width, &height, &rgb));
    ck_assert(width == WIDTH && height == HEIGHT);
    for (int i = 0; i < 3 * WIDTH * HEIGHT; i++) {
        int pixel = i / 3, channel = channels == 1 ? 0 : i % 3;
        ck_assert_int_le(abs(rgb[i] - (40 * channel + pixel % WIDTH + pixel / WIDTH)), 3);
    }
    free(rgb);
}

START_TEST(jpegs) {
    expect_jpeg("photo.jpg", TJPF_RGB, 0);
    expect_jpeg("photo.JPEG", TJPF_RGB, TJFLAG_PROGRESSIVE);
    expect_jpeg("grey.jpg", TJPF_GRAY, 0);
    expect_jpeg("named.png", TJPF_RGB, 0); /* what it is counts, not what it is called */
    bc_error err = {0};
    int width, height;
    uint8_t *file, *rgb;
    unsigned long bytes = encode_jpeg(64, 64, TJPF_RGB, 0, &file);
    write_bytes("cut.jpg", file, bytes / 2);
    test_expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &rgb), BC_E_FORMAT, &err,
                        "cut.jpg", "damaged");
    ck_assert_ptr_null(rgb);
    write_bytes("head.jpg", file, 40);
    test_expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &rgb), BC_E_FORMAT, &err,
                        "head.jpg", "damaged");
    for (unsigned long at = 0; at + 9 < bytes; at++)
        if (file[at] == 0xff && file[at + 1] == 0xc0) { /* the frame header: its size */
            memcpy(file + at + 5, "\xff\xdc\xff\xdc", 4);
            break;
        }
    write_bytes("large.jpg", file, bytes);
    test_expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &rgb), BC_E_FORMAT, &err,
                        "large.jpg", "65500 x 65500");
    tjFree(file);
    bytes = encode_jpeg(16, 16, TJPF_CMYK, 0, &file);
    write_bytes("print.jpg", file, bytes);
    test_expect_failure(bc_picture_read(&err, test_path_text, &width, &height, &rgb), BC_E_FORMAT, &err,
                        "print.jpg", "CMYK");
    tjFree(file);
}
END_TEST

static Suite *suite(void) {
    Suite *s = suite_create("jpeg");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, jpegs);
    suite_add_tcase(s, reading);
    return s;
}

int main(void) {
    return test_run(suite());
}
