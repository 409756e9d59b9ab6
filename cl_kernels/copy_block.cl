/* Copies, adds or repeats a block of floats between two strided places: concatenation, slices and their gradients.
 * Element (o, r, j), o < outer, r < rows, j < columns, lies at offset + o * outer_stride + r * row_stride + j on either
 * side; a stride of 0 on the source side repeats. Needs -DVECTOR dividing columns. One work-item a vector. */
__kernel void copy_block(__global float *to, __global const float *from, int to_offset, int to_outer, int to_row,
                         int from_offset, int from_outer, int from_row, int outer, int rows, int columns, int accumulate) {
    size_t i = get_global_id(0);
    uint vectors = columns / VECTOR;
    if (i >= (size_t)outer * rows * vectors)
        return;
    size_t line = i / vectors, column = (i - line * vectors) * VECTOR;
    size_t o = line / rows, r = line - o * rows;
    to += to_offset + o * to_outer + r * to_row + column;
    from += from_offset + o * from_outer + r * from_row + column;
    vec value = load_vec(from);
    store_vec(accumulate ? load_vec(to) + value : value, to);
}
