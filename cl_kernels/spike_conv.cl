/* Convolution of packed spikes and its weight gradient, for CPUs: sums looked up by bit patterns instead of multiplied.
 *
 * A spike is +1 where its bit is set, else -1, and 0 outside the image. Bits (n,h,w,words): frame f of a pixel is bit f%32 of word
 * f/32. Weights (kh,kw,32*words,outputs). A panel is 16 output channels, one vector; the last one may be partly there.
 *
 * Forward, a word meets 32 weights of a tap. They are cut into groups of 5 or 6, and the 32 or 64 signed sums of a group are made once
 * for a block of up to -DBLOCK output pixels: six additions for 32 frames. The table of a tap and word is 16 KiB.
 *
 * Backward, -DPIXELS neighbouring output pixels of a row (a run) meet the same frame of their input pixels at every tap, as a
 * pattern of PIXELS bits. Their gradients' 2^PIXELS signed sums serve all taps and frames; the tables of -DRUNS runs are in use
 * together. The patterns of every run, tap column and frame are made beforehand (spike_patterns). Pixels outside the image count
 * as -1 there, which spike_weight_gradient_sum repairs.
 * No local memory; a work-item does the work of a group. */

float16 load_panel(__global const float *from, int valid) {
    if (valid >= 16)
        return vload16(0, from);
    float part[16];
    for (int i = 0; i < 16; i++)
        part[i] = i < valid ? from[i] : 0.0f;
    return vload16(0, part);
}

/* The first `valid` channels of sum, plus what is there with accumulate. */
void store_panel(__global float *to, float16 sum, int valid, int accumulate) {
    if (valid >= 16) {
        vstore16(accumulate ? vload16(0, to) + sum : sum, 0, to);
        return;
    }
    float part[16];
    vstore16(sum, 0, part);
    for (int i = 0; i < valid; i++)
        to[i] = part[i] + (accumulate ? to[i] : 0.0f);
}

/* The output columns whose input column x*stride + shift lies inside an image of width w: from the first to before the end. */
int first_inside(int shift, int stride) {
    return shift < 0 ? (stride - 1 - shift) / stride : 0;
}
int end_inside(int shift, int stride, int w) {
    return shift < w ? (w - 1 - shift) / stride + 1 : 0;
}

/* All signed sums of `count` vectors, `step` floats apart, of which the first `present` are there and the others 0. Vector j counts
 * +1 in the entries with bit j set, else -1. */
void make_sums(float16 *table, __global const float *from, int step, int count, int present, int valid) {
    float16 none = 0.0f;
    for (int j = 0; j < present; j++)
        none -= load_panel(from + (size_t)j * step, valid);
    table[0] = none;
    for (int j = 0; j < count; j++) {
        float16 twice = j < present ? 2.0f * load_panel(from + (size_t)j * step, valid) : 0.0f;
        for (int i = 0; i < 1 << j; i++)
            table[(1 << j) + i] = table[i] + twice;
    }
}

/* The groups of a word as X(first bit, bits, first entry). */
#define WORD_GROUPS(X) X(0, 5, 0) X(5, 5, 32) X(10, 5, 64) X(15, 5, 96) X(20, 6, 128) X(26, 6, 192)
#define WORD_ENTRIES 256
#define MAKE(bit, count, entry) \
    make_sums(table + entry, of_word + (size_t)bit * outputs, outputs, count, count, valid);
/* Adds what a word finds in one group: a rotation brings the group's bits to where they count vectors of 16 floats. */
#define LOOK_UP(bit, count, entry) \
    sum += vload16(0, (float *)(table + entry) + (rotate(word, (36u - bit) % 32u) & (((1u << count) - 1u) << 4)));

/* y (n,oh,ow,outputs) = conv + bias (NULL: none). Items: blocks of block_h x block_w output pixels (n, blocks_y, blocks_x); panels. */
__kernel void spike_conv(__global float *restrict y, __global const uint *restrict bits,
                         __global const float *restrict weight, __global const float *restrict bias, int h, int w,
                         int words, int oh, int ow, int outputs, int kernel_h, int kernel_w, int stride, int top, int left,
                         int block_h, int block_w, int blocks_y, int blocks_x) {
    int channel = (int)get_global_id(1) * 16, valid = outputs - channel;
    int3 block = pixel_place((int)get_global_id(0), blocks_y, blocks_x);
    int first_x = block.x * block_w, first_y = block.y * block_h;
    int width = min(block_w, ow - first_x), height = min(block_h, oh - first_y);
    float16 sums[BLOCK], table[WORD_ENTRIES];
    for (int i = 0; i < width * height; i++)
        sums[i] = 0.0f;
    for (int tap = 0; tap < kernel_h * kernel_w; tap++) {
        int ky = tap / kernel_w, shift_y = ky - top, shift_x = tap - ky * kernel_w - left;
        int begin = max(first_inside(shift_x, stride) - first_x, 0);
        int end = min(end_inside(shift_x, stride, w) - first_x, width);
        for (int k = 0; k < words; k++) {
            __global const float *of_word = weight + ((size_t)tap * words + k) * 32 * outputs + channel;
            WORD_GROUPS(MAKE)
            for (int row = 0; row < height; row++) {
                int iy = (first_y + row) * stride + shift_y;
                if (iy < 0 || iy >= h)
                    continue;
                size_t line = ((size_t)block.z * h + iy) * w;
                for (int x = begin; x < end; x++) {
                    uint word = bits[(line + (first_x + x) * stride + shift_x) * words + k];
                    float16 sum = sums[row * width + x];
                    WORD_GROUPS(LOOK_UP)
                    sums[row * width + x] = sum;
                }
            }
        }
    }
    float16 start = bias ? load_panel(bias + channel, valid) : 0.0f;
    for (int row = 0; row < height; row++)
        for (int x = 0; x < width; x++)
            store_panel(y + (((size_t)block.z * oh + first_y + row) * ow + first_x + x) * outputs + channel,
                        sums[row * width + x] + start, valid, 0);
}

/* --- gradient of the weights --- */

#define ENTRIES (1 << PIXELS)
#define FRAMES (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

/* Appends the bits of a pixel to the patterns of 16 frames. */
uint16 next_pattern(uint16 pattern, uint bits) {
    return (pattern >> 1) | ((((uint16)(bits) >> FRAMES) & 1u) << (PIXELS - 1));
}

/* patterns (n, rows, runs, kw, 32*words) bytes from byte 64*offset on: bit j belongs to output pixel PIXELS*run + j, at the input
 * row `row - top`. Outside the image all bits are 0. Items: runs*words, rows, n. */
__kernel void spike_patterns(__global uchar *restrict patterns, __global const uint *restrict bits, int offset, int h, int w,
                             int words, int rows, int runs, int kernel_w, int stride, int top, int left) {
    int item = (int)get_global_id(0), row = (int)get_global_id(1), image = (int)get_global_id(2);
    if (item >= runs * words)
        return;
    int run = item / words, k = item - run * words, iy = row - top;
    bool inside = iy >= 0 && iy < h;
    __global const uint *from = bits + (inside ? (size_t)image * h + iy : 0) * w * words + k;
    __global uchar *to =
        patterns + (size_t)offset * 64 + ((((size_t)image * rows + row) * runs + run) * kernel_w * words + k) * 32;
    /* taps `stride` apart share all pixels but one */
    for (int first = 0; first < min(stride, kernel_w); first++) {
        uint16 low = 0u, high = 0u;
        int x = run * PIXELS * stride + first - left;
        for (int kx = first - (PIXELS - 1) * stride; kx < kernel_w; kx += stride, x += stride) {
            uint word = inside && x >= 0 && x < w ? from[(size_t)x * words] : 0u;
            low = next_pattern(low, word);
            high = next_pattern(high, word >> 16);
            if (kx < 0)
                continue;
            vstore16(convert_uchar16(low), 0, to + (size_t)kx * words * 32);
            vstore16(convert_uchar16(high), 1, to + (size_t)kx * words * 32);
        }
    }
}

/* sums (slices, panels, kh*kw*32*words) vectors: a slice's share of the n*oh*runs runs. A tap row has `length` = kw*32*words of
 * them. Items: panels, slices. */
__kernel void spike_weight_gradient(__global float16 *restrict sums, __global const uchar *restrict patterns,
                                    __global const float *restrict dy, int patterns_offset, int images, int oh, int ow,
                                    int outputs, int panels, int rows, int runs, int kernel_h, int length, int stride,
                                    int slices) {
    int panel = (int)get_global_id(0), slice = (int)get_global_id(1), channel = panel * 16, all = images * oh * runs;
    int begin = (int)((long)all * slice / slices), end = (int)((long)all * (slice + 1) / slices);
    float16 table[RUNS][ENTRIES];
    __global float16 *to = sums + ((size_t)slice * panels + panel) * kernel_h * length;
    for (int i = 0; i < kernel_h * length; i++)
        to[i] = 0.0f;
    patterns += (size_t)patterns_offset * 64;
    for (int first = begin; first < end; first += RUNS) {
        __global const uchar *pattern[RUNS];
#pragma unroll
        for (int r = 0; r < RUNS; r++) {
            int3 at = pixel_place(min(first + r, end - 1), oh, runs); /* run, row, image */
            int present = first + r < end ? min(ow - at.x * PIXELS, PIXELS) : 0;
            size_t pixel = ((size_t)at.z * oh + at.y) * ow + at.x * PIXELS;
            make_sums(table[r], dy + pixel * outputs + channel, outputs, PIXELS, present, outputs - channel);
            pattern[r] = patterns + (((size_t)at.z * rows + at.y * stride) * runs + at.x) * length;
        }
        for (int ky = 0; ky < kernel_h; ky++) {
            for (int i = 0; i < length; i++) {
                float16 sum = to[ky * length + i];
#pragma unroll
                for (int r = 0; r < RUNS; r++)
                    sum += table[r][pattern[r][i]];
                to[ky * length + i] = sum;
            }
#pragma unroll
            for (int r = 0; r < RUNS; r++)
                pattern[r] += (size_t)runs * length;
        }
    }
}

/* Sum of the gradients at `count` neighbouring pixels. */
float16 sum_pixels(__global const float *dy, int count, int outputs, int valid) {
    float16 sum = 0.0f;
    for (int x = 0; x < count; x++)
        sum += load_panel(dy + (size_t)x * outputs, valid);
    return sum;
}

/* dw (kh,kw,frames,outputs) = the slices' sums, plus the gradients at the pixels whose input lies outside, where the slices counted -1.
 * A work-item does a tap and panel: items panels, kh*kw. */
__kernel void spike_weight_gradient_sum(__global float *restrict dw, __global const float16 *restrict sums,
                                        __global const float *restrict dy, int slices, int images, int h, int w, int oh,
                                        int ow, int outputs, int panels, int frames, int kernel_h, int kernel_w,
                                        int stride, int top, int left, int accumulate) {
    int panel = (int)get_global_id(0), tap = (int)get_global_id(1), channel = panel * 16, valid = outputs - channel;
    int ky = tap / kernel_w, shift_y = ky - top, shift_x = tap - ky * kernel_w - left;
    int begin = min(first_inside(shift_x, stride), ow), end = min(end_inside(shift_x, stride, w), ow);
    float16 outside = 0.0f;
    for (int row = 0; row < images * oh; row++) {
        int iy = (row - row / oh * oh) * stride + shift_y;
        __global const float *from = dy + (size_t)row * ow * outputs + channel;
        if (iy < 0 || iy >= h) {
            outside += sum_pixels(from, ow, outputs, valid);
        } else {
            outside += sum_pixels(from, begin, outputs, valid);
            outside += sum_pixels(from + (size_t)end * outputs, ow - end, outputs, valid);
        }
    }
    for (int i = tap * frames; i < (tap + 1) * frames; i++) {
        float16 sum = outside;
        for (int slice = 0; slice < slices; slice++)
            sum += sums[((size_t)slice * panels + panel) * kernel_h * kernel_w * frames + i];
        store_panel(dw + (size_t)i * outputs + channel, sum, valid, accumulate);
    }
}
