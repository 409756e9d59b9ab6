/* 32 frames of 32 pixels are a matrix of bits: files have a row of it together (a frame's pixels), packed streams a column (a pixel's
 * frames). So a word is made for every frame, and the matrix transposed; a bit is never looked at alone. */
#include "bicross/data/spike_pack.h"

#include <string.h>

enum { SIDE = BC_SPIKE_BLOCK, BESIDE = 8 };

/* A word of each of several matrices, which the compiler works on at once (GCC and Clang). */
typedef uint32_t words __attribute__((vector_size(BESIDE * sizeof(uint32_t))));

static uint64_t eight_bytes(const uint8_t *at) {
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* Also of bits made from bytes, eight pixels each. */
static uint64_t reverse_each_byte(uint64_t x) {
    x = (x >> 1 & 0x5555555555555555u) | (x & 0x5555555555555555u) << 1;
    x = (x >> 2 & 0x3333333333333333u) | (x & 0x3333333333333333u) << 2;
    return (x >> 4 & 0x0f0f0f0f0f0f0f0fu) | (x & 0x0f0f0f0f0f0f0f0fu) << 4;
}

/* Bits 0 of eight bytes, gathered by one multiplication: byte i's lands in bit 56 + i, and no two sums meet. */
static uint32_t word_of_bytes(const uint8_t *at) {
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word |= (uint32_t)(eight_bytes(at + 8 * i) * 0x0102040810204080u >> 56) << 8 * i;
    return word;
}

static uint32_t word_of_strided(const uint8_t *at, size_t step, int count) {
    uint32_t word = 0;
    for (int i = 0; i < count; i++)
        word |= (uint32_t)at[(size_t)i * step] << i;
    return word;
}

/* Bit c of row r becomes bit r of row c: blocks off the diagonal change places, in halves of halves (Hacker's Delight, 7-3). */
static void transpose(words m[SIDE]) {
    uint32_t mask = 0x0000ffff;
    for (int half = SIDE / 2; half; half /= 2, mask ^= mask << half)
        for (int r = 0; r < SIDE; r = (r + half + 1) & ~half) {
            words swap = ((m[r] >> half) ^ m[r + half]) & mask;
            m[r] ^= swap << half;
            m[r + half] ^= swap;
        }
}

/* 32 * BESIDE pixels whose first is bit `at` of the frame. */
static void words_of_bits(const uint8_t *frame, size_t at, bool msb_first, words *out) {
    if (at % 8 == 0 && !msb_first) {
        memcpy(out, frame + at / 8, sizeof *out);
        return;
    }
    for (int k = 0; k < BESIDE; k++) {
        uint64_t bytes = eight_bytes(frame + at / 8 + 4 * k);
        (*out)[k] = (uint32_t)((msb_first ? reverse_each_byte(bytes) : bytes) >> at % 8);
    }
}

/* Likewise of bytes, which need not follow each other; `count` of them are there. */
static void words_of_array(const uint8_t *at, size_t step, int count, words *out) {
    for (int k = 0; k < BESIDE && k * SIDE < count; k++) {
        int rest = count - k * SIDE < SIDE ? count - k * SIDE : SIDE;
        (*out)[k] = step == 1 ? word_of_bytes(at + k * SIDE)
                              : word_of_strided(at + (size_t)(k * SIDE) * step, step, rest);
    }
}

/* The words of the pixels from column x on of the source's row, frame by frame; bits past the last pixel are anything. */
static void gather(const bc_spike_source *s, const uint8_t *data, int frames, size_t row, int x, int count,
                   words m[SIDE]) {
    size_t at = s->first + row * s->row_step + (size_t)x * s->pixel_step;
    for (int t = 0; t < frames; t++) {
        const uint8_t *frame = data + (size_t)t * s->frame_step;
        if (s->bits)
            words_of_bits(frame, at, s->msb_first, &m[t]);
        else
            words_of_array(frame + at, s->pixel_step, count, &m[t]);
        for (int k = 0; s->msb_first && !s->bits && k < BESIDE; k++)
            m[t][k] = (uint32_t)reverse_each_byte(m[t][k]);
    }
}

void bc_spikes_pack(const bc_spike_source *source, const uint8_t *data, int count, int left, int width,
                    int word, bc_spike_stream *out) {
    words m[SIDE];
    uint32_t bits[SIDE][BESIDE];
    size_t step = (size_t)out->words_per_pixel;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < width; x += SIDE * BESIDE) {
            int pixels = width - x < SIDE * BESIDE ? width - x : SIDE * BESIDE;
            size_t row = (size_t)(source->flip ? out->height - 1 - y : y);
            gather(source, data, count, row, x, pixels, m);
            memset(m + count, 0, (size_t)(SIDE - count) * sizeof *m);
            transpose(m);
            memcpy(bits, m, sizeof bits);
            uint32_t *to =
                out->words + ((size_t)y * (size_t)out->width + (size_t)(left + x)) * step + (size_t)word;
            for (int k = 0; k * SIDE < pixels; k++)
                for (int i = 0; i < SIDE && k * SIDE + i < pixels; i++, to += step)
                    *to = bits[i][k];
        }
}

uint8_t bc_spikes_at(const bc_spike_stream *s, size_t pixel, int t) {
    return s->words[pixel * (size_t)s->words_per_pixel + (size_t)(t / 32)] >> (t % 32) & 1;
}
