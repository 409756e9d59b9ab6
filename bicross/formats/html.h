/* Pieces of an HTML page: escaped text, data URLs, and line charts as inline SVG. They write to a stream and
 * leave errors to whoever checks it at the end (ferror). */
#ifndef BC_BICROSS_FORMATS_HTML_H
#define BC_BICROSS_FORMATS_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Text with < > & " made harmless. */
void bc_html_text(FILE *out, const char *text);
/* Base64 (RFC 4648, with padding). */
void bc_base64(FILE *out, const uint8_t *data, size_t bytes);

typedef struct bc_svg_line {
    const char *label;
    int colour; /* lines of one colour in several charts belong together; 12 are told apart */
    int count;
    const long *steps; /* ascending */
    const float *values;
} bc_svg_line;

/* A chart with axes, ticks and a legend; `axis` says what the steps count. The vertical axis is logarithmic
 * when all values are positive and span a factor of 30 to a million. Long lines are thinned to means of
 * neighbouring points. Values that are not finite are left out. */
void bc_svg_chart(FILE *out, const char *title, const char *axis, int line_count, const bc_svg_line *lines);

#endif
