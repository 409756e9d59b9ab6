/* Sums over the rows of row-major matrices, per column: bias gradients, global pooling, sums of partial results.
 * x (batch, rows, columns) -> out (batch, slices, columns): slice s of every matrix holds the sum of its own rows, weighted by
 * row_weight (batch, rows) and scaled by scale (batch) where these are given (NULL: 1). With one slice this is the whole
 * sum; otherwise the kernel runs again over the slices. The order of additions is fixed.
 * A work-item sums 16 columns. Sizes and offsets count floats. */

__kernel void column_sum(__global float *restrict out, __global const float *restrict x,
                         __global const float *restrict row_weight, __global const float *restrict scale, int out_offset,
                         int x_offset, int scale_offset, int rows, int columns, int slices, int accumulate) {
    int first = (int)get_global_id(0) * 16, slice = (int)get_global_id(1), b = (int)get_global_id(2);
    if (first >= columns)
        return;
    int begin = (int)((long)rows * slice / slices), end = (int)((long)rows * (slice + 1) / slices);
    int valid = columns - first;
    __global const float *p = x + x_offset + ((size_t)b * rows + begin) * columns + first;
    float16 sum = 0.0f;
    for (int r = begin; r < end; r++, p += columns) {
        float weight = row_weight ? row_weight[(size_t)b * rows + r] : 1.0f;
        sum += weight * load16(p, valid);
    }
    if (scale)
        sum *= scale[scale_offset + b];
    __global float *o = out + out_offset + ((size_t)b * slices + slice) * columns + first;
    store16(o, accumulate ? load16(o, valid) + sum : sum, valid);
}
