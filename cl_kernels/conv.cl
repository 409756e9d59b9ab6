/* Direct convolution of channels-last maps, and its weight gradient, for CPUs (for GPUs: conv_tile.cl).
 *
 * The input lies in a zero-padded copy (pad_rows) or needs no padding, so that the inner loops have no border case: for one
 * kernel row ky, the kw*ci numbers that an output pixel needs are consecutive. The weights lie in panels of PANEL = VECTOR*VECTORS
 * output channels, (panel, ky, kx, ci, PANEL) (pack_panels), so that a vector holds VECTOR neighbouring output channels and the
 * input is a scalar that is broadcast.
 * -DVECTOR, -DVECTORS (vectors of a panel), -DPIXELS (output pixels of a work-item), -DTILE (rows of the weight
 * gradient of a work-item): PIXELS*VECTORS accumulators of 16 floats stay in registers.
 * Strides and offsets named x_* count floats of the padded input. Any sizes; channels past the end are not written. */

#define PANEL (VECTOR * VECTORS)

/* Rows (images, in_rows, in_length) into the middle of rows of zeros (images, out_rows, out_length), from row `top` and column
 * `left` on; what does not fit is cut off. Lengths count floats. A work-item writes 16 of them. */
__kernel void pad_rows(__global float *restrict out, __global const float *restrict in, int out_offset, int in_offset,
                       int out_rows, int out_length, int in_rows, int in_length, int top, int left) {
    int first = (int)get_global_id(0) * 16, row = (int)get_global_id(1), image = (int)get_global_id(2);
    if (first >= out_length)
        return;
    int in_row = row - top, in_first = first - left;
    __global float *o = out + out_offset + ((size_t)image * out_rows + row) * out_length + first;
    bool outside = in_row < 0 || in_row >= in_rows || in_first + 16 <= 0 || in_first >= in_length;
    size_t row_start = in_offset + (outside ? 0 : ((size_t)image * in_rows + in_row) * in_length);
    bool whole = first + 16 <= out_length;
    if (whole && outside)
        vstore16(0.0f, 0, o);
    else if (whole && in_first >= 0 && in_first + 16 <= in_length)
        vstore16(vload16(0, in + row_start + in_first), 0, o);
    else
        for (int i = 0; i < 16 && first + i < out_length; i++) {
            int from = in_first + i;
            o[i] = !outside && from >= 0 && from < in_length ? in[row_start + from] : 0.0f;
        }
}

/* Weights into panels of the taps (y_first + y_step*i, x_first + x_step*j) of a kernel `kernel_w` wide. Reduction channel r and
 * output channel o of a tap lie at r*r_stride + o*o_stride: forward (co, 1), backward to the data (1, co). Output channels past
 * the end become 0. A work-item writes one reduction channel of one panel: items (reduction, taps_y*taps_x, panels). */
__kernel void pack_panels(__global float *restrict panels, __global const float *restrict weight, int panels_offset,
                          int reduction, int outputs, int taps_y, int taps_x, int y_first, int y_step, int x_first,
                          int x_step, int kernel_w, int r_stride, int o_stride) {
    int r = (int)get_global_id(0), tap = (int)get_global_id(1), panel = (int)get_global_id(2);
    if (r >= reduction)
        return;
    int tap_y = tap / taps_x, tap_x = tap - tap_y * taps_x, first = panel * PANEL;
    int ky = y_first + y_step * tap_y, kx = x_first + x_step * tap_x;
    __global const float *from = weight + (size_t)(ky * kernel_w + kx) * reduction * outputs + (size_t)r * r_stride +
                                 (size_t)first * o_stride;
    __global float *to = panels + panels_offset + (((size_t)panel * taps_y * taps_x + tap) * reduction + r) * PANEL;
    if (o_stride == 1 && first + PANEL <= outputs) {
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            store_vec(load_vec(from + v * VECTOR), to + v * VECTOR);
        return;
    }
    for (int o = 0; o < PANEL; o++)
        to[o] = first + o < outputs ? from[(size_t)o * o_stride] : 0.0f;
}

/* y = sum + bias, with relu not below 0, + residual, with accumulate + y, for the first `valid` channels. bias and residual may be
 * NULL. */
void finish(__global float *y, vec sum, __global const float *bias, __global const float *residual, int valid, int relu,
            int accumulate) {
    if (valid >= VECTOR) {
        if (bias)
            sum += load_vec(bias);
        if (relu)
            sum = sum < 0.0f ? (vec)(0.0f) : sum;
        if (residual)
            sum += load_vec(residual);
        if (accumulate)
            sum += load_vec(y);
        store_vec(sum, y);
        return;
    }
    float part[VECTOR];
    store_vec(sum, part);
    for (int i = 0; i < valid; i++) {
        float value = part[i] + (bias ? bias[i] : 0.0f);
        value = relu && value < 0.0f ? 0.0f : value;
        y[i] = value + (residual ? residual[i] : 0.0f) + (accumulate ? y[i] : 0.0f);
    }
}

/* y = conv(x, panels) and what `finish` adds, on a grid of (images, grid_h, grid_w) output pixels, each PIXELS consecutive ones
 * of which are a work-item's: items (pixels/PIXELS, panels). Grid pixel (n,i,j) reads from x_offset + n*x_image + i*x_down +
 * j*x_right on, kernel_h rows x_row apart of `length` = kw*ci floats, and writes pixel (y_top + i*y_step, y_left + j*y_step) of y
 * (images, y_h, y_w, outputs): a step of 1 for a whole convolution, of the stride for one phase of a transposed one. */
__kernel void conv_direct(__global float *restrict y, __global const float *restrict x,
                          __global const float *restrict panels, __global const float *restrict bias,
                          __global const float *restrict residual, int x_offset, int panels_offset, int pixels, int grid_h,
                          int grid_w, int x_image, int x_down, int x_right, int x_row, int kernel_h, int length, int y_h,
                          int y_w, int outputs, int y_step, int y_top, int y_left, int relu, int accumulate) {
    int first = (int)get_global_id(0) * PIXELS, panel = (int)get_global_id(1);
    if (first >= pixels)
        return;
    __global const float *from[PIXELS];
#pragma unroll
    for (int p = 0; p < PIXELS; p++) {
        int3 at = pixel_place(min(first + p, pixels - 1), grid_h, grid_w);
        from[p] = x + x_offset + (size_t)at.z * x_image + (size_t)at.y * x_down + (size_t)at.x * x_right;
    }
    vec sum[PIXELS][VECTORS];
#pragma unroll
    for (int p = 0; p < PIXELS; p++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            sum[p][v] = 0.0f;
    __global const float *w = panels + panels_offset + (size_t)panel * kernel_h * length * PANEL;
    for (int ky = 0; ky < kernel_h; ky++) {
        for (int k = 0; k < length; k++, w += PANEL) {
#pragma unroll
            for (int p = 0; p < PIXELS; p++)
#pragma unroll
                for (int v = 0; v < VECTORS; v++)
                    sum[p][v] += from[p][k] * load_vec(w + v * VECTOR);
        }
#pragma unroll
        for (int p = 0; p < PIXELS; p++)
            from[p] += x_row;
    }
#pragma unroll
    for (int p = 0; p < PIXELS; p++) {
        if (first + p >= pixels)
            return;
        int3 at = pixel_place(first + p, grid_h, grid_w);
        size_t pixel = ((size_t)at.z * y_h + y_top + at.y * y_step) * y_w + y_left + at.x * y_step;
#pragma unroll
        for (int v = 0; v < VECTORS; v++) {
            int channel = panel * PANEL + v * VECTOR;
            size_t place = pixel * outputs + channel;
            if (channel < outputs)
                finish(y + place, sum[p][v], bias ? bias + channel : 0, residual ? residual + place : 0, outputs - channel, relu,
                       accumulate);
        }
    }
}

/* dw (slices, kh, kw*ci, outputs): slice s holds the sum over its share of the rows (n,oy) of the output from first_row on; with
 * one slice it is the gradient itself. dy (rows, ow, dy_length) with dy_length a multiple of PANEL, channels past the end of any finite value.
 * Output row (n,oy) and kernel row ky read x from n*x_image + oy*x_down + ky*x_row on, output pixels x_right apart.
 * A work-item forms `tiles` tiles of TILE rows (of kw*ci) by PANEL columns. It goes through its rows of pixels in blocks, so that
 * all its tiles find a block in the cache, and adds each block's sum to dw: items (kw*ci/TILE/tiles, panels, slices*kh). */
__kernel void conv_weight_gradient(__global float *restrict dw, __global const float *restrict x,
                                   __global const float *restrict dy, int dw_offset, int x_offset, int dy_offset,
                                   int first_row, int rows, int oh, int ow, int x_image, int x_down, int x_right, int x_row, int kernel_h,
                                   int length, int outputs, int dy_length, int slices, int tiles, int block_rows,
                                   int accumulate) {
    int group_first = (int)get_global_id(0) * tiles * TILE, channel = (int)get_global_id(1) * PANEL;
    int slice = (int)get_global_id(2) / kernel_h, ky = (int)get_global_id(2) - slice * kernel_h;
    int group_end = min(group_first + tiles * TILE, length);
    int begin = first_row + (int)((long)rows * slice / slices);
    int end = first_row + (int)((long)rows * (slice + 1) / slices);
    for (int block = begin; block < end; block += block_rows) {
        int block_end = min(block + block_rows, end);
        for (int first = group_first; first < group_end; first += TILE) {
            int at[TILE]; /* the last tile reads valid numbers for the rows that do not exist */
#pragma unroll
            for (int t = 0; t < TILE; t++)
                at[t] = min(first + t, length - 1);
            vec sum[TILE][VECTORS];
#pragma unroll
            for (int t = 0; t < TILE; t++)
#pragma unroll
                for (int v = 0; v < VECTORS; v++)
                    sum[t][v] = 0.0f;
            for (int row = block; row < block_end; row++) {
                __global const float *d = dy + dy_offset + (size_t)row * ow * dy_length + channel;
                int image = row / oh, oy = row - image * oh;
                __global const float *from =
                    x + x_offset + (size_t)image * x_image + (size_t)oy * x_down + (size_t)ky * x_row;
                for (int ox = 0; ox < ow; ox++, d += dy_length, from += x_right) {
#pragma unroll
                    for (int t = 0; t < TILE; t++)
#pragma unroll
                        for (int v = 0; v < VECTORS; v++)
                            sum[t][v] += from[at[t]] * load_vec(d + v * VECTOR);
                }
            }
            __global float *to = dw + dw_offset + (((size_t)slice * kernel_h + ky) * length + first) * outputs + channel;
#pragma unroll
            for (int t = 0; t < TILE; t++, to += outputs)
#pragma unroll
                for (int v = 0; v < VECTORS; v++)
                    if (first + t < length && channel + v * VECTOR < outputs)
                        finish(to + v * VECTOR, sum[t][v], 0, 0, outputs - channel - v * VECTOR, 0, accumulate || block > begin);
        }
    }
}
