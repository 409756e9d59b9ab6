/* Colour maps, as matplotlib has them. */
#ifndef BC_BICROSS_REPORT_COLOUR_MAP_H
#define BC_BICROSS_REPORT_COLOUR_MAP_H

#include <stdint.h>

/* Viridis, inferno and magma are even to the eye; turbo and spectral (reversed: red is high) tell more steps apart. */
typedef enum bc_colour_map { BC_VIRIDIS, BC_INFERNO, BC_MAGMA, BC_TURBO, BC_SPECTRAL } bc_colour_map;
/* "viridis", ... by value, and a NULL. */
extern const char *const bc_colour_map_words[];

/* t is clamped to [0,1]; NaN counts as 0. */
void bc_colour(bc_colour_map map, float t, uint8_t rgb[3]);

#endif
