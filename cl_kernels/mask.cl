/* Masks of pixels: floats 0 or 1, no gradient. Flat arrays of n floats.
 *
 * quantile_*: the exact k-th smallest of the values under a mask, by selection on 8 bits at a time, without atomics. A float
 * becomes a key, an unsigned number of the same order. In each of four rounds (shift 24, 16, 8, 0) every one of `groups`
 * work-items counts, in its own 256 bins, the next 8 bits of those keys that begin with the prefix found so far; the bins are
 * added up; one work-item finds the bin that holds the wanted rank, which lengthens the prefix.
 * work: prefix, rank and number of values; from BINS on the bins (256); from HISTOGRAMS on (groups,256). Unsigned words. */
#define PREFIX 0
#define RANK 1
#define COUNT 2
#define BINS BC_QUANTILE_STATE
#define HISTOGRAMS (BC_QUANTILE_STATE + BC_QUANTILE_BINS)

__kernel void valid_mask(__global float *restrict mask, __global const float *restrict y, int n, int height, int width, int top,
                         int bottom, int left, int right, float nearest, float dmax) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    int3 at = pixel_place(i, height, width);
    bool inside = at.y >= top && at.y < bottom && at.x >= left && at.x < right;
    mask[i] = inside && y[i] > nearest && y[i] < dmax ? 1.0f : 0.0f;
}

__kernel void mask_and(__global float *restrict both, __global const float *restrict a, __global const float *restrict b,
                       int n) {
    int i = (int)get_global_id(0);
    if (i < n)
        both[i] = a[i] > 0.5f && b[i] > 0.5f ? 1.0f : 0.0f;
}

__kernel void mask_or(__global float *restrict either, __global const float *restrict a, __global const float *restrict b,
                      int n) {
    int i = (int)get_global_id(0);
    if (i < n)
        either[i] = a[i] > 0.5f || b[i] > 0.5f ? 1.0f : 0.0f;
}

uint key_of(float value) {
    uint bits = as_uint(value);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

float value_of(uint key) {
    return as_float(key >> 31 ? key & 0x7fffffffu : ~key);
}

__kernel void quantile_count(__global uint *restrict work, __global const float *restrict values,
                             __global const float *restrict mask, int n, int groups, int shift) {
    int g = (int)get_global_id(0);
    if (g >= groups)
        return;
    __global uint *histogram = work + HISTOGRAMS + g * BC_QUANTILE_BINS;
    for (int bin = 0; bin < BC_QUANTILE_BINS; bin++)
        histogram[bin] = 0u;
    uint prefix = shift == 24 ? 0u : work[PREFIX];
    for (int block = BC_QUANTILE_BLOCK * g; block < n; block += BC_QUANTILE_BLOCK * groups)
        for (int i = block; i < min(block + BC_QUANTILE_BLOCK, n); i++) {
            uint key = key_of(values[i]);
            if (mask[i] > 0.5f && key >> shift >> 8 == prefix)
                histogram[(key >> shift) & 255u]++;
        }
}

__kernel void quantile_fold(__global uint *restrict work, int groups) {
    int bin = (int)get_global_id(0);
    if (bin >= BC_QUANTILE_BINS)
        return;
    uint sum = 0u;
    for (int g = 0; g < groups; g++)
        sum += work[HISTOGRAMS + g * BC_QUANTILE_BINS + bin];
    work[BINS + bin] = sum;
}

/* The first round sets the rank, floor(q * count), q in millionths: exact, where a float would round. */
__kernel void quantile_pick(__global uint *restrict work, int shift, uint millionths) {
    if (get_global_id(0) > 0)
        return;
    uint prefix, rank;
    if (shift == 24) {
        uint count = 0u;
        for (int bin = 0; bin < BC_QUANTILE_BINS; bin++)
            count += work[BINS + bin];
        prefix = 0u;
        rank = min((uint)((ulong)count * millionths / 1000000ul), max(count, 1u) - 1u);
        work[COUNT] = count;
    } else {
        prefix = work[PREFIX];
        rank = work[RANK];
    }
    uint bin = 0u;
    while (bin < 255u && rank >= work[BINS + bin])
        rank -= work[BINS + bin++];
    work[PREFIX] = prefix << 8 | bin;
    work[RANK] = rank;
}

__kernel void quantile_apply(__global float *restrict keep, __global const uint *restrict work,
                             __global const float *restrict values, __global const float *restrict mask, int n,
                             int keep_below) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    float threshold = value_of(work[PREFIX]);
    bool wanted = keep_below ? values[i] < threshold + 1e-8f : values[i] > threshold;
    keep[i] = wanted && mask[i] > 0.5f && work[COUNT] > 0u ? 1.0f : 0.0f;
}

/* out (n, pixels) = mask, but all ones in a sample where the mask has none. A work-item is a sample: these maps are small. */
__kernel void mask_or_all(__global float *restrict out, __global const float *restrict mask, int n, int pixels) {
    int sample = (int)get_global_id(0);
    if (sample >= n)
        return;
    __global const float *from = mask + (size_t)sample * pixels;
    __global float *to = out + (size_t)sample * pixels;
    float largest = 0.0f;
    for (int i = 0; i < pixels; i++)
        largest = fmax(largest, from[i]);
    for (int i = 0; i < pixels; i++)
        to[i] = largest > 0.5f ? from[i] : 1.0f;
}
