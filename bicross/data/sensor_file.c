/* A sensor as an NPZ file. */
#include "bicross/data/sensor.h"
#include "bicross/formats/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *ending; } formats[] = {{BC_NPZ}};
const bc_kind bc_sensor_kind = BC_KIND("a sensor's file", formats);

static const char pattern_name[] = "pattern", light_name[] = "light";

_Static_assert(sizeof(bc_light) == 2 * sizeof(float), "the light of images is an array (images,2)");

bc_status bc_sensor_write(bc_error *err, const char *path, const bc_sensor *sensor) {
    const bc_npz_member members[] = {
        {pattern_name, {"<f4", 2, (const long[]){sensor->height, sensor->width}, sensor->pattern}},
        {light_name, {"<f4", 2, (const long[]){sensor->image_count, 2}, sensor->images}}};
    return bc_npz_write(err, path, members, 2);
}

/* --- reading --- */

/* Two sides that are not 0; `columns` of them, unless that is 0. */
static bc_status check_array(bc_error *err, const char *path, const char *name, const bc_npy *npy,
                             long columns) {
    if (strcmp(npy->type, "<f4") != 0)
        return bc_fail(err, BC_E_FORMAT, "%s, %s" BC_NPY ": expected numbers of type <f4, found %s", path,
                       name, npy->type);
    if (npy->rank != 2)
        return bc_fail(err, BC_E_FORMAT, "%s, %s" BC_NPY ": expected two dimensions, found %d", path, name,
                       npy->rank);
    if (npy->count == 0 || (columns && npy->shape[1] != columns))
        return bc_fail(err, BC_E_FORMAT, "%s, %s" BC_NPY ": expected a shape of %s, found (%ld, %ld)", path,
                       name, columns ? "(images, 2)" : "(height, width)", npy->shape[0], npy->shape[1]);
    return BC_OK;
}

/* Its values, malloc'ed. */
static bc_status take_values(bc_error *err, const char *path, const char *name, const bc_npy *npy,
                             float **out) {
    *out = malloc(npy->count * sizeof **out);
    if (!*out)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its array %s", path, name);
    BC_TRY(bc_npy_floats(err, path, npy, *out));
    for (size_t i = 0; i < npy->count; i++)
        if (!isfinite((*out)[i]) || (*out)[i] < 0)
            return bc_fail(
                err, BC_E_FORMAT,
                "%s, %s" BC_NPY ": expected finite numbers that are not negative, found %g in row %zu, "
                "column %zu",
                path, name, (double)(*out)[i], i / (size_t)npy->shape[1], i % (size_t)npy->shape[1]);
    return BC_OK;
}

static bc_status read_array(bc_error *err, const char *path, bc_npz *npz, const char *name, long columns,
                            int sides[2], float **out) {
    bc_npy npy;
    BC_TRY(bc_npz_array(err, path, npz, name, &npy));
    bc_status status = check_array(err, path, name, &npy, columns);
    if (status == BC_OK)
        status = take_values(err, path, name, &npy, out);
    sides[0] = (int)npy.shape[0]; /* its bytes are limited */
    sides[1] = (int)npy.shape[1];
    bc_npy_close(&npy);
    return status;
}

static bc_status check_light(bc_error *err, const char *path, const bc_sensor *sensor) {
    for (int i = 0; i < sensor->image_count; i++) {
        bc_light light = sensor->images[i];
        if (light.low > light.high || light.high > 1)
            return bc_fail(err, BC_E_FORMAT,
                           "%s, %s" BC_NPY
                           ": expected two rates from 0 to 1, the lower first, found %g and %g in "
                           "row %d",
                           path, light_name, (double)light.low, (double)light.high, i);
    }
    return BC_OK;
}

static bc_status read_arrays(bc_error *err, const char *path, bc_npz *npz, bc_sensor *out) {
    int size[2], images[2];
    float *light = NULL;
    BC_TRY(read_array(err, path, npz, pattern_name, 0, size, &out->pattern));
    out->height = size[0];
    out->width = size[1];
    bc_status status = read_array(err, path, npz, light_name, 2, images, &light);
    out->images = (bc_light *)light;
    out->image_count = images[0];
    return status == BC_OK ? check_light(err, path, out) : status;
}

bc_status bc_sensor_read(bc_error *err, const char *path, bc_sensor *out) {
    bc_npz *npz;
    *out = (bc_sensor){0};
    BC_TRY(bc_npz_open(err, path, BC_NPZ_FILE, &npz));
    bc_status status = read_arrays(err, path, npz, out);
    bc_npz_close(npz);
    if (status != BC_OK)
        bc_sensor_release(out);
    return status;
}
