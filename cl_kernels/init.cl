/* Random initialisation of one tensor: values (count). A work-item draws 32 values, value 32 i + 8 w + lane from word w of Philox's
 * counter 8 i + lane: it depends on seed, stream and its place only. stream is a hash of the parameter's name. No -D. */

/* In (-1, 1), symmetric, never +-1: odd multiples of 2^-24. */
float8 symmetric_uniform(uint8 bits) {
    return (convert_float8(bits >> 8) + 0.5f) * (1.0f / 8388608.0f) - 1.0f;
}

/* Natural logarithm of positive normal numbers within 1e-7 of itself or of 1 (Cephes' logf), without branches. */
float8 logarithm(float8 x) {
    int8 shifted = as_int8(x) - 0x3f3504f3; /* so that the mantissa lies between sqrt(1/2) and sqrt(2) */
    float8 power = convert_float8(shifted >> 23), f = as_float8((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f, z = f * f;
    float8 y = f * 7.0376836292e-2f - 1.1514610310e-1f;
    y = y * f + 1.1676998740e-1f;
    y = y * f - 1.2420140846e-1f;
    y = y * f + 1.4249322787e-1f;
    y = y * f - 1.6668057665e-1f;
    y = y * f + 2.0000714765e-1f;
    y = y * f - 2.4999993993e-1f;
    y = y * f + 3.3333331174e-1f;
    return (y * f * z - 2.12194440e-4f * power - 0.5f * z) + f + 0.693359375f * power;
}

/* sqrt(2) erf^-1(x) for -1 < x < 1: the normal number below which a part (1 + x) / 2 lies (M. Giles, "Approximating the erfinv
 * function", 2010, single precision). */
float8 normal_quantile(float8 x) {
    float8 w = -logarithm((1.0f - x) * (1.0f + x)), v = w - 2.5f;
    float8 near = 2.81022636e-08f * v + 3.43273939e-07f;
    near = near * v - 3.5233877e-06f;
    near = near * v - 4.39150654e-06f;
    near = near * v + 2.1858087e-04f;
    near = near * v - 1.25372503e-03f;
    near = near * v - 4.17768164e-03f;
    near = near * v + 2.46640727e-01f;
    near = near * v + 1.50140941f;
    v = sqrt(fmax(w, (float8)(5.0f))) - 3.0f;
    float8 far = -2.00214257e-04f * v + 1.00950558e-04f;
    far = far * v + 1.34934322e-03f;
    far = far * v - 3.67342844e-03f;
    far = far * v + 5.73950773e-03f;
    far = far * v - 7.6224613e-03f;
    far = far * v + 9.43887047e-03f;
    far = far * v + 1.00167406f;
    far = far * v + 2.83297682f;
    return 1.41421356f * x * (w < 5.0f ? near : far);
}

/* Values 8 * part .. of the 32 of a work-item. */
void store_part(__global float *values, uint count, uint part, float8 drawn) {
    uint first = (uint)get_global_id(0) * BC_INIT_VALUES + part * 8u;
    if (first + 8u <= count) {
        vstore8(drawn, 0, values + first);
        return;
    }
    float each[8];
    vstore8(drawn, 0, each);
    for (uint i = 0; first + i < count; i++)
        values[first + i] = each[i];
}

#define INITIALISE(name, function)                                                                                       \
    __kernel void name(__global float *values, uint count, uint seed, uint stream, float scale) {                        \
        bits8 bits = philox8(seed, stream, (uint)get_global_id(0) * 8u + LANES8, 0u);                                    \
        uint8 words[4] = {bits.x, bits.y, bits.z, bits.w};                                                               \
        for (uint part = 0; part < 4u; part++) {                                                                         \
            float8 u = symmetric_uniform(words[part]);                                                                   \
            store_part(values, count, part, scale * function);                                                           \
        }                                                                                                                \
    }

/* U(-scale, scale); N(0, scale^2); the same within two standard deviations, 0.9545 of the numbers, as PyTorch draws it. */
INITIALISE(init_uniform, u)
INITIALISE(init_normal, normal_quantile(u))
INITIALISE(init_trunc_normal, normal_quantile(u * 0.954499736f))
