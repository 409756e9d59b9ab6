/* Names and shapes in which weights are published. */
#include "net/models/published.h"

#include "net/reference/references.h"

#include <stdlib.h>
#include <string.h>

#define BACKBONE "pretrained.model"
static const char positions_name[] = BACKBONE ".pos_embed";

bc_status bc_published_names(bc_error *err, bc_tensor_file *file) {
    const char *timm_stem = bc_stem_name + sizeof BACKBONE; /* behind its dot */
    BC_TRY(bc_tensor_file_strip_prefix(err, file, bc_stem_name));
    if (bc_tensor_file_find(file, bc_stem_name))
        return BC_OK;
    BC_TRY(bc_tensor_file_strip_prefix(err, file, timm_stem));
    return bc_tensor_file_find(file, timm_stem) ? bc_tensor_file_add_prefix(err, file, BACKBONE ".") : BC_OK;
}

bc_status bc_timm_names(bc_error *err, bc_tensor_file *file) {
    return bc_tensor_file_choose(err, file, BACKBONE);
}

/* --- position embeddings (1, 1 + side * side, width) --- */

/* Side of the grid; 0 where the rows are none of a square. */
static int side_of(long rows) {
    int side = 1;
    while ((long)side * side < rows - 1 && side < 4096)
        side++;
    return (long)side * side == rows - 1 ? side : 0;
}

bool bc_positions_fit(const bc_param *param, const bc_tensor_entry *entry) {
    const int *wanted = param->spec.shape;
    return strcmp(param->name, positions_name) == 0 && entry->rank == 3 && entry->shape[0] == 1 &&
           entry->shape[2] == wanted[2] && side_of(entry->shape[1]) && side_of(wanted[1]);
}

bc_status bc_positions_resize(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                              const bc_param *param, float *published) {
    int width = param->spec.shape[2], from = side_of(entry->shape[1]), to = side_of(param->spec.shape[1]);
    size_t row = (size_t)width, count = (size_t)entry->shape[1] * row;
    float *values = malloc(count * sizeof *values);
    double *grid = malloc(count * sizeof *grid), *resized = malloc(param->count * sizeof *resized);
    bc_status status =
        values && grid && resized
            ? bc_tensor_file_floats(err, file, entry, values, count)
            : bc_fail(err, BC_E_MEMORY, "no host memory to resize %s of %s", param->name, file->path);
    if (status == BC_OK) {
        for (size_t i = 0; i < count; i++)
            grid[i] = values[i];
        bc_reference_resample(BC_RESIZE_BILINEAR, (bc_shape){1, from, from, width}, grid + row,
                              (bc_shape){1, to, to, width}, resized + row);
        memcpy(published, values, row * sizeof *values);
        for (size_t i = row; i < param->count; i++)
            published[i] = (float)resized[i];
    }
    free(values);
    free(grid);
    free(resized);
    return status;
}
