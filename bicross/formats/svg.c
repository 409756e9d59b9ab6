/* Line charts as inline SVG. */
#include "bicross/formats/html.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH = 460, PLOT_HEIGHT = 220, LEFT = 58, RIGHT = 12, TOP = 30, AXIS_HEIGHT = 38, LEGEND_ROW = 18 };
enum { MAX_POINTS = 160, COLOURS = 12 };
static const double wide_range = 30, widest_range = 1e6; /* between them the axis is logarithmic */
static const char *const colours[COLOURS] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                             "#e69f00", "#56b4e9", "#444444", "#9467bd",
                                             "#8c564b", "#17becf", "#bcbd22", "#7f7f7f"};

typedef struct scale {
    double low, high; /* of the axis, in its own unit (log10 when logarithmic) */
    double step;      /* between ticks */
    bool logarithmic;
} scale;

/* 1, 2 or 5 times a power of ten, so that about `ticks` fit into the range. */
static double nice_step(double range, int ticks) {
    double raw = range / ticks, power = pow(10, floor(log10(raw)));
    double digit = raw / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static scale linear_scale(double low, double high, int ticks) {
    if (!(high > low)) { /* one value, or none */
        double margin = low != 0 ? 0.1 * fabs(low) : 1;
        low -= margin;
        high = low + 2 * margin;
    }
    scale s = {.step = nice_step(high - low, ticks)};
    s.low = floor(low / s.step + 1e-9) * s.step;
    s.high = ceil(high / s.step - 1e-9) * s.step;
    return s;
}

static scale value_scale(double low, double high) {
    if (low > 0 && high / low > wide_range && high / low < widest_range)
        return (scale){.low = log10(low), .high = log10(high), .step = 1, .logarithmic = true};
    return linear_scale(low, high, 5);
}

static double place(const scale *s, double value) { /* 0 at the low end, 1 at the high end */
    double v = s->logarithmic ? log10(value) : value;
    return (v - s->low) / (s->high - s->low);
}

static void horizontal_tick(FILE *out, double share, double value) {
    double x = LEFT + share * (WIDTH - LEFT - RIGHT);
    fprintf(
        out,
        "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n",
        x, TOP + PLOT_HEIGHT, x, TOP + PLOT_HEIGHT + 16, value);
}

static void vertical_tick(FILE *out, double share, double value) {
    double y = TOP + (1 - share) * PLOT_HEIGHT;
    fprintf(
        out,
        "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n",
        LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, value);
}

static void draw_axes(FILE *out, const char *axis, const scale *x, const scale *y) {
    int last = (int)lround((x->high - x->low) / x->step);
    for (int i = 0; i <= last; i++)
        horizontal_tick(out, (double)i / last, x->low + i * x->step);
    if (y->logarithmic) {
        static const int digits[] = {1, 2, 5};
        int shown = y->high - y->low > 2.5 ? 1 : 3; /* of the digits */
        for (int power = (int)floor(y->low); power <= (int)floor(y->high); power++)
            for (int d = 0; d < shown; d++) {
                double value = digits[d] * pow(10, power), share = place(y, value);
                if (share >= -1e-9 && share <= 1 + 1e-9)
                    vertical_tick(out, share, value);
            }
    } else {
        last = (int)lround((y->high - y->low) / y->step);
        for (int i = 0; i <= last; i++) {
            double value = y->low + i * y->step;
            vertical_tick(out, (double)i / last, fabs(value) < 1e-9 * y->step ? 0 : value);
        }
    }
    fprintf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
            LEFT, TOP, TOP + PLOT_HEIGHT, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2, TOP + PLOT_HEIGHT + 32);
    bc_html_text(out, axis);
    fputs("</text>\n", out);
}

/* A polyline through the means of groups of neighbouring points; a single point becomes a dot. */
static void draw_line(FILE *out, const bc_svg_line *line, const char *colour, const scale *x,
                      const scale *y) {
    int group = (line->count + MAX_POINTS - 1) / MAX_POINTS, drawn = 0;
    double px = 0, py = 0;
    for (int first = 0; first < line->count; first += group) {
        double step = 0, value = 0;
        int n = 0;
        for (int i = first; i < first + group && i < line->count; i++)
            if (isfinite(line->values[i])) {
                step += (double)line->steps[i];
                value += line->values[i];
                n++;
            }
        if (n == 0)
            continue;
        px = LEFT + place(x, step / n) * (WIDTH - LEFT - RIGHT);
        py = TOP + (1 - place(y, value / n)) * PLOT_HEIGHT;
        if (drawn == 0)
            fprintf(out, "<polyline class=\"line\" stroke=\"%s\" points=\"", colour);
        fprintf(out, "%s%.1f,%.1f", drawn ? " " : "", px, py);
        drawn++;
    }
    if (drawn > 0)
        fputs("\"/>\n", out);
    if (drawn == 1)
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", px, py, colour);
}

/* Swatches and labels in rows below the plot; with `out` NULL only counts the rows. */
static int draw_legend(FILE *out, int count, const bc_svg_line *lines) {
    int x = LEFT, row = 0;
    for (int i = 0; i < count; i++) {
        int width = 30 + 7 * (int)strlen(lines[i].label); /* about the width of the text */
        if (x > LEFT && x + width > WIDTH) {
            x = LEFT;
            row++;
        }
        if (out) {
            int y = TOP + PLOT_HEIGHT + AXIS_HEIGHT + row * LEGEND_ROW + 10;
            fprintf(out, "<path d=\"M%d %dh14\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%d\" y=\"%d\">",
                    x, y - 4, colours[lines[i].colour % COLOURS], x + 19, y);
            bc_html_text(out, lines[i].label);
            fputs("</text>\n", out);
        }
        x += width;
    }
    return row + 1;
}

static void find_range(int count, const bc_svg_line *lines, double x[2], double y[2]) {
    x[0] = y[0] = DBL_MAX;
    x[1] = y[1] = -DBL_MAX;
    for (int l = 0; l < count; l++)
        for (int i = 0; i < lines[l].count; i++) {
            if (!isfinite(lines[l].values[i]))
                continue;
            x[0] = fmin(x[0], (double)lines[l].steps[i]);
            x[1] = fmax(x[1], (double)lines[l].steps[i]);
            y[0] = fmin(y[0], lines[l].values[i]);
            y[1] = fmax(y[1], lines[l].values[i]);
        }
    if (x[0] > x[1]) /* nothing to draw: empty axes */
        x[0] = x[1] = y[0] = y[1] = 0;
}

void bc_svg_chart(FILE *out, const char *title, const char *axis, int line_count, const bc_svg_line *lines) {
    double x_range[2], y_range[2];
    find_range(line_count, lines, x_range, y_range);
    scale x = linear_scale(x_range[0] > 0 ? 0 : x_range[0], x_range[1], 6),
          y = value_scale(y_range[0], y_range[1]);
    int height = TOP + PLOT_HEIGHT + AXIS_HEIGHT + LEGEND_ROW * draw_legend(NULL, line_count, lines);
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>", WIDTH, height,
            WIDTH, height);
    bc_html_text(out, title);
    fprintf(out, "</title>\n<text class=\"title\" x=\"%d\" y=\"18\">", LEFT);
    bc_html_text(out, title);
    fprintf(out, "%s</text>\n", y.logarithmic ? " (logarithmic)" : "");
    draw_axes(out, axis, &x, &y);
    for (int i = 0; i < line_count; i++)
        draw_line(out, &lines[i], colours[lines[i].colour % COLOURS], &x, &y);
    draw_legend(out, line_count, lines);
    fputs("</svg>\n", out);
}
