/* Maps to colours. Rows of panels are in picture_row.c. */
#include "bicross/report/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void bc_picture_release(bc_picture *picture) {
    free(picture->rgb);
    *picture = (bc_picture){0};
}

static bc_status create(bc_error *err, int height, int width, bc_picture *out) {
    *out = (bc_picture){0};
    if (height < 1 || width < 1)
        return bc_fail(err, BC_E_ARGUMENT, "a picture needs at least one pixel, not %d x %d", width, height);
    uint8_t *rgb = calloc((size_t)height * (size_t)width, 3);
    if (!rgb)
        return bc_fail(err, BC_E_MEMORY, "no memory for a picture of %d x %d pixels", width, height);
    *out = (bc_picture){width, height, rgb};
    return BC_OK;
}

bc_depth_range bc_depth_range_for(float dmax) {
    return (bc_depth_range){fmaxf(dmax / 80, 0.5f), dmax, BC_VIRIDIS};
}

/* --- maps --- */

static bool is_depth(float metres) {
    return isfinite(metres) && metres > BC_NEAREST;
}

bc_status bc_picture_depth(bc_error *err, const float *metres, int height, int width, bc_depth_range range,
                           bc_picture *out) {
    BC_TRY(create(err, height, width, out));
    for (size_t i = 0; i < (size_t)height * (size_t)width; i++)
        if (is_depth(metres[i]))
            bc_colour(range.map, logf(range.far / metres[i]) / logf(range.far / range.near),
                      out->rgb + 3 * i);
    return BC_OK;
}

bc_status bc_picture_error(bc_error *err, const float *depth, const float *label, int height, int width,
                           float highest, bc_picture *out) {
    BC_TRY(create(err, height, width, out));
    for (size_t i = 0; i < (size_t)height * (size_t)width; i++) {
        if (is_depth(depth[i]) && is_depth(label[i]))
            bc_colour(BC_INFERNO, fabsf(depth[i] - label[i]) / (label[i] * highest), out->rgb + 3 * i);
        else
            memset(out->rgb + 3 * i, 96, 3);
    }
    return BC_OK;
}

bc_status bc_picture_values(bc_error *err, const float *values, int height, int width, float low, float high,
                            bc_picture *out) {
    BC_TRY(create(err, height, width, out));
    for (size_t i = 0; i < (size_t)height * (size_t)width; i++)
        if (isfinite(values[i]))
            bc_colour(BC_INFERNO, (values[i] - low) / (high - low), out->rgb + 3 * i);
    return BC_OK;
}

static int spike_count(const uint32_t *words) {
    int count = 0;
    for (int k = 0; k < BC_SPIKE_WORDS; k++)
        count += __builtin_popcount(words[k]);
    return count;
}

bc_status bc_picture_spikes(bc_error *err, const uint32_t *words, int height, int width, bc_picture *out) {
    BC_TRY(create(err, height, width, out));
    size_t pixels = (size_t)height * (size_t)width;
    int most = 1;
    for (size_t i = 0; i < pixels; i++) {
        int count = spike_count(words + BC_SPIKE_WORDS * i);
        most = count > most ? count : most;
    }
    for (size_t i = 0; i < pixels; i++)
        memset(out->rgb + 3 * i, 255 * spike_count(words + BC_SPIKE_WORDS * i) / most, 3);
    return BC_OK;
}

bc_status bc_picture_copy(bc_error *err, const uint8_t *rgb, int height, int width, bc_picture *out) {
    BC_TRY(create(err, height, width, out));
    memcpy(out->rgb, rgb, (size_t)height * (size_t)width * 3);
    return BC_OK;
}

void bc_picture_grey_outside(bc_picture *picture, bc_window w) {
    enum { GREY = 96 };
    for (int y = 0; y < picture->height; y++)
        for (int x = 0; x < picture->width; x++)
            if (y < w.top || y >= w.bottom || x < w.left || x >= w.right)
                memset(picture->rgb + ((size_t)y * (size_t)picture->width + (size_t)x) * 3, GREY, 3);
}
