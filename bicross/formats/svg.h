/* Charts as inline SVG. They write to a stream and leave errors to whoever checks it at the end (ferror). Colours and fonts come from the
 * style sheet around them (bc_svg_style), so that a page can be light or dark. */
#ifndef BC_BICROSS_FORMATS_SVG_H
#define BC_BICROSS_FORMATS_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* The rules that charts need, without a <style> around them; `dark`: for dark pages. */
void bc_svg_style(FILE *out, bool dark);

enum { BC_SVG_COLOURS = 12 };

typedef struct bc_svg_line {
    const char *label; /* NULL: it is not in the legend */
    int colour; /* lines of one colour in several charts belong together; BC_SVG_COLOURS are told apart */
    int count;
    const double *x, *y; /* x ascending */
    bool smooth;         /* a moving mean, and the values themselves pale behind it */
    bool points;         /* a dot at each */
    bool dashed;         /* for what is not measured, but said for comparison */
} bc_svg_line;

typedef struct bc_svg_chart {
    const char *title, *x_title;
    const char *about;  /* for those who cannot see it: what it shows; NULL: the title says it */
    bool logarithmic_x; /* where all x are positive */
    bool logarithmic_y; /* likewise; else where all y are positive and span a factor of 30 to a million */
    bool from_zero;     /* y begins at 0 */
    int line_count;
    const bc_svg_line *lines;
} bc_svg_chart;

/* A chart with axes, ticks and a legend. Long lines are thinned to means of neighbouring points. Values that are not finite are
 * left out. */
void bc_svg_chart_write(FILE *out, const bc_svg_chart *chart);

typedef struct bc_svg_bar {
    const char *label;
    int colour;
    double value, low, high; /* whiskers from low to high; NaN: none */
} bc_svg_bar;

/* Bars from 0 to the right, a row each, with their values in numbers. */
void bc_svg_bars_write(FILE *out, const char *title, const char *about, int count, const bc_svg_bar *bars);

#endif
