/* Image files: PNG and JPEG pictures, 16-bit PNG and PFM depth; up to 32768 a side and 2^27 pixels. Row-major, top row first. */
#ifndef BC_BICROSS_FORMATS_IMAGE_H
#define BC_BICROSS_FORMATS_IMAGE_H

#include "bicross/formats/kind.h"
#include "host/base/file.h"

#define BC_PNG ".png"
#define BC_JPG ".jpg"
#define BC_JPEG ".jpeg"
#define BC_PFM ".pfm"

/* What pictures are written as, and what they are read from. */
extern const bc_kind bc_image_kind, bc_picture_kind;

/* What libjpeg-turbo the program was built with: "2.1.5", or "none": then a JPEG file is refused as BC_E_FORMAT. */
const char *bc_jpeg_version(void);
/* 8-bit RGB (h,w,3), malloc'ed, of a PNG or JPEG file, whatever it is called. Grey, palette and alpha PNGs and those of 16-bit
 * colour are converted; 16-bit grey, which is depth, and CMYK are BC_E_FORMAT. A JPEG's orientation tag is passed over. Errors name the
 * file and what was found. */
bc_status bc_picture_read(bc_error *err, const char *path, int *width, int *height, uint8_t **rgb);
bc_status bc_png_write_rgb(bc_error *err, const char *path, int width, int height, const uint8_t *rgb);
/* The file's bytes, malloc'ed. `what` is for messages. */
bc_status bc_png_encode_rgb(bc_error *err, const char *what, int width, int height, const uint8_t *rgb,
                            uint8_t **png, size_t *bytes);
bc_status bc_png_write_grey(bc_error *err, const char *path, int width, int height, const uint8_t *grey);
/* 16-bit grey (h,w). A PNG of another kind is an error. */
bc_status bc_png_read_16(bc_error *err, const char *path, int *width, int *height, uint16_t **values);
/* Whichever of the two it is; the other one is NULL. */
bc_status bc_png_read_either(bc_error *err, const char *path, int *width, int *height, uint8_t **rgb,
                             uint16_t **values);
bc_status bc_png_write_16(bc_error *err, const char *path, int width, int height, const uint16_t *values);

/* PFM "Pf" (up to 32768 a side): floats (h,w); rows are bottom-up in the file, top-down here; both byte orders are read. */
bc_status bc_pfm_read(bc_error *err, const char *path, int *width, int *height, float **values);
bc_status bc_pfm_write(bc_error *err, const char *path, int width, int height, const float *values);

#endif
