/* Rows of tokens: row 0 of each sample is the class token, rows 1 to t-1 the map's pixels. Needs -DVECTOR dividing c. */

/* y (samples, t, c) = [cls, map] + position; map (samples, t-1, c), cls (c), position (t, c). One work-item a vector. */
__kernel void tokens(__global float *y, __global const float *map, __global const float *cls, __global const float *position,
                     int samples, int t, int c) {
    size_t i = get_global_id(0);
    uint vectors = c / VECTOR;
    if (i >= (size_t)samples * t * vectors)
        return;
    size_t row = i / vectors, sample = row / t, token = row - sample * t, channel = (i - row * vectors) * VECTOR;
    __global const float *source = token == 0 ? cls : map + (sample * (t - 1) + token - 1) * c;
    store_vec(load_vec(source + channel) + load_vec(position + token * c + channel), y + i * VECTOR);
}

/* Gradient of a class token that was repeated: y (outer, columns) from float 0, outer y_stride apart, = or += the sum over
 * rows of x, which lies at x_offset + o * x_outer + r * x_row. One work-item an outer index and vector of columns. */
__kernel void class_gradient(__global float *y, __global const float *x, int y_stride, int x_offset, int x_outer, int x_row,
                             int outer, int rows, int columns, int accumulate) {
    int i = get_global_id(0), vectors = columns / VECTOR;
    if (i >= outer * vectors)
        return;
    int o = i / vectors, channel = (i - o * vectors) * VECTOR;
    x += x_offset + (size_t)o * x_outer + channel;
    y += (size_t)o * y_stride + channel;
    vec sum = 0.0f;
    for (int r = 0; r < rows; r++)
        sum += load_vec(x + (size_t)r * x_row);
    store_vec(accumulate ? load_vec(y) + sum : sum, y);
}
