/* The formats of depth maps, each in a file of its own; bicross/formats/depth.h is for everybody else. All take the PNG's units a
 * metre, which the others have no use for. */
#ifndef BC_BICROSS_FORMATS_DEPTH_FORMATS_H
#define BC_BICROSS_FORMATS_DEPTH_FORMATS_H

#include "bicross/formats/depth.h"

typedef struct bc_depth_format {
    const char *ending;
    bc_status (*read)(bc_error *err, const char *path, float png_scale, int *width, int *height,
                      float **metres);
    bc_status (*write)(bc_error *err, const char *path, float png_scale, int width, int height,
                       const float *metres);
    /* Whether it holds this depth; NULL: it holds any. */
    bc_status (*check)(bc_error *err, const char *path, float png_scale, float metres);
} bc_depth_format;

bc_status bc_depth_png_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                            float **metres);
bc_status bc_depth_png_write(bc_error *err, const char *path, float png_scale, int width, int height,
                             const float *metres);
bc_status bc_depth_png_check(bc_error *err, const char *path, float png_scale, float metres);

bc_status bc_depth_pfm_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                            float **metres);
bc_status bc_depth_pfm_write(bc_error *err, const char *path, float png_scale, int width, int height,
                             const float *metres);

bc_status bc_depth_npy_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                            float **metres);
bc_status bc_depth_npy_write(bc_error *err, const char *path, float png_scale, int width, int height,
                             const float *metres);

#endif
