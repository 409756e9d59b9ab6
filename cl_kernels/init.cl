/* Random initialisation of one tensor: values (count), one work-item per value.
 * Value i depends on (seed, stream, i) only; stream is a hash of the parameter's name. No -D, no assumptions. */

/* U(-bound, bound). */
__kernel void init_uniform(__global float *values, uint count, uint seed, uint stream, float bound) {
    uint i = (uint)get_global_id(0);
    if (i >= count)
        return;
    values[i] = (2.0f * uniform_from_bits(philox(seed, stream, i, 0u).x) - 1.0f) * bound;
}

/* N(0, deviation^2). */
__kernel void init_normal(__global float *values, uint count, uint seed, uint stream, float deviation) {
    uint i = (uint)get_global_id(0);
    if (i >= count)
        return;
    values[i] = normal_from_bits(philox(seed, stream, i, 0u).xy).x * deviation;
}

/* N(0, deviation^2) within two standard deviations: the first of four draws that lies inside. All four lie outside
 * once in 230 000 values; those become 0, which keeps the kernel free of a loop of unknown length. */
__kernel void init_trunc_normal(__global float *values, uint count, uint seed, uint stream, float deviation) {
    uint i = (uint)get_global_id(0);
    if (i >= count)
        return;
    uint4 bits = philox(seed, stream, i, 0u);
    float2 a = normal_from_bits(bits.xy), b = normal_from_bits(bits.zw);
    float z = fabs(b.y) <= 2.0f ? b.y : 0.0f;
    z = fabs(b.x) <= 2.0f ? b.x : z;
    z = fabs(a.y) <= 2.0f ? a.y : z;
    z = fabs(a.x) <= 2.0f ? a.x : z;
    values[i] = z * deviation;
}
