/* JPEG files through libjpeg-turbo's own interface, which returns errors. */
#include "bicross/formats/picture_formats.h"

#include <stdlib.h>
#include <turbojpeg.h>

/* A warning is of a file that ends early or is damaged: what would be decoded is partly grey. */
static bc_status fail_damaged(bc_error *err, const char *path, tjhandle jpeg) {
    return bc_fail(err, BC_E_FORMAT, "%s: expected a whole JPEG image, found a damaged one: %s", path,
                   tjGetErrorStr2(jpeg));
}

static bc_status read_header(bc_error *err, const char *path, tjhandle jpeg, const uint8_t *file,
                             size_t bytes, int *width, int *height) {
    int sampling, colours;
    if (tjDecompressHeader3(jpeg, file, bytes, width, height, &sampling, &colours) != 0)
        return fail_damaged(err, path, jpeg);
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a JPEG image of grey or RGB, found one of CMYK", path);
    if (*width < 1 || *height < 1 || *width > BC_PICTURE_SIDE || *height > BC_PICTURE_SIDE ||
        (size_t)*width * (size_t)*height > BC_PICTURE_AREA)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected an image of 1 to %d pixels a side and at most 2^27, found %d x %d", path,
                       BC_PICTURE_SIDE, *width, *height);
    return BC_OK;
}

static bc_status decode(bc_error *err, const char *path, tjhandle jpeg, const uint8_t *file, size_t bytes,
                        int *width, int *height, uint8_t **rgb) {
    BC_TRY(read_header(err, path, jpeg, file, bytes, width, height));
    *rgb = malloc((size_t)*width * (size_t)*height * 3);
    if (!*rgb)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its %d x %d pixels", path, *width, *height);
    /* Scans are limited: a small progressive file may have thousands, each of the whole image. */
    if (tjDecompress2(jpeg, file, bytes, *rgb, *width, 0, *height, TJPF_RGB,
                      TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS) == 0)
        return BC_OK;
    free(*rgb);
    *rgb = NULL;
    return fail_damaged(err, path, jpeg);
}

bc_status bc_jpeg_decode_rgb(bc_error *err, const char *path, const uint8_t *file, size_t bytes, int *width,
                             int *height, uint8_t **rgb) {
    *rgb = NULL;
    tjhandle jpeg = tjInitDecompress();
    if (!jpeg)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to decode it", path);
    bc_status status = decode(err, path, jpeg, file, bytes, width, height, rgb);
    tjDestroy(jpeg);
    return status;
}
