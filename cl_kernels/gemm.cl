/* GEMM in panels, for CPUs: C = activation(alpha op(A) op(B) + beta C + bias) + residual, row-major float32.
 *
 * gemm_tile     a work-item goes through `depth` terms of k at a time, of which COLUMNS columns of B stay in a first-level cache while
 *               it makes its band of rows, ROWS x COLUMNS of C at a time with all accumulators in registers; between the parts of k,
 *               sums wait in C. No barrier. B lies in panels of COLUMNS, in place when n is a multiple of them, or is copied part by
 *               part (-DCOPIED); op(A) element (i, p) of a block of ROWS is at i * a_row + p * a_step (in place, or packed).
 * gemm_pack_a   A stored k x m, to blocks: block, p, rows; rows past m are zero.
 * gemm_spread_a A stored m x k, to rows of another length: those a multiple of 4 KiB apart push each other out of the cache.
 * gemm_vector   C of one column.
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

/* Rows become columns. An element's place has 8 bits, its row's and its lane's; each round turns them by one. (By elements:
 * Oclgrind 21.10 falls over v.even beside other vectors. Compilers make one shuffle of each line.) */
#define EVEN_ONES(v) v.s0, v.s2, v.s4, v.s6, v.s8, v.sa, v.sc, v.se
#define ODD_ONES(v) v.s1, v.s3, v.s5, v.s7, v.s9, v.sb, v.sd, v.sf
INLINE void transpose16(float16 row[16]) {
#pragma unroll
    for (int round = 0; round < 4; round++) {
        float16 next[16];
#pragma unroll
        for (int i = 0; i < 8; i++) {
            next[i] = (float16)(EVEN_ONES(row[2 * i]), EVEN_ONES(row[2 * i + 1]));
            next[i + 8] = (float16)(ODD_ONES(row[2 * i]), ODD_ONES(row[2 * i + 1]));
        }
#pragma unroll
        for (int i = 0; i < 16; i++)
            row[i] = next[i];
    }
}

/* Where B is read from: panels in place, or (-DCOPIED) a slice of a panel that was brought into local memory. */
#ifdef COPIED
#define PANEL __local const float
#else
#define PANEL __global const float
#endif

#ifdef COPIED
/* panel (count, COLUMNS) = op(B) from b on, of which `columns` are there. Element (p, j) of op(B) is at p * b_row + j * b_column; one
 * of the two is 1. Past the columns there are zeros. */
void copy_panel(__local float *panel, __global const float *b, int count, int columns, int b_row, int b_column) {
    int first = 0;
    if (columns == COLUMNS && b_column == 1) {
        for (int p = 0; p < count; p++)
#pragma unroll
            for (int v = 0; v < VECTORS; v++)
                vstore16(vload16(v, b + (size_t)p * b_row), v, panel + p * COLUMNS);
        return;
    }
    for (; columns == COLUMNS && first + 16 <= count; first += 16)
        for (int v = 0; v < VECTORS; v++) {
            float16 row[16];
#pragma unroll
            for (int j = 0; j < 16; j++)
                row[j] = vload16(0, b + first + (size_t)(16 * v + j) * b_column);
            transpose16(row);
#pragma unroll
            for (int p = 0; p < 16; p++)
                vstore16(row[p], v, panel + (first + p) * COLUMNS);
        }
    for (int p = first; p < count; p++)
        for (int j = 0; j < COLUMNS; j++)
            panel[p * COLUMNS + j] = j < columns ? b[(size_t)p * b_row + (size_t)j * b_column] : 0.0f;
}
#endif

/* sum = op(A) op(B) of one tile for `count` terms from pa and pb on. */
INLINE void multiply_panel(float16 sum[ROWS][VECTORS], __global const float *pa, PANEL *pb,
                           const size_t place[ROWS], int a_step, int b_step, int count) {
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            sum[r][v] = 0.0f;
    for (int p = 0; p < count; p++) {
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
}

/* Items: panels of C, bands of rows, outer * inner * slices. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void gemm_tile(__global float *restrict c, __global const float *restrict a, __global const float *restrict b,
               __global const float *restrict bias, __global const float *restrict residual, int m, int n, int k, int inner,
               int slices, int slice_length, int band, int depth,
               int a_offset, int a_outer, int a_inner, int a_block, int a_row, int a_step,
               int b_offset, int b_outer, int b_inner, int b_panel, int b_row, int b_column, int b_columns,
               int c_offset, int c_outer, int c_inner, int c_slice, int ldc, float alpha, float beta,
               int activation) {
    int panel = get_global_id(0), column = panel * COLUMNS, top = (int)get_global_id(1) * band, bottom = min(top + band, m);
    int batch = (int)get_global_id(2) / slices, slice = (int)get_global_id(2) - batch * slices;
    int first = slice * slice_length, last = min(k, first + slice_length);
    int i0 = batch / inner, i1 = batch - i0 * inner;
    a += a_offset + (size_t)i0 * a_outer + (size_t)i1 * a_inner;
    b += b_offset + (size_t)i0 * b_outer + (size_t)i1 * b_inner + (size_t)panel * b_panel;
    size_t place_c = c_offset + (size_t)i0 * c_outer + (size_t)i1 * c_inner + (size_t)slice * c_slice + column;
#ifdef COPIED
    __local float panel_copy[BC_PANEL_FLOATS];
#endif
    for (int begin = first; begin < last; begin += depth) {
        int count = min(depth, last - begin), ends = begin + count == last;
#ifdef COPIED
        PANEL *pb = panel_copy;
        int b_step = COLUMNS;
        copy_panel(panel_copy, b + (size_t)begin * b_row, count, min(COLUMNS, b_columns - column), b_row,
                   b_column);
#else
        PANEL *pb = b + (size_t)begin * b_row;
        int b_step = b_row;
#endif
        float old = begin == first ? beta : 1.0f;
        for (int row = top; row < bottom; row += ROWS) {
            /* Rows past the end repeat the last one; they are not stored. */
            size_t place[ROWS];
#pragma unroll
            for (int r = 0; r < ROWS; r++)
                place[r] = (size_t)min(r, m - 1 - row) * a_row;
            float16 sum[ROWS][VECTORS];
            multiply_panel(sum, a + (size_t)(row / ROWS) * a_block + (size_t)begin * a_step, pb, place, a_step, b_step, count);
            size_t at = place_c + (size_t)row * ldc;
            __global float *pc = c + at;
            __global const float *added = ends && residual && activation == BC_NO_ACTIVATION ? residual + at : 0;
            __global const float *added_bias = ends && bias ? bias + column : 0;
#pragma unroll
            for (int r = 0; r < ROWS; r++)
#pragma unroll
                for (int v = 0; v < VECTORS; v++)
                    if (row + r < m) {
                        size_t to = (size_t)r * ldc + 16 * v;
                        gemm_store(pc + to, added_bias ? added_bias + 16 * v : 0, added ? added + to : 0, sum[r][v],
                                   n - column - 16 * v, alpha, old);
                    }
            if (!ends || activation == BC_NO_ACTIVATION)
                continue;
            int rows = min(ROWS, m - row), columns = min(COLUMNS, n - column);
            for (int r = 0; r < rows; r++, at += ldc)
                for (int j = 0; j < columns; j += 16)
                    gemm_finish(c + at + j, residual ? residual + at + j : 0, columns - j, activation);
        }
    }
}

/* Items: blocks of rows, 16 terms each, batches of A. */
__kernel void gemm_pack_a(__global float *restrict blocks, __global const float *restrict a, int blocks_offset, int m, int k,
                          int inner, int a_offset, int a_outer, int a_inner, int lda) {
    int block = get_global_id(0), first = (int)get_global_id(1) * 16, count = (m + ROWS - 1) / ROWS;
    if (block >= count || first >= k)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *from = a + a_offset + i0 * a_outer + i1 * a_inner + (size_t)first * lda + (size_t)block * ROWS;
    __global float *to = blocks + blocks_offset + ((batch * count + block) * k + first) * ROWS;
    int rows = min(ROWS, m - block * ROWS), terms = min(16, k - first);
    if (rows == ROWS) {
        for (int p = 0; p < terms; p++)
#pragma unroll
            for (int r = 0; r < ROWS; r++)
                to[p * ROWS + r] = from[(size_t)p * lda + r];
    } else {
        for (int p = 0; p < terms; p++)
            for (int r = 0; r < ROWS; r++)
                to[p * ROWS + r] = r < rows ? from[(size_t)p * lda + r] : 0.0f;
    }
}

/* Items: 16 terms each, rows, batches of A. */
__kernel void gemm_spread_a(__global float *restrict spread, __global const float *restrict a, int spread_offset, int m, int k,
                            int inner, int a_offset, int a_outer, int a_inner, int lda, int row_length) {
    int p = (int)get_global_id(0) * 16, row = get_global_id(1);
    if (p >= k || row >= m)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner;
    __global const float *from = a + a_offset + i0 * a_outer + i1 * a_inner + (size_t)row * lda + p;
    __global float *to = spread + spread_offset + (batch * m + row) * row_length + p;
    if (p + 16 <= k)
        vstore16(vload16(0, from), 0, to);
    else
        for (int i = 0; i < k - p; i++)
            to[i] = from[i];
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

/* C of one column: c[0..m) = activation(alpha * A b + beta * c + bias[0]) + residual, A stored m x k. Items: 16 rows each, batches. */
__kernel void gemm_vector(__global float *restrict c, __global const float *restrict a, __global const float *restrict b,
                          __global const float *restrict bias, __global const float *restrict residual, int m, int k, int inner,
                          int a_offset, int a_outer, int a_inner, int lda, int b_offset, int b_outer, int b_inner, int c_offset,
                          int c_outer, int c_inner, float alpha, float beta, int activation) {
    int row = (int)get_global_id(0) * 16, batch = get_global_id(1), i0 = batch / inner, i1 = batch - i0 * inner;
    if (row >= m)
        return;
    a += a_offset + (size_t)i0 * a_outer + (size_t)i1 * a_inner + (size_t)row * lda;
    b += b_offset + (size_t)i0 * b_outer + (size_t)i1 * b_inner;
    size_t at = c_offset + (size_t)i0 * c_outer + (size_t)i1 * c_inner + row;
    int whole = k / 16 * 16;
    float16 sum[16];
#pragma unroll
    for (int r = 0; r < 16; r++)
        sum[r] = 0.0f;
    for (int p = 0; p < whole; p += 16) {
        float16 line = vload16(0, b + p);
#pragma unroll
        for (int r = 0; r < 16; r++)
            sum[r] += vload16(0, a + (size_t)min(r, m - 1 - row) * lda + p) * line;
    }
    transpose16(sum); /* so that the rows' sums come from whole vectors */
#pragma unroll
    for (int step = 8; step > 0; step /= 2)
#pragma unroll
        for (int r = 0; r < step; r++)
            sum[r] += sum[r + step];
    float total[16];
    vstore16(sum[0], 0, total);
    for (int r = 0; r < 16; r++) {
        __global const float *line = a + (size_t)min(r, m - 1 - row) * lda;
        for (int p = whole; p < k; p++)
            total[r] += line[p] * b[p];
    }
    int count = min(16, m - row);
    float16 shift = bias ? alpha * vload16(0, total) + bias[0] : alpha * vload16(0, total);
    gemm_store(c + at, 0, 0, shift, count, 1.0f, beta);
    if (residual || activation != BC_NO_ACTIVATION)
        gemm_finish(c + at, residual ? residual + at : 0, count, activation);
}
