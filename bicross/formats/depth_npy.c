/* Depth maps as arrays. */
#include "bicross/formats/depth_formats.h"
#include "bicross/formats/npy.h"

#include <stdlib.h>

bc_status bc_depth_npy_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                            float **metres) {
    bc_npy npy;
    (void)png_scale;
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

bc_status bc_depth_npy_write(bc_error *err, const char *path, float png_scale, int width, int height,
                             const float *metres) {
    (void)png_scale;
    return bc_npy_write(err, path, "<f4", 2, (long[]){height, width}, metres);
}
