/* What all data sets share: samples kept once loaded, and the crop that the network sees. */
#include "bicross/dataset.h"

#include <stdlib.h>

void bc_sample_release(bc_sample *sample) {
    free(sample->rgb);
    free(sample->depth);
    free(sample->spikes);
    *sample = (bc_sample){0};
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

bc_status bc_dataset_get(bc_dataset *dataset, bc_error *err, int index, const bc_sample **out) {
    *out = NULL;
    if (index < 0 || index >= dataset->count)
        return bc_fail(err, BC_E_ARGUMENT, "expected a sample of 0 to %d of data set %s, found %d",
                       dataset->count - 1, dataset->name, index);
    if (!dataset->cache && !(dataset->cache = calloc((size_t)dataset->count, sizeof *dataset->cache)))
        return bc_fail(err, BC_E_MEMORY, "no memory to keep the %d samples of data set %s", dataset->count,
                       dataset->name);
    bc_sample *sample = &dataset->cache[index];
    if (sample->height == 0) { /* not loaded yet */
        bc_status status = dataset->load(dataset, err, index, sample);
        if (status != BC_OK) {
            bc_sample_release(sample);
            return status;
        }
    }
    *out = sample;
    return BC_OK;
}

void bc_dataset_release(bc_dataset *dataset) {
    if (!dataset)
        return;
    for (int i = 0; dataset->cache && i < dataset->count; i++)
        bc_sample_release(&dataset->cache[i]);
    free(dataset->cache);
    dataset->cache = NULL;
    dataset->release(dataset);
}
