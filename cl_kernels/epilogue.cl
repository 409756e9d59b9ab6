/* What follows a sum, where the kernel that makes the sum cannot do it. No -D options. */

/* C = activation(C + bias) + residual, rows of n numbers ldc apart; the residual lies as C does, bias and residual may be NULL.
 * Items: columns, rows, outer * inner products. */
__kernel void epilogue(__global float *restrict c, __global const float *restrict bias, __global const float *restrict residual,
                       int n, int inner, int c_offset, int c_outer, int c_inner, int ldc, int activation) {
    int column = get_global_id(0);
    if (column >= n)
        return;
    size_t batch = get_global_id(2), i0 = batch / inner, i1 = batch - i0 * inner;
    size_t at = c_offset + i0 * c_outer + i1 * c_inner + get_global_id(1) * ldc + column;
    float result = activate(bias ? c[at] + bias[column] : c[at], activation);
    c[at] = residual ? result + residual[at] : result;
}
