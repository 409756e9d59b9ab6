/* Floats kept as halves for a while, 8 a work-item: vload_half and vstore_half are part of OpenCL C, without cl_khr_fp16. */

/* The largest half in place of what is beyond it; NaN stays NaN. */
float8 within_half(float8 x) {
    x = x > 65504.0f ? (float8)(65504.0f) : x;
    return x < -65504.0f ? (float8)(-65504.0f) : x;
}

__kernel void to_halves(__global half *restrict to, __global const float *restrict from, int count) {
    int i = (int)get_global_id(0), first = 8 * i;
    if (first + 8 <= count) {
        vstore_half8_rte(within_half(vload8(i, from)), i, to);
        return;
    }
    for (int k = first; k < count; k++)
        vstore_half_rte(within_half((float8)(from[k])).s0, k, to);
}

__kernel void from_halves(__global float *restrict to, __global const half *restrict from, int count) {
    int i = (int)get_global_id(0), first = 8 * i;
    if (first + 8 <= count) {
        vstore8(vload_half8(i, from), i, to);
        return;
    }
    for (int k = first; k < count; k++)
        to[k] = vload_half(k, from);
}
