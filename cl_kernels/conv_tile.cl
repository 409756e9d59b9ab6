/* Convolution of channels-last maps by tiles in local memory, for GPUs: each pass is a product of matrices one of which is never
 * stored (implicit GEMM). No padded copy and no packing: an item reads what its tap meets, 0 outside the map.
 *
 *   conv_tile_forward  y (n,oh,ow,co):   rows are pixels of y,  columns co, terms (tap, ci)
 *   conv_tile_data     dx (n,h,w,ci):    rows are pixels of dx, columns ci, terms (tap, co). Pixels of one remainder modulo the
 *                      stride, a phase, meet only every stride-th tap: each phase is a product of its own, without wasted terms.
 *   conv_tile_weight   dw (kh,kw,ci,co): rows are weights (tap, ci), columns co, terms are pixels of y
 *
 * x (n,h,w,ci), weight (kh,kw,ci,co). Each makes its product, plus bias (columns; NULL: none), plus with accumulate what is there;
 * forward then takes the activation and adds the residual (like y; NULL: none). With slices > 1 the terms are shared among the
 * slices, whose results lie one after the other, to be added afterwards in order; the bias is in the first one. Groups: tiles of
 * rows, tiles of columns, slices (of each phase). -DITEM_ROWS, -DITEM_COLUMNS: the shape of a tile (prelude.clh). Any sizes. */

#define LINES (ITEM_ROWS / 4) /* pixels of which an item brings in terms */
#define LINE_STEP 64

/* One axis of a product over pixels: its row of position i < count meets tap t < taps at position i * step + start + t of the map
 * that it reads; this is tap first + t * tap_step of the kernel. */
typedef struct {
    int count, taps, start, first;
} axis;

typedef struct {
    axis v, h;
    int step, tap_step, kernel_w;
    int images, in_h, in_w, in_c, out_h, out_w, out_c;
    int out_step, out_top, out_left; /* row (n,i,j) is pixel (n, out_top + i * out_step, out_left + j * out_step) of the output */
    int transposed;                  /* the weights lie as (tap, out_c, in_c), not (tap, in_c, out_c) */
} convolution;

/* Channel c of tap (y, x): digits of a number that is counted up. */
typedef struct {
    int y, x, c;
} term;

term term_at(int index, int taps_x, int channels) {
    int across = max(taps_x, 1), tap = index / channels, y = tap / across;
    term t = {y, tap - y * across, index - tap * channels};
    return t;
}

term advance_term(term t, term by, int taps_x, int channels) {
    t.c += by.c;
    int carry = t.c >= channels;
    t.c -= carry ? channels : 0;
    t.x += by.x + carry;
    carry = t.x >= taps_x;
    t.x -= carry ? taps_x : 0;
    t.y += by.y + carry;
    return t;
}

/* The pixels whose terms an item brings in, four neighbouring terms of each: where the first tap of each lies. */
typedef struct {
    int line, depth;                       /* of the first one in the tile; the others lie LINE_STEP further each */
    int y[LINES], x[LINES], number[LINES]; /* counted through the whole map */
} pixels;

INLINE void find_pixels(pixels *at, const convolution *p, int row, int rows) {
    int item = (int)get_local_id(1) * BC_TILE_SIDE + (int)get_local_id(0);
    at->line = item / 4;
    at->depth = item % 4 * 4;
#pragma unroll
    for (int l = 0; l < LINES; l++) {
        int r = row + at->line + l * LINE_STEP;
        int3 pixel = pixel_place(r, max(p->v.count, 1), max(p->h.count, 1)); /* a phase may have no pixel */
        at->y[l] = r < rows ? pixel.y * p->step + p->v.start : -p->v.taps; /* a pixel past the end is outside the map */
        at->x[l] = pixel.x * p->step + p->h.start;
        at->number[l] = (pixel.z * p->in_h + at->y[l]) * p->in_w + at->x[l];
    }
}

/* Where the term t of an item's pixel l lies; -1: outside the map. */
long place_of_term(const pixels *at, int l, term t, const convolution *p) {
    int inside = (uint)(at->y[l] + t.y) < (uint)p->in_h && (uint)(at->x[l] + t.x) < (uint)p->in_w;
    return inside ? (long)(at->number[l] + t.y * p->in_w + t.x) * p->in_c + t.c : -1;
}

/* Four terms from t on, 0 past the `depth` that are left. Where channels are a multiple of 4 they lie side by side, at a multiple of
 * 16 bytes. */
INLINE void load_pixels(float4 value[LINES], __global const float *map, const pixels *at, const convolution *p, term t, int depth) {
    if (p->in_c % 4 == 0) {
#pragma unroll
        for (int l = 0; l < LINES; l++) {
            long place = depth > 0 ? place_of_term(at, l, t, p) : -1;
            value[l] = place >= 0 ? *(__global const float4 *)(map + place) : (float4)(0.0f);
        }
        return;
    }
    term one = {0, 0, 1};
    float part[4][LINES];
#pragma unroll
    for (int d = 0; d < 4; d++) {
#pragma unroll
        for (int l = 0; l < LINES; l++) {
            long place = d < depth ? place_of_term(at, l, t, p) : -1;
            part[d][l] = place >= 0 ? map[place] : 0.0f;
        }
        t = advance_term(t, one, p->h.taps, p->in_c);
    }
#pragma unroll
    for (int l = 0; l < LINES; l++)
        value[l] = (float4)(part[0][l], part[1][l], part[2][l], part[3][l]);
}

INLINE void put_pixels(__local float *tile, const float4 value[LINES], const pixels *at) {
    tile += at->depth * A_STRIDE + at->line;
#pragma unroll
    for (int l = 0; l < LINES; l++, tile += LINE_STEP) {
        tile[0] = value[l].x;
        tile[A_STRIDE] = value[l].y;
        tile[2 * A_STRIDE] = value[l].z;
        tile[3 * A_STRIDE] = value[l].w;
    }
}

/* Where an item's first weight lies: of its term and column, for neighbours along the terms or along the columns. */
size_t weight_place(const convolution *p, term t, int index, int column) {
    if (!p->transposed)
        return (size_t)index * p->out_c + column;
    int tap = (p->v.first + t.y * p->tap_step) * p->kernel_w + p->h.first + t.x * p->tap_step;
    return ((size_t)tap * p->out_c + column) * p->in_c + t.c;
}

/* The tile of rows from `row` and columns from `column` on, over one slice of the terms. */
INLINE void convolve(sums sum[ITEM_ROWS], __local float *a_tile, __local float *b_tile, __global const float *map,
                     __global const float *weight, const convolution *p, int row, int rows, int column, int slice, int slices) {
    int length = p->v.taps * p->h.taps * p->in_c;
    int2 range = depth_slice(row < rows ? length : 0, slice, slices);
    carrier cb = carrier_of(TILE_COLUMNS, p->transposed);
    pixels at;
    find_pixels(&at, p, row, rows);

    int depth = range.y - range.x, index = range.x + cb.depth, columns = p->out_c - column - cb.line;
    term step = term_at(TILE_DEPTH, p->h.taps, p->in_c);
    term ta = term_at(range.x + at.depth, p->h.taps, p->in_c), tb = term_at(index, p->h.taps, p->in_c);
    long stride = p->transposed ? (long)cb.line_step * p->in_c : (long)cb.depth_step * p->out_c;
    float4 next_a[LINES];
    float next_b[ITEM_COLUMNS];

    clear_sums(sum);
    load_pixels(next_a, map, &at, p, ta, depth - at.depth);
    load_carried(next_b, ITEM_COLUMNS, weight + weight_place(p, tb, index, column + cb.line), stride, columns,
                 depth - cb.depth, cb);
    while (depth > 0) {
        put_pixels(a_tile, next_a, &at);
        put_carried(b_tile, B_STRIDE, next_b, ITEM_COLUMNS, cb);
        barrier(CLK_LOCAL_MEM_FENCE);
        ta = advance_term(ta, step, p->h.taps, p->in_c);
        tb = advance_term(tb, step, p->h.taps, p->in_c);
        index += TILE_DEPTH;
        depth -= TILE_DEPTH;
        load_pixels(next_a, map, &at, p, ta, depth - at.depth);
        load_carried(next_b, ITEM_COLUMNS, weight + weight_place(p, tb, index, column + cb.line), stride, columns,
                     depth - cb.depth, cb);
        multiply_tiles(sum, a_tile, b_tile);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}

INLINE void store_pixels(__global float *out, const sums sum[ITEM_ROWS], __global const float *bias, __global const float *residual,
                         const convolution *p, int row, int rows, int column, int accumulate, int activation) {
    row += (int)get_local_id(1) * ITEM_ROWS;
    column += (int)get_local_id(0) * ITEM_COLUMNS;
    if (column >= p->out_c)
        return;
#pragma unroll
    for (int r = 0; r < ITEM_ROWS; r++)
        if (row + r < rows) {
            int3 at = pixel_place(row + r, p->v.count, p->h.count);
            size_t line = (size_t)at.z * p->out_h + p->out_top + at.y * p->out_step;
            size_t place = (line * p->out_w + p->out_left + at.x * p->out_step) * p->out_c + column;
            store_sums(out + place, sum[r], bias ? bias + column : bias, residual ? residual + place : residual,
                       p->out_c - column, 1.0f, accumulate ? 1.0f : 0.0f, activation);
        }
}

__kernel __attribute__((reqd_work_group_size(BC_TILE_SIDE, BC_TILE_SIDE, 1)))
void conv_tile_forward(__global float *restrict y, __global const float *restrict x, __global const float *restrict weight,
                       __global const float *restrict bias, int images, int h, int w, int ci, int oh, int ow, int co,
                       int kernel_h, int kernel_w, int stride, int pad_top, int pad_left, int slices, int accumulate,
                       __global const float *restrict residual, int activation) {
    __local float a_tile[TILE_DEPTH * A_STRIDE] __attribute__((aligned(16)));
    __local float b_tile[TILE_DEPTH * B_STRIDE] __attribute__((aligned(16)));
    int row = (int)get_group_id(0) * TILE_ROWS, column = (int)get_group_id(1) * TILE_COLUMNS, slice = (int)get_group_id(2);
    int rows = images * oh * ow;
    axis v = {oh, kernel_h, -pad_top, 0}, across = {ow, kernel_w, -pad_left, 0};
    convolution p = {v, across, stride, 1, kernel_w, images, h, w, ci, oh, ow, co, 1, 0, 0, 0};
    sums sum[ITEM_ROWS];
    convolve(sum, a_tile, b_tile, x, weight, &p, row, rows, column, slice, slices);
    store_pixels(y + (size_t)slice * rows * co, sum, slice == 0 ? bias : 0, residual, &p, row, rows, column, accumulate,
                 activation);
}

/* One axis of one phase: positions phase + stride * i of dx receive from positions i + lead - t of dy, t < taps, through the taps
 * first + stride * t; here the taps are counted from the last one, so that positions of dy go up. */
axis phase_axis(int phase, int size, int kernel_size, int stride, int before) {
    int lead = (phase + before) / stride, first = phase + before - lead * stride;
    axis a;
    a.count = phase < size ? (size - 1 - phase) / stride + 1 : 0;
    a.taps = first < kernel_size ? (kernel_size - 1 - first) / stride + 1 : 0;
    a.start = lead - (a.taps - 1);
    a.first = first + stride * (a.taps - 1);
    return a;
}

/* Groups along z: stride * stride * slices. A pixel that no window reads becomes 0. */
__kernel __attribute__((reqd_work_group_size(BC_TILE_SIDE, BC_TILE_SIDE, 1)))
void conv_tile_data(__global float *restrict dx, __global const float *restrict dy, __global const float *restrict weight,
                    __global const float *restrict bias, int images, int h, int w, int ci, int oh, int ow, int co, int kernel_h,
                    int kernel_w, int stride, int pad_top, int pad_left, int slices, int accumulate) {
    __local float a_tile[TILE_DEPTH * A_STRIDE] __attribute__((aligned(16)));
    __local float b_tile[TILE_DEPTH * B_STRIDE] __attribute__((aligned(16)));
    int row = (int)get_group_id(0) * TILE_ROWS, column = (int)get_group_id(1) * TILE_COLUMNS;
    int phase = (int)get_group_id(2) / slices, slice = (int)get_group_id(2) - phase * slices;
    int top = phase / stride, left = phase - top * stride;
    axis v = phase_axis(top, h, kernel_h, stride, pad_top), across = phase_axis(left, w, kernel_w, stride, pad_left);
    int rows = images * v.count * across.count;
    convolution p = {v, across, 1, -stride, kernel_w, images, oh, ow, co, h, w, ci, stride, top, left, 1};
    sums sum[ITEM_ROWS];
    convolve(sum, a_tile, b_tile, dy, weight, &p, row, rows, column, slice, slices);
    store_pixels(dx + (size_t)slice * images * h * w * ci, sum, slice == 0 ? bias : 0, 0, &p, row, rows, column, accumulate,
                 BC_NO_ACTIVATION);
}

/* The pixel of x that a tap meets, counted up with the pixels of y, `count` at a time: digits (image, row, column), the place
 * kept beside them. */
typedef struct {
    int y, x, end_y, end_x, step_y, step_x, row_y, row_x;
    long place, step, carry_x, carry_y;
} source;

source source_at(int pixel, int count, int h, int w, int c, int oh, int ow, int stride, int ky, int kx) {
    int3 first = pixel_place(pixel, oh, ow), by = pixel_place(count, oh, ow);
    long line = (long)w * c;
    source s;
    s.y = first.y * stride + ky;
    s.x = first.x * stride + kx;
    s.row_y = oh * stride;
    s.row_x = ow * stride;
    s.end_y = s.row_y + ky;
    s.end_x = s.row_x + kx;
    s.step_y = by.y * stride;
    s.step_x = by.x * stride;
    s.place = (first.z * (long)h + s.y) * line + (long)s.x * c;
    s.step = (by.z * (long)h + s.step_y) * line + (long)s.step_x * c;
    s.carry_x = stride * line - (long)s.row_x * c;
    s.carry_y = (h - s.row_y) * line;
    return s;
}

void advance_source(source *s, int stride) {
    s->x += s->step_x;
    s->y += s->step_y;
    s->place += s->step;
    if (s->x >= s->end_x) {
        s->x -= s->row_x;
        s->y += stride;
        s->place += s->carry_x;
    }
    if (s->y >= s->end_y) {
        s->y -= s->row_y;
        s->place += s->carry_y;
    }
}

/* An item's next terms of one row; leaves `s` TILE_DEPTH pixels further. */
INLINE void load_sources(float value[ITEM_ROWS], __global const float *x, source *s, int h, int w, int stride, int depth) {
#pragma unroll
    for (int e = 0; e < ITEM_ROWS; e++) {
        int inside = (uint)s->y < (uint)h && (uint)s->x < (uint)w && e * (TILE_DEPTH / ITEM_ROWS) < depth;
        value[e] = inside ? x[s->place] : 0.0f;
        advance_source(s, stride);
    }
}

__kernel __attribute__((reqd_work_group_size(BC_TILE_SIDE, BC_TILE_SIDE, 1)))
void conv_tile_weight(__global float *restrict dw, __global const float *restrict x, __global const float *restrict dy,
                      __global const float *restrict bias, int images, int h, int w, int ci, int oh, int ow, int co,
                      int kernel_h, int kernel_w, int stride, int pad_top, int pad_left, int slices, int accumulate) {
    __local float a_tile[TILE_DEPTH * A_STRIDE] __attribute__((aligned(16)));
    __local float b_tile[TILE_DEPTH * B_STRIDE] __attribute__((aligned(16)));
    int row = (int)get_group_id(0) * TILE_ROWS, column = (int)get_group_id(1) * TILE_COLUMNS, slice = (int)get_group_id(2);
    int rows = kernel_h * kernel_w * ci;
    int2 range = depth_slice(images * oh * ow, slice, slices);
    carrier ca = carrier_of(TILE_ROWS, 0), cb = carrier_of(TILE_COLUMNS, 0);
    int3 tap = pixel_place(min(row + ca.line, rows - 1), kernel_w, ci); /* channel, column and row of the kernel */
    source from = source_at(range.x + ca.depth, ca.depth_step, h, w, ci, oh, ow, stride, tap.z - pad_top, tap.y - pad_left);
    __global const float *from_dy = dy + (size_t)(range.x + cb.depth) * co + column + cb.line;
    int depth = range.y - range.x, columns = co - column - cb.line;
    float next_a[ITEM_ROWS], next_b[ITEM_COLUMNS];
    sums sum[ITEM_ROWS];

    x += tap.x;
    clear_sums(sum);
    load_sources(next_a, x, &from, h, w, stride, depth - ca.depth);
    load_carried(next_b, ITEM_COLUMNS, from_dy, (long)cb.depth_step * co, columns, depth - cb.depth, cb);
    while (depth > 0) {
        put_carried(a_tile, A_STRIDE, next_a, ITEM_ROWS, ca);
        put_carried(b_tile, B_STRIDE, next_b, ITEM_COLUMNS, cb);
        barrier(CLK_LOCAL_MEM_FENCE);
        from_dy += (size_t)TILE_DEPTH * co;
        depth -= TILE_DEPTH;
        load_sources(next_a, x, &from, h, w, stride, depth - ca.depth);
        load_carried(next_b, ITEM_COLUMNS, from_dy, (long)cb.depth_step * co, columns, depth - cb.depth, cb);
        multiply_tiles(sum, a_tile, b_tile);
        barrier(CLK_LOCAL_MEM_FENCE);
    }

    row += (int)get_local_id(1) * ITEM_ROWS;
    column += (int)get_local_id(0) * ITEM_COLUMNS;
    if (column >= co)
        return;
    dw += ((size_t)slice * rows + row) * co + column;
#pragma unroll
    for (int r = 0; r < ITEM_ROWS; r++)
        if (row + r < rows)
            store_sums(dw + (size_t)r * co, sum[r], bias && slice == 0 ? bias + column : 0, 0, co - column, 1.0f,
                       accumulate ? 1.0f : 0.0f, BC_NO_ACTIVATION);
}
