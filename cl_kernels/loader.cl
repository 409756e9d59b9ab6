/* From one sample to one row (image) of a batch: crop, resize, mirror, normalise, augment (method.md 4.3).
 * `in` holds the rows of the crop at the sample's full width: element (y, x) of the crop is at y*stride + left + x.
 * Outputs are whole batches (n, height, width, channels), of which image `row` is written. flip 1: mirrored left to right.
 * Random numbers come from `key`, a hash of seed and draw; the streams of shared.h keep its uses apart. A work-item makes one output
 * pixel (x, y), of spikes eight. No -D. */

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

/* rgb (n, height, width, 3) from bytes (crop_height, stride, 3): bilinear without antialias, colours in [0,1] through the
 * affine map r' = m0 . (r,g,b,1), g' = m1 ..., b' = m2 ... given row by row, Gaussian noise, clamp, then scale * v + offset: in [-1,1] with 2 and -1. */
__kernel void load_rgb(__global float *restrict out, __global const uchar *restrict in, int row, int height, int width,
                       int stride, int left, int crop_height, int crop_width, int flip, uint key, float m00, float m01,
                       float m02, float m03, float m10, float m11, float m12, float m13, float m20, float m21, float m22,
                       float m23, float noise, float scale, float offset) {
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
        uint4 bits = philox(key, BC_STREAM_AUGMENT_NOISE, (uint)(y * width + x), 0u);
        float2 p = normal_from_bits(bits.xy), q = normal_from_bits(bits.zw);
        w += noise * (float4)(p.x, p.y, q.x, q.y); /* (float4)(p, q) crashes Oclgrind's check likewise */
    }
    w = clamp(w, 0.0f, 1.0f) * scale + offset;
    __global float *to = out + (((size_t)row * height + y) * width + x) * 3;
    to[0] = w.x;
    to[1] = w.y;
    to[2] = w.z;
}

/* --- spikes: a work-item makes 8 neighbouring output pixels, one in each lane --- */

/* 128 independent bits a lane, each 1 with probability level / 4096 (level 0..4096): the binary digits of the probability from
 * the lowest up; `or` with a random bit takes p to (p+1)/2, `and` takes it to p/2. */
bits8 bernoulli_bits(uint8 level, uint key, uint stream, uint8 pixel) {
    bits8 bits = {0u, 0u, 0u, 0u};
    for (uint i = 0; i < 12u; i++) {
        bits8 r = philox8(key, stream, pixel, i);
        uint8 digit = (uint8)(0u) - ((level >> i) & 1u);
        bits.x = (bits.x & r.x) | (digit & (bits.x ^ r.x));
        bits.y = (bits.y & r.y) | (digit & (bits.y ^ r.y));
        bits.z = (bits.z & r.z) | (digit & (bits.z ^ r.z));
        bits.w = (bits.w & r.w) | (digit & (bits.w ^ r.w));
    }
    uint8 all = as_uint8(level >= 4096u);
    bits.x |= all;
    bits.y |= all;
    bits.z |= all;
    bits.w |= all;
    return bits;
}

/* A 4 x 4 grid of numbers in [0,1.5), interpolated at (gx, gy) in [0,3]. */
float8 smooth_field(uint key, float8 gx, float8 gy) {
    float nodes[16];
    vstore8(convert_float8(philox8(key, BC_STREAM_AUGMENT_FIELD, LANES8, 0u).x >> 8) * (1.0f / 16777216.0f), 0, nodes);
    vstore8(convert_float8(philox8(key, BC_STREAM_AUGMENT_FIELD, 8u + LANES8, 0u).x >> 8) * (1.0f / 16777216.0f), 1, nodes);
    /* A scalar 2 would do, but Oclgrind 21.10 reads past it. */
    int8 x = min(convert_int8(gx), (int8)(2)), y = min(convert_int8(gy), (int8)(2));
    int node[8];
    float a[8], b[8], c[8], d[8];
    vstore8(4 * y + x, 0, node);
    for (int i = 0; i < 8; i++) {
        a[i] = nodes[node[i]];
        b[i] = nodes[node[i] + 1];
        c[i] = nodes[node[i] + 4];
        d[i] = nodes[node[i] + 5];
    }
    float8 tx = gx - convert_float8(x), ty = gy - convert_float8(y);
    float8 upper = mix(vload8(0, a), vload8(0, b), tx), lower = mix(vload8(0, c), vload8(0, d), tx);
    return 1.5f * mix(upper, lower, ty);
}

/* Share of a pixel's spikes that is kept, as a level of 4096: the image's rate times the smooth field is dropped; the fixed pattern
 * is a factor of standard deviation `pattern` around 1 - 2 * pattern, so that a factor above one is rare. */
uint8 keep_level(uint key, int8 x, int8 y, int width, int height, float thin, float pattern) {
    float8 gx = convert_float8(x) * (3.0f / (float)max(width - 1, 1));
    float8 gy = convert_float8(y) * (3.0f / (float)max(height - 1, 1));
    float8 keep = 1.0f - thin * smooth_field(key, gx, gy);
    if (pattern > 0.0f) {
        bits8 b = philox8(key, BC_STREAM_AUGMENT_PATTERN, as_uint8(y * width + x), 0u);
        float8 u = (convert_float8(b.x >> 8) + 1.0f) * (1.0f / 16777216.0f); /* Box-Muller, as in the prelude */
        float8 normal = sqrt(-2.0f * log(u)) * cos(convert_float8(b.y >> 8) * (6.283185307179586f / 16777216.0f));
        keep *= 1.0f + pattern * (normal - 2.0f);
    }
    return convert_uint8(clamp(keep, 0.0f, 1.0f) * 4096.0f + 0.5f);
}

/* 32 frames of pixels under other light: each frame adds light times its spike, and offset, to what was integrated; a pixel
 * fires when it has 1, and keeps the rest, or owes it, of which at most two spikes' worth. */
uint8 refire(uint8 word, float8 light, float offset, float8 *integrated) {
    uint8 out = 0u;
    float8 sum = *integrated;
    for (uint frame = 0u; frame < 32u; frame++) {
        uint8 fired = (uint8)(0u) - ((word >> frame) & 1u);
        sum = fmax(sum + offset + as_float8(fired & as_uint8(light)), -2.0f);
        int8 fires = sum >= 1.0f;
        out |= as_uint8(fires) & (1u << frame);
        sum = fmin(sum - as_float8(as_uint8(fires) & as_uint8((float8)(1.0f))), 2.0f);
    }
    *integrated = sum;
    return out;
}

/* spikes (n, height, width, 4) from words (crop_height, stride, 4): nearest (nearest_source; down, across: its steps). The augmentation
 * belongs to the source pixel: two targets of one source stay equal. But response (height, width), or NULL, is of the output pixel,
 * mirrored or not: the factor of its light. dark: level of 4096. Work-items: (width / 8 rounded up, height). */
__kernel void load_spikes(__global uint *restrict out, __global const uint *restrict in, int row, int height, int width,
                          int stride, int left, int crop_height, int crop_width, float down, float across, int flip, uint key,
                          __global const float *restrict response, float light, float offset, float thin, float pattern, uint dark) {
    int first = 8 * (int)get_global_id(0), y = (int)get_global_id(1);
    if (first >= width || y >= height)
        return;
    int lanes = min(8, width - first), sy = nearest_source(y, down, crop_height);
    int sx[8];
    uint word[4][8];
    for (int i = 0; i < 8; i++) {
        int x = min(first + i, width - 1);
        sx[i] = nearest_source(flip ? width - 1 - x : x, across, crop_width);
        uint4 words = vload4((size_t)sy * stride + left + sx[i], in);
        word[0][i] = words.x;
        word[1][i] = words.y;
        word[2][i] = words.z;
        word[3][i] = words.w;
    }
    bits8 w = {vload8(0, word[0]), vload8(0, word[1]), vload8(0, word[2]), vload8(0, word[3])};
    int8 px = vload8(0, sx);
    uint8 pixel = as_uint8(sy * crop_width + px);
    if (light != 1.0f || offset != 0.0f || response) {
        float seen[8];
        for (int i = 0; i < 8; i++)
            seen[i] = light * (response ? response[y * width + min(first + i, width - 1)] : 1.0f);
        float8 scale = vload8(0, seen);
        bits8 b = philox8(key, BC_STREAM_AUGMENT_LIGHT, pixel, 0u);
        float8 integrated = convert_float8(b.x >> 8) * (1.0f / 16777216.0f);
        w.x = refire(w.x, scale, offset, &integrated);
        w.y = refire(w.y, scale, offset, &integrated);
        w.z = refire(w.z, scale, offset, &integrated);
        w.w = refire(w.w, scale, offset, &integrated);
    }
    if (thin > 0.0f || pattern > 0.0f) {
        uint8 level = keep_level(key, px, (int8)(sy), crop_width, crop_height, thin, pattern);
        bits8 keep = bernoulli_bits(level, key, BC_STREAM_AUGMENT_THIN, pixel);
        w.x &= keep.x;
        w.y &= keep.y;
        w.z &= keep.z;
        w.w &= keep.w;
    }
    if (dark > 0u) {
        bits8 fire = bernoulli_bits((uint8)(dark), key, BC_STREAM_AUGMENT_DARK, pixel);
        w.x |= fire.x;
        w.y |= fire.y;
        w.z |= fire.z;
        w.w |= fire.w;
    }
    vstore8(w.x, 0, word[0]);
    vstore8(w.y, 0, word[1]);
    vstore8(w.z, 0, word[2]);
    vstore8(w.w, 0, word[3]);
    for (int i = 0; i < lanes; i++)
        vstore4((uint4)(word[0][i], word[1][i], word[2][i], word[3][i]), ((size_t)row * height + y) * width + first + i,
                out);
}

/* --- the strong view (bicross/data/strong_view.h) --- */

/* Frames in another order, each out of its own 16: which one stands in four bits of the order, from the lowest up. */
uint8 shuffle_frames(uint8 word, uint4 order) {
    uint part[4];
    vstore4(order, 0, part);
    uint8 out = 0u;
    for (uint frame = 0u; frame < 32u; frame++) {
        uint from = (frame & 16u) + ((part[frame / 8u] >> (4u * (frame & 7u))) & 15u);
        out |= ((word >> from) & 1u) << frame;
    }
    return out;
}

/* In place on image `row` of words (n, height, width, 4): frames in the order o0..o15, one in ten entries 0, and all in rows
 * top..bottom-1 and columns left..right-1. What is lost is drawn for each pixel. Work-items as for load_spikes. */
__kernel void strong_spikes(__global uint *restrict words, int row, int height, int width, uint key, int top, int left,
                            int bottom, int right, uint o0, uint o1, uint o2, uint o3, uint o4, uint o5, uint o6, uint o7,
                            uint o8, uint o9, uint o10, uint o11, uint o12, uint o13, uint o14, uint o15) {
    int first = 8 * (int)get_global_id(0), y = (int)get_global_id(1);
    if (first >= width || y >= height)
        return;
    int lanes = min(8, width - first);
    __global uint *at = words + (((size_t)row * height + y) * width + first) * 4;
    uint word[4][8];
    for (int i = 0; i < 8; i++) {
        int x = first + i;
        bool erased = y >= top && y < bottom && x >= left && x < right;
        uint4 v = i < lanes && !erased ? vload4(i, at) : (uint4)(0u);
        word[0][i] = v.x;
        word[1][i] = v.y;
        word[2][i] = v.z;
        word[3][i] = v.w;
    }
    uint8 pixel = (uint)(y * width + first) + LANES8;
    bits8 keep = bernoulli_bits((uint8)(BC_STRONG_KEPT), key, BC_STREAM_AUGMENT_STRONG, pixel);
    vstore8(shuffle_frames(vload8(0, word[0]), (uint4)(o0, o1, o2, o3)) & keep.x, 0, word[0]);
    vstore8(shuffle_frames(vload8(0, word[1]), (uint4)(o4, o5, o6, o7)) & keep.y, 0, word[1]);
    vstore8(shuffle_frames(vload8(0, word[2]), (uint4)(o8, o9, o10, o11)) & keep.z, 0, word[2]);
    vstore8(shuffle_frames(vload8(0, word[3]), (uint4)(o12, o13, o14, o15)) & keep.w, 0, word[3]);
    for (int i = 0; i < lanes; i++)
        vstore4((uint4)(word[0][i], word[1][i], word[2][i], word[3][i]), i, at);
}
