/* Depth maps in metres, in any of the formats that data sets use. */
#ifndef BC_BICROSS_FORMATS_DEPTH_H
#define BC_BICROSS_FORMATS_DEPTH_H

#include "bicross/formats/kind.h"

/* Units a metre in 16-bit PNGs, as the data sets have them (KITTI, NYU). */
enum { BC_UNITS_OUTDOOR = 256, BC_UNITS_INDOOR = 1000 };
/* Units that an uncertainty of 1 has there. */
enum { BC_UNITS_UNCERTAINTY = 1000 };

extern const bc_kind bc_depth_kind;

/* By ending: .png (16-bit, metres * scale, rounded, 0 = no value), .pfm, .npy. */
bc_status bc_depth_read(bc_error *err, const char *path, float png_scale, int *width, int *height,
                        float **metres);
bc_status bc_depth_write(bc_error *err, const char *path, float png_scale, int width, int height,
                         const float *metres);
/* BC_E_ARGUMENT when bc_depth_write could not hold depths of up to `largest` metres in this file: asked before there is one. */
bc_status bc_depth_check_range(bc_error *err, const char *path, float png_scale, float largest);
/* The ending of the first format, from what data sets have most, that holds them. err: why one before it does not. */
const char *bc_depth_ending_for(bc_error *err, float png_scale, float largest);

#endif
