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
void bc_sensor_release(bc_sensor *sensor);

/* Each pixel's sum over its neighbourhood's mean sum (5 x 5; 1 where nothing fires): (height, width). */
void bc_sensor_pattern(const double *sums, int height, int width, float *pattern);

/* As many images as are looked at. */
enum { BC_SENSOR_IMAGES = 1000 };

/* Looking at a camera's images one by one: begin, add each, finish. */
typedef struct bc_sensor_survey {
    int height, width;
    double *sums; /* (height,width): spikes of a pixel in all images */
    int image_count;
    bc_light *images; /* of each */
} bc_sensor_survey;
/* Of images of one size, `most` of them or fewer. */
bc_status bc_sensor_begin(bc_error *err, int height, int width, int most, bc_sensor_survey *out);
/* `origin` is what the sample is from, for messages. BC_E_ARGUMENT: it has no spikes. BC_E_FORMAT: it has another size. */
bc_status bc_sensor_add(bc_sensor_survey *survey, bc_error *err, const char *origin, const bc_sample *sample);
/* Mean firing rate of the images. */
double bc_sensor_rate(const bc_sensor_survey *survey);
/* What they tell; BC_E_FORMAT where no pixel ever fired. The survey is to be released in any case. */
bc_status bc_sensor_finish(bc_sensor_survey *survey, bc_error *err, const char *origin, bc_sensor *out);
void bc_sensor_abandon(bc_sensor_survey *survey);

/* From at most `limit` samples, evenly spread over the data set, all of the first one's size. */
bc_status bc_sensor_estimate(bc_dataset *spikes, bc_error *err, int limit, bc_sensor *out);

/* As a file (NPZ): pattern (height,width) and light (images,2), low and high, both <f4. */
extern const bc_kind bc_sensor_kind;
bc_status bc_sensor_write(bc_error *err, const char *path, const bc_sensor *sensor);
/* BC_E_FORMAT names file and array: it is missing, has another type or shape, or a value that no sensor has. */
bc_status bc_sensor_read(bc_error *err, const char *path, bc_sensor *out);

#endif
