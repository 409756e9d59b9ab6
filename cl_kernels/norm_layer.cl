/* LayerNorm over the channels of each row. x, y (rows, c); statistics (2, rows): mean, 1/sqrt(variance + epsilon), biased
 * variance. Needs -DVECTOR dividing c. One work-item a row where not said otherwise. */

/* statistics may be NULL. */
__kernel void layer_norm(__global float *y, __global float *statistics, __global const float *x,
                         __global const float *gamma, __global const float *beta, int rows, int c, float epsilon) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    x += row * c;
    y += row * c;
    vec sum = 0.0f, squares = 0.0f;
    for (int j = 0; j < c; j += VECTOR)
        sum += load_vec(x + j);
    float mean = sum_vec(sum) / c;
    for (int j = 0; j < c; j += VECTOR) {
        vec d = load_vec(x + j) - mean;
        squares += d * d;
    }
    float scale = 1.0f / sqrt(sum_vec(squares) / c + epsilon);
    for (int j = 0; j < c; j += VECTOR)
        store_vec((load_vec(x + j) - mean) * scale * load_vec(gamma + j) + load_vec(beta + j), y + j);
    if (statistics) {
        statistics[row] = mean;
        statistics[rows + row] = scale;
    }
}

/* dx = scale * (gamma dy - mean(gamma dy) - x^ mean(gamma dy x^)) */
__kernel void layer_norm_gradient(__global float *dx, __global const float *dy, __global const float *x,
                                  __global const float *statistics, __global const float *gamma, int rows, int c,
                                  int accumulate) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    x += row * c;
    dx += row * c;
    dy += row * c;
    float mean = statistics[row], scale = statistics[rows + row];
    vec plain = 0.0f, weighted = 0.0f;
    for (int j = 0; j < c; j += VECTOR) {
        vec g = load_vec(gamma + j) * load_vec(dy + j);
        plain += g;
        weighted += g * (load_vec(x + j) - mean);
    }
    float a = sum_vec(plain) / c, b = sum_vec(weighted) * scale / c;
    for (int j = 0; j < c; j += VECTOR) {
        vec normalised = (load_vec(x + j) - mean) * scale;
        vec result = scale * (load_vec(gamma + j) * load_vec(dy + j) - a - normalised * b);
        store_vec(accumulate ? load_vec(dx + j) + result : result, dx + j);
    }
}

/* Sums over chunks of rows: partial (2, chunks, c) = sum of dy, sum of dy x^. One work-item a chunk and channel vector. */
__kernel void layer_norm_partial(__global float *partial, __global const float *dy, __global const float *x,
                                 __global const float *statistics, int rows, int c, int chunk, int chunks) {
    int i = get_global_id(0), vectors = c / VECTOR;
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
