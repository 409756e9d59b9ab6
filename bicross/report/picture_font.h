/* Letters for captions and scales. */
#ifndef BC_BICROSS_REPORT_PICTURE_FONT_H
#define BC_BICROSS_REPORT_PICTURE_FONT_H

#include <stdbool.h>

enum { BC_GLYPH_WIDTH = 6, BC_GLYPH_HEIGHT = 8 }; /* dots, with the space between letters */

/* Whether a dot of a printable ASCII character is set; others show as a question mark. */
bool bc_glyph_dot(char character, int column, int row);

#endif
