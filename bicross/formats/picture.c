/* Pictures in 8-bit RGB, whatever their files are called: the first bytes say what they are. */
#include "bicross/formats/picture_formats.h"

#include <stdlib.h>

static const char *const written[] = {BC_PNG}, *const readable[] = {BC_PNG, BC_JPG, BC_JPEG};
const bc_kind bc_image_kind = BC_KIND("a picture", written), bc_picture_kind = BC_KIND("a picture", readable);

const char *bc_jpeg_version(void) {
    return BICROSS_JPEG_VERSION;
}

static bc_status decode(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                        int *height, uint8_t **rgb) {
    if (bc_png_is(file, bytes))
        return bc_png_decode_rgb(err, path, file, bytes, width, height, rgb);
    if (bc_jpeg_is(file, bytes))
        return bc_jpeg_decode_rgb(err, path, file, bytes, width, height, rgb);
    return bc_fail(err, BC_E_FORMAT, "%s: expected a PNG or JPEG image, found %s", path,
                   bc_picture_found(file, bytes));
}

bc_status bc_picture_read(bc_error *err, const char *path, int *width, int *height, uint8_t **rgb) {
    uint8_t *file;
    size_t bytes;
    *rgb = NULL;
    BC_TRY(bc_file_read_within(err, path, BC_FILE_PICTURE, &file, &bytes));
    bc_status status = decode(err, path, file, bytes, width, height, rgb);
    free(file);
    return status;
}
