/* Convolution of packed spikes and its weight gradient, for GPUs: tiles in local memory, signs made from the bits in registers.
 *
 * A spike is +1 where its bit is set, else -1, and 0 outside the image. Bits (n,h,w,words): frame f of a pixel is bit f%32 of word
 * f/32. Weights (kh,kw,32*words,outputs). A tap and word are one step of 32 frames. Channels past the end are read as 0 and not
 * written. Any sizes. */

#define CHANNELS BC_SPIKE_TILE_CHANNELS
#define PIXELS BC_SPIKE_TILE_PIXELS
#define GROUP BC_SPIKE_GRADIENT_GROUP

/* What the sign of a frame is made from: the word with 1 for -1, and the bits of the magnitude, 1 or 0. */
typedef struct {
    uint minus, magnitude;
} spikes;

spikes no_spikes(void) {
    spikes s = {0u, 0u};
    return s;
}

/* The word k of input pixel (iy,ix) of an image. */
spikes spikes_at(__global const uint *bits, int h, int w, int words, int image, int iy, int ix, int k) {
    spikes s = no_spikes();
    if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
        s.minus = ~bits[(((size_t)image * h + iy) * w + ix) * words + k];
        s.magnitude = 0x3F800000u;
    }
    return s;
}

float sign_of(spikes s, int frame) {
    return as_float(((s.minus << (31 - frame)) & 0x80000000u) | s.magnitude);
}

/* y (n,oh,ow,outputs) = conv + bias (NULL: none). A group makes PIXELS pixels by CHANNELS, a work-item 4 pixels by 8 channels. Groups:
 * tiles of the n*oh*ow pixels; tiles of channels. */
__kernel __attribute__((reqd_work_group_size(PIXELS, 1, 1))) void
spike_conv_gpu(__global float *restrict y, __global const uint *restrict bits, __global const float *restrict weight,
                __global const float *restrict bias, int h, int w, int words, int pixels, int oh, int ow, int outputs,
                int kernel_h, int kernel_w, int stride, int top, int left) {
    __local float tile[32 * CHANNELS];
    int lane = (int)get_local_id(0), part = lane % 4, channel = (int)get_group_id(1) * CHANNELS;
    int first = (int)get_group_id(0) * PIXELS + lane / 4;
    int3 at[4];
    float8 sum[4];
#pragma unroll
    for (int p = 0; p < 4; p++) {
        at[p] = pixel_place(min(first + 32 * p, pixels - 1), oh, ow);
        sum[p] = 0.0f;
    }
    for (int step = 0; step < kernel_h * kernel_w * words; step++) {
        int tap = step / words, k = step - tap * words, ky = tap / kernel_w, kx = tap - ky * kernel_w;
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = lane; i < 32 * CHANNELS; i += PIXELS) {
            int frame = i / CHANNELS, c = channel + i - frame * CHANNELS;
            tile[i] = c < outputs ? weight[((size_t)step * 32 + frame) * outputs + c] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        spikes s[4];
#pragma unroll
        for (int p = 0; p < 4; p++)
            s[p] = spikes_at(bits, h, w, words, at[p].z, at[p].y * stride + ky - top, at[p].x * stride + kx - left, k);
        for (int frame = 0; frame < 32; frame++) {
            float8 weights = vload8(part, tile + frame * CHANNELS);
#pragma unroll
            for (int p = 0; p < 4; p++)
                sum[p] += sign_of(s[p], frame) * weights;
        }
    }
    channel += part * 8;
#pragma unroll
    for (int p = 0; p < 4; p++) {
        float made[8];
        vstore8(sum[p], 0, made);
#pragma unroll
        for (int c = 0; c < 8; c++)
            if (first + 32 * p < pixels && channel + c < outputs)
                y[(size_t)(first + 32 * p) * outputs + channel + c] = made[c] + (bias ? bias[channel + c] : 0.0f);
    }
}

/* sums (slices, kh*kw*32*words, outputs): a slice's share of the pixels. A group makes the 32 frames of a step by CHANNELS, going
 * through GROUP pixels at a time; a work-item 4 frames by 4 channels. Groups: steps; tiles of channels; slices. */
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void
spike_weight_gradient_gpu(__global float *restrict sums, __global const uint *restrict bits,
                           __global const float *restrict dy, int h, int w, int words, int pixels, int oh, int ow,
                           int outputs, int kernel_h, int kernel_w, int stride, int top, int left, int slices) {
    __local float tile[GROUP * CHANNELS];
    __local spikes tile_spikes[GROUP];
    int lane = (int)get_local_id(0), frame = lane / 8 * 4, part = lane % 8;
    int step = (int)get_group_id(0), channel = (int)get_group_id(1) * CHANNELS, slice = (int)get_group_id(2);
    int tap = step / words, k = step - tap * words, ky = tap / kernel_w, kx = tap - ky * kernel_w;
    int begin = (int)((long)pixels * slice / slices), end = (int)((long)pixels * (slice + 1) / slices);
    float4 sum[4];
#pragma unroll
    for (int f = 0; f < 4; f++)
        sum[f] = 0.0f;
    for (int first = begin; first < end; first += GROUP) {
        int3 at = pixel_place(min(first + lane, end - 1), oh, ow);
        barrier(CLK_LOCAL_MEM_FENCE);
        tile_spikes[lane] = spikes_at(bits, h, w, words, at.z, at.y * stride + ky - top, at.x * stride + kx - left, k);
        for (int i = lane; i < GROUP * CHANNELS; i += GROUP) {
            int p = i / CHANNELS, c = channel + i - p * CHANNELS;
            tile[i] = first + p < end && c < outputs ? dy[(size_t)(first + p) * outputs + c] : 0.0f;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int p = 0; p < GROUP; p++) {
            float4 gradient = vload4(part, tile + p * CHANNELS);
            spikes s = tile_spikes[p];
#pragma unroll
            for (int f = 0; f < 4; f++)
                sum[f] += sign_of(s, frame + f) * gradient;
        }
    }
    channel += part * 4;
    size_t row = ((size_t)slice * kernel_h * kernel_w * words + step) * 32 + frame;
#pragma unroll
    for (int f = 0; f < 4; f++) {
        float made[4];
        vstore4(sum[f], 0, made);
#pragma unroll
        for (int c = 0; c < 4; c++)
            if (channel + c < outputs)
                sums[(row + f) * outputs + channel + c] = made[c];
    }
}
