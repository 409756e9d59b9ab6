/* JPEG files, for a program that was built without libjpeg-turbo: they are known, and refused. */
#include "bicross/formats/picture_formats.h"

bc_status bc_jpeg_decode_rgb(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                             int *height, uint8_t **rgb) {
    (void)file;
    (void)bytes;
    *width = *height = 0;
    *rgb = NULL;
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected a PNG image, found a JPEG image, which this program was built without: install "
        "libjpeg-turbo (Debian: libturbojpeg0-dev) and build again, or convert it",
        path);
}
