/* What the predicted uncertainty is worth: its size against the true error, and its order. */
#include "bicross/formats/svg.h"
#include "bicross/report/report_internal.h"

#include <math.h>

enum { LINES = BC_RESULT_ARMS + 2, POINTS = BC_SPARSIFICATION_STEPS };

typedef struct curves {
    bc_svg_line lines[LINES];
    double x[LINES][POINTS], y[LINES][POINTS];
    int count;
} curves;

static bc_svg_line *add_line(curves *c, const char *label, int colour) {
    int i = c->count++;
    c->lines[i] = (bc_svg_line){.label = label, .colour = colour, .x = c->x[i], .y = c->y[i]};
    return &c->lines[i];
}

static void add_point(curves *c, double x, double y) {
    bc_svg_line *line = &c->lines[c->count - 1];
    c->x[c->count - 1][line->count] = x;
    c->y[c->count - 1][line->count++] = y;
}

/* Of all seeds: a bin's means, weighted by its pixels. Bins with less than a thousandth of the pixels say nothing. */
static void add_bins(curves *c, const bc_report_group *g, int arm) {
    double pixels[BC_CALIBRATION_BINS] = {0}, x[BC_CALIBRATION_BINS] = {0}, y[BC_CALIBRATION_BINS] = {0},
           all = 0;
    for (int s = 0; s < g->count; s++)
        for (int k = 0; k < BC_CALIBRATION_BINS; k++) {
            const bc_result_scores *scores = &g->seeds[s]->target[arm];
            double n = isfinite(scores->pixels[k]) ? scores->pixels[k] : 0;
            pixels[k] += n;
            all += n;
            x[k] += n > 0 ? n * scores->uncertainty[k] : 0;
            y[k] += n > 0 ? n * scores->error[k] : 0;
        }
    for (int k = 0; k < BC_CALIBRATION_BINS; k++)
        if (pixels[k] > all / 1000)
            add_point(c, x[k] / pixels[k], y[k] / pixels[k]);
}

static void reliability(bc_report *r, const bc_report_group *g) {
    curves c = {0};
    for (int arm = 0; arm < g->about->arm_count; arm++) {
        add_line(&c, g->about->arms[arm], bc_report_colour(g->about->arms[arm], arm))->points = true;
        add_bins(&c, g, arm);
        if (c.lines[c.count - 1].count == 0)
            c.count--;
    }
    double end = 0;
    for (int i = 0; i < c.count; i++)
        end = fmax(end, c.x[i][c.lines[i].count - 1]);
    if (c.count == 0)
        return;
    add_line(&c, "as predicted", 6)->dashed = true;
    add_point(&c, 0, 0);
    add_point(&c, end, end);
    bc_svg_chart_write(
        r->out,
        &(bc_svg_chart){
            .title = "true relative error, by what was predicted",
            .x_title = "predicted relative error [uncertainty], mean of a bin",
            .about = "Calibration: above the dashed line the network is too sure of itself, below it "
                     "too careful. Bins of a tenth; those with less than 0.1 % of the pixels are left out.",
            .from_zero = true,
            .line_count = c.count,
            .lines = c.lines});
}

static double mean_of(const bc_report_group *g, int arm, int step, bool by_error) {
    double sum = 0;
    for (int s = 0; s < g->count; s++) {
        const bc_result_scores *scores = &g->seeds[s]->target[arm];
        sum += by_error ? scores->by_error[step] : scores->by_uncertainty[step];
    }
    return sum / g->count;
}

/* An arm by its uncertainty, by its true errors, and by chance, which leaves the mean as it is. */
static void sparsification(bc_report *r, const bc_report_group *g, int arm) {
    curves c = {0};
    const char *name = g->about->arms[arm];
    char title[BC_REPORT_NAME];
    if (!isfinite(mean_of(g, arm, 0, false)) || mean_of(g, arm, 0, false) == 0)
        return;
    add_line(&c, "most uncertain first", bc_report_colour(name, arm));
    for (int k = 0; k < POINTS; k++)
        add_point(&c, (double)k / POINTS, mean_of(g, arm, k, false));
    add_line(&c, "largest error first (oracle)", 6)->dashed = true;
    for (int k = 0; k < POINTS; k++)
        add_point(&c, (double)k / POINTS, mean_of(g, arm, k, true));
    add_line(&c, "at random", 11)->dashed = true;
    add_point(&c, 0, mean_of(g, arm, 0, true));
    add_point(&c, 1 - 1.0 / POINTS, mean_of(g, arm, 0, true));
    snprintf(title, sizeof title, "%s: relative error of what is left", name);
    bc_svg_chart_write(
        r->out,
        &(bc_svg_chart){.title = title,
                        .x_title = "share of pixels taken away",
                        .about = "Sparsification: the nearer the line to the oracle's, the better the "
                                 "uncertainty tells where the depth is wrong.",
                        .from_zero = true,
                        .line_count = c.count,
                        .lines = c.lines});
}

bc_status bc_report_uncertainty(bc_report *r) {
    if (r->group_count == 0)
        bc_report_note(r, "Nothing was scored yet.");
    else
        bc_report_note(
            r,
            "The network predicts its relative error at each pixel. Left: is the number right? Others: does "
            "it know "
            "where it is wrong? The mean distance to the oracle is the sparsification error of the table.");
    for (int i = 0; i < r->group_count; i++) {
        const bc_report_group *g = &r->groups[i];
        bc_report_group_heading(r, g);
        fputs("<div class=\"grid\">\n", r->out);
        reliability(r, g);
        for (int arm = 0; arm < g->about->arm_count; arm++)
            sparsification(r, g, arm);
        fputs("</div>\n", r->out);
    }
    return BC_OK;
}
