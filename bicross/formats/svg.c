/* Line charts as inline SVG. */
#include "bicross/formats/svg.h"

#include "bicross/formats/html.h"
#include "bicross/formats/svg_scale.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 460, PLOT_HEIGHT = 220, LEFT = 58, RIGHT = 22, TOP = 30, AXIS_HEIGHT = 38, LEGEND_ROW = 18 };
enum {
    MAX_POINTS = 160,     /* of a line */
    MAX_RAW = 400,        /* of what lies pale behind it */
    FEWEST_SMOOTHED = 12, /* shorter lines are shown as they are */
    SMOOTHED_SHARE = 15   /* the moving mean goes over one in so many of the points */
};
static const double wide_range = 30, widest_range = 1e6; /* between them the axis is logarithmic */

/* --- axes --- */

static void horizontal_tick(FILE *out, double share, double value) {
    double x = LEFT + share * (WIDTH - LEFT - RIGHT);
    fprintf(
        out,
        "<path class=\"tick\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%g</text>\n",
        x, TOP + PLOT_HEIGHT, x, TOP + PLOT_HEIGHT + 16, value);
}

static void vertical_tick(FILE *out, double share, double value, int digits) {
    double y = TOP + (1 - share) * PLOT_HEIGHT;
    fprintf(
        out,
        "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*g</text>\n",
        LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, digits, value);
}

/* On a logarithmic axis the points of a line, where they are few; else what is round. */
static int horizontal_ticks(const bc_svg_chart *c, const bc_svg_scale *x, double values[BC_SVG_TICKS]) {
    enum { FEW = 8 };
    const bc_svg_line *first = c->lines;
    if (!x->logarithmic || c->line_count == 0 || first->count > FEW)
        return bc_svg_ticks(x, values);
    for (int i = 0; i < first->count; i++)
        values[i] = first->x[i];
    return first->count;
}

static void draw_axes(FILE *out, const bc_svg_chart *c, const bc_svg_scale *x, const bc_svg_scale *y) {
    double values[BC_SVG_TICKS];
    int count = horizontal_ticks(c, x, values);
    for (int i = 0; i < count; i++)
        horizontal_tick(out, bc_svg_place(x, values[i]), values[i]);
    count = bc_svg_ticks(y, values);
    for (int i = 0; i < count; i++)
        vertical_tick(out, bc_svg_place(y, values[i]), values[i], bc_svg_digits(y));
    fprintf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
            LEFT, TOP, TOP + PLOT_HEIGHT, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2, TOP + PLOT_HEIGHT + 32);
    bc_html_text(out, c->x_title);
    fputs("</text>\n", out);
}

static void find_range(int count, const bc_svg_line *lines, double x[2], double y[2]) {
    x[0] = y[0] = DBL_MAX;
    x[1] = y[1] = -DBL_MAX;
    for (int l = 0; l < count; l++)
        for (int i = 0; i < lines[l].count; i++) {
            if (!isfinite(lines[l].y[i]) || !isfinite(lines[l].x[i]))
                continue;
            x[0] = fmin(x[0], lines[l].x[i]);
            x[1] = fmax(x[1], lines[l].x[i]);
            y[0] = fmin(y[0], lines[l].y[i]);
            y[1] = fmax(y[1], lines[l].y[i]);
        }
    if (x[0] > x[1]) /* nothing to draw: empty axes */
        x[0] = x[1] = y[0] = y[1] = 0;
}

/* --- lines --- */

typedef struct plane {
    FILE *out;
    bc_svg_scale x, y;
} plane;

static double across(const plane *p, double x) {
    return LEFT + bc_svg_place(&p->x, x) * (WIDTH - LEFT - RIGHT);
}

static double down(const plane *p, double y) {
    return TOP + (1 - bc_svg_place(&p->y, y)) * PLOT_HEIGHT;
}

/* The mean of the finite points first to end - 1; false: there are none. */
static bool mean_point(const bc_svg_line *line, int first, int end, double *x, double *y) {
    int n = 0;
    *x = *y = 0;
    for (int i = first < 0 ? 0 : first; i < end && i < line->count; i++)
        if (isfinite(line->y[i]) && isfinite(line->x[i])) {
            *x += line->x[i];
            *y += line->y[i];
            n++;
        }
    *x /= n;
    *y /= n;
    return n > 0;
}

/* A polyline through the means of at most `most` groups of neighbouring points, each with `reach` points more at either side; a single
 * point becomes a dot. */
static void draw_polyline(const plane *p, const bc_svg_line *line, const char *class, int most, int reach) {
    int group = (line->count + most - 1) / most, drawn = 0;
    double px = 0, py = 0;
    for (int first = 0; first < line->count; first += group) {
        double x, y, ignored;
        int last = first + group < line->count ? first + group : line->count;
        int room = first < line->count - last
                       ? first
                       : line->count - last; /* even on both sides, so that ends do not lean */
        int beside = room < reach ? room : reach;
        if (!mean_point(line, first, last, &x, &y))
            continue;
        mean_point(line, first - beside, last + beside, &ignored, &y);
        px = across(p, x);
        py = down(p, y);
        if (drawn == 0)
            fprintf(p->out, "<polyline class=\"%s c%d%s\" points=\"", class, line->colour % BC_SVG_COLOURS,
                    line->dashed ? " dashed" : "");
        fprintf(p->out, "%s%.1f,%.1f", drawn ? " " : "", px, py);
        drawn++;
    }
    if (drawn > 0)
        fputs("\"/>\n", p->out);
    if (drawn == 1)
        fprintf(p->out, "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
                line->colour % BC_SVG_COLOURS, px, py);
}

static void draw_points(const plane *p, const bc_svg_line *line) {
    for (int i = 0; i < line->count && i < MAX_RAW; i++)
        if (isfinite(line->y[i]) && isfinite(line->x[i]))
            fprintf(p->out, "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
                    line->colour % BC_SVG_COLOURS, across(p, line->x[i]), down(p, line->y[i]));
}

static void draw_line(const plane *p, const bc_svg_line *line) {
    bool smooth = line->smooth && line->count >= FEWEST_SMOOTHED;
    if (smooth)
        draw_polyline(p, line, "raw", MAX_RAW, 0);
    draw_polyline(p, line, "line", MAX_POINTS, smooth ? line->count / (2 * SMOOTHED_SHARE) + 1 : 0);
    if (line->points)
        draw_points(p, line);
}

/* Swatches and labels in rows below the plot; with `out` NULL only counts the rows. */
static int draw_legend(FILE *out, int count, const bc_svg_line *lines) {
    int x = LEFT, row = 0;
    for (int i = 0; i < count; i++) {
        if (!lines[i].label)
            continue;
        int width = 32 + 7 * (int)strlen(lines[i].label); /* about the width of the text */
        if (x > LEFT && x + width > WIDTH) {
            x = LEFT;
            row++;
        }
        if (out) {
            int y = TOP + PLOT_HEIGHT + AXIS_HEIGHT + row * LEGEND_ROW + 10;
            fprintf(out, "<path class=\"swatch c%d%s\" d=\"M%d %dh16\"/><text x=\"%d\" y=\"%d\">",
                    lines[i].colour % BC_SVG_COLOURS, lines[i].dashed ? " dashed" : "", x, y - 4, x + 21, y);
            bc_html_text(out, lines[i].label);
            fputs("</text>\n", out);
        }
        x += width;
    }
    return row + 1;
}

/* --- the chart --- */

static void open_svg(FILE *out, int height, const char *title, const char *about) {
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>", WIDTH, height,
            WIDTH, height);
    bc_html_text(out, title);
    fputs("</title>", out);
    if (about) {
        fputs("<desc>", out);
        bc_html_text(out, about);
        fputs("</desc>", out);
    }
    fprintf(out, "\n<text class=\"title\" x=\"%d\" y=\"18\">", LEFT);
    bc_html_text(out, title);
}

static bc_svg_scale value_scale(const bc_svg_chart *c, double low, double high) {
    bool wide = low > 0 && high / low > wide_range && high / low < widest_range;
    if (c->logarithmic_y || (wide && !c->from_zero))
        return bc_svg_logarithmic(low, high, 5);
    return bc_svg_linear(c->from_zero ? fmin(low, 0) : low, high, 5);
}

void bc_svg_chart_write(FILE *out, const bc_svg_chart *c) {
    double x[2], y[2];
    find_range(c->line_count, c->lines, x, y);
    plane p = {.out = out,
               .x = c->logarithmic_x ? bc_svg_logarithmic(x[0], x[1], 6)
                                     : bc_svg_linear(x[0] > 0 ? 0 : x[0], x[1], 6),
               .y = value_scale(c, y[0], y[1])};
    int height = TOP + PLOT_HEIGHT + AXIS_HEIGHT + LEGEND_ROW * draw_legend(NULL, c->line_count, c->lines);
    open_svg(out, height, c->title, c->about);
    fprintf(out, "%s</text>\n",
            p.x.logarithmic && p.y.logarithmic ? " (both axes logarithmic)"
            : p.y.logarithmic                  ? " (logarithmic)"
                                               : "");
    draw_axes(out, c, &p.x, &p.y);
    for (int i = 0; i < c->line_count; i++)
        draw_line(&p, &c->lines[i]);
    draw_legend(out, c->line_count, c->lines);
    fputs("</svg>\n", out);
}
