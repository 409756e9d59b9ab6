/* Attention that never stores its scores, for GPUs: softmax(q k^T / sqrt(HEAD)) v over tiles of keys with a running maximum and sum
 * for each query (FlashAttention-2, Dao 2023), forward and backward. -DHEAD: channels of a head, at most 64 (local memory: 32 KiB).
 *
 * A work-group of 8 x 8 items owns 32 rows (queries, or keys where their gradients are made) and streams the other side's rows
 * through local memory, 16 at a time: no atomics, every sum in a fixed order. Item (tx, ty) computes the scores of the owned rows
 * ty + 8 r and the streamed rows tx + 8 j, and of its owned rows the channels 4 (tx + 8 i) .. + 3.
 *
 * qkv (n, t, 3 * heads * HEAD): q | k | v, each head by head; out (n, t, heads * HEAD); lse (n, heads, t): the binary logarithm of the
 * sum of a query's exponentials, from which backward recomputes the probabilities. A batch is a head of a sample. */

#define SIDE BC_ATTENTION_SIDE /* of a work-group's square */
#define OWNED BC_ATTENTION_BLOCK
#define STREAMED 16
#define OWN (OWNED / SIDE)                  /* owned rows of an item */
#define STREAM (STREAMED / SIDE)            /* streamed rows of an item */
#define QUADS ((HEAD + 31) / 32 * 8)        /* vectors of 4 channels, padded with zeros */
#define MINE (QUADS / SIDE)                 /* those of an item */
#define ROW (QUADS + 1)                     /* vectors from row to row in local memory: neighbours lie in different banks */
#define WEIGHTS (STREAMED / 4 + 1)          /* likewise for an owned row's weights of the streamed rows */


/* Channels 4 * quad .. + 3; zeros past the end. */
float4 load_quad(__global const float *row, int quad) {
    int c = 4 * quad;
    if (c + 4 <= HEAD)
        return vload4(quad, row);
    return (float4)(c < HEAD ? row[c] : 0.0f, c + 1 < HEAD ? row[c + 1] : 0.0f, c + 2 < HEAD ? row[c + 2] : 0.0f, 0.0f);
}

void store_quad(__global float *row, int quad, float4 value, int accumulate) {
    int c = 4 * quad;
    if (c >= HEAD)
        return;
    if (accumulate)
        value += load_quad(row, quad);
    if (c + 4 <= HEAD) {
        vstore4(value, quad, row);
        return;
    }
    row[c] = value.x;
    if (c + 1 < HEAD)
        row[c + 1] = value.y;
    if (c + 2 < HEAD)
        row[c + 2] = value.z;
}

/* `rows` rows of a head to local memory, zeros from row `count` on. */
void load_rows(__local float4 *to, __global const float *from, int rows, int count, int stride) {
    for (int i = (int)get_local_id(0); i < rows * QUADS; i += SIDE * SIDE) {
        int row = i / QUADS, quad = i - row * QUADS;
        to[row * ROW + quad] = row < count ? load_quad(from + (size_t)row * stride, quad) : (float4)(0.0f);
    }
}

/* s[r][j] = an owned row times a streamed row. */
INLINE void dots(float s[OWN][STREAM], __local const float4 *owned, __local const float4 *streamed) {
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
#pragma unroll
    for (int r = 0; r < OWN; r++)
#pragma unroll
        for (int j = 0; j < STREAM; j++)
            s[r][j] = 0.0f;
#pragma unroll 1
    for (int quad = 0; quad < QUADS; quad++) {
        float4 b[STREAM];
#pragma unroll
        for (int j = 0; j < STREAM; j++)
            b[j] = streamed[(tx + SIDE * j) * ROW + quad];
#pragma unroll
        for (int r = 0; r < OWN; r++) {
            float4 a = owned[(ty + SIDE * r) * ROW + quad];
#pragma unroll
            for (int j = 0; j < STREAM; j++)
                s[r][j] += a.x * b[j].x + a.y * b[j].y + a.z * b[j].z + a.w * b[j].w;
        }
    }
}

/* sum[r][i] += the sum over the streamed rows of an owned row's weights times their channels. */
INLINE void add_weighted_rows(float4 sum[OWN][MINE], __local const float4 *weights, __local const float4 *streamed) {
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
#pragma unroll 1
    for (int j = 0; j < STREAMED / 4; j++) {
        __local const float4 *row = streamed + 4 * j * ROW + tx;
        float4 w[OWN];
#pragma unroll
        for (int r = 0; r < OWN; r++)
            w[r] = weights[(ty + SIDE * r) * WEIGHTS + j];
#pragma unroll
        for (int i = 0; i < MINE; i++, row += SIDE) {
            float4 x0 = row[0], x1 = row[ROW], x2 = row[2 * ROW], x3 = row[3 * ROW];
#pragma unroll
            for (int r = 0; r < OWN; r++)
                sum[r][i] += w[r].x * x0 + w[r].y * x1 + w[r].z * x2 + w[r].w * x3;
        }
    }
}

/* weights (OWNED, STREAMED) in local memory from the items' parts. */
INLINE void store_weights(__local float4 *weights, float s[OWN][STREAM]) {
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
    __local float *to = (__local float *)weights;
#pragma unroll
    for (int r = 0; r < OWN; r++)
#pragma unroll
        for (int j = 0; j < STREAM; j++)
            to[(ty + SIDE * r) * WEIGHTS * 4 + tx + SIDE * j] = s[r][j];
}

INLINE void clear(float4 sum[OWN][MINE]) {
#pragma unroll
    for (int r = 0; r < OWN; r++)
#pragma unroll
        for (int i = 0; i < MINE; i++)
            sum[r][i] = 0.0f;
}

/* The first `count` owned rows, times scale, by way of `tile`, which nobody reads any more: an item then needs one address at a time. */
INLINE void store_owned(__global float *to, float4 sum[OWN][MINE], __local float4 *tile, int count, int stride, float scale,
                        int accumulate) {
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
#pragma unroll
    for (int r = 0; r < OWN; r++)
#pragma unroll
        for (int i = 0; i < MINE; i++)
            tile[(ty + SIDE * r) * ROW + tx + SIDE * i] = sum[r][i] * scale;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = (int)get_local_id(0); i < count * QUADS; i += SIDE * SIDE) {
        int row = i / QUADS, quad = i - row * QUADS;
        store_quad(to + (size_t)row * stride, quad, tile[row * ROW + quad], accumulate);
    }
}

/* Where a work-group is: its batch's q, k and v begin at `token` floats from row to row. */
typedef struct {
    int batch, d, token, first, count; /* first owned row, and how many there are */
    size_t row, channel;               /* of the sample in rows, of the head in a row */
} group_place;

group_place place_of_group(int t, int heads) {
    int batch = (int)get_group_id(1), n = batch / heads, first = (int)get_group_id(0) * OWNED;
    group_place g = {batch, heads * HEAD, 3 * heads * HEAD, first, min(OWNED, t - first), (size_t)n * t,
                     (size_t)(batch - n * heads) * HEAD};
    return g;
}

/* Groups: blocks of queries, batches. lse may be null. */
__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void attention(__global float *restrict out, __global float *restrict lse, __global const float *restrict qkv, int t, int heads,
               float scale) {
    __local float4 q[OWNED * ROW], k[STREAMED * ROW], v[STREAMED * ROW], p[OWNED * WEIGHTS], parts[OWNED * SIDE / 4];
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
    group_place g = place_of_group(t, heads);
    __global const float *from = qkv + g.row * g.token + g.channel;
    __local float *part = (__local float *)parts;
    float top[OWN], total[OWN];
    float4 sum[OWN][MINE];
    clear(sum);
#pragma unroll
    for (int r = 0; r < OWN; r++) {
        top[r] = -MAXFLOAT;
        total[r] = 0.0f;
    }
    load_rows(q, from + (size_t)g.first * g.token, OWNED, g.count, g.token);
    from += g.d;
    for (int key = 0; key < t; key += STREAMED, from += STREAMED * g.token) {
        float s[OWN][STREAM];
        barrier(CLK_LOCAL_MEM_FENCE);
        load_rows(k, from, STREAMED, t - key, g.token);
        load_rows(v, from + g.d, STREAMED, t - key, g.token);
        barrier(CLK_LOCAL_MEM_FENCE);
        dots(s, q, k);
#pragma unroll
        for (int r = 0; r < OWN; r++) {
            float largest = -MAXFLOAT;
#pragma unroll
            for (int j = 0; j < STREAM; j++) {
                s[r][j] = key + tx + SIDE * j < t ? s[r][j] * (scale * LOG2_E) : -MAXFLOAT;
                largest = fmax(largest, s[r][j]);
            }
            part[(ty + SIDE * r) * SIDE + tx] = largest;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int r = 0; r < OWN; r++) {
            float4 a = fmax(parts[(ty + SIDE * r) * 2], parts[(ty + SIDE * r) * 2 + 1]);
            float largest = fmax(top[r], fmax(fmax(a.x, a.y), fmax(a.z, a.w))), shrink = exp2(top[r] - largest);
            top[r] = largest;
            total[r] *= shrink;
#pragma unroll
            for (int i = 0; i < MINE; i++)
                sum[r][i] *= shrink;
#pragma unroll
            for (int j = 0; j < STREAM; j++) {
                s[r][j] = exp2(s[r][j] - largest);
                total[r] += s[r][j];
            }
        }
        store_weights(p, s);
        barrier(CLK_LOCAL_MEM_FENCE);
        add_weighted_rows(sum, p, v);
    }
#pragma unroll
    for (int r = 0; r < OWN; r++)
        part[(ty + SIDE * r) * SIDE + tx] = total[r];
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
    for (int r = 0; r < OWN; r++) {
        float4 a = parts[(ty + SIDE * r) * 2] + parts[(ty + SIDE * r) * 2 + 1];
        total[r] = (a.x + a.y) + (a.z + a.w);
#pragma unroll
        for (int i = 0; i < MINE; i++)
            sum[r][i] *= 1.0f / total[r];
        if (lse && tx == 0 && ty + SIDE * r < g.count)
            lse[(size_t)g.batch * t + g.first + ty + SIDE * r] = top[r] + log2(total[r]);
    }
    store_owned(out + (g.row + g.first) * g.d + g.channel, sum, q, g.count, g.d, 1.0f, 0);
}

/* products (n, heads, t) = the sum of out times its gradient over the channels of a head. Items: t, batches. */
__kernel void attention_products(__global float *restrict products, __global const float *restrict out,
                                 __global const float *restrict dout, int t, int heads) {
    int row = (int)get_global_id(0), batch = (int)get_global_id(1), n = batch / heads, head = batch - n * heads;
    if (row >= t)
        return;
    size_t place = (((size_t)n * t + row) * heads + head) * HEAD;
    float sum = 0.0f;
    for (int c = 0; c < HEAD; c++)
        sum += out[place + c] * dout[place + c];
    products[(size_t)batch * t + row] = sum;
}

/* The gradients of keys and values. Groups: blocks of keys, batches. */
__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void attention_key_gradient(__global float *restrict dqkv, __global const float *restrict qkv, __global const float *restrict dout,
                            __global const float *restrict lse, __global const float *restrict products, int t, int heads,
                            float scale, int accumulate) {
    __local float4 k[OWNED * ROW], v[OWNED * ROW], q[STREAMED * ROW], dy[STREAMED * ROW], p[OWNED * WEIGHTS], ds[OWNED * WEIGHTS];
    int tx = (int)get_local_id(0) & (SIDE - 1);
    group_place g = place_of_group(t, heads);
    size_t owned = (g.row + g.first) * g.token + g.d + g.channel;
    __global const float *from = qkv + g.row * g.token + g.channel;
    float4 dk[OWN][MINE], dv[OWN][MINE];
    clear(dk);
    clear(dv);
    lse += (size_t)g.batch * t;
    products += (size_t)g.batch * t;
    dout += g.row * g.d + g.channel;
    load_rows(k, qkv + owned, OWNED, g.count, g.token);
    load_rows(v, qkv + owned + g.d, OWNED, g.count, g.token);
    for (int query = 0; query < t; query += STREAMED, from += STREAMED * g.token, dout += STREAMED * g.d) {
        float s[OWN][STREAM], dp[OWN][STREAM];
        barrier(CLK_LOCAL_MEM_FENCE);
        load_rows(q, from, STREAMED, t - query, g.token);
        load_rows(dy, dout, STREAMED, t - query, g.d);
        barrier(CLK_LOCAL_MEM_FENCE);
        dots(s, k, q);
        dots(dp, v, dy);
#pragma unroll
        for (int j = 0; j < STREAM; j++) {
            int i = query + tx + SIDE * j;
            float sum = i < t ? lse[i] : MAXFLOAT, product = i < t ? products[i] : 0.0f;
#pragma unroll
            for (int r = 0; r < OWN; r++) {
                s[r][j] = exp2(s[r][j] * (scale * LOG2_E) - sum);
                dp[r][j] = s[r][j] * (dp[r][j] - product);
            }
        }
        store_weights(p, s);
        store_weights(ds, dp);
        barrier(CLK_LOCAL_MEM_FENCE);
        add_weighted_rows(dv, p, dy);
        add_weighted_rows(dk, ds, q);
    }
    store_owned(dqkv + owned, dk, k, g.count, g.token, scale, accumulate);
    store_owned(dqkv + owned + g.d, dv, v, g.count, g.token, 1.0f, accumulate);
}

/* The gradient of queries. Groups: blocks of queries, batches. */
__kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void attention_query_gradient(__global float *restrict dqkv, __global const float *restrict qkv, __global const float *restrict dout,
                              __global const float *restrict lse, __global const float *restrict products, int t, int heads,
                              float scale, int accumulate) {
    __local float4 q[OWNED * ROW], dy[OWNED * ROW], k[STREAMED * ROW], v[STREAMED * ROW], ds[OWNED * WEIGHTS];
    int tx = (int)get_local_id(0) & (SIDE - 1), ty = (int)get_local_id(0) / SIDE;
    group_place g = place_of_group(t, heads);
    size_t owned = (g.row + g.first) * g.token + g.channel;
    __global const float *from = qkv + g.row * g.token + g.d + g.channel;
    float4 dq[OWN][MINE];
    clear(dq);
    load_rows(q, qkv + owned, OWNED, g.count, g.token);
    load_rows(dy, dout + (g.row + g.first) * g.d + g.channel, OWNED, g.count, g.d);
    for (int key = 0; key < t; key += STREAMED, from += STREAMED * g.token) {
        float s[OWN][STREAM], dp[OWN][STREAM];
        barrier(CLK_LOCAL_MEM_FENCE);
        load_rows(k, from, STREAMED, t - key, g.token);
        load_rows(v, from + g.d, STREAMED, t - key, g.token);
        barrier(CLK_LOCAL_MEM_FENCE);
        dots(s, q, k);
        dots(dp, dy, v);
        /* Loaded here for every block of keys: Intel's CPU runtime 2026.22 computes wrong weights from values kept across barriers. */
#pragma unroll
        for (int r = 0; r < OWN; r++) {
            size_t i = (size_t)g.batch * t + min(g.first + ty + SIDE * r, t - 1);
            float sum = lse[i], product = products[i];
#pragma unroll
            for (int j = 0; j < STREAM; j++)
                s[r][j] = key + tx + SIDE * j < t ? exp2(s[r][j] * (scale * LOG2_E) - sum) * (dp[r][j] - product) : 0.0f;
        }
        store_weights(ds, s);
        barrier(CLK_LOCAL_MEM_FENCE);
        add_weighted_rows(dq, ds, k);
    }
    store_owned(dqkv + owned, dq, q, g.count, g.token, scale, accumulate);
}
