/* What a device can do at most, for `bicross bench`: the rate of multiply-adds in registers, and of memory.
 *
 * multiply_adds   every work-item keeps CHAINS vectors of LANES floats in registers: independent chains, enough to fill
 *                 the pipelines. One sum a work-item is written, so that nothing can be left out.
 * copy_vectors    y = x, one vector a work-item.
 * read_vectors    one sum a work-item over `count` vectors that lie `step` vectors apart, from item * first on: a CPU
 *                 reads a piece after the other (first = count, step = 1), a GPU side by side (first = 1, step = items).
 *
 * -DLANES=16 (CPUs) or 4 (GPUs). -DFUSED: by the builtin fma, which is slow where it is no instruction; else as the other kernels
 * multiply and add. Items are whole work-groups: no tails. */

#if LANES == 16
typedef float16 lanes;
#else
typedef float4 lanes;
#endif

#ifdef FUSED
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif
#define CHAINS 12

float sum_lanes(lanes v) {
#if LANES == 16
    float8 half_sum = v.lo + v.hi;
    float4 quarter = half_sum.lo + half_sum.hi;
#else
    float4 quarter = v;
#endif
    return (quarter.x + quarter.y) + (quarter.z + quarter.w);
}

__kernel void multiply_adds(__global float *y, int rounds, float scale, float shift) {
    lanes chain[CHAINS];
    lanes a = scale, b = shift;
#pragma unroll
    for (int i = 0; i < CHAINS; i++)
        chain[i] = (float)((int)get_global_id(0) + i);
    for (int round = 0; round < rounds; round++) {
#pragma unroll
        for (int i = 0; i < CHAINS; i++)
            chain[i] = MULTIPLY_ADD(chain[i], a, b);
    }
#pragma unroll
    for (int i = 1; i < CHAINS; i++)
        chain[0] += chain[i];
    y[get_global_id(0)] = sum_lanes(chain[0]);
}

__kernel void copy_vectors(__global lanes *y, __global const lanes *x) {
    y[get_global_id(0)] = x[get_global_id(0)];
}

__kernel void read_vectors(__global float *y, __global const lanes *x, int count, int first, int step) {
    lanes even = 0.0f, odd = 0.0f;
    size_t at = (size_t)get_global_id(0) * first;
    for (int i = 0; i < count; i += 2) {
        even += x[at + (size_t)i * step];
        odd += x[at + (size_t)(i + 1) * step];
    }
    y[get_global_id(0)] = sum_lanes(even + odd);
}
