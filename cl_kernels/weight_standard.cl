/* Weight standardisation: w (rows, columns), rows = kh*kw*ci, columns = output channels; per column the mean m and biased
 * variance v over the rows, w^ = (w - m) / sqrt(v + epsilon).
 * The rows are shared among slices, whose statistics are joined in fixed order. partial (slices, 2, columns) from
 * partial_offset; statistics (2, columns): m, then 1/sqrt(v + epsilon).
 * Needs -DVECTOR dividing columns; a work-item handles a vector of columns. Offsets count floats. */

int slice_begin(int rows, int slices, int slice) {
    return (int)((long)rows * slice / slices);
}

/* Mean and sum of squared deviations from it, per slice. Items (slices * vectors). */
__kernel void standard_partial(__global float *restrict partial, __global const float *restrict w, int partial_offset,
                               int rows, int columns, int slices) {
    int i = (int)get_global_id(0), vectors = columns / VECTOR;
    if (i >= slices * vectors)
        return;
    int slice = i / vectors, column = (i - slice * vectors) * VECTOR;
    int begin = slice_begin(rows, slices, slice), end = slice_begin(rows, slices, slice + 1);
    vec mean = 0.0f, deviation = 0.0f;
    for (int r = begin; r < end; r++)
        mean += load_vec(w + (size_t)r * columns + column);
    mean /= (float)(end - begin);
    for (int r = begin; r < end; r++) {
        vec d = load_vec(w + (size_t)r * columns + column) - mean;
        deviation += d * d;
    }
    partial += partial_offset + (size_t)slice * 2 * columns + column;
    store_vec(mean, partial);
    store_vec(deviation, partial + columns);
}

/* Joins the slices (Chan, Golub and LeVeque 1979). Items (vectors). */
__kernel void standard_finish(__global float *statistics, __global const float *partial, int partial_offset, int rows,
                              int columns, int slices, float epsilon) {
    int column = (int)get_global_id(0) * VECTOR;
    if (column >= columns)
        return;
    vec mean = 0.0f, deviation = 0.0f;
    float count = 0.0f;
    for (int s = 0; s < slices; s++) {
        __global const float *p = partial + partial_offset + (size_t)s * 2 * columns + column;
        float added = (float)(slice_begin(rows, slices, s + 1) - slice_begin(rows, slices, s));
        float share = added / (count + added);
        vec delta = load_vec(p) - mean;
        mean += delta * share;
        deviation += load_vec(p + columns) + delta * delta * (count * share);
        count += added;
    }
    store_vec(mean, statistics + column);
    store_vec(1.0f / sqrt(deviation / (float)rows + epsilon), statistics + columns + column);
}

/* out = w^. Items (rows * vectors). */
__kernel void standard_apply(__global float *restrict out, __global const float *restrict w,
                             __global const float *restrict statistics, int rows, int columns) {
    size_t i = get_global_id(0);
    int vectors = columns / VECTOR;
    if (i >= (size_t)rows * vectors)
        return;
    __global const float *s = statistics + (i - i / vectors * vectors) * VECTOR;
    store_vec((load_vec(w + i * VECTOR) - load_vec(s)) * load_vec(s + columns), out + i * VECTOR);
}

/* Sums of g and of g w^ per slice, g the gradient of w^. Items (slices * vectors). */
__kernel void standard_gradient_partial(__global float *restrict partial, __global const float *restrict g,
                                        __global const float *restrict w, __global const float *restrict statistics,
                                        int partial_offset, int rows, int columns, int slices) {
    int i = (int)get_global_id(0), vectors = columns / VECTOR;
    if (i >= slices * vectors)
        return;
    int slice = i / vectors, column = (i - slice * vectors) * VECTOR;
    int begin = slice_begin(rows, slices, slice), end = slice_begin(rows, slices, slice + 1);
    vec mean = load_vec(statistics + column), inverse = load_vec(statistics + columns + column);
    vec sum = 0.0f, product = 0.0f;
    for (int r = begin; r < end; r++) {
        size_t at = (size_t)r * columns + column;
        sum += load_vec(g + at);
        product += load_vec(g + at) * ((load_vec(w + at) - mean) * inverse);
    }
    partial += partial_offset + (size_t)slice * 2 * columns + column;
    store_vec(sum, partial);
    store_vec(product, partial + columns);
}

/* dw = (g - mean(g) - w^ mean(g w^)) / sqrt(v + epsilon), from the sums (2, columns) of g and g w^.
 * Items (rows * vectors). */
__kernel void standard_gradient_apply(__global float *restrict dw, __global const float *restrict g,
                                      __global const float *restrict w, __global const float *restrict statistics,
                                      __global const float *restrict sums, int rows, int columns, int accumulate) {
    size_t i = get_global_id(0);
    int vectors = columns / VECTOR;
    if (i >= (size_t)rows * vectors)
        return;
    size_t column = (i - i / vectors * vectors) * VECTOR, at = i * VECTOR;
    vec mean = load_vec(statistics + column), inverse = load_vec(statistics + columns + column);
    vec mean_g = load_vec(sums + column) / (float)rows, mean_gw = load_vec(sums + columns + column) / (float)rows;
    vec standard = (load_vec(w + at) - mean) * inverse;
    vec gradient = (load_vec(g + at) - mean_g - standard * mean_gw) * inverse;
    store_vec(accumulate ? load_vec(dw + at) + gradient : gradient, dw + at);
}
