/* Depth maps in metres, in any of the formats that data sets use. */
#include "bicross/formats/image.h"
#include "bicross/formats/npy.h"
#include "host/base/path.h"

#include <math.h>
#include <stdlib.h>

static bc_status check_scale(bc_error *err, const char *path, float scale) {
    if (scale > 0 && isfinite(scale))
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected a positive depth scale (PNG units a metre), found %g",
                   path, (double)scale);
}

static bc_status read_png(bc_error *err, const char *path, float scale, int *width, int *height,
                          float **metres) {
    BC_TRY(check_scale(err, path, scale));
    uint16_t *units;
    BC_TRY(bc_png_read_16(err, path, width, height, &units));
    size_t count = (size_t)*width * (size_t)*height;
    *metres = malloc(count * sizeof **metres);
    for (size_t i = 0; *metres && i < count; i++)
        (*metres)[i] = (float)units[i] / scale;
    free(units);
    return *metres ? BC_OK : bc_fail(err, BC_E_MEMORY, "%s: no memory for %zu depths", path, count);
}

static bc_status read_npy(bc_error *err, const char *path, int *width, int *height, float **metres) {
    bc_npy npy;
    BC_TRY(bc_npy_open(err, path, &npy));
    bc_status status = BC_OK;
    if (npy.rank != 2 || npy.count == 0 || npy.shape[0] > 32768 || npy.shape[1] > 32768)
        status = bc_fail(err, BC_E_FORMAT,
                         "%s: expected a depth map of shape (height, width), found %d dimensions and "
                         "%zu values",
                         path, npy.rank, npy.count);
    else if (!(*metres = malloc(npy.count * sizeof **metres)))
        status = bc_fail(err, BC_E_MEMORY, "%s: no memory for %zu depths", path, npy.count);
    else if ((status = bc_npy_floats(err, path, &npy, *metres)) == BC_OK) {
        *height = (int)npy.shape[0];
        *width = (int)npy.shape[1];
    } else {
        free(*metres);
        *metres = NULL;
    }
    bc_npy_close(&npy);
    return status;
}

bc_status bc_depth_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                        float **metres) {
    *metres = NULL;
    if (bc_path_ends(path, ".png"))
        BC_TRY(read_png(err, path, png_scale, width, height, metres));
    else if (bc_path_ends(path, ".pfm"))
        BC_TRY(bc_pfm_read(err, path, width, height, metres));
    else if (bc_path_ends(path, ".npy"))
        BC_TRY(read_npy(err, path, width, height, metres));
    else
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected a depth map ending in .png, .pfm or .npy, found \"%s\"", path,
                       bc_path_ending(path));
    size_t count = (size_t)*width * (size_t)*height;
    for (size_t i = 0; i < count; i++)
        if (!isfinite((*metres)[i]) || (*metres)[i] < 0)
            (*metres)[i] = 0;
    return BC_OK;
}

static bc_status check_unit(bc_error *err, const char *path, float scale, float metres) {
    if (!(roundf(metres * scale) > 65535))
        return BC_OK;
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s: expected depths of at most %.1f m, which a 16-bit PNG holds at %g units a metre, found "
        "%g m (.pfm and .npy hold any)",
        path, 65535 / (double)scale, (double)scale, (double)metres);
}

bc_status bc_depth_check_range(bc_error *err, const char *path, float png_scale, float largest) {
    if (!bc_path_ends(path, ".png"))
        return BC_OK;
    BC_TRY(check_scale(err, path, png_scale));
    return check_unit(err, path, png_scale, largest);
}

static bc_status to_units(bc_error *err, const char *path, float scale, size_t count, const float *metres,
                          uint16_t *units) {
    for (size_t i = 0; i < count; i++) {
        bool known = isfinite(metres[i]) && metres[i] > 0;
        if (known)
            BC_TRY(check_unit(err, path, scale, metres[i]));
        units[i] = known ? (uint16_t)roundf(metres[i] * scale) : 0;
    }
    return BC_OK;
}

static bc_status write_png(bc_error *err, const char *path, float scale, int width, int height,
                           const float *metres) {
    BC_TRY(check_scale(err, path, scale));
    size_t count = (size_t)width * (size_t)height;
    uint16_t *units = malloc(count * sizeof *units);
    if (!units)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %zu depths", path, count);
    bc_status status = to_units(err, path, scale, count, metres, units);
    if (status == BC_OK)
        status = bc_png_write_16(err, path, width, height, units);
    free(units);
    return status;
}

bc_status bc_depth_write(bc_error *err, const char *path, float png_scale, int width, int height,
                         const float *metres) {
    if (width <= 0 || height <= 0)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a depth map of positive size, found %d x %d", path,
                       width, height);
    if (bc_path_ends(path, ".png"))
        return write_png(err, path, png_scale, width, height, metres);
    if (bc_path_ends(path, ".pfm"))
        return bc_pfm_write(err, path, width, height, metres);
    if (bc_path_ends(path, ".npy"))
        return bc_npy_write(err, path, "<f4", 2, (long[]){height, width}, metres);
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected a depth map ending in .png, .pfm or .npy, found \"%s\"",
                   path, bc_path_ending(path));
}
