/* What is known of each pixel of a spike camera, from a file: its response to light and its dark current. */
#ifndef BC_BICROSS_DATA_PIXEL_MAPS_H
#define BC_BICROSS_DATA_PIXEL_MAPS_H

#include "host/base/status.h"

typedef struct bc_pixel_maps {
    int height, width;
    float *response; /* (height, width), of which 1 is the mean's or the neighbours'; NULL: not known */
    float *dark;     /* (height, width), added to the integral each frame; NULL: not known */
} bc_pixel_maps;
void bc_pixel_maps_release(bc_pixel_maps *maps);

/* From an NPZ file, of arrays (height, width) of numbers, the first of these that it has:
 *   response: `response`; `Nl` over its mean; `pattern` (bicross calibrate)
 *   dark:     `dark`; Nd / (D_light * (335 + Nd)) of `Nd` and `D_light`
 * Nl, Nd and D_light are what SpikeNeRF (CVPR 2024) publishes of a camera: the response, the dark current in units of which 335 go into the
 * light of the calibration, and the interval of spikes under that light. BC_E_FORMAT names file and array: it has none of them, they differ in
 * size, or have a value that no pixel has (not finite, below 0, above 1000). */
bc_status bc_pixel_maps_read(bc_error *err, const char *path, bc_pixel_maps *out);

/* A map of one size for pictures of another, malloc'ed: its centre lies on the picture's centre, what is beyond the picture is cut off, and where
 * it ends it begins again. NULL gives NULL. */
bc_status bc_pixel_maps_fit(bc_error *err, const bc_pixel_maps *maps, const float *map, int height, int width,
                            float **out);

#endif
