/* Two views of one image, the second mirrored left to right. Maps of n elements in rows of `width`; a work-item makes one. No -D. */

/* The element of the mirrored map that stands where element i does. */
int mirrored(int i, int width) {
    int column = i % width;
    return i - column + width - 1 - column;
}

/* The geometric mean of depths. */
__kernel void view_mean(__global float *restrict mean, __global const float *restrict a, __global const float *restrict b,
                        int n, int width) {
    int i = (int)get_global_id(0);
    if (i < n)
        mean[i] = sqrt(a[i]) * sqrt(b[mirrored(i, width)]);
}

/* The mean of two uncertainties, and how far the depths are apart. */
__kernel void view_disagreement(__global float *restrict uncertainty, __global const float *restrict depth_a,
                                __global const float *restrict depth_b, __global const float *restrict uncertainty_a,
                                __global const float *restrict uncertainty_b, int n, int width) {
    int i = (int)get_global_id(0);
    if (i >= n)
        return;
    int j = mirrored(i, width);
    uncertainty[i] = 0.5f * (uncertainty_a[i] + uncertainty_b[j]) + fabs(log(depth_a[i] / depth_b[j]));
}
