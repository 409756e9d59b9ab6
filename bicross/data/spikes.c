/* Spike streams on the host: packing and cutting. */
#include "bicross/data/spike_files.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

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

/* Spike of pixels first..first+count-1 of row y in frame t, or'ed into bit `bit` of acc; returns the or of
 * all values. */
static uint8_t gather(const bc_spike_source *f, int y, int t, int first, int count, int bit, uint32_t *acc) {
    const uint8_t *frame = f->data + f->frame_step * (size_t)t;
    size_t start = (size_t)y * f->row_step + (size_t)first * f->pixel_step;
    uint8_t seen = 0;
    for (int i = 0; i < count; i++) {
        size_t p = start + (size_t)i * f->pixel_step;
        uint8_t value = frame[f->bits ? p / 8 : p];
        if (f->bits)
            value = value >> (f->msb_first ? 7 - (int)(p % 8) : (int)(p % 8)) & 1;
        seen |= value;
        acc[i] |= (uint32_t)value << bit;
    }
    return seen;
}

/* 32 frames of a run of pixels at a time, so that each output word is written once. */
bool bc_spikes_pack(const bc_spike_source *f, bc_spike_stream *out) {
    uint32_t acc[BLOCK];
    uint8_t seen = 0;
    for (int y = 0; y < out->height; y++)
        for (int first = 0; first < out->width; first += BLOCK)
            for (int word = 0; word < out->words_per_pixel; word++) {
                int count = out->width - first < BLOCK ? out->width - first : BLOCK;
                int end = out->frames - word * 32 < 32 ? out->frames - word * 32 : 32;
                int row = f->flip ? out->height - 1 - y : y;
                memset(acc, 0, sizeof acc);
                for (int bit = 0; bit < end; bit++)
                    seen |= gather(f, row, word * 32 + bit, first, count, bit, acc);
                size_t pixel = (size_t)y * (size_t)out->width + (size_t)first;
                for (int i = 0; i < count; i++)
                    out->words[(pixel + (size_t)i) * (size_t)out->words_per_pixel + (size_t)word] = acc[i];
            }
    return seen <= 1;
}

uint8_t bc_spikes_at(const bc_spike_stream *s, size_t pixel, int t) {
    return s->words[pixel * (size_t)s->words_per_pixel + (size_t)(t / 32)] >> (t % 32) & 1;
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

bc_status bc_spikes_window(bc_error *err, const bc_spike_stream *stream, int first, int count,
                           bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    if (first < 0 || count <= 0 || first > stream->frames || count > stream->frames - first)
        return bc_fail(err, BC_E_ARGUMENT,
                       "expected a window within %d spike frames, found %d frames from frame %d",
                       stream->frames, count, first);
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
