/* Half precision (IEEE 754 binary16), as files have it. */
#ifndef BC_HOST_BASE_HALF_H
#define BC_HOST_BASE_HALF_H

#include <stddef.h>
#include <stdint.h>

/* Exact, as every half is a float; NaNs keep what they carry. */
float bc_float_of_half(uint16_t half);
/* The nearest half, of two the even one; what is too large becomes infinite. */
uint16_t bc_half_of_float(float value);

/* Many numbers in half the bytes: halves of values * factor, and floats of halves / factor, where factor is a power of two. */
void bc_halves_of_floats(const float *values, size_t count, float factor, uint16_t *halves);
void bc_floats_of_halves(const uint16_t *halves, size_t count, float factor, float *values);

#endif
