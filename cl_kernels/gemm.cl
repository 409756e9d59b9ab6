/* GEMM in panels, for CPUs: C = activation(alpha op(A) op(B) + beta C + bias) + residual, row-major float32.
 *
 * gemm_tile     one work-item computes ROWS x COLUMNS of C for one slice of k, with all accumulators in registers: no local
 *               memory, no barrier. B comes as panels of COLUMNS (packed, or in place when n is a multiple of them), op(A)
 *               element (i, p) of a block of ROWS is at i * a_row + p * a_step (in place, or packed).
 * gemm_pack_b   op(B), k x n, to panels: panel, p, columns; columns past n are zero.
 * gemm_pack_a   A stored k x m, to blocks: block, p, rows; rows past m are zero.
 * gemm_sum      adds the slices of k in order, so that the result has the same bits each time.
 *
 * -DVECTOR=16 -DROWS=8 -DCOLUMNS=32: the tile; COLUMNS a multiple of 16. The residual lies as C does. Batches are two-level: index z
 * counts outer * inner products, each array has a stride for both levels. Offsets, strides and row lengths count floats. Remainders
 * are written as a - (a / b) * b: beside a division, % becomes an instruction that Oclgrind's check of uninitialised values does not
 * know. */

#define VECTORS (COLUMNS / 16)

/* c[0..count) = alpha * value + beta * c + bias + residual; beta 0 does not read c, bias and residual may be null. */
void gemm_store(__global float *c, __global const float *bias, __global const float *residual, float16 value, int count,
                float alpha, float beta) {
    if (count >= 16) {
        float16 result = alpha * value;
        if (beta != 0.0f)
            result += beta * vload16(0, c);
        if (bias)
            result += vload16(0, bias);
        if (residual)
            result += vload16(0, residual);
        vstore16(result, 0, c);
        return;
    }
    float part[16];
    vstore16(value, 0, part);
    for (int i = 0; i < count; i++) {
        float result = alpha * part[i];
        if (beta != 0.0f)
            result += beta * c[i];
        if (bias)
            result += bias[i];
        if (residual)
            result += residual[i];
        c[i] = result;
    }
}

/* An activation and the residual after it, in numbers that were just stored and are still in the cache: one piece of code
 * instead of one for each accumulator of a tile. */
void gemm_finish(__global float *c, __global const float *residual, int count, int activation) {
    if (count >= 16) {
        vec result = activate_vec(load_vec(c), activation);
        store_vec(residual ? result + load_vec(residual) : result, c);
        return;
    }
    for (int i = 0; i < count; i++)
        c[i] = activate(c[i], activation) + (residual ? residual[i] : 0.0f);
}

/* Items: panels of C, blocks of rows, outer * inner * slices. */
__kernel __attribute__((reqd_work_group_size(1, 8, 1)))
void gemm_tile(__global float *restrict c, __global const float *restrict a, __global const float *restrict b,
               __global const float *restrict bias, __global const float *restrict residual, int m, int n, int k, int inner,
               int slices, int slice_length,
               int a_offset, int a_outer, int a_inner, int a_block, int a_row, int a_step,
               int b_offset, int b_outer, int b_inner, int b_panel, int b_step,
               int c_offset, int c_outer, int c_inner, int c_slice, int ldc, float alpha, float beta,
               int activation) {
    int column = (int)get_global_id(0) * COLUMNS, row = (int)get_global_id(1) * ROWS;
    int batch = (int)get_global_id(2) / slices, slice = (int)get_global_id(2) - batch * slices;
    if (row >= m)
        return;
    int first = slice * slice_length, last = min(k, first + slice_length);
    int i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *pa = a + a_offset + (size_t)i0 * a_outer + (size_t)i1 * a_inner + (size_t)(row / ROWS) * a_block +
                               (size_t)first * a_step;
    __global const float *pb = b + b_offset + (size_t)i0 * b_outer + (size_t)i1 * b_inner + (size_t)(column / COLUMNS) * b_panel +
                               (size_t)first * b_step;
    /* Rows past the end repeat the last one; they are not stored. */
    size_t place[ROWS];
    float16 sum[ROWS][VECTORS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
        place[r] = (size_t)min(r, m - 1 - row) * a_row;
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            sum[r][v] = 0.0f;
    }
    for (int p = first; p < last; p++) {
        float16 line[VECTORS];
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            line[v] = vload16(v, pb);
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            float value = pa[place[r]];
#pragma unroll
            for (int v = 0; v < VECTORS; v++)
                sum[r][v] += value * line[v];
        }
        pa += a_step;
        pb += b_step;
    }
    size_t at = c_offset + (size_t)i0 * c_outer + (size_t)i1 * c_inner + (size_t)slice * c_slice + (size_t)row * ldc + column;
    __global float *pc = c + at;
    __global const float *added = residual && activation == BC_NO_ACTIVATION ? residual + at : 0;
    __global const float *added_bias = bias ? bias + column : bias;
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            if (row + r < m) {
                size_t to = (size_t)r * ldc + 16 * v;
                gemm_store(pc + to, added_bias ? added_bias + 16 * v : added_bias, added ? added + to : added, sum[r][v],
                           n - column - 16 * v, alpha, beta);
            }
    if (activation == BC_NO_ACTIVATION)
        return;
    int rows = min(ROWS, m - row), columns = min(COLUMNS, n - column);
    for (int r = 0; r < rows; r++, at += ldc)
        for (int j = 0; j < columns; j += 16)
            gemm_finish(c + at + j, residual ? residual + at + j : residual, columns - j, activation);
}

/* Items: k, panels, batches of B. Element (p, j) of op(B) is at p * b_row + j * b_column. */
__kernel void gemm_pack_b(__global float *restrict panels, __global const float *restrict b, int panels_offset, int n, int k,
                          int inner, int b_offset, int b_outer, int b_inner, int b_row, int b_column) {
    int p = get_global_id(0), column = (int)get_global_id(1) * COLUMNS;
    if (p >= k)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *from = b + b_offset + i0 * b_outer + i1 * b_inner + (size_t)p * b_row + (size_t)column * b_column;
    __global float *to = panels + panels_offset + ((batch * get_global_size(1) + column / COLUMNS) * k + p) * COLUMNS;
    int count = min(COLUMNS, n - column);
    if (count == COLUMNS && b_column == 1) {
        for (int v = 0; v < VECTORS; v++)
            vstore16(vload16(v, from), v, to);
    } else {
        for (int j = 0; j < count; j++)
            to[j] = from[(size_t)j * b_column];
        for (int j = count; j < COLUMNS; j++)
            to[j] = 0.0f;
    }
}

/* Items: blocks of rows, k, batches of A. */
__kernel void gemm_pack_a(__global float *restrict blocks, __global const float *restrict a, int blocks_offset, int m, int k,
                          int inner, int a_offset, int a_outer, int a_inner, int lda) {
    int block = get_global_id(0), p = get_global_id(1), count = (m + ROWS - 1) / ROWS;
    if (block >= count || p >= k)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *from = a + a_offset + i0 * a_outer + i1 * a_inner + (size_t)p * lda + (size_t)block * ROWS;
    __global float *to = blocks + blocks_offset + ((batch * count + block) * k + p) * ROWS;
    if ((block + 1) * ROWS <= m)
        for (int r = 0; r < ROWS; r++)
            to[r] = from[r];
    else
        for (int r = 0; r < ROWS; r++)
            to[r] = block * ROWS + r < m ? from[r] : 0.0f;
}

/* Items: groups of 16 columns, rows, batches. Slices are m x padded, padded a multiple of COLUMNS. */
__kernel void gemm_sum(__global float *restrict c, __global const float *restrict parts, __global const float *restrict bias,
                       __global const float *restrict residual, int parts_offset, int m, int n, int padded, int slices,
                       int inner, int c_offset, int c_outer, int c_inner, int ldc, float alpha, float beta, int activation) {
    int column = (int)get_global_id(0) * 16, row = get_global_id(1);
    if (column >= n || row >= m)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner, slice = (size_t)m * padded;
    __global const float *from = parts + parts_offset + batch * slices * slice + (size_t)row * padded + column;
    float16 sum = vload16(0, from);
    for (int s = 1; s < slices; s++)
        sum += vload16(0, from + s * slice);
    size_t at = c_offset + i0 * c_outer + i1 * c_inner + (size_t)row * ldc + column;
    gemm_store(c + at, bias ? bias + column : bias, 0, sum, n - column, alpha, beta);
    if (residual || activation != BC_NO_ACTIVATION)
        gemm_finish(c + at, residual ? residual + at : residual, n - column, activation);
}
