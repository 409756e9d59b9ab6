/* PNG files through libpng, which reports errors by jumping back: everything that changes after setjmp lives
 * in a structure of the caller's, so that the jump loses nothing and one place releases it. */
#include "bicross/formats/picture_formats.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "16-bit samples are swapped for a little-endian host");

enum { LARGEST_CHUNK = 1 << 23, MOST_CHUNKS = 128 }; /* bytes of one beside the pixels; how many are kept */

typedef enum kind { RGB_8, GREY_16, EITHER } kind;

typedef struct decoder {
    const uint8_t *file;
    size_t bytes, at;
    kind wanted;
    bool sixteen; /* 16-bit grey, else 8-bit RGB; known when the header was read */
    int width, height, bits, colour;
    uint8_t *pixels;
    bool refused;      /* a good PNG of another kind */
    char message[160]; /* why decoding stopped */
} decoder;

static void stop_decoding(png_structp png, png_const_charp text) {
    decoder *d = png_get_error_ptr(png);
    snprintf(d->message, sizeof d->message, "%s", text);
    png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void take_bytes(png_structp png, png_bytep out, png_size_t count) {
    decoder *d = png_get_io_ptr(png);
    if (count > d->bytes - d->at)
        png_error(png, "it ends early");
    memcpy(out, d->file + d->at, count);
    d->at += count;
}

static const char *colour_name(int colour) {
    switch (colour) {
    case PNG_COLOR_TYPE_GRAY:
        return "grey";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return "grey with alpha";
    case PNG_COLOR_TYPE_PALETTE:
        return "palette";
    case PNG_COLOR_TYPE_RGB:
        return "RGB";
    default:
        return "RGB with alpha";
    }
}

/* 16-bit grey is what depth maps are: as a picture it would be black, and is refused. */
static bool kind_is_wanted(decoder *d) {
    d->sixteen = d->bits == 16 && d->colour == PNG_COLOR_TYPE_GRAY;
    return d->wanted == EITHER || (d->wanted == GREY_16) == d->sixteen;
}

static void convert(const decoder *d, png_structp png) {
    if (d->sixteen) {
        png_set_swap(png); /* the file is big-endian */
        return;
    }
    png_set_expand(png);   /* palette to RGB, 1-4 bits to 8 */
    png_set_scale_16(png); /* 16 bits to 8 */
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
}

static bool decode(decoder *d, png_structp png, png_infop info) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_user_limits(png, BC_PICTURE_SIDE, BC_PICTURE_SIDE);
    /* Only what makes pixels is read: a compressed profile or comment may grow a thousandfold. */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_chunk_malloc_max(png, LARGEST_CHUNK);
    png_set_chunk_cache_max(png, MOST_CHUNKS);
    png_set_read_fn(png, d, take_bytes);
    png_read_info(png, info);
    d->width = (int)png_get_image_width(png, info);
    d->height = (int)png_get_image_height(png, info);
    d->bits = png_get_bit_depth(png, info);
    d->colour = png_get_color_type(png, info);
    d->refused = !kind_is_wanted(d);
    if (d->refused)
        return false;
    if ((size_t)d->width * (size_t)d->height > BC_PICTURE_AREA)
        png_error(png, "it claims more than 2^27 pixels");
    convert(d, png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row = (size_t)d->width * (d->sixteen ? 2 : 3);
    if (png_get_rowbytes(png, info) != row)
        png_error(png, "its rows have an unexpected length");
    d->pixels = malloc(row * (size_t)d->height);
    if (!d->pixels)
        png_error(png, "there is no memory for its pixels");
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < d->height; y++)
            png_read_row(png, d->pixels + row * (size_t)y, NULL);
    png_read_end(png, NULL); /* finds a cut or damaged tail */
    return true;
}

static bc_status read_decoded(bc_error *err, const char *path, decoder *d) {
    if (!bc_png_is(d->file, d->bytes))
        return bc_fail(err, BC_E_FORMAT, "%s: expected a PNG image, found %s", path,
                       bc_picture_found(d->file, d->bytes));
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, stop_decoding, ignore_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to decode it", path);
    }
    bool good = decode(d, png, info);
    png_destroy_read_struct(&png, &info, NULL);
    if (good)
        return BC_OK;
    free(d->pixels);
    d->pixels = NULL;
    if (d->refused)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a PNG of %s, found one of %d-bit %s", path,
                       d->wanted == GREY_16 ? "16-bit grey" : "a picture's kind", d->bits,
                       d->sixteen ? "grey, as depth maps have it" : colour_name(d->colour));
    return bc_fail(err, BC_E_FORMAT, "%s: expected a whole PNG image, found a damaged one: %s", path,
                   d->message);
}

static bc_status read_png(bc_error *err, const char *path, kind wanted, decoder *d) {
    uint8_t *file;
    *d = (decoder){.wanted = wanted};
    BC_TRY(bc_file_read_within(err, path, BC_FILE_PICTURE, &file, &d->bytes));
    d->file = file;
    bc_status status = read_decoded(err, path, d);
    d->file = NULL;
    free(file);
    return status;
}

static void hand_over(const decoder *d, int *width, int *height, uint8_t **rgb, uint16_t **values) {
    *width = d->width;
    *height = d->height;
    if (d->sixteen)
        *values = (uint16_t *)d->pixels; /* malloc'ed: aligned */
    else
        *rgb = d->pixels;
}

bool bc_png_is(const uint8_t *file, size_t bytes) {
    return bytes >= 8 && png_sig_cmp(file, 0, 8) == 0;
}

bc_status bc_png_decode_rgb(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                            int *height, uint8_t **rgb) {
    decoder d = {.file = file, .bytes = bytes, .wanted = RGB_8};
    *rgb = NULL;
    BC_TRY(read_decoded(err, path, &d));
    hand_over(&d, width, height, rgb, NULL);
    return BC_OK;
}

bc_status bc_png_read_16(bc_error *err, const char *path, int *width, int *height, uint16_t **values) {
    decoder d;
    *values = NULL;
    BC_TRY(read_png(err, path, GREY_16, &d));
    hand_over(&d, width, height, NULL, values);
    return BC_OK;
}

bc_status bc_png_read_either(bc_error *err, const char *path, int *width, int *height, uint8_t **rgb,
                             uint16_t **values) {
    decoder d;
    *rgb = NULL;
    *values = NULL;
    BC_TRY(read_png(err, path, EITHER, &d));
    hand_over(&d, width, height, rgb, values);
    return BC_OK;
}

typedef struct encoder {
    int width, height, bits, colour;
    size_t row; /* bytes */
    const uint8_t *pixels;
    uint8_t *file;
    size_t bytes, capacity;
    char message[160];
} encoder;

static void stop_encoding(png_structp png, png_const_charp text) {
    encoder *e = png_get_error_ptr(png);
    snprintf(e->message, sizeof e->message, "%s", text);
    png_longjmp(png, 1);
}

static void give_bytes(png_structp png, png_bytep data, png_size_t count) {
    encoder *e = png_get_io_ptr(png);
    if (count > e->capacity - e->bytes) {
        size_t capacity = 2 * e->capacity + count + 4096;
        uint8_t *file = realloc(e->file, capacity);
        if (!file)
            png_error(png, "there is no memory for the file");
        e->file = file;
        e->capacity = capacity;
    }
    memcpy(e->file + e->bytes, data, count);
    e->bytes += count;
}

static void flush_nothing(png_structp png) {
    (void)png;
}

static bool encode(encoder *e, png_structp png, png_infop info) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_write_fn(png, e, give_bytes, flush_nothing);
    png_set_IHDR(png, info, (png_uint_32)e->width, (png_uint_32)e->height, e->bits, e->colour,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    if (e->bits == 16)
        png_set_swap(png);
    for (int y = 0; y < e->height; y++)
        png_write_row(png, e->pixels + e->row * (size_t)y);
    png_write_end(png, info);
    return true;
}

/* `path` is for messages. On success e->file is the caller's. */
static bc_status run_encoder(bc_error *err, const char *path, encoder *e) {
    if (e->width <= 0 || e->height <= 0 || e->width > BC_PICTURE_SIDE || e->height > BC_PICTURE_SIDE)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected an image of 1 to %d pixels a side, found %d x %d",
                       path, BC_PICTURE_SIDE, e->width, e->height);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, e, stop_encoding, ignore_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info) {
        png_destroy_write_struct(&png, NULL);
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to encode it", path);
    }
    bool good = encode(e, png, info);
    png_destroy_write_struct(&png, &info);
    if (good)
        return BC_OK;
    free(e->file);
    e->file = NULL;
    return bc_fail(err, BC_E_MEMORY, "%s: cannot encode the image: %s", path, e->message);
}

static bc_status write_png(bc_error *err, const char *path, encoder e) {
    BC_TRY(run_encoder(err, path, &e));
    bc_status status = bc_file_write(err, path, e.file, e.bytes);
    free(e.file);
    return status;
}

bc_status bc_png_write_rgb(bc_error *err, const char *path, int width, int height, const uint8_t *rgb) {
    return write_png(err, path,
                     (encoder){width, height, 8, PNG_COLOR_TYPE_RGB, (size_t)width * 3, .pixels = rgb});
}

bc_status bc_png_encode_rgb(bc_error *err, const char *what, int width, int height, const uint8_t *rgb,
                            uint8_t **png, size_t *bytes) {
    encoder e = {width, height, 8, PNG_COLOR_TYPE_RGB, (size_t)width * 3, .pixels = rgb};
    BC_TRY(run_encoder(err, what, &e));
    *png = e.file;
    *bytes = e.bytes;
    return BC_OK;
}

bc_status bc_png_write_grey(bc_error *err, const char *path, int width, int height, const uint8_t *grey) {
    return write_png(err, path,
                     (encoder){width, height, 8, PNG_COLOR_TYPE_GRAY, (size_t)width, .pixels = grey});
}

bc_status bc_png_write_16(bc_error *err, const char *path, int width, int height, const uint16_t *values) {
    return write_png(err, path,
                     (encoder){width, height, 16, PNG_COLOR_TYPE_GRAY, (size_t)width * 2,
                               .pixels = (const uint8_t *)values});
}
