/* Losses of the method (bicross/losses/losses.h) and their gradients. Built with -DVECTOR=W, W = 16, 4 or 1 dividing n (or the
 * channels, where a kernel has them).
 *
 * Maps are flat arrays of n floats; masks hold 0 or 1. A reduction has two passes: each of `partials` work-items sums every
 * partials-th block of W elements, and a *_finish kernel with one working item adds the partial sums; partial is
 * (quantities, partials), partials a multiple of 16. Nothing depends on the order in which work-items run.
 * `saved` keeps what backward needs and may be NULL. `upstream` is the one-element gradient of the loss. */

vec ones_where_kept(vec mask) {
    return mask > 0.5f ? (vec)(1.0f) : (vec)(0.0f);
}

/* --- depth: g = ln(d + 0.1) - ln(y + 0.1), loss = sqrt(var(g) + w mean(g)^2 + s^2) - s ---------------------------- */

#define SIG_NOISE 1e-6f /* a root below this is rounding noise, and has no direction */

/* g - shift, 0 outside the mask. One logarithm of the ratio is also the more precise form near d = y. */
vec log_ratio(__global const float *depth, __global const float *label, vec mask, float shift) {
    return mask > 0.5f ? log((load_vec(depth) + 0.1f) / (load_vec(label) + 0.1f)) - shift : (vec)(0.0f);
}

/* partial: pixels, sum of g, sum of squares of g around the mean of this item's own pixels. */
__kernel void sig_partials(__global float *restrict partial, __global const float *restrict depth,
                           __global const float *restrict label, __global const float *restrict mask, int n, int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    vec count = (vec)(0.0f);
    vec_total sum = {(vec)(0.0f), (vec)(0.0f)}, square = {(vec)(0.0f), (vec)(0.0f)};
    for (int i = VECTOR * p; i < n; i += VECTOR * partials) {
        vec m = load_vec(mask + i);
        count += ones_where_kept(m);
        add_to_total(&sum, log_ratio(depth + i, label + i, m, 0.0f));
    }
    float pixels = sum_vec(count), total = value_of_total(&sum), mean = total / fmax(pixels, 1.0f);
    for (int i = VECTOR * p; i < n; i += VECTOR * partials) {
        vec e = log_ratio(depth + i, label + i, load_vec(mask + i), mean);
        add_to_total(&square, e * e);
    }
    partial[p] = pixels;
    partial[partials + p] = total;
    partial[2 * partials + p] = value_of_total(&square);
}

/* Joins the partial means and variances (Chan, Golub and LeVeque 1979). saved: pixels, mean, the root. */
__kernel void sig_finish(__global float *restrict loss, __global float *restrict saved,
                         __global const float *restrict partial, int partials, float mean_weight, float softness) {
    if (get_global_id(0) > 0)
        return;
    float n = sum_of_partials(partial, partials);
    float mean = sum_of_partials(partial + partials, partials) / fmax(n, 1.0f);
    vec_total between = {(vec)(0.0f), (vec)(0.0f)};
    for (int k = 0; k < partials; k += VECTOR) {
        vec c = load_vec(partial + k), e = load_vec(partial + partials + k) / fmax(c, (vec)(1.0f)) - mean;
        add_to_total(&between, c * e * e);
    }
    float square = sum_of_partials(partial + 2 * partials, partials) + value_of_total(&between);
    /* PoCL 5 and 6 with LLVM 18 end the process over a choice between a number and a root. */
    float root = sqrt(square / fmax(n - 1.0f, 1.0f) + mean_weight * mean * mean + softness * softness);
    loss[0] = n < 2.0f ? 0.0f : root - softness;
    if (saved) {
        saved[0] = n;
        saved[1] = mean;
        saved[2] = root;
    }
}

__kernel void sig_backward(__global float *restrict depth_grad, __global const float *restrict depth,
                           __global const float *restrict label, __global const float *restrict mask,
                           __global const float *restrict saved, __global const float *restrict upstream, int n,
                           int accumulate, float mean_weight) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    float pixels = saved[0], mean = saved[1], root = saved[2];
    float d = depth[i] + 0.1f, g = log(d / (label[i] + 0.1f));
    float slope = ((g - mean) / (pixels - 1.0f) + mean_weight * mean / pixels) / (root * d);
    bool flows = kept(mask[i]) && pixels >= 2.0f && root > SIG_NOISE;
    float grad = flows ? upstream[0] * slope : 0.0f;
    depth_grad[i] = accumulate ? depth_grad[i] + grad : grad;
}

/* --- uncertainty: mean |u - e| or (u - e)^2, e = clamp(|d - y| / y, 0, 1); or mean of |d - y| / u + ln u ---------- */

#define LEAST_SPREAD 0.1f /* below it u stands for it, and pays the difference, which leads it back */

vec uncertainty_error(vec u, vec d, vec y, int form) {
    if (form == BC_UNCERTAINTY_L1LOG) {
        vec spread = fmax(u, (vec)(LEAST_SPREAD));
        return fabs(d - y) / spread + log(spread) + (spread - u);
    }
    vec excess = u - clamp(fabs(d - y) / y, (vec)(0.0f), (vec)(1.0f));
    return form == BC_UNCERTAINTY_L2 ? excess * excess : fabs(excess);
}

/* partial: sum of the errors, pixels. */
__kernel void uncertainty_partials(__global float *restrict partial, __global const float *restrict uncertainty,
                                   __global const float *restrict depth, __global const float *restrict label,
                                   __global const float *restrict mask, int n, int partials, int form) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    vec count = (vec)(0.0f);
    vec_total sum = {(vec)(0.0f), (vec)(0.0f)};
    for (int i = VECTOR * p; i < n; i += VECTOR * partials) {
        vec m = load_vec(mask + i);
        vec error = uncertainty_error(load_vec(uncertainty + i), load_vec(depth + i), load_vec(label + i), form);
        count += ones_where_kept(m);
        add_to_total(&sum, m > 0.5f ? error : (vec)(0.0f));
    }
    partial[p] = value_of_total(&sum);
    partial[partials + p] = sum_vec(count);
}

/* Slopes of a pixel's error times `scale`: to u, to d. */
float2 uncertainty_slopes(float u, float d, float y, float scale, int form) {
    float difference = d - y, ratio = fabs(difference) / y;
    if (form == BC_UNCERTAINTY_L1LOG) {
        float spread = fmax(u, LEAST_SPREAD), slope = u < LEAST_SPREAD ? -1.0f : (1.0f - fabs(difference) / spread) / spread;
        return scale * (float2)(slope, sign(difference) / spread);
    }
    float excess = u - clamp(ratio, 0.0f, 1.0f);
    float slope = scale * (form == BC_UNCERTAINTY_L2 ? 2.0f * excess : sign(excess));
    return (float2)(slope, ratio <= 1.0f ? -slope * sign(difference) / y : 0.0f);
}

/* saved[0] is the number of pixels (at least 1). Either gradient may be NULL. */
__kernel void uncertainty_backward(__global float *restrict uncertainty_grad, __global float *restrict depth_grad,
                                   __global const float *restrict uncertainty, __global const float *restrict depth,
                                   __global const float *restrict label, __global const float *restrict mask,
                                   __global const float *restrict saved, __global const float *restrict upstream, int n,
                                   int uncertainty_accumulate, int depth_accumulate, int form) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    float2 grad = (float2)(0.0f);
    if (kept(mask[i]))
        grad = uncertainty_slopes(uncertainty[i], depth[i], label[i], upstream[0] / saved[0], form);
    if (uncertainty_grad)
        uncertainty_grad[i] = uncertainty_accumulate ? uncertainty_grad[i] + grad.x : grad.x;
    if (depth_grad)
        depth_grad[i] = depth_accumulate ? depth_grad[i] + grad.y : grad.y;
}

/* --- features: sum M_r |a_r - b_r|^2 over rows of `channels` elements -------------------------------------------- */

/* partial: sum of squares, rows. mask (rows), or NULL: all rows. */
__kernel void feature_partials(__global float *restrict partial, __global const float *restrict a,
                               __global const float *restrict b, __global const float *restrict mask, int rows, int channels,
                               int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    vec_total sum = {(vec)(0.0f), (vec)(0.0f)};
    float weight = 0.0f;
    for (int r = p; r < rows; r += partials) {
        __global const float *x = a + (size_t)r * channels, *y = b + (size_t)r * channels;
        if (mask && !kept(mask[r]))
            continue;
        for (int c = 0; c < channels; c += VECTOR) {
            vec e = load_vec(x + c) - load_vec(y + c);
            add_to_total(&sum, e * e);
        }
        weight += 1.0f;
    }
    partial[p] = value_of_total(&sum);
    partial[partials + p] = weight;
}

/* saved[0] is what the sum was divided by. Either gradient may be NULL, and both may be the same. */
__kernel void feature_backward(__global float *a_grad, __global float *b_grad,
                               __global const float *restrict a, __global const float *restrict b,
                               __global const float *restrict mask, __global const float *restrict saved,
                               __global const float *restrict upstream, int rows, int channels, int a_accumulate,
                               int b_accumulate) {
    int c = (int)get_global_id(0), r = (int)get_global_id(1);
    if (c >= channels || r >= rows)
        return;
    size_t i = (size_t)r * channels + c;
    float grad = !mask || kept(mask[r]) ? 2.0f * upstream[0] / saved[0] * (a[i] - b[i]) : 0.0f;
    if (a_grad)
        a_grad[i] = a_accumulate ? a_grad[i] + grad : grad;
    if (b_grad)
        b_grad[i] = b_accumulate ? b_grad[i] - grad : -grad;
}

/* --- divergence of two distributions, given by their logarithms: sum M_r q_r (ln q_r - ln p_r) over rows ---------- */

/* partial: the sum, rows. mask (rows), or NULL: all rows. */
__kernel void divergence_partials(__global float *restrict partial, __global const float *restrict log_p,
                                  __global const float *restrict log_q, __global const float *restrict mask, int rows,
                                  int channels, int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    vec_total sum = {(vec)(0.0f), (vec)(0.0f)};
    float weight = 0.0f;
    for (int r = p; r < rows; r += partials) {
        __global const float *x = log_p + (size_t)r * channels, *y = log_q + (size_t)r * channels;
        if (mask && !kept(mask[r]))
            continue;
        for (int c = 0; c < channels; c += VECTOR) {
            vec wanted = load_vec(y + c);
            add_to_total(&sum, exp(wanted) * (wanted - load_vec(x + c)));
        }
        weight += 1.0f;
    }
    partial[p] = value_of_total(&sum);
    partial[partials + p] = weight;
}

/* saved[0] is what the sum was divided by. */
__kernel void divergence_backward(__global float *restrict grad, __global const float *restrict log_q,
                                  __global const float *restrict mask, __global const float *restrict saved,
                                  __global const float *restrict upstream, int rows, int channels, int accumulate) {
    int c = (int)get_global_id(0), r = (int)get_global_id(1);
    if (c >= channels || r >= rows)
        return;
    size_t i = (size_t)r * channels + c;
    float slope = !mask || kept(mask[r]) ? -upstream[0] / saved[0] * exp(log_q[i]) : 0.0f;
    grad[i] = accumulate ? grad[i] + slope : slope;
}

/* --- InfoNCE over b projected vectors ---------------------------------------------------------------------------- */

/* work holds the partial sums (2,partials) and behind them the logits (b,b) = r s^T. */
__kernel void info_nce_logits(__global float *restrict work, __global const float *restrict r,
                              __global const float *restrict s, int b, int channels, int partials) {
    int j = (int)get_global_id(0), i = (int)get_global_id(1);
    if (j >= b || i >= b)
        return;
    __global const float *x = r + (size_t)i * channels, *y = s + (size_t)j * channels;
    vec sum = (vec)(0.0f);
    for (int c = 0; c < channels; c += VECTOR)
        sum += load_vec(x + c) * load_vec(y + c);
    work[2 * partials + i * b + j] = sum_vec(sum);
}

/* Partial sums: -ln softmax(row)_row, rows. saved (b,b) = (softmax - identity) / b. */
__kernel void info_nce_partials(__global float *restrict work, __global float *restrict saved, int b, int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    float loss = 0.0f, rows = 0.0f;
    for (int i = p; i < b; i += partials) {
        __global const float *row = work + 2 * partials + i * b;
        float highest = row[0], sum = 0.0f;
        for (int j = 1; j < b; j++)
            highest = fmax(highest, row[j]);
        for (int j = 0; j < b; j++)
            sum += exp(row[j] - highest);
        for (int j = 0; saved && j < b; j++)
            saved[i * b + j] = (exp(row[j] - highest) / sum - (i == j ? 1.0f : 0.0f)) / (float)b;
        loss += log(sum) + (highest - row[i]);
        rows += 1.0f;
    }
    work[p] = loss;
    work[partials + p] = rows;
}

/* grad[i,c] = upstream * sum_j saved[i*row_step + j*column_step] other[j,c]: dR with steps (b,1), dS with (1,b). */
__kernel void info_nce_backward(__global float *restrict grad, __global const float *restrict saved,
                                __global const float *restrict other, __global const float *restrict upstream, int b,
                                int channels, int row_step, int column_step, int accumulate) {
    int c = (int)get_global_id(0), i = (int)get_global_id(1);
    if (c >= channels || i >= b)
        return;
    float sum = 0.0f;
    for (int j = 0; j < b; j++)
        sum += saved[i * row_step + j * column_step] * other[(size_t)j * channels + c];
    sum *= upstream[0];
    size_t k = (size_t)i * channels + c;
    grad[k] = accumulate ? grad[k] + sum : sum;
}

/* --- negative log likelihood of one class ------------------------------------------------------------------------ */

/* partial: sum of -log_probabilities[row, label], rows. */
__kernel void nll_partials(__global float *restrict partial, __global const float *restrict log_probabilities, int rows,
                           int classes, int label, int partials) {
    int p = (int)get_global_id(0);
    if (p >= partials)
        return;
    float sum = 0.0f, count = 0.0f;
    for (int r = p; r < rows; r += partials) {
        sum -= log_probabilities[(size_t)r * classes + label];
        count += 1.0f;
    }
    partial[p] = sum;
    partial[partials + p] = count;
}

/* pooled: the rows of the whole batch. */
__kernel void nll_backward(__global float *restrict grad, __global const float *restrict upstream, int rows, int classes,
                           int label, int pooled, int accumulate) {
    int i = (int)get_global_id(0);
    if (i >= rows * classes)
        return;
    float slope = i % classes == label ? -upstream[0] / (float)pooled : 0.0f;
    grad[i] = accumulate ? grad[i] + slope : slope;
}

/* --- the second pass of every mean: loss = sum / (channels * max(weight, 1)); partial: sum, weight ---------------- */

__kernel void mean_finish(__global float *restrict loss, __global float *restrict saved,
                          __global const float *restrict partial, int partials, float channels) {
    if (get_global_id(0) > 0)
        return;
    float divisor = channels * fmax(sum_of_partials(partial + partials, partials), 1.0f);
    loss[0] = sum_of_partials(partial, partials) / divisor;
    if (saved)
        saved[0] = divisor;
}
