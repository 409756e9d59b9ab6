/* Samples: their memory. */
#include "bicross/data/sample.h"

#include <stdlib.h>
#include <string.h>

enum { GREYS = 3 }; /* images */

void bc_sample_release(bc_sample *sample) {
    free(sample->rgb);
    free(sample->depth);
    free(sample->spikes);
    free(sample->objects);
    free(sample->greys);
    *sample = (bc_sample){0};
}

static size_t pixels_of(const bc_sample *sample) {
    return (size_t)sample->height * (size_t)sample->width;
}

size_t bc_sample_bytes(const bc_sample *sample) {
    size_t pixel = (sample->rgb ? 3 : 0) + (sample->depth ? sizeof *sample->depth : 0) +
                   (sample->spikes ? BC_SPIKE_WORDS * sizeof *sample->spikes : 0) +
                   (sample->objects ? 1 : 0) + (sample->greys ? GREYS * sizeof *sample->greys : 0);
    return pixels_of(sample) * pixel;
}

/* A copy of `bytes` bytes, or NULL: `from` is NULL, or there is no memory. */
static void *copy_of(const void *from, size_t bytes) {
    void *copy = from ? malloc(bytes) : NULL;
    return copy ? memcpy(copy, from, bytes) : NULL;
}

bc_status bc_sample_copy(bc_error *err, const bc_sample *from, bc_sample *to) {
    size_t pixels = pixels_of(from);
    *to = *from;
    to->rgb = copy_of(from->rgb, 3 * pixels);
    to->depth = copy_of(from->depth, pixels * sizeof *from->depth);
    to->spikes = copy_of(from->spikes, pixels * BC_SPIKE_WORDS * sizeof *from->spikes);
    to->objects = copy_of(from->objects, pixels);
    to->greys = copy_of(from->greys, GREYS * pixels * sizeof *from->greys);
    if (bc_sample_bytes(to) == bc_sample_bytes(from))
        return BC_OK;
    bc_sample_release(to);
    return bc_fail(err, BC_E_MEMORY, "no memory for a copy of sample %s", from->name);
}

bc_spike_stream bc_sample_stream(const bc_sample *sample) {
    return (bc_spike_stream){.frames = BC_SPIKE_FRAMES,
                             .height = sample->height,
                             .width = sample->width,
                             .words_per_pixel = BC_SPIKE_WORDS,
                             .words = sample->spikes};
}
