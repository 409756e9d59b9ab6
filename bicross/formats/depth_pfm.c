/* Depth maps as PFM. */
#include "bicross/formats/depth_formats.h"
#include "bicross/formats/image.h"

bc_status bc_depth_pfm_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                            float **metres) {
    (void)png_scale;
    return bc_pfm_read(err, path, width, height, metres);
}

bc_status bc_depth_pfm_write(bc_error *err, const char *path, float png_scale, int width, int height,
                             const float *metres) {
    (void)png_scale;
    return bc_pfm_write(err, path, width, height, metres);
}
