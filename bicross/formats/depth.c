/* Depth maps in metres, by format. */
#include "bicross/formats/depth_formats.h"
#include "bicross/formats/image.h"
#include "bicross/formats/npy.h"

#include <math.h>

/* What data sets have most comes first. */
static const bc_depth_format formats[] = {
    {BC_PNG, bc_depth_png_read, bc_depth_png_write, bc_depth_png_check},
    {BC_PFM, bc_depth_pfm_read, bc_depth_pfm_write, NULL},
    {BC_NPY, bc_depth_npy_read, bc_depth_npy_write, NULL},
};
const bc_kind bc_depth_kind = BC_KIND("a depth map", formats);

bc_status bc_depth_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                        float **metres) {
    const bc_depth_format *format = bc_kind_find(&bc_depth_kind, path);
    *metres = NULL;
    if (!format)
        return bc_kind_fail(err, &bc_depth_kind, path);
    BC_TRY(format->read(err, path, png_scale, width, height, metres));
    size_t count = (size_t)*width * (size_t)*height;
    for (size_t i = 0; i < count; i++)
        if (!isfinite((*metres)[i]) || (*metres)[i] < 0)
            (*metres)[i] = 0;
    return BC_OK;
}

bc_status bc_depth_write(bc_error *err, const char *path, float png_scale, int width, int height,
                         const float *metres) {
    const bc_depth_format *format = bc_kind_find(&bc_depth_kind, path);
    if (!format)
        return bc_kind_fail(err, &bc_depth_kind, path);
    if (width <= 0 || height <= 0)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a depth map of positive size, found %d x %d", path,
                       width, height);
    return format->write(err, path, png_scale, width, height, metres);
}

bc_status bc_depth_check_range(bc_error *err, const char *path, float png_scale, float largest) {
    const bc_depth_format *format = bc_kind_find(&bc_depth_kind, path);
    return format && format->check ? format->check(err, path, png_scale, largest) : BC_OK;
}

const char *bc_depth_ending_for(bc_error *err, float png_scale, float largest) {
    size_t i = 0;
    while (formats[i].check && formats[i].check(err, formats[i].ending, png_scale, largest) != BC_OK)
        i++; /* some hold any depth */
    return formats[i].ending;
}
