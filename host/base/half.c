/* Half precision. */
#include "host/base/half.h"

#include <string.h>

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Without branches, so that the compiler does many at once. */
static inline uint16_t nearest_half(float value) {
    enum { NORMAL = 0x38800000, INFINITE = 0x47800000 }; /* 2^-14, and 2^16 */
    uint32_t bits = bits_of_float(value), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    uint32_t normal = (size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13;
    /* Below, 2^-24 is the last place of what lies in [1/2, 1). */
    uint32_t small = bits_of_float(float_from_bits(size < NORMAL ? size : 0) + 0.5f) - 0x3f000000;
    uint32_t large = size > 0x7f800000 ? 0x7e00 : 0x7c00;
    return (uint16_t)(sign | (size < NORMAL ? small : size < INFINITE ? normal : large));
}

uint16_t bc_half_of_float(float value) {
    return nearest_half(value);
}

void bc_halves_of_floats(const float *values, size_t count, float factor, uint16_t *halves) {
    for (size_t i = 0; i < count; i++)
        halves[i] = nearest_half(values[i] * factor);
}

/* The half's fields moved into place make the number, but for a power of two, which `scale` has; infinity and NaN keep their exponent. */
static inline float scaled_float(uint32_t half, float scale) {
    uint32_t size = half & 0x7fff, bits = bits_of_float(float_from_bits(size << 13) * scale);
    if (size >= 0x7c00)
        bits = 0x7f800000 | size << 13;
    return float_from_bits(bits | (half & 0x8000) << 16);
}

float bc_float_of_half(uint16_t half) {
    return scaled_float(half, 0x1p112f);
}

void bc_floats_of_halves(const uint16_t *halves, size_t count, float factor, float *values) {
    float scale = 0x1p112f / factor;
    for (size_t i = 0; i < count; i++)
        values[i] = scaled_float(halves[i], scale);
}
