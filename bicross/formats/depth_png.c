/* Depth maps as 16-bit PNGs. */
#include "bicross/formats/depth_formats.h"
#include "bicross/formats/image.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bc_status check_scale(bc_error *err, const char *path, float scale) {
    if (scale > 0 && isfinite(scale))
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected a positive depth scale (PNG units a metre), found %g",
                   path, (double)scale);
}

bc_status bc_depth_png_read(bc_error *err, const char *path, float scale, int *width, int *height,
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

static bc_status check_unit(bc_error *err, const char *path, float scale, float metres) {
    if (!(roundf(metres * scale) > 65535))
        return BC_OK;
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s: expected depths of at most %.1f m, which a 16-bit PNG holds at %g units a metre, found "
        "%g m (the other formats hold any)",
        path, 65535 / (double)scale, (double)scale, (double)metres);
}

bc_status bc_depth_png_check(bc_error *err, const char *path, float scale, float metres) {
    BC_TRY(check_scale(err, path, scale));
    return check_unit(err, path, scale, metres);
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

bc_status bc_depth_png_write(bc_error *err, const char *path, float scale, int width, int height,
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
