/* Half precision (IEEE 754 binary16), as files have it. */
#ifndef BC_HOST_BASE_HALF_H
#define BC_HOST_BASE_HALF_H

#include <stdint.h>

/* Exact, as every half is a float; NaNs keep what they carry. */
float bc_float_of_half(uint16_t half);

#endif
