/* From one sample to one row (image) of a batch: crop, resize, mirror, normalise, augment (method.md 4.3).
 * `in` holds the rows of the crop at the sample's full width: element (y, x) of the crop is at y*stride + left + x.
 * Outputs are whole batches (n, height, width, channels), of which image `row` is written. flip 1: mirrored left to right.
 * Random numbers come from `key`, a hash of seed and draw; the streams below keep their uses apart. A work-item makes one output
 * pixel: x, y. No -D. */

#define STREAM_FIELD 1u
#define STREAM_PATTERN 2u
#define STREAM_THIN 3u
#define STREAM_DARK 4u
#define STREAM_NOISE 5u

/* label (n, height, width, 1) = in; the crop has the output's size. */
__kernel void load_label(__global float *restrict out, __global const float *restrict in, int row, int height, int width,
                         int stride, int left, int flip) {
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    if (x >= width || y >= height)
        return;
    int from = flip ? width - 1 - x : x;
    out[((size_t)row * height + y) * width + x] = in[(size_t)y * stride + left + from];
}

/* Pixel `at` of packed RGB bytes; the fourth part is 0. (Vectors of three crash Oclgrind's check of uninitialised memory.) */
float4 rgb_pixel(__global const uchar *in, size_t at) {
    return (float4)(in[3 * at], in[3 * at + 1], in[3 * at + 2], 0.0f);
}

/* rgb (n, height, width, 3) in [-1,1] from bytes (crop_height, stride, 3): bilinear without antialias, colours in [0,1] through the
 * affine map r' = m0 . (r,g,b,1), g' = m1 ..., b' = m2 ... given row by row, Gaussian noise, clamp, then (v - 0.5) / 0.5. */
__kernel void load_rgb(__global float *restrict out, __global const uchar *restrict in, int row, int height, int width,
                       int stride, int left, int crop_height, int crop_width, int flip, uint key, float m00, float m01,
                       float m02, float m03, float m10, float m11, float m12, float m13, float m20, float m21, float m22,
                       float m23, float noise) {
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    if (x >= width || y >= height)
        return;
    int across = flip ? width - 1 - x : x;
    float sx = fmax(((float)across + 0.5f) * ((float)crop_width / (float)width) - 0.5f, 0.0f);
    float sy = fmax(((float)y + 0.5f) * ((float)crop_height / (float)height) - 0.5f, 0.0f);
    int x0 = min((int)sx, crop_width - 1), x1 = min(x0 + 1, crop_width - 1);
    int y0 = min((int)sy, crop_height - 1), y1 = min(y0 + 1, crop_height - 1);
    float tx = sx - (float)x0, ty = sy - (float)y0;
    size_t upper = (size_t)y0 * stride + left, lower = (size_t)y1 * stride + left;
    float4 a = rgb_pixel(in, upper + x0), b = rgb_pixel(in, upper + x1);
    float4 c = rgb_pixel(in, lower + x0), d = rgb_pixel(in, lower + x1);
    float4 v = ((a + (b - a) * tx) * (1.0f - ty) + (c + (d - c) * tx) * ty) * (1.0f / 255.0f);
    float4 w = (float4)(m00 * v.x + m01 * v.y + m02 * v.z + m03, m10 * v.x + m11 * v.y + m12 * v.z + m13,
                        m20 * v.x + m21 * v.y + m22 * v.z + m23, 0.0f);
    if (noise > 0.0f) {
        uint4 bits = philox(key, STREAM_NOISE, (uint)(y * width + x), 0u);
        w += noise * (float4)(normal_from_bits(bits.xy), normal_from_bits(bits.zw));
    }
    w = clamp(w, 0.0f, 1.0f) * 2.0f - 1.0f;
    __global float *to = out + (((size_t)row * height + y) * width + x) * 3;
    to[0] = w.x;
    to[1] = w.y;
    to[2] = w.z;
}

/* 128 independent bits, each 1 with probability level / 4096 (level 0..4096): the binary digits of the probability from the lowest
 * up; `or` with a random bit takes p to (p+1)/2, `and` takes it to p/2. */
uint4 bernoulli_bits(uint level, uint key, uint stream, uint pixel) {
    uint4 bits = 0u;
    for (uint i = 0; i < 12u; i++) {
        uint4 random = philox(key, stream, pixel, i);
        uint4 digit = (uint4)(0u - ((level >> i) & 1u));
        bits = (bits & random) | (digit & (bits ^ random));
    }
    return level >= 4096u ? (uint4)(0xFFFFFFFFu) : bits;
}

/* A 4 x 4 grid of numbers in [0,1.5), interpolated at (gx, gy) in [0,3]. */
float smooth_field(uint key, float gx, float gy) {
    uint x = (uint)min((int)gx, 2), y = (uint)min((int)gy, 2), node = 4u * y + x;
    float tx = gx - (float)x, ty = gy - (float)y;
    float a = uniform_from_bits(philox(key, STREAM_FIELD, node, 0u).x);
    float b = uniform_from_bits(philox(key, STREAM_FIELD, node + 1u, 0u).x);
    float c = uniform_from_bits(philox(key, STREAM_FIELD, node + 4u, 0u).x);
    float d = uniform_from_bits(philox(key, STREAM_FIELD, node + 5u, 0u).x);
    return 1.5f * mix(mix(a, b, tx), mix(c, d, tx), ty);
}

/* Share of a pixel's spikes that is kept, as a level of 4096: the image's rate times the smooth field is dropped; the fixed pattern
 * is a factor of standard deviation `pattern` around 1 - 2 * pattern, so that a factor above one is rare. */
uint keep_level(uint key, int x, int y, int width, int height, float thin, float pattern) {
    float gx = (float)x * 3.0f / (float)max(width - 1, 1), gy = (float)y * 3.0f / (float)max(height - 1, 1);
    float keep = 1.0f - thin * smooth_field(key, gx, gy);
    if (pattern > 0.0f) {
        float normal = normal_from_bits(philox(key, STREAM_PATTERN, (uint)(y * width + x), 0u).xy).x;
        keep *= 1.0f + pattern * (normal - 2.0f);
    }
    return (uint)(clamp(keep, 0.0f, 1.0f) * 4096.0f + 0.5f);
}

/* spikes (n, height, width, 4) from words (crop_height, stride, 4): nearest, source = floor(target * in / out). The augmentation
 * belongs to the source pixel: two targets of one source stay equal. dark: level of 4096. */
__kernel void load_spikes(__global uint *restrict out, __global const uint *restrict in, int row, int height, int width,
                          int stride, int left, int crop_height, int crop_width, int flip, uint key, float thin,
                          float pattern, uint dark) {
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    if (x >= width || y >= height)
        return;
    int across = flip ? width - 1 - x : x;
    int sx = (int)((long)across * crop_width / width), sy = (int)((long)y * crop_height / height);
    uint4 words = vload4((size_t)sy * stride + left + sx, in);
    uint pixel = (uint)(sy * crop_width + sx);
    if (thin > 0.0f || pattern > 0.0f)
        words &= bernoulli_bits(keep_level(key, sx, sy, crop_width, crop_height, thin, pattern), key, STREAM_THIN, pixel);
    if (dark > 0u)
        words |= bernoulli_bits(dark, key, STREAM_DARK, pixel);
    vstore4(words, ((size_t)row * height + y) * width + x, out);
}
