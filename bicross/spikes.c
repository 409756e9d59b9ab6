/* Spike streams on the host: packing, cutting, and the two file formats. */
#include "bicross/spikes.h"
#include "bicross/npy.h"
#include "bicross/path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SIDE = 32768, LARGEST_FRAMES = 1 << 24, BLOCK = 512 };

bc_status bc_spikes_create(bc_error *err, int frames, int height, int width, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    if (frames <= 0 || frames > LARGEST_FRAMES || height <= 0 || height > LARGEST_SIDE || width <= 0 ||
        width > LARGEST_SIDE)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "expected a spike stream of 1 to %d frames of 1 to %d pixels a side, found %d frames of %d x %d",
            LARGEST_FRAMES, LARGEST_SIDE, frames, width, height);
    int words = (frames + 31) / 32;
    uint32_t *memory = calloc((size_t)height * (size_t)width, (size_t)words * sizeof *memory);
    if (!memory)
        return bc_fail(err, BC_E_MEMORY, "no memory for %d spike frames of %d x %d pixels", frames, width,
                       height);
    *out = (bc_spike_stream){frames, height, width, words, memory};
    return BC_OK;
}

void bc_spikes_release(bc_spike_stream *stream) {
    free(stream->words);
    *stream = (bc_spike_stream){0};
}

/* Where frames of one byte a pixel, or of one bit a pixel, are in a file. */
typedef struct frames {
    const uint8_t *data;
    size_t frame_bytes;
    bool bits, msb_first, flip;
} frames;

/* Spike of pixels first..first+count-1 of row y in frame t, or'ed into bit `bit` of acc; returns the or of
 * all values. */
static uint8_t gather(const frames *f, int width, int y, int t, int first, int count, int bit,
                      uint32_t *acc) {
    const uint8_t *frame = f->data + f->frame_bytes * (size_t)t;
    size_t start = (size_t)y * (size_t)width + (size_t)first;
    uint8_t seen = 0;
    if (!f->bits) {
        for (int i = 0; i < count; i++) {
            seen |= frame[start + (size_t)i];
            acc[i] |= (uint32_t)frame[start + (size_t)i] << bit;
        }
        return seen;
    }
    for (int i = 0; i < count; i++) {
        size_t p = start + (size_t)i;
        int place = f->msb_first ? 7 - (int)(p % 8) : (int)(p % 8);
        acc[i] |= (uint32_t)(frame[p / 8] >> place & 1) << bit;
    }
    return 0;
}

/* 32 frames of a run of pixels at a time, so that each output word is written once. False: a value was
 * neither 0 nor 1. */
static bool pack(const frames *f, bc_spike_stream *out) {
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
                    seen |= gather(f, out->width, row, word * 32 + bit, first, count, bit, acc);
                size_t pixel = (size_t)y * (size_t)out->width + (size_t)first;
                for (int i = 0; i < count; i++)
                    out->words[(pixel + (size_t)i) * (size_t)out->words_per_pixel + (size_t)word] = acc[i];
            }
    return seen <= 1;
}

static bc_status fail_value(bc_error *err, const char *path, const bc_npy *npy) {
    size_t i = 0;
    while (npy->data[i] <= 1)
        i++;
    size_t height = (size_t)npy->shape[1], width = (size_t)npy->shape[2];
    return bc_fail(err, BC_E_FORMAT,
                   "%s: expected spikes of 0 or 1, found %d in frame %zu, row %zu, column %zu", path,
                   npy->data[i], i / (width * height), i / width % height, i % width);
}

static bc_status unpack_npy(bc_error *err, const char *path, const bc_npy *npy, bc_spike_stream *out) {
    if (strcmp(npy->type, "|u1") != 0 && strcmp(npy->type, "|b1") != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected spikes of type |u1 or |b1, found %s", path, npy->type);
    if (npy->rank != 3)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected spikes of shape (frames, height, width), found %d dimensions", path,
                       npy->rank);
    long t = npy->shape[0], h = npy->shape[1], w = npy->shape[2];
    if (t < 1 || t > LARGEST_FRAMES || h < 1 || h > LARGEST_SIDE || w < 1 || w > LARGEST_SIDE)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected 1 to %d frames of 1 to %d pixels a side, found shape (%ld, %ld, %ld)",
                       path, LARGEST_FRAMES, LARGEST_SIDE, t, h, w);
    BC_TRY(bc_spikes_create(err, (int)t, (int)h, (int)w, out));
    if (pack(&(frames){.data = npy->data, .frame_bytes = (size_t)h * (size_t)w}, out))
        return BC_OK;
    bc_spikes_release(out);
    return fail_value(err, path, npy);
}

static bc_status read_npy(bc_error *err, const char *path, bc_spike_stream *out) {
    bc_npy npy;
    BC_TRY(bc_npy_open(err, path, &npy));
    bc_status status = unpack_npy(err, path, &npy, out);
    bc_npy_close(&npy);
    return status;
}

/* The camera's size where none is given. A frame ends at a whole byte. */
static bc_status resolve_format(bc_error *err, const char *path, const bc_dat_format *format,
                                bc_dat_format *out, size_t *frame_bytes) {
    *out = format ? *format : (bc_dat_format){0};
    if (out->width == 0 && out->height == 0) {
        out->width = 400;
        out->height = 250;
    }
    if (out->width <= 0 || out->width > LARGEST_SIDE || out->height <= 0 || out->height > LARGEST_SIDE)
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a .dat size of 1 to %d pixels a side, found %d x %d",
                       path, LARGEST_SIDE, out->width, out->height);
    *frame_bytes = ((size_t)out->width * (size_t)out->height + 7) / 8;
    return BC_OK;
}

static bc_status unpack_dat(bc_error *err, const char *path, const bc_dat_format *format, size_t frame_bytes,
                            const uint8_t *file, size_t bytes, bc_spike_stream *out) {
    size_t count = bytes / frame_bytes, over = bytes % frame_bytes;
    if (over || count == 0 || count > LARGEST_FRAMES)
        return bc_fail(
            err, BC_E_FORMAT,
            "%s: expected whole frames of %zu bytes (%d x %d pixels), found %zu frames and %zu bytes over",
            path, frame_bytes, format->width, format->height, count, over);
    BC_TRY(bc_spikes_create(err, (int)count, format->height, format->width, out));
    pack(&(frames){file, frame_bytes, true, format->msb_first, !format->no_flip}, out);
    return BC_OK;
}

static bc_status read_dat(bc_error *err, const char *path, const bc_dat_format *format,
                          bc_spike_stream *out) {
    bc_dat_format resolved;
    size_t frame_bytes = 0, bytes;
    uint8_t *file;
    BC_TRY(resolve_format(err, path, format, &resolved, &frame_bytes));
    BC_TRY(bc_file_read(err, path, &file, &bytes));
    bc_status status = unpack_dat(err, path, &resolved, frame_bytes, file, bytes, out);
    free(file);
    return status;
}

static bc_status fail_ending(bc_error *err, const char *path) {
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected a spike file ending in .npy or .dat, found \"%s\"", path,
                   bc_path_ending(path));
}

bc_status bc_spikes_read(bc_error *err, const char *path, const bc_dat_format *format, bc_spike_stream *out) {
    *out = (bc_spike_stream){0};
    if (bc_path_ends(path, ".npy"))
        return read_npy(err, path, out);
    if (bc_path_ends(path, ".dat"))
        return read_dat(err, path, format, out);
    return fail_ending(err, path);
}

static uint8_t spike_at(const bc_spike_stream *s, size_t pixel, int t) {
    return s->words[pixel * (size_t)s->words_per_pixel + (size_t)(t / 32)] >> (t % 32) & 1;
}

static bc_status write_npy(bc_error *err, const char *path, const bc_spike_stream *s) {
    size_t pixels = (size_t)s->height * (size_t)s->width;
    uint8_t *values = malloc(pixels * (size_t)s->frames);
    if (!values)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        for (size_t p = 0; p < pixels; p++)
            values[pixels * (size_t)t + p] = spike_at(s, p, t);
    bc_status status = bc_npy_write(err, path, "|u1", 3, (long[]){s->frames, s->height, s->width}, values);
    free(values);
    return status;
}

static void pack_frame(const bc_spike_stream *s, const bc_dat_format *format, int t, uint8_t *frame) {
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            int row = format->no_flip ? y : s->height - 1 - y;
            size_t p = (size_t)row * (size_t)s->width + (size_t)x;
            int place = format->msb_first ? 7 - (int)(p % 8) : (int)(p % 8);
            uint8_t spike = spike_at(s, (size_t)y * (size_t)s->width + (size_t)x, t);
            frame[p / 8] |= (uint8_t)(spike << place);
        }
}

static bc_status write_dat(bc_error *err, const char *path, const bc_dat_format *format,
                           const bc_spike_stream *s) {
    bc_dat_format order = format ? *format : (bc_dat_format){0}, resolved;
    size_t frame_bytes = 0;
    if ((order.width || order.height) && (order.width != s->width || order.height != s->height))
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected spikes of the format's %d x %d pixels, found %d x %d", path, order.width,
                       order.height, s->width, s->height);
    order.width = s->width;
    order.height = s->height;
    BC_TRY(resolve_format(err, path, &order, &resolved, &frame_bytes));
    uint8_t *file = calloc((size_t)s->frames, frame_bytes);
    if (!file)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for %d frames", path, s->frames);
    for (int t = 0; t < s->frames; t++)
        pack_frame(s, &resolved, t, file + frame_bytes * (size_t)t);
    bc_status status = bc_file_write(err, path, file, frame_bytes * (size_t)s->frames);
    free(file);
    return status;
}

bc_status bc_spikes_write(bc_error *err, const char *path, const bc_dat_format *format,
                          const bc_spike_stream *stream) {
    if (bc_path_ends(path, ".npy"))
        return write_npy(err, path, stream);
    if (bc_path_ends(path, ".dat"))
        return write_dat(err, path, format, stream);
    return fail_ending(err, path);
}

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
