/* GEMM by tiles in local memory, for GPUs: C = activation(alpha op(A) op(B) + beta C + bias) + residual, row-major
 * float32.
 *
 * gemm_local      a work-group makes a tile of C for one slice of k (prelude.clh): no packing, operands are read as they lie. Element
 *                 (i, p) of op(A) is at i * a_row + p * a_step, element (p, j) of op(B) at p * b_step + j * b_column, where one of
 *                 the two strides of each is 1. While a tile is multiplied, the next one is on its way from global memory.
 * gemm_local_sum  adds the slices of k in order, so that the result has the same bits each time.
 *
 * -DITEM_ROWS, -DITEM_COLUMNS: the shape of a tile. Any sizes: what lies outside is read as 0 and not written. Batches are
 * two-level: index z counts outer * inner products, each array has a stride for both levels. Offsets, strides and row lengths
 * count floats. Beta 0 does not read C, bias and residual may be
 * NULL; the residual lies as C does. */

/* Groups: tiles of rows, tiles of columns, outer * inner * slices. */
__kernel __attribute__((reqd_work_group_size(BC_TILE_SIDE, BC_TILE_SIDE, 1)))
void gemm_local(__global float *restrict c, __global const float *restrict a, __global const float *restrict b,
                __global const float *restrict bias, __global const float *restrict residual, int m, int n, int k, int inner,
                int slices, int a_offset, int a_outer, int a_inner, int a_row, int a_step, int b_offset, int b_outer,
                int b_inner, int b_step, int b_column, int c_offset, int c_outer, int c_inner, int c_slice, int ldc,
                float alpha, float beta, int activation) {
    __local float a_tile[TILE_DEPTH * A_STRIDE] __attribute__((aligned(16)));
    __local float b_tile[TILE_DEPTH * B_STRIDE] __attribute__((aligned(16)));
    int row = (int)get_group_id(0) * TILE_ROWS, column = (int)get_group_id(1) * TILE_COLUMNS;
    int batch = (int)get_group_id(2) / slices, slice = (int)get_group_id(2) - batch * slices;
    int i0 = batch / inner, i1 = batch - i0 * inner;
    int2 range = depth_slice(k, slice, slices);

    carrier ca = carrier_of(TILE_ROWS, a_step == 1), cb = carrier_of(TILE_COLUMNS, b_step == 1);
    __global const float *from_a = a + a_offset + (size_t)i0 * a_outer + (size_t)i1 * a_inner +
                                   (size_t)(row + ca.line) * a_row + (size_t)(range.x + ca.depth) * a_step;
    __global const float *from_b = b + b_offset + (size_t)i0 * b_outer + (size_t)i1 * b_inner +
                                   (size_t)(column + cb.line) * b_column + (size_t)(range.x + cb.depth) * b_step;
    long a_stride = (long)ca.line_step * a_row + (long)ca.depth_step * a_step;
    long b_stride = (long)cb.line_step * b_column + (long)cb.depth_step * b_step;
    int rows = m - row - ca.line, columns = n - column - cb.line, depth = range.y - range.x;

    float next_a[ITEM_ROWS], next_b[ITEM_COLUMNS];
    sums sum[ITEM_ROWS];
    clear_sums(sum);
    load_carried(next_a, ITEM_ROWS, from_a, a_stride, rows, depth - ca.depth, ca);
    load_carried(next_b, ITEM_COLUMNS, from_b, b_stride, columns, depth - cb.depth, cb);
    while (depth > 0) {
        put_carried(a_tile, A_STRIDE, next_a, ITEM_ROWS, ca);
        put_carried(b_tile, B_STRIDE, next_b, ITEM_COLUMNS, cb);
        barrier(CLK_LOCAL_MEM_FENCE);
        from_a += (size_t)TILE_DEPTH * a_step;
        from_b += (size_t)TILE_DEPTH * b_step;
        depth -= TILE_DEPTH;
        load_carried(next_a, ITEM_ROWS, from_a, a_stride, rows, depth - ca.depth, ca);
        load_carried(next_b, ITEM_COLUMNS, from_b, b_stride, columns, depth - cb.depth, cb);
        multiply_tiles(sum, a_tile, b_tile);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    row += (int)get_local_id(1) * ITEM_ROWS;
    column += (int)get_local_id(0) * ITEM_COLUMNS;
    size_t at = c_offset + (size_t)i0 * c_outer + (size_t)i1 * c_inner + (size_t)slice * c_slice + (size_t)row * ldc + column;
    if (column >= n)
        return;
#pragma unroll
    for (int r = 0; r < ITEM_ROWS; r++)
        if (row + r < m)
            store_sums(c + at + (size_t)r * ldc, sum[r], bias ? bias + column : bias,
                       residual ? residual + at + (size_t)r * ldc : residual, n - column, alpha, beta, activation);
}

/* Items: columns, rows, batches. Slices lie one after the other: parts (batches, slices, m, n). */
__kernel void gemm_local_sum(__global float *restrict c, __global const float *restrict parts,
                             __global const float *restrict bias, __global const float *restrict residual, int m, int n,
                             int slices, int inner, int c_offset, int c_outer, int c_inner, int ldc, float alpha, float beta,
                             int activation) {
    int column = (int)get_global_id(0), row = (int)get_global_id(1), batch = (int)get_global_id(2);
    if (column >= n)
        return;
    int i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *from = parts + ((size_t)batch * slices * m + row) * n + column;
    float sum = 0.0f;
    for (int s = 0; s < slices; s++, from += (size_t)m * n)
        sum += *from;
    size_t at = c_offset + (size_t)i0 * c_outer + (size_t)i1 * c_inner + (size_t)row * ldc + column;
    float result = alpha * sum;
    if (beta != 0.0f)
        result += beta * c[at];
    result = activate(bias ? result + bias[column] : result, activation);
    c[at] = residual ? result + residual[at] : result;
}
