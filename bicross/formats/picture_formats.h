/* The formats of pictures, each in a file of its own; bicross/formats/image.h is for everybody else. */
#ifndef BC_BICROSS_FORMATS_PICTURE_FORMATS_H
#define BC_BICROSS_FORMATS_PICTURE_FORMATS_H

#include "bicross/formats/image.h"

enum { BC_PICTURE_SIDE = 32768, BC_PICTURE_AREA = 1 << 27 }; /* a small file must not ask for gigabytes */

/* "a JPEG image", "an empty file", ...: by the first bytes. */
const char *bc_picture_found(const uint8_t *file, size_t bytes);

/* Whether the bytes begin as such a file does; and the pixels of one in memory, called `path` in messages. */
bool bc_png_is(const uint8_t *file, size_t bytes);
bc_status bc_png_decode_rgb(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                            int *height, uint8_t **rgb);
bool bc_jpeg_is(const uint8_t *file, size_t bytes);
bc_status bc_jpeg_decode_rgb(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                             int *height, uint8_t **rgb);

#endif
