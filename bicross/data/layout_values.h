/* The values of a part that a split has, in a line. */
#ifndef BC_BICROSS_DATA_LAYOUT_VALUES_H
#define BC_BICROSS_DATA_LAYOUT_VALUES_H

#include <stdbool.h>

/* Whether `value` is one of `values`, which blanks separate and in which {variant} stands for `variant`. Publishers write the same date
 * with - and with _. */
bool bc_layout_has_value(const char *values, const char *variant, const char *value);

#endif
