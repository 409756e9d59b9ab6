#include "bicross/data/sensor.h"

#include <math.h>
#include <stdlib.h>

enum { NEIGHBOURS = 2 }; /* a pixel is compared with the 5 x 5 around it */

static int spikes_of(const bc_sample *sample, int pixel) {
    int count = 0;
    for (int w = 0; w < BC_SPIKE_WORDS; w++)
        count += __builtin_popcount(sample->spikes[BC_SPIKE_WORDS * pixel + w]);
    return count;
}

/* The rate that `share` of the pixels stay at or below. */
static float rate_at(const int pixels_with[BC_SPIKE_FRAMES + 1], int pixels, float share) {
    int below = 0, count = 0;
    while (count < BC_SPIKE_FRAMES && (below += pixels_with[count]) < (int)(share * (float)pixels))
        count++;
    return (float)count / BC_SPIKE_FRAMES;
}

bc_light bc_light_of(const bc_sample *sample) {
    int pixels = sample->height * sample->width, pixels_with[BC_SPIKE_FRAMES + 1] = {0};
    for (int i = 0; i < pixels; i++)
        pixels_with[spikes_of(sample, i)]++;
    return (bc_light){rate_at(pixels_with, pixels, 0.1f), rate_at(pixels_with, pixels, 0.9f)};
}

void bc_sensor_release(bc_sensor *sensor) {
    free(sensor->pattern);
    free(sensor->images);
    *sensor = (bc_sensor){0};
}

/* What the scenes show averages out over many images, what the pixel does stays. */
void bc_sensor_pattern(const double *sums, int height, int width, float *pattern) {
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++) {
            double around = 0;
            int count = 0;
            for (int y = row - NEIGHBOURS; y <= row + NEIGHBOURS; y++)
                for (int x = column - NEIGHBOURS; x <= column + NEIGHBOURS; x++)
                    if (y >= 0 && y < height && x >= 0 && x < width) {
                        around += sums[y * width + x];
                        count++;
                    }
            double own = sums[row * width + column];
            pattern[row * width + column] = around > 0 ? (float)(own * count / around) : 1;
        }
}

/* --- one image after the other --- */

bc_status bc_sensor_begin(bc_error *err, int height, int width, int most, bc_sensor_survey *out) {
    *out = (bc_sensor_survey){.height = height, .width = width};
    out->sums = calloc((size_t)height * (size_t)width, sizeof *out->sums);
    out->images = malloc((size_t)most * sizeof *out->images);
    if (out->sums && out->images)
        return BC_OK;
    bc_sensor_abandon(out);
    return bc_fail(err, BC_E_MEMORY, "no host memory to look at spikes of %d x %d pixels (width x height)",
                   width, height);
}

void bc_sensor_abandon(bc_sensor_survey *survey) {
    free(survey->sums);
    free(survey->images);
    *survey = (bc_sensor_survey){0};
}

bc_status bc_sensor_add(bc_sensor_survey *survey, bc_error *err, const char *origin,
                        const bc_sample *sample) {
    if (!sample->spikes)
        return bc_fail(err, BC_E_ARGUMENT, "sample %s of %s: expected spikes, found none", sample->name,
                       origin);
    if (sample->height != survey->height || sample->width != survey->width)
        return bc_fail(err, BC_E_FORMAT,
                       "sample %s of %s has %d x %d pixels (width x height), the first has %d x %d: one "
                       "camera has one size",
                       sample->name, origin, sample->width, sample->height, survey->width, survey->height);
    for (int i = 0; i < survey->height * survey->width; i++)
        survey->sums[i] += spikes_of(sample, i);
    survey->images[survey->image_count++] = bc_light_of(sample);
    return BC_OK;
}

double bc_sensor_rate(const bc_sensor_survey *survey) {
    double sum = 0, pixels = (double)survey->height * survey->width;
    for (int i = 0; i < survey->height * survey->width; i++)
        sum += survey->sums[i];
    return sum > 0 ? sum / (pixels * survey->image_count * BC_SPIKE_FRAMES) : 0;
}

bc_status bc_sensor_finish(bc_sensor_survey *survey, bc_error *err, const char *origin, bc_sensor *out) {
    *out = (bc_sensor){0};
    if (!(bc_sensor_rate(survey) > 0))
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected spikes, found that no pixel fires in %d images of %d frames", origin,
                       survey->image_count, BC_SPIKE_FRAMES);
    float *pattern = malloc((size_t)survey->height * (size_t)survey->width * sizeof *pattern);
    if (!pattern)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the fixed pattern of %s", origin);
    bc_sensor_pattern(survey->sums, survey->height, survey->width, pattern);
    *out = (bc_sensor){survey->height, survey->width, pattern, survey->image_count, survey->images};
    survey->images = NULL; /* the sensor's now */
    return BC_OK;
}

/* --- a data set --- */

/* `count` of `all` samples, evenly spread. */
typedef struct spread {
    int count, all, at;
} spread;

static int next_of_spread(void *user) {
    spread *s = user;
    return s->at < s->count ? (int)((long)s->at++ * s->all / s->count) : -1;
}

static bc_status look_at(bc_dataset *spikes, bc_error *err, int count, bc_sensor_survey *survey) {
    spread ahead = {count, spikes->count, 0}, now = ahead;
    bc_status status = bc_dataset_read_ahead(spikes, err, (bc_read_plan){next_of_spread, &ahead});
    for (int index; status == BC_OK && (index = next_of_spread(&now)) >= 0;) {
        const bc_sample *sample;
        status = bc_dataset_get(spikes, err, index, &sample);
        if (status == BC_OK)
            status = bc_sensor_add(survey, err, spikes->name, sample);
    }
    bc_dataset_end_plan(spikes);
    return status;
}

bc_status bc_sensor_estimate(bc_dataset *spikes, bc_error *err, int limit, bc_sensor *out) {
    const bc_sample *first;
    bc_sensor_survey survey;
    *out = (bc_sensor){0};
    BC_TRY(bc_dataset_get(spikes, err, 0, &first));
    int count = spikes->count < limit ? spikes->count : limit;
    BC_TRY(bc_sensor_begin(err, first->height, first->width, count, &survey));
    bc_status status = look_at(spikes, err, count, &survey);
    if (status == BC_OK)
        status = bc_sensor_finish(&survey, err, spikes->name, out);
    bc_sensor_abandon(&survey);
    return status;
}
