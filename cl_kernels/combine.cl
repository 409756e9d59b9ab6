/* Operations on two inputs. Needs -DVECTOR dividing the channel count c. */

/* y = a + b, count elements. One work-item a vector. */
__kernel void add(__global float *y, __global const float *a, __global const float *b, int count) {
    size_t i = (size_t)get_global_id(0) * VECTOR;
    if (i >= (size_t)count)
        return;
    store_vec(load_vec(a + i) + load_vec(b + i), y + i);
}

/* y (samples, pixels, c) = x * s, or y += x * s; s (samples, c). One work-item a vector. */
__kernel void scale_channels(__global float *y, __global const float *x, __global const float *s, int samples, int pixels,
                             int c, int accumulate) {
    size_t i = get_global_id(0);
    uint vectors = c / VECTOR;
    if (i >= (size_t)samples * pixels * vectors)
        return;
    size_t pixel = i / vectors, at = i * VECTOR;
    uint channel = (i - pixel * vectors) * VECTOR;
    vec product = load_vec(x + at) * load_vec(s + (pixel / pixels) * c + channel);
    store_vec(accumulate ? load_vec(y + at) + product : product, y + at);
}

/* partial (samples, chunks, c): sum of x * dy over each chunk of pixels. One work-item a chunk and channel vector. */
__kernel void scale_gradient_partial(__global float *partial, __global const float *dy, __global const float *x,
                                     int samples, int pixels, int c, int chunk, int chunks) {
    uint i = get_global_id(0), vectors = c / VECTOR;
    if (i >= samples * chunks * vectors)
        return;
    uint block = i / vectors, channel = (i % vectors) * VECTOR;
    int first = (block % chunks) * chunk, count = min(chunk, pixels - first);
    size_t start = ((size_t)(block / chunks) * pixels + first) * c + channel;
    vec sum = 0.0f;
    for (int p = 0; p < count; p++)
        sum += load_vec(x + start + (size_t)p * c) * load_vec(dy + start + (size_t)p * c);
    store_vec(sum, partial + (size_t)block * c + channel);
}
