/* Spike streams on the host: memory, rate, windows. */
#include "bicross/data/spike_files.h"

#include <stdlib.h>
#include <string.h>

bc_status bc_spikes_create(bc_error *err, int frames, int height, int width, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    if (frames <= 0 || frames > BC_SPIKE_FRAMES_MAX || height <= 0 || height > BC_SPIKE_SIDE_MAX ||
        width <= 0 || width > BC_SPIKE_SIDE_MAX)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "expected a spike stream of 1 to %d frames of 1 to %d pixels a side, found %d frames of %d x %d",
            BC_SPIKE_FRAMES_MAX, BC_SPIKE_SIDE_MAX, frames, width, height);
    int words = (frames + 31) / 32;
    uint32_t *memory = calloc((size_t)height * (size_t)width, (size_t)words * sizeof *memory);
    if (!memory)
        return bc_fail(err, BC_E_MEMORY, "no memory for %d spike frames of %d x %d pixels", frames, width,
                       height);
    *out = (bc_spike_stream){
        .frames = frames, .height = height, .width = width, .words_per_pixel = words, .words = memory};
    return BC_OK;
}

void bc_spikes_release(bc_spike_stream *stream) {
    free(stream->words);
    *stream = (bc_spike_stream){0};
}

double bc_spikes_rate(const bc_spike_stream *s) {
    size_t pixels = (size_t)s->height * (size_t)s->width, fired = 0;
    for (size_t i = 0; i < pixels * (size_t)s->words_per_pixel; i++)
        fired += (size_t)__builtin_popcount(s->words[i]);
    return (double)fired / ((double)pixels * s->frames);
}

/* --- windows --- */

/* 32 frames from frame t on; frames past the stream's end read as 0. */
static uint32_t word_from(const uint32_t *words, int count, int t) {
    int word = t / 32, shift = t % 32;
    uint32_t low = word < count ? words[word] >> shift : 0;
    return shift && word + 1 < count ? low | words[word + 1] << (32 - shift) : low;
}

bc_status bc_spike_window_check(bc_error *err, int frames, int first, int count) {
    if (first >= 0 && count > 0 && first <= frames && count <= frames - first)
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT,
                   "expected a window within %d spike frames, found %d frames from frame %d", frames, count,
                   first);
}

bc_spike_info bc_spikes_info(const bc_spike_stream *s) {
    return (bc_spike_info){s->frames, s->height, s->width, s->size_assumed, s->cut};
}

bc_status bc_spikes_window(bc_error *err, const bc_spike_stream *stream, int first, int count,
                           bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    BC_TRY(bc_spike_window_check(err, stream->frames, first, count));
    BC_TRY(bc_spikes_create(err, count, stream->height, stream->width, out));
    uint32_t last = count % 32 ? (1u << (count % 32)) - 1 : UINT32_MAX; /* bits past the end are 0 */
    size_t pixels = (size_t)stream->height * (size_t)stream->width;
    for (size_t p = 0; p < pixels; p++)
        for (int w = 0; w < out->words_per_pixel; w++) {
            const uint32_t *from = stream->words + p * (size_t)stream->words_per_pixel;
            uint32_t word = word_from(from, stream->words_per_pixel, first + w * 32);
            out->words[p * (size_t)out->words_per_pixel + (size_t)w] =
                w == out->words_per_pixel - 1 ? word & last : word;
        }
    return BC_OK;
}
