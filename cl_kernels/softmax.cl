/* Softmax over rows. Rows are read VECTOR elements at a time (-DVECTOR=16 or 4, which need not divide the length n), with a
 * scalar tail; offsets count floats. One work-item a row. */

#if VECTOR == 16
float max_vec(vec v) {
    float a = fmax(fmax(v.s0, v.s8), fmax(v.s4, v.sc)), b = fmax(fmax(v.s1, v.s9), fmax(v.s5, v.sd));
    float c = fmax(fmax(v.s2, v.sa), fmax(v.s6, v.se)), d = fmax(fmax(v.s3, v.sb), fmax(v.s7, v.sf));
    return fmax(fmax(a, b), fmax(c, d));
}
#else
float max_vec(vec v) {
    return fmax(fmax(v.x, v.y), fmax(v.z, v.w));
}
#endif

float largest_of(__global const float *row, int n) {
    int whole = n - n % VECTOR;
    vec largest = -MAXFLOAT;
    for (int j = 0; j < whole; j += VECTOR)
        largest = fmax(largest, load_vec(row + j));
    float top = max_vec(largest);
    for (int j = whole; j < n; j++)
        top = fmax(top, row[j]);
    return top;
}

/* p (rows, n) <- softmax of each row, in place. */
__kernel void softmax(__global float *p, int offset, int rows, int n) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    p += offset + row * n;
    int whole = n - n % VECTOR;
    float top = largest_of(p, n);
    vec sum = 0.0f;
    for (int j = 0; j < whole; j += VECTOR) {
        vec e = power_of_2_vec((load_vec(p + j) - top) * LOG2_E);
        sum += e;
        store_vec(e, p + j);
    }
    float total = sum_vec(sum);
    for (int j = whole; j < n; j++) {
        p[j] = power_of_2((p[j] - top) * LOG2_E);
        total += p[j];
    }
    float inverse = 1.0f / total;
    for (int j = 0; j < whole; j += VECTOR)
        store_vec(load_vec(p + j) * inverse, p + j);
    for (int j = whole; j < n; j++)
        p[j] *= inverse;
}

/* g (rows, n) <- p * (g - sum of p g over the row), in place: the gradient of the scores from that of p. */
__kernel void softmax_gradient(__global float *g, __global const float *p, int g_offset, int rows, int n) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    g += g_offset + row * n;
    p += row * n;
    int whole = n - n % VECTOR;
    vec sum = 0.0f;
    for (int j = 0; j < whole; j += VECTOR)
        sum += load_vec(p + j) * load_vec(g + j);
    float total = sum_vec(sum);
    for (int j = whole; j < n; j++)
        total += p[j] * g[j];
    for (int j = 0; j < whole; j += VECTOR)
        store_vec(load_vec(p + j) * (load_vec(g + j) - total), g + j);
    for (int j = whole; j < n; j++)
        g[j] = p[j] * (g[j] - total);
}

/* y (rows, n) = x - log sum exp x. */
__kernel void log_softmax(__global float *restrict y, __global const float *restrict x, int rows, int n) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    x += row * n;
    y += row * n;
    int whole = n - n % VECTOR;
    float top = largest_of(x, n);
    vec sum = 0.0f;
    for (int j = 0; j < whole; j += VECTOR)
        sum += power_of_2_vec((load_vec(x + j) - top) * LOG2_E);
    float total = sum_vec(sum);
    for (int j = whole; j < n; j++)
        total += power_of_2((x[j] - top) * LOG2_E);
    float shift = log(total);
    for (int j = 0; j < whole; j += VECTOR)
        store_vec(load_vec(x + j) - top - shift, y + j);
    for (int j = whole; j < n; j++)
        y[j] = x[j] - top - shift;
}

/* dx = dy - exp(y) * sum of dy over the row. */
__kernel void log_softmax_gradient(__global float *restrict dx, __global const float *restrict dy,
                                   __global const float *restrict y, int rows, int n, int accumulate) {
    size_t row = get_global_id(0);
    if (row >= (size_t)rows)
        return;
    dx += row * n;
    dy += row * n;
    y += row * n;
    int whole = n - n % VECTOR;
    vec sum = 0.0f;
    for (int j = 0; j < whole; j += VECTOR)
        sum += load_vec(dy + j);
    float total = sum_vec(sum);
    for (int j = whole; j < n; j++)
        total += dy[j];
    for (int j = 0; j < whole; j += VECTOR) {
        vec result = load_vec(dy + j) - power_of_2_vec(load_vec(y + j) * LOG2_E) * total;
        store_vec(accumulate ? load_vec(dx + j) + result : result, dx + j);
    }
    for (int j = whole; j < n; j++) {
        float result = dy[j] - power_of_2(y[j] * LOG2_E) * total;
        dx[j] = accumulate ? dx[j] + result : result;
    }
}
