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

/* Each pixel's sum over the images over the mean sum of its neighbourhood: what the scenes show averages out, what the pixel does stays. */
static void pattern_of(const double *sums, int height, int width, float *pattern) {
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

static bc_status add_sample(bc_dataset *spikes, bc_error *err, int index, double *sums, bc_sensor *out) {
    const bc_sample *sample;
    BC_TRY(bc_dataset_get(spikes, err, index, &sample));
    if (!sample->spikes)
        return bc_fail(err, BC_E_ARGUMENT, "sample %s of %s: expected spikes, found none", sample->name,
                       spikes->name);
    if (sample->height != out->height || sample->width != out->width)
        return bc_fail(err, BC_E_FORMAT,
                       "sample %s of %s has %d x %d pixels (width x height), the first has %d x %d: one "
                       "camera has one size",
                       sample->name, spikes->name, sample->width, sample->height, out->width, out->height);
    for (int i = 0; i < out->height * out->width; i++)
        sums[i] += spikes_of(sample, i);
    out->images[out->image_count++] = bc_light_of(sample);
    return BC_OK;
}

static bc_status estimate(bc_dataset *spikes, bc_error *err, int count, double *sums, bc_sensor *out) {
    for (int i = 0; i < count; i++)
        BC_TRY(add_sample(spikes, err, (int)((long)i * spikes->count / count), sums, out));
    pattern_of(sums, out->height, out->width, out->pattern);
    return BC_OK;
}

bc_status bc_sensor_estimate(bc_dataset *spikes, bc_error *err, int limit, bc_sensor *out) {
    const bc_sample *first;
    *out = (bc_sensor){0};
    BC_TRY(bc_dataset_get(spikes, err, 0, &first));
    int count = spikes->count < limit ? spikes->count : limit;
    size_t pixels = (size_t)first->height * (size_t)first->width;
    out->height = first->height;
    out->width = first->width;
    out->pattern = malloc(pixels * sizeof *out->pattern);
    out->images = malloc((size_t)count * sizeof *out->images);
    double *sums = calloc(pixels, sizeof *sums);
    bc_status status =
        out->pattern && out->images && sums
            ? estimate(spikes, err, count, sums, out)
            : bc_fail(err, BC_E_MEMORY, "no host memory to look at the spikes of %s", spikes->name);
    free(sums);
    if (status != BC_OK)
        bc_sensor_release(out);
    return status;
}
