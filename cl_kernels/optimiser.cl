/* Updates of flat parameter vectors: Adam, SGD with momentum, EMA, and the gradient norm for clipping.
 * values, grads: the whole vectors, of which [first, first + count) is one group; moments: that group's own (count).
 * scale[0]: factor of all gradients (clipping), scale[1]: the first step whose norm was not finite
 * (exact to 16 million), 0: there was none.
 * Needs -DVECTOR dividing 16. Assumes: `first` and `count` are multiples of 16 (groups are padded with zeros). */

/* Adam (Kingma & Ba 2015) as PyTorch computes it: m <- b1 m + (1-b1) g, v <- b2 v + (1-b2) g^2,
 * p <- p - step m / (sqrt(v) * root + eps), with step = rate / (1 - b1^t) and root = 1 / sqrt(1 - b2^t). */
__kernel void adam(__global float *restrict values, __global float *restrict first_moment,
                   __global float *restrict second_moment, __global const float *restrict grads,
                   __global const float *restrict scale, uint first, uint count, float beta1, float beta2, float step,
                   float root, float epsilon) {
    uint i = (uint)get_global_id(0) * VECTOR;
    if (i >= count)
        return;
    vec g = load_vec(grads + first + i) * scale[0];
    vec m = beta1 * load_vec(first_moment + i) + (1.0f - beta1) * g;
    vec v = beta2 * load_vec(second_moment + i) + (1.0f - beta2) * g * g;
    store_vec(m, first_moment + i);
    store_vec(v, second_moment + i);
    store_vec(load_vec(values + first + i) - step * m / (sqrt(v) * root + epsilon), values + first + i);
}

/* m <- momentum m + g, p <- p - rate m. */
__kernel void sgd(__global float *restrict values, __global float *restrict moment, __global const float *restrict grads,
                  __global const float *restrict scale, uint first, uint count, float momentum, float rate) {
    uint i = (uint)get_global_id(0) * VECTOR;
    if (i >= count)
        return;
    vec m = momentum * load_vec(moment + i) + load_vec(grads + first + i) * scale[0];
    store_vec(m, moment + i);
    store_vec(load_vec(values + first + i) - rate * m, values + first + i);
}

/* teacher <- alpha teacher + (1 - alpha) student. */
__kernel void ema(__global float *restrict teacher, __global const float *restrict student, uint count, float alpha) {
    uint i = (uint)get_global_id(0) * VECTOR;
    if (i >= count)
        return;
    store_vec(alpha * load_vec(teacher + i) + (1.0f - alpha) * load_vec(student + i), teacher + i);
}

/* partial[b] = sum of squares of block b (BC_SUM_BLOCK values each). */
__kernel void square_blocks(__global float *restrict partial, __global const float *restrict grads, uint count,
                            uint blocks) {
    uint block = (uint)get_global_id(0);
    if (block >= blocks)
        return;
    uint begin = block * BC_SUM_BLOCK, end = min(begin + BC_SUM_BLOCK, count);
    float16 sum = (float16)(0.0f);
    for (uint i = begin; i < end; i += 16u) {
        float16 g = vload16(0, grads + i);
        sum += g * g;
    }
    float a = (sum.s0 + sum.s8) + (sum.s4 + sum.sc), b = (sum.s1 + sum.s9) + (sum.s5 + sum.sd);
    float c = (sum.s2 + sum.sa) + (sum.s6 + sum.se), d = (sum.s3 + sum.sb) + (sum.s7 + sum.sf);
    partial[block] = (a + c) + (b + d);
}

/* sums[b] = sum of block b (BC_SUM_BLOCK values each, the last one shorter). */
__kernel void sum_blocks(__global float *restrict sums, __global const float *restrict partial, uint count,
                         uint blocks) {
    uint block = (uint)get_global_id(0);
    if (block >= blocks)
        return;
    uint end = min(block * BC_SUM_BLOCK + BC_SUM_BLOCK, count);
    float sum = 0.0f;
    for (uint i = block * BC_SUM_BLOCK; i < end; i++)
        sum += partial[i];
    sums[block] = sum;
}

/* One work-item: the factor that brings the norm down to at most `limit` (as PyTorch's clip_grad_norm_; 0: no limit). */
__kernel void clip_scale(__global float *restrict scale, __global const float *restrict sums, uint count,
                         float limit, float step) {
    if (get_global_id(0) > 0)
        return;
    float sum = 0.0f;
    for (uint i = 0; i < count; i++)
        sum += sums[i];
    float norm = sqrt(sum), factor = limit / (norm + 1e-6f);
    scale[0] = limit > 0.0f && factor < 1.0f ? factor : 1.0f;
    if (!isfinite(norm) && scale[1] == 0.0f)
        scale[1] = step;
}
