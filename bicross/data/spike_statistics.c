/* Statistics of spikes, pixel by pixel. */
#include "bicross/data/spike_statistics.h"
#include "bicross/data/sensor.h"

#include <math.h>
#include <stdlib.h>

/* --- of a pixel --- */

typedef struct moments {
    double sum, squares;
    long count;
} moments;

static void add(moments *m, double value) {
    m->sum += value;
    m->squares += value * value;
    m->count++;
}

/* Of the whole: dividing by `count - less`. */
static double variance(const moments *m, int less) {
    double mean = m->sum / (double)m->count;
    return fmax(m->squares - mean * m->sum, 0) / (double)(m->count - less);
}

/* Intervals between its spikes. */
static moments intervals_of(const uint32_t *words, int word_count) {
    moments found = {0};
    long last = -1;
    for (int k = 0; k < word_count; k++)
        for (uint32_t left = words[k]; left; left &= left - 1) {
            long frame = 32L * k + __builtin_ctz(left);
            if (last >= 0)
                add(&found, (double)(frame - last));
            last = frame;
        }
    return found;
}

/* Spikes in frames first .. first+count-1. */
static int count_of(const uint32_t *words, int first, int count) {
    int spikes = 0;
    for (int f = first; f < first + count; f++)
        spikes += (int)(words[f / 32] >> (f % 32) & 1);
    return spikes;
}

static moments counts_of(const uint32_t *words, int frames) {
    moments found = {0};
    for (int first = 0; first <= frames - BC_FANO_FRAMES; first += BC_FANO_FRAMES)
        add(&found, count_of(words, first, BC_FANO_FRAMES));
    return found;
}

/* --- of all pixels --- */

/* What was measured of some of them. */
typedef struct sample {
    double *values;
    size_t count;
} sample;

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(sample *s) {
    qsort(s->values, s->count, sizeof *s->values, compare);
}

static double middle_mean(sample *s) {
    double sum = 0;
    size_t first = s->count / 4, end = s->count - first;
    sort(s);
    for (size_t i = first; i < end; i++)
        sum += s->values[i];
    return s->count ? sum / (double)(end - first) : NAN;
}

/* As the standard deviation of a normal distribution. */
static double middle_width(sample *s) {
    size_t outside = (size_t)(0.1587 * (double)s->count);
    sort(s);
    return s->count ? (s->values[s->count - 1 - outside] - s->values[outside]) / 2 : NAN;
}

typedef struct survey {
    double *spikes; /* of each pixel */
    float *pattern;
    sample variations, fanos, patterns;
    moments intervals;
} survey;

static void look_at(const bc_spike_stream *stream, size_t pixel, survey *s) {
    const uint32_t *words = stream->words + pixel * (size_t)stream->words_per_pixel;
    moments intervals = intervals_of(words, stream->words_per_pixel),
            counts = counts_of(words, stream->frames);
    for (int k = 0; k < stream->words_per_pixel; k++)
        s->spikes[pixel] += __builtin_popcount(words[k]);
    s->intervals.sum += intervals.sum;
    s->intervals.count += intervals.count;
    if (intervals.count >= 2)
        s->variations.values[s->variations.count++] =
            sqrt(variance(&intervals, 0)) * (double)intervals.count / intervals.sum;
    if (counts.count >= 2 && counts.sum > 0)
        s->fanos.values[s->fanos.count++] = variance(&counts, 1) * (double)counts.count / counts.sum;
}

/* Where anything fires. */
static void look_at_pattern(const bc_spike_stream *stream, survey *s) {
    size_t pixels = (size_t)stream->height * (size_t)stream->width;
    bc_sensor_pattern(s->spikes, stream->height, stream->width, s->pattern);
    for (size_t i = 0; i < pixels; i++)
        if (s->spikes[i] > 0)
            s->patterns.values[s->patterns.count++] = (double)s->pattern[i];
}

static bc_status survey_begin(bc_error *err, size_t pixels, survey *out) {
    *out = (survey){.spikes = calloc(pixels, sizeof *out->spikes),
                    .pattern = malloc(pixels * sizeof *out->pattern)};
    sample *samples[] = {&out->variations, &out->fanos, &out->patterns};
    bool good = out->spikes && out->pattern;
    for (int i = 0; i < 3; i++)
        good = (samples[i]->values = malloc(pixels * sizeof(double))) && good;
    return good ? BC_OK : bc_fail(err, BC_E_MEMORY, "no memory for statistics of %zu pixels", pixels);
}

static void survey_end(survey *s) {
    free(s->spikes);
    free(s->pattern);
    free(s->variations.values);
    free(s->fanos.values);
    free(s->patterns.values);
}

bc_status bc_spike_statistics_of(bc_error *err, const bc_spike_stream *stream, bc_spike_statistics *out) {
    survey s;
    size_t pixels = (size_t)stream->height * (size_t)stream->width;
    bc_status status = survey_begin(err, pixels, &s);
    if (status == BC_OK) {
        for (size_t i = 0; i < pixels; i++)
            look_at(stream, i, &s);
        look_at_pattern(stream, &s);
        *out = (bc_spike_statistics){
            .rate = bc_spikes_rate(stream),
            .interval = s.intervals.count ? s.intervals.sum / (double)s.intervals.count : NAN,
            .variation = middle_mean(&s.variations),
            .fixed_pattern = middle_width(&s.patterns),
            .fano = middle_mean(&s.fanos),
        };
    }
    survey_end(&s);
    return status;
}
