/* Dots and words in a picture. */
#ifndef BC_BICROSS_REPORT_PICTURE_LETTERS_H
#define BC_BICROSS_REPORT_PICTURE_LETTERS_H

#include "bicross/report/picture.h"
#include "bicross/report/picture_font.h"

enum { BC_LETTER = 2 /* pixels of a dot */, BC_LETTERS_HEIGHT = BC_LETTER * BC_GLYPH_HEIGHT };

/* What lies outside the picture is not drawn. */
void bc_picture_dot(bc_picture *picture, int x, int y, const uint8_t rgb[3]);
void bc_letters_put(bc_picture *picture, int x, int y, const char *text);
int bc_letters_width(const char *text);

#endif
