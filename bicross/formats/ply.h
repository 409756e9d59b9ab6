/* Point clouds as PLY files, which MeshLab, CloudCompare, Blender and Open3D read. */
#ifndef BC_BICROSS_FORMATS_PLY_H
#define BC_BICROSS_FORMATS_PLY_H

#include "host/base/file.h"

#define BC_PLY ".ply"

typedef struct bc_point {
    float x, y, z; /* metres, as the camera sees them: to the right, down, ahead */
    float uncertainty;
    uint8_t rgb[3];
} bc_point;

/* Binary, little-endian: x, y, z, red, green, blue and, where it is asked for, uncertainty. `comment`: a line for the header. */
bc_status bc_ply_write(bc_error *err, const char *path, const char *comment, bool uncertainty, int count,
                       const bc_point *points);

#endif
