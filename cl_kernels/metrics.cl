/* Evaluation of one image. Built with -DVECTOR=W, W = 16, 4 or 1 dividing the number of pixels n.
 * paste puts a network's map (height, width) at (top, left) of a full-size map; metrics_* sum over it in two passes, like
 * losses.cl: partial (9, partials), sums (9) = pixels, |y-d|/y, (y-d)^2/y, (y-d)^2, (ln y - ln d)^2, pixels with
 * max(y/d, d/y) < 1.25, 1.25^2, 1.25^3 (without dividing, so that no rounding decides), and elements of the whole map that are
 * not finite. */

/* Values are clamped to [low, high]; what is not finite becomes NaN; outside the map is `fill`. */
__kernel void paste(__global float *restrict full, __global const float *restrict map, int full_height, int full_width, int top,
                    int left, int height, int width, float fill, float low, float high) {
    int x = (int)get_global_id(0), y = (int)get_global_id(1);
    if (x >= full_width || y >= full_height)
        return;
    int column = x - left, row = y - top;
    float value = fill;
    if (column >= 0 && column < width && row >= 0 && row < height) {
        float raw = map[row * width + column];
        value = isfinite(raw) ? clamp(raw, low, high) : NAN;
    }
    full[y * full_width + x] = value;
}

vec ones_where(vec mask, vec larger, vec limit) {
    return mask > 0.5f && larger < limit ? (vec)(1.0f) : (vec)(0.0f);
}

__kernel void metrics_partials(__global float *restrict partial, __global const float *restrict depth,
                               __global const float *restrict label, __global const float *restrict mask, int n,
                               int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    vec pixels = (vec)(0.0f), close1 = (vec)(0.0f), close2 = (vec)(0.0f), close3 = (vec)(0.0f), broken = (vec)(0.0f);
    vec_total absolute = {(vec)(0.0f), (vec)(0.0f)}, relative = absolute, square = absolute, square_log = absolute;
    for (int i = VECTOR * p; i < n; i += VECTOR * partials) {
        vec m = load_vec(mask + i), raw = load_vec(depth + i);
        vec d = m > 0.5f ? raw : (vec)(1.0f), y = m > 0.5f ? load_vec(label + i) : (vec)(1.0f);
        vec e = y - d, ratio_log = log(y / d), larger = fmax(y, d), smaller = fmin(y, d);
        pixels += m > 0.5f ? (vec)(1.0f) : (vec)(0.0f);
        add_to_total(&absolute, fabs(e) / y);
        add_to_total(&relative, e * e / y);
        add_to_total(&square, e * e);
        add_to_total(&square_log, ratio_log * ratio_log);
        close1 += ones_where(m, larger, 1.25f * smaller);
        close2 += ones_where(m, larger, 1.5625f * smaller);
        close3 += ones_where(m, larger, 1.953125f * smaller);
        broken += isfinite(raw) ? (vec)(0.0f) : (vec)(1.0f);
    }
    partial[p] = sum_vec(pixels);
    partial[partials + p] = value_of_total(&absolute);
    partial[2 * partials + p] = value_of_total(&relative);
    partial[3 * partials + p] = value_of_total(&square);
    partial[4 * partials + p] = value_of_total(&square_log);
    partial[5 * partials + p] = sum_vec(close1);
    partial[6 * partials + p] = sum_vec(close2);
    partial[7 * partials + p] = sum_vec(close3);
    partial[8 * partials + p] = sum_vec(broken);
}

__kernel void metrics_finish(__global float *restrict sums, __global const float *restrict partial, int quantities,
                             int partials) {
    int q = (int)get_global_id(0);
    if (q >= quantities)
        return;
    vec_total total = {(vec)(0.0f), (vec)(0.0f)};
    for (int k = 0; k < partials; k += VECTOR)
        add_to_total(&total, load_vec(partial + q * partials + k));
    sums[q] = value_of_total(&total);
}
