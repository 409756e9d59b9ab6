/* Convolutions of 3x3 without stride by Winograd's minimal filtering F(OUT x OUT, 3x3) (Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2016), channels last. With tiles of OUT x OUT output pixels and IN = OUT + 2:
 *   y = A^T [(G w G^T) . (B^T x B)] A, and its adjoint dw = G^T [(B^T x B) . (A dy A^T)] G,
 * where "." is a product of matrices (tiles or channels x channels) for each of the IN*IN positions (gemm.cl).
 *
 * -DOUT=2 or 4; -DVECTOR divides the channels that lie along the vectors. Tile t of a map is pixel_place(t, tiles_h, tiles_w);
 * a pass works on `tiles` tiles from first_tile on, so that its intermediate maps stay in a cache.
 * Transformed maps are (tiles, IN*IN, channels), a tile's numbers together; tiles are `tile_length` floats apart. Transformed weights
 * are (IN*IN, inputs, outputs), positions `plane` floats apart. A product's second operand lies likewise, rows by channels, perhaps in
 * panels of `panel` channels: (IN*IN, channels/panel, rows, panel); panel = channels is the plain layout. */

#define IN (OUT + 2)

#define POSITIONS (IN * IN)

/* The one-dimensional transforms, in place on numbers `s` apart. */

/* B^T d: IN -> IN */
void input_line(vec *d, int s) {
#if OUT == 4
    vec d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s], d4 = d[4 * s], d5 = d[5 * s];
    d[0] = 4.0f * d0 - 5.0f * d2 + d4;
    d[s] = d3 + d4 - 4.0f * (d1 + d2);
    d[2 * s] = d4 - d3 + 4.0f * (d1 - d2);
    d[3 * s] = d4 - d2 + 2.0f * (d3 - d1);
    d[4 * s] = d4 - d2 + 2.0f * (d1 - d3);
    d[5 * s] = 4.0f * d1 - 5.0f * d3 + d5;
#else
    vec d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s];
    d[0] = d0 - d2;
    d[s] = d1 + d2;
    d[2 * s] = d2 - d1;
    d[3 * s] = d1 - d3;
#endif
}

/* A^T m: IN -> OUT */
void output_line(vec *m, int s) {
#if OUT == 4
    vec sum = m[s] + m[2 * s], difference = m[s] - m[2 * s];
    vec sum2 = m[3 * s] + m[4 * s], difference2 = m[3 * s] - m[4 * s], last = m[5 * s];
    m[0] += sum + sum2;
    m[s] = difference + 2.0f * difference2;
    m[2 * s] = sum + 4.0f * sum2;
    m[3 * s] = difference + 8.0f * difference2 + last;
#else
    vec m1 = m[s], m2 = m[2 * s];
    m[0] += m1 + m2;
    m[s] = m1 - m2 - m[3 * s];
#endif
}

/* A d: OUT -> IN, the adjoint of output_line */
void output_gradient_line(vec *d, int s) {
#if OUT == 4
    vec d0 = d[0], d1 = d[s], d2 = d[2 * s], d3 = d[3 * s];
    vec even = d0 + d2, odd = d1 + d3, even2 = d0 + 4.0f * d2, odd2 = 2.0f * d1 + 8.0f * d3;
    d[s] = even + odd;
    d[2 * s] = even - odd;
    d[3 * s] = even2 + odd2;
    d[4 * s] = even2 - odd2;
    d[5 * s] = d3;
#else
    vec d0 = d[0], d1 = d[s];
    d[s] = d0 + d1;
    d[2 * s] = d0 - d1;
    d[3 * s] = -d1;
#endif
}

/* G w: 3 -> IN */
void weight_line(vec *w, int s) {
    vec w0 = w[0], w1 = w[s], w2 = w[2 * s];
#if OUT == 4
    vec outer = w0 + w2, wide = w0 * (1.0f / 24.0f) + w2 * (1.0f / 6.0f), half_wide = w1 * (1.0f / 12.0f);
    w[0] = 0.25f * w0;
    w[s] = (outer + w1) * (-1.0f / 6.0f);
    w[2 * s] = (outer - w1) * (-1.0f / 6.0f);
    w[3 * s] = wide + half_wide;
    w[4 * s] = wide - half_wide;
    w[5 * s] = w2;
#else
    w[s] = 0.5f * (w0 + w1 + w2);
    w[2 * s] = 0.5f * (w0 - w1 + w2);
    w[3 * s] = w2;
#endif
}

/* G^T u: IN -> 3, the adjoint of weight_line */
void weight_gradient_line(vec *u, int s) {
#if OUT == 4
    vec sum = u[s] + u[2 * s], difference = u[2 * s] - u[s];
    vec sum2 = u[3 * s] + u[4 * s], difference2 = u[3 * s] - u[4 * s], last = u[5 * s];
    u[0] = 0.25f * u[0] - sum * (1.0f / 6.0f) + sum2 * (1.0f / 24.0f);
    u[s] = difference * (1.0f / 6.0f) + difference2 * (1.0f / 12.0f);
    u[2 * s] = (sum2 - sum) * (1.0f / 6.0f) + last;
#else
    vec sum = u[s] + u[2 * s], difference = u[s] - u[2 * s], last = u[3 * s];
    u[0] += 0.5f * sum;
    u[s] = 0.5f * difference;
    u[2 * s] = 0.5f * sum + last;
#endif
}

/* out (POSITIONS, channels/panel, rows, panel) at this row and column. */
INLINE void store_panels(const vec *d, __global float *out, int plane, int rows, int row, int column, int panel) {
    int block = column / panel;
    __global float *to = out + ((size_t)block * rows + row) * panel + (column - block * panel);
#pragma unroll
    for (int p = 0; p < POSITIONS; p++)
        store_vec(d[p], to + (size_t)p * plane);
}

/* out (tiles, POSITIONS, channels) = B^T x B of the tiles of x (n,h,w,channels), whose windows begin pad_top and pad_left
 * before their output. Items (channels/VECTOR, tiles). */
__kernel void winograd_input(__global float *restrict out, __global const float *restrict x, int out_offset, int h, int w,
                             int channels, int first_tile, int tiles, int tiles_h, int tiles_w, int tile_length, int pad_top,
                             int pad_left) {
    int channel = (int)get_global_id(0) * VECTOR, tile = (int)get_global_id(1);
    if (channel >= channels || tile >= tiles)
        return;
    int3 at = pixel_place(first_tile + tile, tiles_h, tiles_w);
    int top = at.y * OUT - pad_top, left = at.x * OUT - pad_left;
    __global const float *image = x + (size_t)at.z * h * w * channels + channel;
    vec d[POSITIONS];
    if (top >= 0 && left >= 0 && top + IN <= h && left + IN <= w) {
        __global const float *from = image + ((size_t)top * w + left) * channels;
#pragma unroll
        for (int i = 0; i < IN; i++)
#pragma unroll
            for (int j = 0; j < IN; j++)
                d[i * IN + j] = load_vec(from + ((size_t)i * w + j) * channels);
    } else {
#pragma unroll
        for (int i = 0; i < IN; i++)
#pragma unroll
            for (int j = 0; j < IN; j++) {
                int y = top + i, z = left + j;
                bool inside = y >= 0 && y < h && z >= 0 && z < w;
                d[i * IN + j] = inside ? load_vec(image + ((size_t)y * w + z) * channels) : (vec)(0.0f);
            }
    }
#pragma unroll
    for (int i = 0; i < IN; i++)
        input_line(d + i * IN, 1);
#pragma unroll
    for (int j = 0; j < IN; j++)
        input_line(d + j, IN);
    __global float *to = out + out_offset + (size_t)tile * tile_length + channel;
#pragma unroll
    for (int p = 0; p < POSITIONS; p++)
        store_vec(d[p], to + (size_t)p * channels);
}

/* out (POSITIONS, inputs, outputs) = G w G^T, w (3,3,ci,co), in panels of `panel` outputs. Weight (r, o) of a tap lies at
 * r*r_stride + o*o_stride, taps tap_stride apart; flip turns the kernel round, for the gradient of x. Items (outputs/VECTOR,
 * inputs). */
__kernel void winograd_weight(__global float *restrict out, __global const float *restrict w, int out_offset, int inputs,
                              int outputs, int r_stride, int o_stride, int tap_stride, int flip, int plane, int panel) {
    int o = (int)get_global_id(0) * VECTOR, r = (int)get_global_id(1);
    if (o >= outputs || r >= inputs)
        return;
    __global const float *from = w + (size_t)r * r_stride + (size_t)o * o_stride;
    vec u[POSITIONS];
#pragma unroll
    for (int i = 0; i < 3; i++)
#pragma unroll
        for (int j = 0; j < 3; j++) {
            int tap = flip ? 8 - i * 3 - j : i * 3 + j;
            float part[VECTOR];
#pragma unroll
            for (int v = 0; v < VECTOR; v++)
                part[v] = from[(size_t)tap * tap_stride + (size_t)v * o_stride];
            u[i * IN + j] = load_vec(part);
        }
#pragma unroll
    for (int j = 0; j < 3; j++)
        weight_line(u + j, IN);
#pragma unroll
    for (int i = 0; i < IN; i++)
        weight_line(u + i * IN, 1);
    store_panels(u, out + out_offset, plane, inputs, r, o, panel);
}

/* y (n,h,w,channels) = A^T m A + bias, with relu not below 0, + residual (like y), with accumulate + y, on the tiles of m
 * (tiles, POSITIONS, channels). bias and residual may be NULL. Items (channels/VECTOR, tiles). */
__kernel void winograd_output(__global float *restrict y, __global const float *restrict m, __global const float *restrict bias,
                              __global const float *restrict residual, int m_offset, int h, int w, int channels, int first_tile, int tiles, int tiles_h, int tiles_w,
                              int tile_length, int relu, int accumulate) {
    int channel = (int)get_global_id(0) * VECTOR, tile = (int)get_global_id(1);
    if (channel >= channels || tile >= tiles)
        return;
    int3 at = pixel_place(first_tile + tile, tiles_h, tiles_w);
    __global const float *from = m + m_offset + (size_t)tile * tile_length + channel;
    vec d[POSITIONS];
#pragma unroll
    for (int p = 0; p < POSITIONS; p++)
        d[p] = load_vec(from + (size_t)p * channels);
#pragma unroll
    for (int j = 0; j < IN; j++)
        output_line(d + j, IN);
#pragma unroll
    for (int i = 0; i < OUT; i++)
        output_line(d + i * IN, 1);
    vec shift = bias ? load_vec(bias + channel) : (vec)(0.0f);
#pragma unroll
    for (int i = 0; i < OUT; i++)
#pragma unroll
        for (int j = 0; j < OUT; j++) {
            int row = at.y * OUT + i, column = at.x * OUT + j;
            if (row < h && column < w) {
                size_t place = (((size_t)at.z * h + row) * w + column) * channels + channel;
                vec value = d[i * IN + j] + shift;
                if (relu)
                    value = value < 0.0f ? (vec)(0.0f) : value;
                if (residual)
                    value += load_vec(residual + place);
                store_vec(accumulate ? value + load_vec(y + place) : value, y + place);
            }
        }
}

/* out (POSITIONS, tiles, channels) = A dy A^T of the tiles of dy (n,h,w,channels), in panels of `panel` channels. Items
 * (channels/VECTOR, tiles). */
__kernel void winograd_output_gradient(__global float *restrict out, __global const float *restrict dy, int out_offset, int h,
                                       int w, int channels, int first_tile, int tiles, int tiles_h, int tiles_w, int plane, int panel) {
    int channel = (int)get_global_id(0) * VECTOR, tile = (int)get_global_id(1);
    if (channel >= channels || tile >= tiles)
        return;
    int3 at = pixel_place(first_tile + tile, tiles_h, tiles_w);
    __global const float *image = dy + (size_t)at.z * h * w * channels + channel;
    vec d[POSITIONS];
#pragma unroll
    for (int i = 0; i < OUT; i++)
#pragma unroll
        for (int j = 0; j < OUT; j++) {
            int row = at.y * OUT + i, column = at.x * OUT + j;
            d[i * IN + j] =
                row < h && column < w ? load_vec(image + ((size_t)row * w + column) * channels) : (vec)(0.0f);
        }
#pragma unroll
    for (int j = 0; j < OUT; j++)
        output_gradient_line(d + j, IN);
#pragma unroll
    for (int i = 0; i < IN; i++)
        output_gradient_line(d + i * IN, 1);
    store_panels(d, out + out_offset, plane, tiles, tile, channel, panel);
}

/* dw (3,3,inputs,outputs) = G^T u G of u (POSITIONS, inputs, outputs); with accumulate, added to what is there. Items
 * (outputs/VECTOR, inputs). */
__kernel void winograd_weight_gradient(__global float *restrict dw, __global const float *restrict u, int u_offset, int plane,
                                       int inputs, int outputs, int accumulate) {
    int o = (int)get_global_id(0) * VECTOR, r = (int)get_global_id(1);
    if (o >= outputs || r >= inputs)
        return;
    size_t at = (size_t)r * outputs + o, taps = (size_t)inputs * outputs;
    vec d[POSITIONS];
#pragma unroll
    for (int p = 0; p < POSITIONS; p++)
        d[p] = load_vec(u + u_offset + (size_t)p * plane + at);
#pragma unroll
    for (int j = 0; j < IN; j++)
        weight_gradient_line(d + j, IN);
#pragma unroll
    for (int i = 0; i < 3; i++)
        weight_gradient_line(d + i * IN, 1);
#pragma unroll
    for (int i = 0; i < 3; i++)
#pragma unroll
        for (int j = 0; j < 3; j++) {
            __global float *to = dw + (i * 3 + j) * taps + at;
            store_vec(accumulate ? d[i * IN + j] + load_vec(to) : d[i * IN + j], to);
        }
}
