/* Bars that say what the colours of a panel mean. */
#ifndef BC_BICROSS_REPORT_PICTURE_SCALE_H
#define BC_BICROSS_REPORT_PICTURE_SCALE_H

#include "bicross/report/picture.h"

/* Pixels that each panel of a row with scales has room for beside it, so that panels stand below each other. */
int bc_scale_room(void);
/* Draws it, `height` pixels high, with its top left at x, top. What lies outside the picture is not drawn. */
void bc_scale_put(bc_picture *picture, int x, int top, int height, const bc_scale *scale);

#endif
