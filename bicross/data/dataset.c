/* What all data sets share: samples kept once loaded, as far as the budget goes, or read ahead, and the crop that the network
 * sees. */
#include "bicross/data/dataset.h"

#include <stdlib.h>

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
    if (!dataset->kept)
        dataset->kept = calloc(count, sizeof *dataset->kept);
    if (dataset->cache && dataset->used && dataset->kept)
        return BC_OK;
    return bc_fail(err, BC_E_MEMORY, "no memory to keep the %d samples of data set %s", dataset->count,
                   dataset->name);
}

/* The place among those kept of the least recently used but `wanted`; -1: there is no other. */
static int least_recently_used(const bc_dataset *dataset, int wanted) {
    int oldest = -1;
    for (int i = 0; i < dataset->kept_count; i++)
        if (dataset->kept[i] != wanted &&
            (oldest < 0 || dataset->used[dataset->kept[i]] < dataset->used[dataset->kept[oldest]]))
            oldest = i;
    return oldest;
}

static void evict(bc_dataset *dataset, int place) {
    bc_sample *sample = &dataset->cache[dataset->kept[place]];
    dataset->bytes -= bc_sample_bytes(sample);
    bc_sample_release(sample);
    dataset->kept[place] = dataset->kept[--dataset->kept_count];
}

/* Evicts samples until the rest is within the budget; `wanted` always stays. */
static void make_room(bc_dataset *dataset, int wanted) {
    size_t budget = dataset->budget ? dataset->budget : BC_DATASET_BUDGET;
    while (dataset->bytes > budget) {
        int oldest = least_recently_used(dataset, wanted);
        if (oldest < 0)
            return;
        evict(dataset, oldest);
    }
}

void bc_dataset_forget(bc_dataset *dataset) {
    while (dataset->kept_count > 0)
        evict(dataset, 0);
}

/* What files hold of it comes from the threads that read ahead, or is read here. */
static bc_status make(bc_dataset *dataset, bc_error *err, int index, bc_sample *out) {
    bool taken = false;
    if (dataset->ahead)
        BC_TRY(bc_prefetch_take(dataset->ahead, err, index, out, &taken));
    if (!taken && dataset->read)
        BC_TRY(dataset->read(dataset, err, index, out));
    return dataset->load ? dataset->load(dataset, err, index, out) : BC_OK;
}

static bc_status load(bc_dataset *dataset, bc_error *err, int index) {
    bc_sample *sample = &dataset->cache[index];
    bc_status status = make(dataset, err, index, sample);
    if (status != BC_OK) {
        bc_sample_release(sample);
        return status;
    }
    dataset->kept[dataset->kept_count++] = index;
    dataset->bytes += bc_sample_bytes(sample);
    make_room(dataset, index);
    return BC_OK;
}

/* Follows the plan as far as there is room. A sample that is kept counts as asked for, so that it stays until it is. */
static void look_ahead(bc_dataset *dataset) {
    while (bc_prefetch_has_room(dataset->ahead)) {
        int index = dataset->plan.next(dataset->plan.user);
        if (index < 0 || index >= dataset->count)
            return;
        if (is_loaded(dataset, index))
            dataset->used[index] = ++dataset->clock;
        bc_prefetch_expect(dataset->ahead, index, is_loaded(dataset, index));
    }
}

bc_status bc_dataset_get(bc_dataset *dataset, bc_error *err, int index, const bc_sample **out) {
    *out = NULL;
    if (index < 0 || index >= dataset->count)
        return bc_fail(err, BC_E_ARGUMENT, "expected a sample of 0 to %d of data set %s, found %d",
                       dataset->count - 1, dataset->name, index);
    BC_TRY(make_cache(dataset, err));
    if (dataset->ahead)
        look_ahead(dataset);
    if (!is_loaded(dataset, index))
        BC_TRY(load(dataset, err, index));
    else if (dataset->ahead)
        bc_prefetch_pass(dataset->ahead, index);
    dataset->used[index] = ++dataset->clock;
    *out = &dataset->cache[index];
    return BC_OK;
}

/* --- reading ahead --- */

static int next_step(void *user) {
    bc_read_steps *steps = user;
    int at = steps->at;
    steps->at += steps->step;
    return at;
}

bc_read_plan bc_read_in_steps(bc_read_steps *steps) {
    return (bc_read_plan){next_step, steps};
}

static bc_status read_ahead(const void *from, bc_error *err, int index, bc_sample *out) {
    const bc_dataset *dataset = from;
    return dataset->read(dataset, err, index, out);
}

bc_status bc_dataset_read_ahead(bc_dataset *dataset, bc_error *err, bc_read_plan plan) {
    bc_dataset_end_plan(dataset);
    if (!dataset->read || dataset->threads < 1)
        return BC_OK;
    BC_TRY(make_cache(dataset, err));
    BC_TRY(bc_prefetch_open(err, read_ahead, dataset, dataset->threads, &dataset->ahead));
    dataset->plan = plan;
    look_ahead(dataset);
    return BC_OK;
}

void bc_dataset_end_plan(bc_dataset *dataset) {
    bc_prefetch_close(dataset->ahead);
    dataset->ahead = NULL;
}

/* --- in words --- */

/* Pixels with a label, in percent. */
static double labelled(const bc_sample *s) {
    size_t pixels = (size_t)s->height * (size_t)s->width, count = 0;
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
    bc_dataset_end_plan(dataset);
    bc_dataset_forget(dataset);
    free(dataset->cache);
    free(dataset->used);
    free(dataset->kept);
    dataset->cache = NULL;
    dataset->used = NULL;
    dataset->kept = NULL;
    dataset->release(dataset);
}
