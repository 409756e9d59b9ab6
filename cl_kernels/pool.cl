/* Pooling of channels-last maps x (n,h,w,c) -> y (n,oh,ow,c).
 * Needs -DVECTOR dividing c; a work-item handles a vector of channels of one pixel. Gradients are gathered: each pixel of x
 * visits the windows that contain it, in fixed order. */

/* Masks of vectors are -1 where a comparison holds, of scalars 1: `chosen` is right for both. */
#if VECTOR == 16
typedef int16 ivec;
#define chosen(yes, no, mask) select(no, yes, mask)
#define load_bytes(p) convert_int16(vload16(0, p))
#define store_bytes(value, p) vstore16(convert_uchar16(value), 0, p)
#elif VECTOR == 4
typedef int4 ivec;
#define chosen(yes, no, mask) select(no, yes, mask)
#define load_bytes(p) convert_int4(vload4(0, p))
#define store_bytes(value, p) vstore4(convert_uchar4(value), 0, p)
#else
typedef int ivec;
#define chosen(yes, no, mask) ((mask) ? (yes) : (no))
#define load_bytes(p) ((int)*(p))
#define store_bytes(value, p) (*(p) = (uchar)(value))
#endif

/* y = largest of each kernel x kernel window, padding counting as -infinity. choice (n,oh,ow,c) (NULL: not wanted) keeps its
 * place ky*kernel + kx, the first of equals; kernel is at most 15. Every window meets the map. Items (n*oh*ow * vectors). */
__kernel void max_pool(__global float *restrict y, __global uchar *restrict choice, __global const float *restrict x, int n,
                       int h, int w, int c, int oh, int ow, int kernel_size, int stride, int top, int left) {
    size_t i = get_global_id(0), vectors = c / VECTOR;
    if (i >= (size_t)n * oh * ow * vectors)
        return;
    size_t pixel = i / vectors, column = (i - pixel * vectors) * VECTOR;
    int3 at = pixel_place((int)pixel, oh, ow);
    vec best = -INFINITY;
    ivec place = -1;
    for (int ky = 0; ky < kernel_size; ky++)
        for (int kx = 0; kx < kernel_size; kx++) {
            int iy = at.y * stride + ky - top, ix = at.x * stride + kx - left;
            if (iy < 0 || iy >= h || ix < 0 || ix >= w)
                continue;
            vec v = load_vec(x + (((size_t)at.z * h + iy) * w + ix) * c + column);
            ivec larger = (v > best) | isnan(v) | (place < 0);
            best = chosen(v, best, larger);
            place = chosen((ivec)(ky * kernel_size + kx), place, larger);
        }
    store_vec(best, y + i * VECTOR);
    if (choice)
        store_bytes(place, choice + i * VECTOR);
}

/* dx (+)= sum of dy over the windows that chose the pixel. Items (n*h*w * vectors). */
__kernel void max_pool_gradient(__global float *restrict dx, __global const float *restrict dy,
                                __global const uchar *restrict choice, int n, int h, int w, int c, int oh, int ow,
                                int kernel_size, int stride, int top, int left, int accumulate) {
    size_t i = get_global_id(0), vectors = c / VECTOR;
    if (i >= (size_t)n * h * w * vectors)
        return;
    size_t pixel = i / vectors, column = (i - pixel * vectors) * VECTOR;
    int3 place = pixel_place((int)pixel, h, w);
    int ix = place.x, iy = place.y;
    int oy_first = max(iy + top - kernel_size + stride, 0) / stride, oy_last = min((iy + top) / stride, oh - 1);
    int ox_first = max(ix + left - kernel_size + stride, 0) / stride, ox_last = min((ix + left) / stride, ow - 1);
    vec sum = 0.0f;
    for (int oy = oy_first; oy <= oy_last; oy++)
        for (int ox = ox_first; ox <= ox_last; ox++) {
            size_t at = (((size_t)place.z * oh + oy) * ow + ox) * c + column;
            int window = (iy + top - oy * stride) * kernel_size + ix + left - ox * stride;
            sum += chosen(load_vec(dy + at), (vec)(0.0f), load_bytes(choice + at) == window);
        }
    store_vec(accumulate ? load_vec(dx + i * VECTOR) + sum : sum, dx + i * VECTOR);
}

/* y = mean of each kernel x kernel window, stride = kernel, x (n, oh*kernel, ow*kernel, c). Items (n*oh*ow * vectors). */
__kernel void average_pool(__global float *restrict y, __global const float *restrict x, int n, int oh, int ow, int c,
                           int kernel_size) {
    size_t i = get_global_id(0), vectors = c / VECTOR;
    if (i >= (size_t)n * oh * ow * vectors)
        return;
    size_t pixel = i / vectors, column = (i - pixel * vectors) * VECTOR, line = pixel / ow, ox = pixel - line * ow;
    size_t row = (size_t)ow * kernel_size * c;
    __global const float *from = x + line * kernel_size * row + ox * kernel_size * c + column;
    vec sum = 0.0f;
    for (int ky = 0; ky < kernel_size; ky++)
        for (int kx = 0; kx < kernel_size; kx++)
            sum += load_vec(from + ky * row + (size_t)kx * c);
    store_vec(sum / (float)(kernel_size * kernel_size), y + i * VECTOR);
}

/* dx (n,h,w,c) (+)= dy of the pixel's window / kernel^2. Items (n*h*w * vectors). */
__kernel void average_pool_gradient(__global float *restrict dx, __global const float *restrict dy, int n, int h, int w, int c,
                                    int kernel_size, int accumulate) {
    size_t i = get_global_id(0), vectors = c / VECTOR;
    if (i >= (size_t)n * h * w * vectors)
        return;
    size_t pixel = i / vectors, column = (i - pixel * vectors) * VECTOR, line = pixel / w, ix = pixel - line * w;
    size_t window = line / kernel_size * (w / kernel_size) + ix / kernel_size; /* h is a multiple of kernel_size */
    vec value = load_vec(dy + window * c + column) / (float)(kernel_size * kernel_size);
    store_vec(accumulate ? load_vec(dx + i * VECTOR) + value : value, dx + i * VECTOR);
}

/* scale[image] = 1 / max(sum of its weights, 1e-6), or with weight NULL 1 / pixels: what the weighted sums of global pooling
 * are multiplied by. Items (n). */
__kernel void global_pool_scale(__global float *restrict scale, __global const float *restrict weight, int n, int pixels) {
    int image = (int)get_global_id(0);
    if (image >= n)
        return;
    float sum = weight ? 0.0f : (float)pixels;
    for (int p = 0; weight && p < pixels; p++)
        sum += weight[(size_t)image * pixels + p];
    scale[image] = 1.0f / fmax(sum, 1e-6f);
}

/* dx (n,pixels,c) (+)= dy (n,c) * weight (n,pixels; NULL: 1) * scale (n). Items (n*pixels * vectors). */
__kernel void global_pool_gradient(__global float *restrict dx, __global const float *restrict dy,
                                   __global const float *restrict weight, __global const float *restrict scale, int n,
                                   int pixels, int c, int accumulate) {
    size_t i = get_global_id(0), vectors = c / VECTOR;
    if (i >= (size_t)n * pixels * vectors)
        return;
    size_t pixel = i / vectors, column = (i - pixel * vectors) * VECTOR, image = pixel / pixels;
    vec value = load_vec(dy + image * c + column) * (weight ? weight[pixel] * scale[image] : scale[image]);
    store_vec(accumulate ? load_vec(dx + i * VECTOR) + value : value, dx + i * VECTOR);
}
