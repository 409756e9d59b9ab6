/* Maps of a camera's pixels from NPZ files. */
#include "bicross/data/pixel_maps.h"
#include "bicross/formats/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float most = 1000;          /* of what a pixel has */
static const float dark_reference = 335; /* SpikeNeRF's: spike_helpers.py, noise() */

void bc_pixel_maps_release(bc_pixel_maps *maps) {
    free(maps->response);
    free(maps->dark);
    *maps = (bc_pixel_maps){0};
}

/* --- arrays --- */

typedef struct reading {
    bc_error *err;
    const char *path;
    bc_npz *npz;
    bc_pixel_maps *maps;
} reading;

static bool has(const reading *r, const char *wanted) {
    char name[BC_NPZ_NAME];
    for (int i = 0; i < bc_npz_count(r->npz); i++)
        if (bc_npz_name(r->npz, i, name) && strcmp(name, wanted) == 0)
            return true;
    return false;
}

/* The first array decides the size. */
static bc_status check_shape(const reading *r, const char *name, const bc_npy *npy) {
    if (npy->rank != 2 || npy->count == 0)
        return bc_fail(r->err, BC_E_FORMAT,
                       "%s, %s" BC_NPY
                       ": expected a map (height, width), found %d dimension%s and %zu values",
                       r->path, name, npy->rank, npy->rank == 1 ? "" : "s", npy->count);
    if (r->maps->height == 0) {
        r->maps->height = (int)npy->shape[0]; /* its bytes are limited */
        r->maps->width = (int)npy->shape[1];
    }
    if (npy->shape[0] != r->maps->height || npy->shape[1] != r->maps->width)
        return bc_fail(r->err, BC_E_FORMAT,
                       "%s, %s" BC_NPY ": expected %d x %d pixels (width x height) as in the file's other "
                       "maps, found %ld x %ld",
                       r->path, name, r->maps->width, r->maps->height, npy->shape[1], npy->shape[0]);
    return BC_OK;
}

static bc_status check_values(const reading *r, const char *name, const bc_npy *npy, const float *values) {
    for (size_t i = 0; i < npy->count; i++)
        if (!(values[i] >= 0 && values[i] <= most))
            return bc_fail(r->err, BC_E_FORMAT,
                           "%s, %s" BC_NPY ": expected numbers from 0 to %g, found %g in row %zu, column %zu",
                           r->path, name, (double)most, (double)values[i], i / (size_t)npy->shape[1],
                           i % (size_t)npy->shape[1]);
    return BC_OK;
}

/* *out is malloc'ed, also on failure. */
static bc_status take(const reading *r, const char *name, const bc_npy *npy, float **out) {
    BC_TRY(check_shape(r, name, npy));
    *out = malloc(npy->count * sizeof **out);
    if (!*out)
        return bc_fail(r->err, BC_E_MEMORY, "%s: no memory for its array %s", r->path, name);
    BC_TRY(bc_npy_floats(r->err, r->path, npy, *out));
    return check_values(r, name, npy, *out);
}

static bc_status read_array(const reading *r, const char *name, float **out) {
    bc_npy npy;
    BC_TRY(bc_npz_array(r->err, r->path, r->npz, name, &npy));
    bc_status status = take(r, name, &npy, out);
    bc_npy_close(&npy);
    return status;
}

/* --- what they mean --- */

static size_t pixels_of(const bc_pixel_maps *maps) {
    return (size_t)maps->height * (size_t)maps->width;
}

/* Of which the mean is 1. */
static bc_status read_relative(const reading *r, const char *name, float **out) {
    double sum = 0;
    BC_TRY(read_array(r, name, out));
    size_t pixels = pixels_of(r->maps);
    for (size_t i = 0; i < pixels; i++)
        sum += (double)(*out)[i];
    if (!(sum > 0))
        return bc_fail(r->err, BC_E_FORMAT, "%s, %s" BC_NPY ": expected pixels that respond, found 0 in all",
                       r->path, name);
    for (size_t i = 0; i < pixels; i++)
        (*out)[i] = (float)((double)(*out)[i] * (double)pixels / sum);
    return BC_OK;
}

static bc_status read_response(const reading *r) {
    return has(r, "response")  ? read_array(r, "response", &r->maps->response)
           : has(r, "Nl")      ? read_relative(r, "Nl", &r->maps->response)
           : has(r, "pattern") ? read_array(r, "pattern", &r->maps->response)
                               : BC_OK;
}

/* Against an interval that no pixel has. */
static bc_status divide_by_intervals(const reading *r, const float *intervals) {
    float *dark = r->maps->dark;
    for (size_t i = 0; i < pixels_of(r->maps); i++) {
        if (!(intervals[i] > 0))
            return bc_fail(r->err, BC_E_FORMAT,
                           "%s, D_light" BC_NPY
                           ": expected intervals above 0, found 0 in row %zu, column %zu",
                           r->path, i / (size_t)r->maps->width, i % (size_t)r->maps->width);
        dark[i] /= intervals[i] * (dark_reference + dark[i]);
        if (!(dark[i] <= most))
            return bc_fail(r->err, BC_E_FORMAT,
                           "%s: expected a dark current of at most %g a frame, found %g in row %zu, column "
                           "%zu of Nd and D_light",
                           r->path, (double)most, (double)dark[i], i / (size_t)r->maps->width,
                           i % (size_t)r->maps->width);
    }
    return BC_OK;
}

static bc_status read_dark(const reading *r) {
    float *intervals = NULL;
    if (has(r, "dark"))
        return read_array(r, "dark", &r->maps->dark);
    if (!has(r, "Nd"))
        return BC_OK;
    BC_TRY(read_array(r, "Nd", &r->maps->dark));
    bc_status status = read_array(r, "D_light", &intervals);
    if (status == BC_OK)
        status = divide_by_intervals(r, intervals);
    free(intervals);
    return status;
}

static bc_status read_maps(const reading *r) {
    BC_TRY(read_response(r));
    BC_TRY(read_dark(r));
    if (r->maps->response || r->maps->dark)
        return BC_OK;
    return bc_fail(
        r->err, BC_E_FORMAT,
        "%s: expected an array response, Nl or pattern of its pixels, or dark, or Nd and D_light, found "
        "none",
        r->path);
}

bc_status bc_pixel_maps_read(bc_error *err, const char *path, bc_pixel_maps *out) {
    reading r = {.err = err, .path = path, .maps = out};
    *out = (bc_pixel_maps){0};
    BC_TRY(bc_npz_open(err, path, BC_NPZ_FILE, &r.npz));
    bc_status status = read_maps(&r);
    bc_npz_close(r.npz);
    if (status != BC_OK)
        bc_pixel_maps_release(out);
    return status;
}

/* --- for a picture --- */

/* The place in the map of place 0 of the picture, in one direction. */
static int offset_of(int map, int picture) {
    int offset = map >= picture ? (map - picture) / 2 : map - (picture - map) / 2 % map;
    return offset % map;
}

bc_status bc_pixel_maps_fit(bc_error *err, const bc_pixel_maps *maps, const float *map, int height, int width,
                            float **out) {
    *out = NULL;
    if (!map)
        return BC_OK;
    *out = malloc((size_t)height * (size_t)width * sizeof **out);
    if (!*out)
        return bc_fail(err, BC_E_MEMORY, "no memory for a map of %d x %d pixels", width, height);
    int top = offset_of(maps->height, height), left = offset_of(maps->width, width);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            (*out)[(size_t)y * (size_t)width + (size_t)x] =
                map[(size_t)((top + y) % maps->height) * (size_t)maps->width +
                    (size_t)((left + x) % maps->width)];
    return BC_OK;
}
