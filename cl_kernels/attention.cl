/* Attention that never stores its scores, for CPUs: softmax(q k^T / sqrt(HEAD)) v over tiles of keys with a running maximum and sum
 * for each query (FlashAttention-2, Dao 2023), forward and backward. -DHEAD: channels of a head, any number.
 *
 * Vectors run along a block of 32 queries, so that softmax works lane by lane and the keys' and values' numbers are scalars that are
 * broadcast; a product's tile of 8 rows x 32 lanes stays in registers. Lanes past the last query repeat it, rows past the last key
 * repeat that; neither is stored. A block of at most 16 queries computes only half of its products. Channels are padded to CHANNELS.
 *
 * qkv (n, t, 3 * heads * HEAD): q | k | v, each head by head; out (n, t, heads * HEAD); lse (n, heads, t): the binary logarithm of the
 * sum of a query's exponentials, from which backward recomputes the probabilities. A batch is a head of a sample. */

#define LANES BC_ATTENTION_BLOCK
#define PAIR 2 /* vectors of a block's queries */
#define ROWS 8
#define KEYS 64          /* of a tile in forward */
#define GRADIENT_KEYS 32 /* and in backward */
#define CHANNELS ((HEAD + 31) / 32 * 32)
#define VECTORS (CHANNELS / 16)

/* sum[r] += the sum over p < terms of from[r][p * step] times b[p * row] and the vector after it; the first one only, unless wide. */
#define ADD_PRODUCTS(sum, terms, from, step, b, row, wide)                                                                          \
    if (wide)                                                                                                                       \
        for (int p = 0; p < (terms); p++) {                                                                                         \
            float16 low = (b)[p * (row)], high = (b)[p * (row) + 1];                                                                \
            _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                                      \
                float value = from[r][p * (step)];                                                                                  \
                sum[r][0] += value * low;                                                                                           \
                sum[r][1] += value * high;                                                                                          \
            }                                                                                                                       \
        }                                                                                                                           \
    else                                                                                                                            \
        for (int p = 0; p < (terms); p++) {                                                                                         \
            float16 low = (b)[p * (row)];                                                                                           \
            _Pragma("unroll") for (int r = 0; r < ROWS; r++) sum[r][0] += from[r][p * (step)] * low;                                \
        }

/* The larger of two numbers; a if one is NaN. */
float16 larger(float16 a, float16 b) {
    return a < b ? b : a;
}

POWER_OF_2(power_of_2_16, float16, as_float16, as_int16)

/* 16 channels, of which `count` are there; the others are 0. */
float16 load_channels(__global const float *from, int count) {
    if (HEAD == CHANNELS || count >= 16)
        return vload16(0, from);
    float16 result = 0.0f;
    float *part = (float *)&result;
    for (int i = 0; i < count; i++)
        part[i] = from[i];
    return result;
}

void store_channels(__global float *to, float16 value, int count, int accumulate) {
    if (HEAD % 16 == 0 || count >= 16) {
        vstore16(accumulate ? value + vload16(0, to) : value, 0, to);
        return;
    }
    const float *part = (const float *)&value;
    for (int i = 0; i < count; i++)
        to[i] = accumulate ? to[i] + part[i] : part[i];
}

#define ZIP_LOW(a, b)                                                                                                                \
    (float16)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3, a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)
#define ZIP_HIGH(a, b)                                                                                                               \
    (float16)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb, a.sc, b.sc, a.sd, b.sd, a.se, b.se, a.sf, b.sf)

/* A matrix of 16 rows to its transpose: four times, row i is interleaved with row i + 8. */
INLINE void transpose(float16 *x) {
#pragma unroll
    for (int stage = 0; stage < 4; stage++) {
        float16 y[16];
#pragma unroll
        for (int i = 0; i < 8; i++) {
            y[2 * i] = ZIP_LOW(x[i], x[i + 8]);
            y[2 * i + 1] = ZIP_HIGH(x[i], x[i + 8]);
        }
#pragma unroll
        for (int i = 0; i < 16; i++)
            x[i] = y[i];
    }
}

/* columns (CHANNELS, LANES), each lane times its scale, to `count` rows of HEAD channels. */
INLINE void store_rows(__global float *to, int stride, int count, const float16 *columns, const float16 *scale, int accumulate) {
    for (int c = 0; c < HEAD; c += 16)
        for (int v = 0; v < PAIR; v++) {
            float16 x[16];
#pragma unroll
            for (int i = 0; i < 16; i++)
                x[i] = columns[(c + i) * PAIR + v] * scale[v];
            transpose(x);
#pragma unroll
            for (int i = 0; i < 16; i++)
                if (16 * v + i < count)
                    store_channels(to + (size_t)(16 * v + i) * stride + c, x[i], HEAD - c, accumulate);
        }
}

/* Items: blocks of queries, batches. lse may be null. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void attention(__global float *restrict out, __global float *restrict lse, __global const float *restrict qkv, int t, int heads,
               float scale) {
    int first = (int)get_global_id(0) * LANES, batch = (int)get_global_id(1), n = batch / heads, head = batch - n * heads;
    int d = heads * HEAD, token = 3 * d, count = min(LANES, t - first);
    bool wide = count > 16;
    __global const float *q = qkv + (size_t)n * t * token + head * HEAD, *k = q + d, *v = k + d;
    float16 columns[CHANNELS * PAIR], scores[KEYS * PAIR], sums[CHANNELS * PAIR];
    for (int side = 0; side < PAIR; side++)
        for (int c = 0; c < HEAD; c += 16) {
            float16 x[16];
#pragma unroll
            for (int i = 0; i < 16; i++)
                x[i] = scale * LOG2_E * load_channels(q + (size_t)min(first + 16 * side + i, t - 1) * token + c, HEAD - c);
            transpose(x);
#pragma unroll
            for (int i = 0; i < 16; i++)
                columns[(c + i) * PAIR + side] = x[i];
        }
    for (int i = 0; i < CHANNELS * PAIR; i++)
        sums[i] = 0.0f;
    float16 top[PAIR] = {-MAXFLOAT, -MAXFLOAT}, total[PAIR] = {0.0f, 0.0f};
    for (int key = 0; key < t; key += KEYS, k += KEYS * token, v += KEYS * token) {
        int keys = min(KEYS, t - key);
        float16 old[PAIR] = {top[0], top[1]};
        for (int j = 0; j < keys; j += ROWS) {
            __global const float *from[ROWS];
            float16 sum[ROWS][PAIR];
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                from[r] = k + (size_t)min(j + r, keys - 1) * token;
                sum[r][0] = sum[r][1] = 0.0f;
            }
            ADD_PRODUCTS(sum, HEAD, from, 1, columns, PAIR, wide)
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                top[0] = larger(top[0], scores[(j + r) * PAIR] = sum[r][0]);
                top[1] = larger(top[1], scores[(j + r) * PAIR + 1] = sum[r][1]);
            }
        }
        float16 shrink[PAIR] = {power_of_2_16(old[0] - top[0]), power_of_2_16(old[1] - top[1])};
        total[0] *= shrink[0];
        total[1] *= shrink[1];
        for (int j = 0; j < keys; j++) {
            total[0] += scores[j * PAIR] = power_of_2_16(scores[j * PAIR] - top[0]);
            total[1] += scores[j * PAIR + 1] = power_of_2_16(scores[j * PAIR + 1] - top[1]);
        }
        for (int c = 0; c < HEAD; c += ROWS) {
            __global const float *from[ROWS];
            float16 sum[ROWS][PAIR];
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                from[r] = v + (HEAD % ROWS == 0 ? c + r : min(c + r, HEAD - 1));
                sum[r][0] = sums[(c + r) * PAIR] * shrink[0];
                sum[r][1] = sums[(c + r) * PAIR + 1] * shrink[1];
            }
            ADD_PRODUCTS(sum, keys, from, token, scores, PAIR, wide)
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                sums[(c + r) * PAIR] = sum[r][0];
                sums[(c + r) * PAIR + 1] = sum[r][1];
            }
        }
    }
    float16 inverse[PAIR] = {1.0f / total[0], 1.0f / total[1]};
    store_rows(out + ((size_t)n * t + first) * d + head * HEAD, d, count, sums, inverse, 0);
    if (!lse)
        return;
    float16 result[PAIR] = {top[0] + log2(total[0]), top[1] + log2(total[1])};
    for (int i = 0; i < count; i++)
        lse[(size_t)batch * t + first + i] = ((const float *)result)[i];
}

/* What backward reads of a block of queries, in vectors from its beginning: q times scale * log2(e) and the gradient of out as columns
 * (CHANNELS, LANES), q times scale and the gradient of out as rows (LANES, CHANNELS), lse, and the sum of out times its gradient. */
#define OUT_COLUMNS (CHANNELS * PAIR)
#define Q_ROWS (2 * CHANNELS * PAIR)
#define OUT_ROWS (3 * CHANNELS * PAIR)
#define STATISTICS (4 * CHANNELS * PAIR)
#define BLOCK (STATISTICS + 2 * PAIR)

/* The workspace of backward: blocks (batch, block, BLOCK), then the parts of the gradient of q (batch, block, slice of the keys,
 * CHANNELS, LANES). */
#define PARTS(workspace, batches, blocks) ((workspace) + (size_t)(batches) * (blocks) * BLOCK)

/* Items: blocks of queries, batches. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void attention_blocks(__global float16 *restrict workspace, __global const float *restrict qkv, __global const float *restrict out,
                      __global const float *restrict dout, __global const float *restrict lse, int t, int heads, float scale) {
    int block = (int)get_global_id(0), batch = (int)get_global_id(1), n = batch / heads, head = batch - n * heads;
    int d = heads * HEAD, sides = t - block * LANES > 16 ? PAIR : 1;
    __global float16 *to = workspace + ((size_t)batch * get_global_size(0) + block) * BLOCK;
    for (int side = 0; side < sides; side++) {
        float16 product[16], x[16];
        size_t row[16];
#pragma unroll
        for (int i = 0; i < 16; i++) {
            row[i] = (size_t)n * t + min(block * LANES + 16 * side + i, t - 1);
            product[i] = 0.0f;
        }
        for (int v = 0; v < VECTORS; v++) {
            int c = 16 * v, place = head * HEAD + c;
#pragma unroll
            for (int i = 0; i < 16; i++) {
                x[i] = load_channels(qkv + row[i] * 3 * d + place, HEAD - c);
                to[Q_ROWS + (16 * side + i) * VECTORS + v] = scale * x[i];
            }
            transpose(x);
#pragma unroll
            for (int i = 0; i < 16; i++)
                to[(c + i) * PAIR + side] = scale * LOG2_E * x[i];
#pragma unroll
            for (int i = 0; i < 16; i++) {
                x[i] = load_channels(dout + row[i] * d + place, HEAD - c);
                product[i] += x[i] * load_channels(out + row[i] * d + place, HEAD - c);
                to[OUT_ROWS + (16 * side + i) * VECTORS + v] = x[i];
            }
            transpose(x);
#pragma unroll
            for (int i = 0; i < 16; i++)
                to[OUT_COLUMNS + (c + i) * PAIR + side] = x[i];
        }
        transpose(product);
#pragma unroll
        for (int i = 1; i < 16; i++)
            product[0] += product[i];
        to[STATISTICS + PAIR + side] = product[0];
        float16 sums;
        for (int i = 0; i < 16; i++)
            ((float *)&sums)[i] = lse[(size_t)batch * t + min(block * LANES + 16 * side + i, t - 1)];
        to[STATISTICS + side] = sums;
    }
}

/* rows[j] (keys, CHANNELS) += the sum over i < count of weights[j][i] times row i of b: a gradient of keys or values. */
INLINE void add_weighted_rows(float16 *rows, const float16 *weights, __global const float16 *b, int keys, int count) {
    for (int j = 0; j < keys; j += ROWS)
        for (int v = 0; v < VECTORS; v += PAIR) {
            const float *from[ROWS];
            float16 sum[ROWS][PAIR];
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                from[r] = (const float *)(weights + (j + r) * PAIR);
                sum[r][0] = rows[(j + r) * VECTORS + v];
                sum[r][1] = rows[(j + r) * VECTORS + v + 1];
            }
            ADD_PRODUCTS(sum, count, from, 1, b + v, VECTORS, true)
#pragma unroll
            for (int r = 0; r < ROWS; r++) {
                rows[(j + r) * VECTORS + v] = sum[r][0];
                rows[(j + r) * VECTORS + v + 1] = sum[r][1];
            }
        }
}

/* The gradients of keys and values, and parts of that of queries, which attention_query_gradient adds up. An item owns a slice of the
 * keys, and its parts. Items: slices, batches. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void attention_gradient(__global float *restrict dqkv, __global float16 *workspace, __global const float *restrict qkv, int t,
                        int heads, int slice_keys, int accumulate) {
    int slice = (int)get_global_id(0), slices = (int)get_global_size(0), batch = (int)get_global_id(1);
    int n = batch / heads, head = batch - n * heads, d = heads * HEAD, token = 3 * d, block_count = (t + LANES - 1) / LANES;
    size_t place = (size_t)n * t * token + d + head * HEAD;
    __global float16 *parts = PARTS(workspace, get_global_size(1), block_count);
    float16 k[GRADIENT_KEYS * VECTORS], v[GRADIENT_KEYS * VECTORS], dk[GRADIENT_KEYS * VECTORS], dv[GRADIENT_KEYS * VECTORS];
    float16 p[GRADIENT_KEYS * PAIR], ds[GRADIENT_KEYS * PAIR];
    for (int key = slice * slice_keys; key < min(t, (slice + 1) * slice_keys); key += GRADIENT_KEYS) {
        int keys = min(GRADIENT_KEYS, t - key);
        for (int j = 0; j < GRADIENT_KEYS; j++)
            for (int i = 0; i < VECTORS; i++) {
                __global const float *from = qkv + place + (size_t)min(key + j, t - 1) * token + 16 * i;
                k[j * VECTORS + i] = load_channels(from, HEAD - 16 * i);
                v[j * VECTORS + i] = load_channels(from + d, HEAD - 16 * i);
                dk[j * VECTORS + i] = dv[j * VECTORS + i] = 0.0f;
            }
        for (int block = 0; block < block_count; block++) {
            size_t index = (size_t)batch * block_count + block;
            __global const float16 *queries = workspace + index * BLOCK;
            __global float16 *part = parts + (index * slices + slice) * CHANNELS * PAIR;
            __global const float16 *lse = queries + STATISTICS, *product = lse + PAIR;
            int count = min(LANES, t - block * LANES);
            bool wide = count > 16, first = key == slice * slice_keys;
            for (int j = 0; j < keys; j += ROWS) {
                const float *from[ROWS];
                float16 sum[ROWS][PAIR];
#pragma unroll
                for (int r = 0; r < ROWS; r++) {
                    from[r] = (const float *)(k + (j + r) * VECTORS);
                    sum[r][0] = sum[r][1] = 0.0f;
                }
                ADD_PRODUCTS(sum, HEAD, from, 1, queries, PAIR, wide)
#pragma unroll
                for (int r = 0; r < ROWS; r++) {
                    p[(j + r) * PAIR] = power_of_2_16(sum[r][0] - lse[0]);
                    if (wide)
                        p[(j + r) * PAIR + 1] = power_of_2_16(sum[r][1] - lse[1]);
                    from[r] = (const float *)(v + (j + r) * VECTORS);
                    sum[r][0] = sum[r][1] = 0.0f;
                }
                ADD_PRODUCTS(sum, HEAD, from, 1, queries + OUT_COLUMNS, PAIR, wide)
#pragma unroll
                for (int r = 0; r < ROWS; r++) {
                    ds[(j + r) * PAIR] = p[(j + r) * PAIR] * (sum[r][0] - product[0]);
                    if (wide)
                        ds[(j + r) * PAIR + 1] = p[(j + r) * PAIR + 1] * (sum[r][1] - product[1]);
                }
            }
            add_weighted_rows(dv, p, queries + OUT_ROWS, keys, count);
            add_weighted_rows(dk, ds, queries + Q_ROWS, keys, count);
            for (int c = 0; c < CHANNELS; c += ROWS) {
                const float *from[ROWS];
                float16 sum[ROWS][PAIR];
#pragma unroll
                for (int r = 0; r < ROWS; r++) {
                    from[r] = (const float *)k + c + r;
                    sum[r][0] = first ? 0.0f : part[(c + r) * PAIR];
                    sum[r][1] = first ? 0.0f : part[(c + r) * PAIR + 1];
                }
                ADD_PRODUCTS(sum, keys, from, CHANNELS, ds, PAIR, wide)
#pragma unroll
                for (int r = 0; r < ROWS; r++) {
                    part[(c + r) * PAIR] = sum[r][0];
                    part[(c + r) * PAIR + 1] = sum[r][1];
                }
            }
        }
        __global float *to = dqkv + place + (size_t)key * token;
        for (int j = 0; j < keys; j++, to += token)
            for (int i = 0; 16 * i < HEAD; i++) {
                store_channels(to + 16 * i, dk[j * VECTORS + i], HEAD - 16 * i, accumulate);
                store_channels(to + d + 16 * i, dv[j * VECTORS + i], HEAD - 16 * i, accumulate);
            }
    }
}

/* Items: blocks of queries, batches. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void attention_query_gradient(__global float *restrict dqkv, __global const float16 *restrict workspace, int t, int heads,
                              int slices, float scale, int accumulate) {
    int block = (int)get_global_id(0), batch = (int)get_global_id(1), n = batch / heads, head = batch - n * heads;
    int d = heads * HEAD, first = block * LANES;
    float16 columns[CHANNELS * PAIR], factor[PAIR] = {scale, scale};
    __global const float16 *parts = PARTS(workspace, get_global_size(1), get_global_size(0)) +
                                    ((size_t)batch * get_global_size(0) + block) * slices * CHANNELS * PAIR;
    for (int c = 0; c < CHANNELS; c++)
        for (int v = 0; v < PAIR; v++) {
            float16 sum = parts[c * PAIR + v];
            for (int s = 1; s < slices; s++)
                sum += parts[(s * CHANNELS + c) * PAIR + v];
            columns[c * PAIR + v] = sum;
        }
    store_rows(dqkv + ((size_t)n * t + first) * 3 * d + head * HEAD, 3 * d, min(LANES, t - first), columns, factor, accumulate);
}
