/* The loss of depth that is free of scale and shift (bicross/losses/losses.h), and its gradient. With e = s d + t - y, the s and t of each
 * image being those for which its sum of e^2 is least, means over the pixels of the whole batch: e^2 / 2, and at four strides half of |e - e'|
 * over neighbours.
 *
 * Built with -DVECTOR=1: neighbours and strides go by pixels. A work-item of a reduction has one image (its second index) and every
 * partials-th pixel of it; the work is (quantities, images, partials), behind that an ssi_fit of each image, and counts. Masks hold 0 or 1. Nothing
 * depends on the order in which work-items run. */

#define SSI_FLAT 1e-12f /* the square of a spread, relative to the mean, that is rounding noise */

/* What is kept of an image; BC_SSI_FIT floats. pixels is 0 where s and t are not determined. */
typedef struct {
    float pixels, depth, label; /* kept pixels, and means over them */
    float scale;
    float square;             /* sum of the squares of depth around its mean */
    float weight[BC_SSI_SCALES]; /* pixels of every 1st, 2nd, 4th, 8th row and column; in the end 1 over those of the batch */
    float slope, lean;        /* sums of the slopes to e, and of these times depth around its mean */
} ssi_fit;

__global ssi_fit *ssi_fits(__global float *work, int images, int partials) {
    return (__global ssi_fit *)(work + (size_t)BC_SSI_SUMS * images * partials);
}

/* Pixels of the four strides, sums of depth and label, and around the means of the item's own pixels squares and products. */
__kernel void ssi_fit_partials(__global float *restrict work, __global const float *restrict depth,
                               __global const float *restrict label, __global const float *restrict mask, int images,
                               int pixels, int width, int partials) {
    int p = (int)get_global_id(0), image = (int)get_global_id(1);
    if (p >= partials || image >= images)
        return;
    __global const float *d = depth + (size_t)image * pixels, *y = label + (size_t)image * pixels;
    __global const float *m = mask + (size_t)image * pixels;
    vec_total sum_d = {0.0f, 0.0f}, sum_y = {0.0f, 0.0f}, square = {0.0f, 0.0f}, product = {0.0f, 0.0f};
    float4 count = (float4)(0.0f);
    for (int i = p; i < pixels; i += partials)
        if (kept(m[i])) {
            int row = i / width, place = row | (i - row * width);
            count += (float4)(1.0f, place & 1 ? 0.0f : 1.0f, place & 3 ? 0.0f : 1.0f, place & 7 ? 0.0f : 1.0f);
            add_to_total(&sum_d, d[i]);
            add_to_total(&sum_y, y[i]);
        }
    float mean_d = value_of_total(&sum_d) / fmax(count.x, 1.0f), mean_y = value_of_total(&sum_y) / fmax(count.x, 1.0f);
    for (int i = p; i < pixels; i += partials)
        if (kept(m[i])) {
            add_to_total(&square, (d[i] - mean_d) * (d[i] - mean_d));
            add_to_total(&product, (d[i] - mean_d) * (y[i] - mean_y));
        }
    size_t next = (size_t)images * partials;
    work += (size_t)image * partials + p;
    work[0] = count.x;
    work[next] = count.y;
    work[2 * next] = count.z;
    work[3 * next] = count.w;
    work[4 * next] = value_of_total(&sum_d);
    work[5 * next] = value_of_total(&sum_y);
    work[6 * next] = value_of_total(&square);
    work[7 * next] = value_of_total(&product);
}

/* Joins the partial moments of an image; the fits lie behind the partial sums. */
__kernel void ssi_solve(__global float *restrict work, int images, int partials) {
    int image = (int)get_global_id(0);
    if (image >= images)
        return;
    size_t next = (size_t)images * partials;
    __global const float *part = work + (size_t)image * partials, *part_d = part + 4 * next, *part_y = part + 5 * next;
    float n = sum_of_partials(part, partials);
    float mean_d = sum_of_partials(part_d, partials) / fmax(n, 1.0f);
    float mean_y = sum_of_partials(part_y, partials) / fmax(n, 1.0f);
    vec_total square = {0.0f, 0.0f}, product = {0.0f, 0.0f};
    for (int k = 0; k < partials; k++) {
        float c = fmax(part[k], 1.0f), e = part_d[k] / c - mean_d;
        add_to_total(&square, part[k] * e * e);
        add_to_total(&product, part[k] * e * (part_y[k] / c - mean_y));
    }
    ssi_fit fit;
    fit.depth = mean_d;
    fit.label = mean_y;
    fit.square = sum_of_partials(part + 6 * next, partials) + value_of_total(&square);
    fit.scale = (sum_of_partials(part + 7 * next, partials) + value_of_total(&product)) / fit.square;
    bool flat = fit.square <= SSI_FLAT * n * mean_d * mean_d; /* false for what is no number, which is to be seen */
    fit.pixels = flat ? 0.0f : n;
    for (int k = 0; k < BC_SSI_SCALES; k++)
        fit.weight[k] = flat ? 0.0f : sum_of_partials(part + k * next, partials);
    fit.slope = fit.lean = 0.0f;
    ssi_fits(work, images, partials)[image] = fit;
}

__global float *ssi_counts(__global float *work, int images, int partials) {
    return (__global float *)(ssi_fits(work, images, partials) + images);
}

/* The pixels of all images, of each stride: they lie behind the fits. */
__kernel void ssi_count(__global float *restrict work, int images, int partials) {
    int k = (int)get_global_id(0);
    if (k >= BC_SSI_SCALES)
        return;
    __global const ssi_fit *fits = ssi_fits(work, images, partials);
    float count = 0.0f;
    for (int i = 0; i < images; i++)
        count += fits[i].weight[k];
    ssi_counts(work, images, partials)[k] = count;
}

/* By the pixels of the whole batch. */
float4 ssi_weights(__global float *work, int images, int partials) {
    return 1.0f / fmax(vload4(0, ssi_counts(work, images, partials)), (float4)(1.0f));
}

float ssi_error(float d, float y, __global const ssi_fit *fit) {
    return fit->scale * (d - fit->depth) - (y - fit->label);
}

/* A pixel's share of the loss (a difference of two is shared by both), and the loss's slope to its e. The maps are of its image. */
float2 ssi_pixel(__global const float *depth, __global const float *label, __global const float *mask,
                 __global const ssi_fit *fit, float4 weight, int x, int y, int h, int w) {
    int i = y * w + x;
    float e = ssi_error(depth[i], label[i], fit);
    float2 sum = weight.x * (float2)(0.5f * e * e, e);
    for (int step = 1; step < 1 << BC_SSI_SCALES && ((x | y) & (step - 1)) == 0; step *= 2) {
        for (int side = 0; side < 4; side++) {
            int away = side & 1 ? step : -step, nx = side < 2 ? x + away : x, ny = side < 2 ? y : y + away;
            int k = ny * w + nx;
            if (nx < 0 || nx >= w || ny < 0 || ny >= h || !kept(mask[k]))
                continue;
            float difference = e - ssi_error(depth[k], label[k], fit);
            sum += 0.5f * weight.x * (float2)(0.5f * fabs(difference), sign(difference));
        }
        weight = weight.yzwx;
    }
    return sum;
}

/* Shares of the loss, slopes to e, these times depth around its mean. */
__kernel void ssi_partials(__global float *restrict work, __global const float *restrict depth,
                           __global const float *restrict label, __global const float *restrict mask, int images, int h, int w,
                           int partials) {
    int p = (int)get_global_id(0), image = (int)get_global_id(1), pixels = h * w;
    if (p >= partials || image >= images)
        return;
    __global const ssi_fit *fits = ssi_fits(work, images, partials), *fit = fits + image;
    __global const float *d = depth + (size_t)image * pixels, *y = label + (size_t)image * pixels;
    __global const float *m = mask + (size_t)image * pixels;
    float4 weight = ssi_weights(work, images, partials);
    vec_total loss = {0.0f, 0.0f}, slope = {0.0f, 0.0f}, lean = {0.0f, 0.0f};
    for (int i = p; i < pixels && fit->pixels != 0.0f; i += partials)
        if (kept(m[i])) {
            int row = i / w;
            float2 here = ssi_pixel(d, y, m, fit, weight, i - row * w, row, h, w);
            add_to_total(&loss, here.x);
            add_to_total(&slope, here.y);
            add_to_total(&lean, here.y * (d[i] - fit->depth));
        }
    size_t next = (size_t)images * partials;
    work += (size_t)image * partials + p;
    work[0] = value_of_total(&loss);
    work[next] = value_of_total(&slope);
    work[2 * next] = value_of_total(&lean);
}

/* saved: the fits of all images. */
__kernel void ssi_finish(__global float *restrict loss, __global ssi_fit *restrict saved, __global float *restrict work,
                         int images, int partials) {
    int image = (int)get_global_id(0);
    if (image >= images)
        return;
    size_t next = (size_t)images * partials;
    if (image == 0)
        loss[0] = sum_of_partials(work, images * partials);
    if (!saved)
        return;
    __global const ssi_fit *fits = ssi_fits(work, images, partials);
    ssi_fit fit = fits[image];
    vstore4(ssi_weights(work, images, partials), 0, fit.weight);
    fit.slope = sum_of_partials(work + next + (size_t)image * partials, partials);
    fit.lean = sum_of_partials(work + 2 * next + (size_t)image * partials, partials);
    saved[image] = fit;
}

/* Through e, and through the scale and the mean that all pixels of the image have made. */
__kernel void ssi_backward(__global float *restrict depth_grad, __global const float *restrict depth,
                           __global const float *restrict label, __global const float *restrict mask,
                           __global const ssi_fit *restrict saved, __global const float *restrict upstream, int n, int h, int w,
                           int accumulate) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    int3 place = pixel_place(i, h, w);
    __global const ssi_fit *fit = saved + place.z;
    size_t first = (size_t)place.z * h * w;
    float grad = 0.0f;
    if (kept(mask[i]) && fit->pixels != 0.0f) {
        float4 weight = vload4(0, fit->weight);
        float slope = ssi_pixel(depth + first, label + first, mask + first, fit, weight, place.x, place.y, h, w).y;
        float e = ssi_error(depth[i], label[i], fit), aligned = fit->scale * (depth[i] - fit->depth);
        grad = fit->scale * (slope - fit->slope / fit->pixels) - fit->lean * (e + aligned) / fit->square;
        grad *= upstream[0];
    }
    depth_grad[i] = accumulate ? depth_grad[i] + grad : grad;
}

