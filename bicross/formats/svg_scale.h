/* Axes of charts: which range they show, and where their ticks are. */
#ifndef BC_BICROSS_FORMATS_SVG_SCALE_H
#define BC_BICROSS_FORMATS_SVG_SCALE_H

#include <stdbool.h>

typedef struct bc_svg_scale {
    double low, high; /* of the axis, in its own unit (log10 when logarithmic) */
    double step;      /* between ticks, where it is not */
    bool logarithmic;
} bc_svg_scale;

/* About `ticks` ticks; the ends are ticks, unless it is logarithmic. */
bc_svg_scale bc_svg_linear(double low, double high, int ticks);
/* Logarithmic where all is positive. */
bc_svg_scale bc_svg_logarithmic(double low, double high, int ticks);
/* 0 at the low end, 1 at the high end. */
double bc_svg_place(const bc_svg_scale *scale, double value);

enum { BC_SVG_TICKS = 24 };
/* Their values, ascending; returns how many. */
int bc_svg_ticks(const bc_svg_scale *scale, double values[BC_SVG_TICKS]);

/* Digits that tell its ticks apart. */
int bc_svg_digits(const bc_svg_scale *scale);

#endif
