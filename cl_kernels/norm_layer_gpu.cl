/* LayerNorm over the channels of each row, for GPUs. x, y (rows, c); statistics (2, rows): mean, 1/sqrt(variance + epsilon), biased
 * variance. Needs -DVECTOR dividing c. A work-group a row where not said otherwise: neighbouring items read neighbours. */

#define ITEMS BC_NORM_LAYER_GROUP

/* The sums of both numbers over the work-group. */
float2 sum_group(float2 value, __local float2 *part) {
    int item = (int)get_local_id(0);
    part[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_count = ITEMS / 2; half_count > 0; half_count /= 2) {
        if (item < half_count)
            part[item] += part[item + half_count];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    float2 sum = part[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return sum;
}

/* statistics may be NULL. */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void layer_norm(__global float *restrict y, __global float *restrict statistics, __global const float *restrict x,
                __global const float *restrict gamma, __global const float *restrict beta, int rows, int c, float epsilon) {
    __local float2 part[ITEMS];
    size_t row = get_group_id(0);
    int first = (int)get_local_id(0) * VECTOR;
    x += row * c;
    y += row * c;
    vec sum = 0.0f, squares = 0.0f;
    for (int j = first; j < c; j += ITEMS * VECTOR)
        sum += load_vec(x + j);
    float mean = sum_group((float2)(sum_vec(sum), 0.0f), part).x / c;
    for (int j = first; j < c; j += ITEMS * VECTOR) {
        vec d = load_vec(x + j) - mean;
        squares += d * d;
    }
    float scale = 1.0f / sqrt(sum_group((float2)(sum_vec(squares), 0.0f), part).x / c + epsilon);
    for (int j = first; j < c; j += ITEMS * VECTOR)
        store_vec((load_vec(x + j) - mean) * scale * load_vec(gamma + j) + load_vec(beta + j), y + j);
    if (statistics && first == 0) {
        statistics[row] = mean;
        statistics[rows + row] = scale;
    }
}

/* dx = scale * (gamma dy - mean(gamma dy) - x^ mean(gamma dy x^)) */
__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void layer_norm_gradient(__global float *restrict dx, __global const float *restrict dy, __global const float *restrict x,
                         __global const float *restrict statistics, __global const float *restrict gamma, int rows, int c,
                         int accumulate) {
    __local float2 part[ITEMS];
    size_t row = get_group_id(0);
    int first = (int)get_local_id(0) * VECTOR;
    x += row * c;
    dx += row * c;
    dy += row * c;
    float mean = statistics[row], scale = statistics[rows + row];
    vec plain = 0.0f, weighted = 0.0f;
    for (int j = first; j < c; j += ITEMS * VECTOR) {
        vec g = load_vec(gamma + j) * load_vec(dy + j);
        plain += g;
        weighted += g * (load_vec(x + j) - mean);
    }
    float2 sums = sum_group((float2)(sum_vec(plain), sum_vec(weighted) * scale), part) / (float)c;
    for (int j = first; j < c; j += ITEMS * VECTOR) {
        vec normalised = (load_vec(x + j) - mean) * scale;
        vec result = scale * (load_vec(gamma + j) * load_vec(dy + j) - sums.x - normalised * sums.y);
        store_vec(accumulate ? load_vec(dx + j) + result : result, dx + j);
    }
}

/* Sums over chunks of rows: partial (2, chunks, c) = sum of dy, sum of dy x^. One work-item a chunk and channel vector. */
__kernel void layer_norm_partial(__global float *restrict partial, __global const float *restrict dy,
                                 __global const float *restrict x, __global const float *restrict statistics, int rows, int c,
                                 int chunk, int chunks) {
    int i = (int)get_global_id(0), vectors = c / VECTOR;
    if (i >= chunks * vectors)
        return;
    int block = i / vectors, j = (i - block * vectors) * VECTOR, end = min(rows, (block + 1) * chunk);
    vec plain = 0.0f, weighted = 0.0f;
    for (int row = block * chunk; row < end; row++) {
        vec g = load_vec(dy + (size_t)row * c + j);
        plain += g;
        weighted += g * (load_vec(x + (size_t)row * c + j) - statistics[row]) * statistics[rows + row];
    }
    partial += (size_t)block * c + j;
    store_vec(plain, partial);
    store_vec(weighted, partial + (size_t)chunks * c);
}
