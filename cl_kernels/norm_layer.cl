/* LayerNorm over the channels of each row, for CPUs. x, y (rows, c); statistics (2, rows): mean, 1/sqrt(variance + epsilon), biased
 * variance. Needs -DVECTOR dividing c. */

/* statistics may be NULL. One work-item a row. */
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

/* dx = scale * (gamma dy - mean(gamma dy) - x^ mean(gamma dy x^)), and the sums over `chunk` rows of dy and of dy x^: partial
 * (2, chunks, c). dx and partial may be NULL. One work-item a chunk. */
__kernel void layer_norm_gradient(__global float *restrict dx, __global float *restrict partial, __global const float *restrict dy,
                                  __global const float *restrict x, __global const float *restrict statistics,
                                  __global const float *restrict gamma, int rows, int c, int chunk, int chunks, int accumulate) {
    int first = (int)get_global_id(0) * chunk, last = min(first + chunk, rows);
    partial += (size_t)get_global_id(0) * c;
    for (int row = first; row < last; row++) {
        size_t start = (size_t)row * c;
        float mean = statistics[row], scale = statistics[rows + row];
        vec plain = 0.0f, weighted = 0.0f;
        for (int j = 0; j < c; j += VECTOR) {
            vec g = load_vec(gamma + j) * load_vec(dy + start + j);
            plain += g;
            weighted += g * (load_vec(x + start + j) - mean);
        }
        float a = sum_vec(plain) / c, b = sum_vec(weighted) * scale / c;
        for (int j = 0; j < c; j += VECTOR) {
            vec g = load_vec(dy + start + j), normalised = (load_vec(x + start + j) - mean) * scale;
            if (dx) {
                vec result = scale * (load_vec(gamma + j) * g - a - normalised * b);
                store_vec(accumulate ? load_vec(dx + start + j) + result : result, dx + start + j);
            }
            if (partial) {
                __global float *of_beta = partial + j, *of_gamma = of_beta + (size_t)chunks * c;
                store_vec(row == first ? g : load_vec(of_beta) + g, of_beta);
                store_vec(row == first ? g * normalised : load_vec(of_gamma) + g * normalised, of_gamma);
            }
        }
    }
}
