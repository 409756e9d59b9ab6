/* Elementwise functions and their gradients: y = f(v) for v = x, and dx = f'(.) g for g = dy, where `kept` is what backward
 * reads, x or y, also called v. a, b, c are the function's own parameters. One work-item an element. */

#define ACTIVATION(name, function, gradient)                                                                             \
    __kernel void name(__global float *y, __global const float *x, int count, float a, float b, float c) {               \
        size_t i = get_global_id(0);                                                                                     \
        if (i >= (size_t)count)                                                                                          \
            return;                                                                                                      \
        float v = x[i];                                                                                                  \
        y[i] = function;                                                                                                 \
    }                                                                                                                    \
    __kernel void name##_gradient(__global float *dx, __global const float *dy, __global const float *kept, int count,   \
                                  int accumulate, float a, float b, float c) {                                           \
        size_t i = get_global_id(0);                                                                                     \
        if (i >= (size_t)count)                                                                                          \
            return;                                                                                                      \
        float v = kept[i], g = dy[i], result = gradient;                                                                 \
        dx[i] = accumulate ? dx[i] + result : result;                                                                    \
    }

/* erf to 1e-7 without branches, so that it vectorises: a polynomial below 0.93, one minus an exponential above (N. Juffa). */
float error_function(float x) {
    float t = fmin(fabs(x), 4.0f), s = x * x;
    float far = -1.72853470e-5f * t + 3.83197126e-4f;
    far = far * (t * t) + (-3.88396438e-3f * t + 2.42546219e-2f);
    far = far * t - 1.06777877e-1f;
    far = far * t - 6.34846687e-1f;
    far = far * t - 1.28717512e-1f;
    far = copysign(1.0f - exp(far * t - t), x);
    float near = -5.96761703e-4f * s + 4.99119423e-3f;
    near = near * s - 2.67681349e-2f;
    near = near * s + 1.12819925e-1f;
    near = near * s - 3.76125336e-1f;
    near = near * s + 1.28379166e-1f;
    return t > 0.927734375f ? far : near * x + x;
}

/* Distribution function and density of the standard normal. */
float normal_below(float x) {
    return 0.5f + 0.5f * error_function(x * 0.70710678118654752f);
}

float normal_density(float x) {
    return 0.39894228040143268f * exp(-0.5f * x * x);
}

/* 1 / max(a v + b, c). */
float inverse(float v, float a, float b, float c) {
    float z = a * v + b;
    return 1.0f / (z < c ? c : z);
}

/* d inverse / d v, as if the maximum were not there but at the value that it gives. */
float inverse_slope(float v, float a, float b, float c) {
    float y = inverse(v, a, b, c);
    return -a * y * y;
}

/* Kept: y for relu and sigmoid, x for all others. clamp_min: a is the bound. inverse_depth: a, b, c are scale, shift, floor;
 * the second form lets the gradient through the floor. */
ACTIVATION(relu, v < 0.0f ? 0.0f : v, v > 0.0f ? g : 0.0f)
ACTIVATION(gelu, v * normal_below(v), g * (normal_below(v) + v * normal_density(v)))
ACTIVATION(sigmoid, 1.0f / (1.0f + exp(-v)), g * v * (1.0f - v))
ACTIVATION(clamp_min, v < a ? a : v, v < a ? 0.0f : g)
ACTIVATION(inverse_depth, inverse(v, a, b, c), a * v + b < c ? 0.0f : g * inverse_slope(v, a, b, c))
ACTIVATION(inverse_depth_open, inverse(v, a, b, c), g * inverse_slope(v, a, b, c))

/* dx = factor * dy. */
__kernel void scale_gradient(__global float *dx, __global const float *dy, int count, int accumulate, float factor) {
    size_t i = get_global_id(0);
    if (i >= (size_t)count)
        return;
    float result = factor * dy[i];
    dx[i] = accumulate ? dx[i] + result : result;
}
