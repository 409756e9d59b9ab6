/* Bar charts as inline SVG. */
#include "bicross/formats/svg.h"

#include "bicross/formats/html.h"
#include "bicross/formats/svg_scale.h"

#include <math.h>

enum { WIDTH = 460, LEFT = 118, RIGHT = 58, TOP = 30, ROW = 26, BAR = 16, BOTTOM = 24 };

static double across(const bc_svg_scale *scale, double value) {
    return LEFT + bc_svg_place(scale, value) * (WIDTH - LEFT - RIGHT);
}

static bool has_whiskers(const bc_svg_bar *bar) {
    return isfinite(bar->low) && isfinite(bar->high);
}

static bc_svg_scale scale_of(int count, const bc_svg_bar *bars) {
    double high = 0;
    for (int i = 0; i < count; i++) {
        high = isfinite(bars[i].value) ? fmax(high, bars[i].value) : high;
        high = has_whiskers(&bars[i]) ? fmax(high, bars[i].high) : high;
    }
    return bc_svg_linear(0, high, 5);
}

static void draw_grid(FILE *out, const bc_svg_scale *scale, int bottom) {
    double values[BC_SVG_TICKS];
    int count = bc_svg_ticks(scale, values);
    for (int i = 0; i < count; i++)
        fprintf(out,
                "<path class=\"grid\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" "
                "text-anchor=\"middle\">%g</text>\n",
                across(scale, values[i]), TOP, bottom, across(scale, values[i]), bottom + 15, values[i]);
}

static void draw_bar(FILE *out, const bc_svg_scale *scale, const bc_svg_bar *bar, int top) {
    int middle = top + BAR / 2;
    double end = across(scale, bar->value), text = end;
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 6, middle + 4);
    bc_html_text(out, bar->label);
    fputs("</text>\n", out);
    if (!isfinite(bar->value))
        return;
    fprintf(out, "<rect class=\"bar c%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
            bar->colour % BC_SVG_COLOURS, LEFT, top, fmax(end - LEFT, 0), BAR);
    if (has_whiskers(bar)) {
        double low = across(scale, fmax(bar->low, 0)), high = across(scale, bar->high);
        fprintf(out, "<path class=\"whisker\" d=\"M%.1f %dH%.1fM%.1f %dv8M%.1f %dv8\"/>\n", low, middle, high,
                low, middle - 4, high, middle - 4);
        text = fmax(text, high);
    }
    fprintf(out, "<text x=\"%.1f\" y=\"%d\">%.3f</text>\n", text + 6, middle + 4, bar->value);
}

void bc_svg_bars_write(FILE *out, const char *title, const char *about, int count, const bc_svg_bar *bars) {
    bc_svg_scale scale = scale_of(count, bars);
    int bottom = TOP + count * ROW, height = bottom + BOTTOM;
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>", WIDTH, height,
            WIDTH, height);
    bc_html_text(out, title);
    fputs("</title><desc>", out);
    bc_html_text(out, about);
    fputs("</desc>\n<text class=\"title\" x=\"4\" y=\"18\">", out);
    bc_html_text(out, title);
    fputs("</text>\n", out);
    draw_grid(out, &scale, bottom);
    for (int i = 0; i < count; i++)
        draw_bar(out, &scale, &bars[i], TOP + i * ROW + (ROW - BAR) / 2);
    fputs("</svg>\n", out);
}
