/* What unlabelled spikes tell of a camera and of the light it was used in: the fixed pattern of its pixels, and how bright and how
 * contrasted its images are. Put onto simulated spikes it makes them more like the camera's, without a label (the augmentation
 * `sensor`, loader.h). */
#ifndef BC_BICROSS_DATA_SENSOR_H
#define BC_BICROSS_DATA_SENSOR_H

#include "bicross/data/dataset.h"

/* The firing rates of an image that a tenth and nine tenths of its pixels stay below. */
typedef struct bc_light {
    float low, high;
} bc_light;
bc_light bc_light_of(const bc_sample *sample);

typedef struct bc_sensor {
    int height, width;
    float *pattern; /* (height,width): a pixel's response, of which 1 is its neighbours' */
    int image_count;
    bc_light *images; /* of every image looked at */
} bc_sensor;

/* From at most `limit` samples, evenly spread over the data set, all of the first one's size. */
bc_status bc_sensor_estimate(bc_dataset *spikes, bc_error *err, int limit, bc_sensor *out);
void bc_sensor_release(bc_sensor *sensor);

#endif
