/* Sums over the rows of row-major matrices, per column: bias gradients, global pooling, sums of partial results.
 * x (batch, rows, columns) -> out (batch, slices, columns): slice s of every matrix holds the sum of its own rows, weighted by
 * row_weight (batch, rows) and scaled by scale (batch) where these are given (NULL: 1). With one slice this is the whole
 * sum; otherwise the kernel runs again over the slices. The order of additions is fixed.
 * Needs -DVECTOR dividing columns. One work-item a matrix, slice and vector of columns. Offsets count floats. */

__kernel void column_sum(__global float *restrict out, __global const float *restrict x,
                         __global const float *restrict row_weight, __global const float *restrict scale,
                         int scale_offset, int out_offset, int x_offset, int batch, int rows, int columns, int slices,
                         int accumulate) {
    int i = (int)get_global_id(0), vectors = columns / VECTOR;
    if (i >= batch * slices * vectors)
        return;
    int3 at = pixel_place(i, slices, vectors);
    int column = at.x * VECTOR, slice = at.y, b = at.z;
    int begin = (int)((long)rows * slice / slices), end = (int)((long)rows * (slice + 1) / slices);
    __global const float *from = x + x_offset + ((size_t)b * rows + begin) * columns + column;
    vec sum = 0.0f;
    for (int r = begin; r < end; r++, from += columns)
        sum += row_weight ? load_vec(from) * row_weight[(size_t)b * rows + r] : load_vec(from);
    if (scale)
        sum *= scale[scale_offset + b];
    __global float *to = out + out_offset + ((size_t)b * slices + slice) * columns + column;
    store_vec(accumulate ? load_vec(to) + sum : sum, to);
}
