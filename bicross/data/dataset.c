/* What all data sets share: samples kept once loaded, as far as the budget goes, and the crop that the network
 * sees. */
#include "bicross/data/dataset.h"

#include <stdlib.h>
#include <string.h>

void bc_sample_release(bc_sample *sample) {
    free(sample->rgb);
    free(sample->depth);
    free(sample->spikes);
    free(sample->objects);
    *sample = (bc_sample){0};
}

static size_t pixels_of(const bc_sample *sample) {
    return (size_t)sample->height * (size_t)sample->width;
}

static size_t bytes_of(const bc_sample *sample) {
    size_t pixel = (sample->rgb ? 3 : 0) + (sample->depth ? sizeof *sample->depth : 0) +
                   (sample->spikes ? BC_SPIKE_WORDS * sizeof *sample->spikes : 0) + (sample->objects ? 1 : 0);
    return pixels_of(sample) * pixel;
}

/* A copy of `bytes` bytes, or NULL: `from` is NULL, or there is no memory. */
static void *copy_of(const void *from, size_t bytes) {
    void *copy = from ? malloc(bytes) : NULL;
    return copy ? memcpy(copy, from, bytes) : NULL;
}

bc_spike_stream bc_sample_stream(const bc_sample *sample) {
    return (bc_spike_stream){.frames = BC_SPIKE_FRAMES,
                             .height = sample->height,
                             .width = sample->width,
                             .words_per_pixel = BC_SPIKE_WORDS,
                             .words = sample->spikes};
}

bc_status bc_sample_copy(bc_error *err, const bc_sample *from, bc_sample *to) {
    size_t pixels = pixels_of(from);
    *to = *from;
    to->rgb = copy_of(from->rgb, 3 * pixels);
    to->depth = copy_of(from->depth, pixels * sizeof *from->depth);
    to->spikes = copy_of(from->spikes, pixels * BC_SPIKE_WORDS * sizeof *from->spikes);
    to->objects = copy_of(from->objects, pixels);
    if (bytes_of(to) == bytes_of(from))
        return BC_OK;
    bc_sample_release(to);
    return bc_fail(err, BC_E_MEMORY, "no memory for a copy of sample %s", from->name);
}

bc_status bc_crop_bottom_centre(bc_error *err, int height, int width, int crop_height, int crop_width,
                                bc_crop *out) {
    *out = (bc_crop){0, 0, height, width};
    if (crop_height == 0 && crop_width == 0)
        return BC_OK;
    if (crop_height <= 0 || crop_width <= 0 || crop_height > height || crop_width > width)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "expected a crop of at most the image's %d x %d pixels (width x height), found %d x %d", width,
            height, crop_width, crop_height);
    *out = (bc_crop){height - crop_height, (width - crop_width) / 2, crop_height, crop_width};
    return BC_OK;
}

/* --- samples kept in memory --- */

static bool is_loaded(const bc_dataset *dataset, int index) {
    return dataset->cache[index].height > 0;
}

static bc_status make_cache(bc_dataset *dataset, bc_error *err) {
    size_t count = (size_t)dataset->count;
    if (!dataset->cache)
        dataset->cache = calloc(count, sizeof *dataset->cache);
    if (!dataset->used)
        dataset->used = calloc(count, sizeof *dataset->used);
    if (dataset->cache && dataset->used)
        return BC_OK;
    return bc_fail(err, BC_E_MEMORY, "no memory to keep the %d samples of data set %s", dataset->count,
                   dataset->name);
}

/* The least recently used sample but `wanted`; -1: there is no other. */
static int least_recently_used(const bc_dataset *dataset, int wanted) {
    int oldest = -1;
    for (int i = 0; i < dataset->count; i++)
        if (i != wanted && is_loaded(dataset, i) && (oldest < 0 || dataset->used[i] < dataset->used[oldest]))
            oldest = i;
    return oldest;
}

/* Evicts samples until the rest is within the budget; `wanted` always stays. */
static void make_room(bc_dataset *dataset, int wanted) {
    size_t budget = dataset->budget ? dataset->budget : BC_DATASET_BUDGET;
    while (dataset->bytes > budget) {
        int oldest = least_recently_used(dataset, wanted);
        if (oldest < 0)
            return;
        dataset->bytes -= bytes_of(&dataset->cache[oldest]);
        bc_sample_release(&dataset->cache[oldest]);
    }
}

static bc_status load(bc_dataset *dataset, bc_error *err, int index) {
    bc_sample *sample = &dataset->cache[index];
    bc_status status = dataset->load(dataset, err, index, sample);
    if (status != BC_OK) {
        bc_sample_release(sample);
        return status;
    }
    dataset->bytes += bytes_of(sample);
    make_room(dataset, index);
    return BC_OK;
}

bc_status bc_dataset_get(bc_dataset *dataset, bc_error *err, int index, const bc_sample **out) {
    *out = NULL;
    if (index < 0 || index >= dataset->count)
        return bc_fail(err, BC_E_ARGUMENT, "expected a sample of 0 to %d of data set %s, found %d",
                       dataset->count - 1, dataset->name, index);
    BC_TRY(make_cache(dataset, err));
    if (!is_loaded(dataset, index))
        BC_TRY(load(dataset, err, index));
    dataset->used[index] = ++dataset->clock;
    *out = &dataset->cache[index];
    return BC_OK;
}

/* --- in words --- */

/* Pixels with a label, in percent. */
static double labelled(const bc_sample *s) {
    size_t pixels = pixels_of(s), count = 0;
    for (size_t i = 0; i < pixels; i++)
        count += s->depth[i] > 0;
    return 100.0 * (double)count / (double)pixels;
}

bc_status bc_dataset_describe(bc_dataset *dataset, bc_error *err, char text[BC_DATASET_TEXT]) {
    const bc_sample *first;
    BC_TRY(bc_dataset_get(dataset, err, 0, &first));
    bc_spike_stream spikes = bc_sample_stream(first);
    FILE *out = fmemopen(text, BC_DATASET_TEXT, "w");
    if (!out)
        return bc_fail(err, BC_E_MEMORY, "no memory to describe data set %s", dataset->name);
    fprintf(out, "%d sample%s of %d x %d (width x height)", dataset->count, dataset->count == 1 ? "" : "s",
            first->width, first->height);
    if (first->rgb)
        fprintf(out, ", rgb");
    if (first->spikes)
        fprintf(out, ", spikes (rate %.4f%s%s)", bc_spikes_rate(&spikes), dataset->spikes_note[0] ? ", " : "",
                dataset->spikes_note);
    if (first->depth)
        fprintf(out, ", depth (%.3g %% labelled)", labelled(first));
    bool good = !ferror(out);
    if (fclose(out) != 0 || !good)
        return bc_fail(err, BC_E_MEMORY, "no room to describe data set %s", dataset->name);
    return BC_OK;
}

void bc_dataset_release(bc_dataset *dataset) {
    if (!dataset)
        return;
    for (int i = 0; dataset->cache && i < dataset->count; i++)
        bc_sample_release(&dataset->cache[i]);
    free(dataset->cache);
    free(dataset->used);
    dataset->cache = NULL;
    dataset->used = NULL;
    dataset->release(dataset);
}
