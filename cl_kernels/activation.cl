/* Elementwise functions and their gradients: y = f(v) for v = x, and dx = f'(.) g for g = dy, where `kept` is what backward
 * reads, x or y, also called v. a, b, c are the function's own parameters. One work-item VECTOR elements (-DVECTOR divides their
 * number); `count` counts vectors. */

#define ACTIVATION(name, function, gradient)                                                                             \
    __kernel void name(__global float *restrict y, __global const float *restrict x, int count, float a, float b,        \
                       float c) {                                                                                        \
        size_t i = get_global_id(0);                                                                                     \
        if (i >= (size_t)count)                                                                                          \
            return;                                                                                                      \
        vec v = load_vec(x + i * VECTOR);                                                                                \
        store_vec(function, y + i * VECTOR);                                                                             \
    }                                                                                                                    \
    __kernel void name##_gradient(__global float *restrict dx, __global const float *restrict dy,                        \
                                  __global const float *restrict kept, int count, int accumulate, float a, float b,      \
                                  float c) {                                                                             \
        size_t i = get_global_id(0);                                                                                     \
        if (i >= (size_t)count)                                                                                          \
            return;                                                                                                      \
        vec v = load_vec(kept + i * VECTOR), g = load_vec(dy + i * VECTOR), result = gradient;                           \
        store_vec(accumulate ? load_vec(dx + i * VECTOR) + result : result, dx + i * VECTOR);                            \
    }

/* Density of the standard normal. */
vec normal_density(vec x) {
    return 0.39894228040143268f * power_of_2_vec(x * x * (-0.5f * LOG2_E));
}

vec logistic(vec x) {
    return 1.0f / (1.0f + power_of_2_vec((x < -87.0f ? (vec)(87.0f) : -x) * LOG2_E));
}

/* 1 / max(a v + b, c). */
vec inverse(vec v, float a, float b, float c) {
    vec z = a * v + b;
    return 1.0f / (z < c ? (vec)(c) : z);
}

/* d inverse / d v, as if the maximum were not there but at the value that it gives. */
vec inverse_slope(vec v, float a, float b, float c) {
    vec y = inverse(v, a, b, c);
    return -a * y * y;
}

/* Kept: y for relu and sigmoid, x for all others. clamp_min: a is the bound. inverse_depth: a, b, c are scale, shift, floor;
 * the second form lets the gradient through the floor. */
ACTIVATION(relu, v < 0.0f ? (vec)(0.0f) : v, v > 0.0f ? g : (vec)(0.0f))
ACTIVATION(gelu, v * normal_below_vec(v), g * (normal_below_vec(v) + v * normal_density(v)))
ACTIVATION(sigmoid, logistic(v), g * v * (1.0f - v))
ACTIVATION(clamp_min, v < a ? (vec)(a) : v, v < a ? (vec)(0.0f) : g)
ACTIVATION(inverse_depth, inverse(v, a, b, c), a * v + b < c ? (vec)(0.0f) : g * inverse_slope(v, a, b, c))
ACTIVATION(inverse_depth_open, inverse(v, a, b, c), g * inverse_slope(v, a, b, c))

/* dx = factor * dy. */
__kernel void scale_gradient(__global float *restrict dx, __global const float *restrict dy, int count, int accumulate,
                             float factor) {
    size_t i = get_global_id(0);
    if (i >= (size_t)count)
        return;
    vec result = factor * load_vec(dy + i * VECTOR);
    store_vec(accumulate ? load_vec(dx + i * VECTOR) + result : result, dx + i * VECTOR);
}

/* The gradient before a ReLU from the one after it, in place: dy = 0 where y is not above 0. */
__kernel void relu_mask(__global float *restrict dy, __global const float *restrict y, int count) {
    size_t i = get_global_id(0);
    if (i >= (size_t)count)
        return;
    store_vec(load_vec(y + i * VECTOR) > 0.0f ? load_vec(dy + i * VECTOR) : (vec)(0.0f), dy + i * VECTOR);
}
