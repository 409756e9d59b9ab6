/* What training and validation logged, a chart for each name. Runs of one seed share their charts. */
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"
#include "bicross/formats/svg.h"
#include "host/base/path.h"

#include <stdlib.h>
#include <string.h>

/* "seed-1/bicross" belongs to the group "seed-1" and is called "bicross" there. */
static int group_length(const bc_report_log *log) {
    return (int)(bc_path_name(log->name) - log->name);
}

static bool same_group(const bc_report_log *a, const bc_report_log *b) {
    int length = group_length(a);
    return length == group_length(b) && strncmp(a->name, b->name, (size_t)length) == 0;
}

static const bc_curve *curve_named(const bc_report_log *log, const char *name) {
    for (int i = 0; i < log->curve_count; i++)
        if (strcmp(log->curves[i].name, name) == 0)
            return &log->curves[i];
    return NULL;
}

/* The curve as a line; its points begin at x and y, which have room for them. */
static bc_svg_line line_of(const bc_curve *curve, const char *label, int place, double *x, double *y) {
    for (int i = 0; i < curve->count; i++) {
        x[i] = (double)curve->steps[i];
        y[i] = (double)curve->values[i];
    }
    return (bc_svg_line){.label = label,
                         .colour = bc_report_colour(label, place),
                         .count = curve->count,
                         .x = x,
                         .y = y,
                         .smooth = strcmp(curve->name, "rate") != 0,
                         .points = strncmp(curve->name, "validation", 10) == 0 && curve->count <= 40};
}

static void draw(bc_report *r, const bc_report_folder *f, int member, const char *name, bc_svg_line *lines,
                 double *points) {
    char title[BC_REPORT_NAME];
    int count = 0, place = -1; /* of the log in its group: its colour in every chart */
    bc_report_curve_title(name, title);
    for (int i = 0; i < f->log_count; i++) {
        const bc_report_log *log = &f->logs[i];
        if (!same_group(log, &f->logs[member]))
            continue;
        place++;
        const bc_curve *curve = curve_named(log, name);
        if (!curve)
            continue;
        lines[count++] = line_of(curve, bc_report_run_label(log->name), place, points, points + curve->count);
        points += 2 * (size_t)curve->count;
    }
    bc_svg_chart_write(
        r->out, &(bc_svg_chart){.title = title, .x_title = "update", .line_count = count, .lines = lines});
}

/* One chart for a name: a line for each log of the group that log `member` belongs to. */
static bc_status chart(bc_report *r, const bc_report_folder *f, int member, const char *name) {
    size_t points = 0;
    for (int i = 0; i < f->log_count; i++) {
        const bc_curve *curve = curve_named(&f->logs[i], name);
        points += curve ? (size_t)curve->count : 0;
    }
    bc_svg_line *lines = calloc((size_t)f->log_count, sizeof *lines);
    double *values = malloc((2 * points + 1) * sizeof *values);
    if (lines && values)
        draw(r, f, member, name, lines, values);
    bc_status status =
        lines && values ? BC_OK : bc_fail(r->err, BC_E_MEMORY, "no memory for the charts of %s", f->path);
    free(lines);
    free(values);
    return status;
}

/* True when an earlier log of the same group has this curve already. */
static bool charted(const bc_report_folder *f, int log, const char *name) {
    for (int i = 0; i < log; i++)
        if (same_group(&f->logs[i], &f->logs[log]) && curve_named(&f->logs[i], name))
            return true;
    return false;
}

static void group_heading(bc_report *r, const bc_report_folder *f, const bc_report_log *leader) {
    int length = group_length(leader);
    bool several = r->count > 1;
    if (length == 0 && !several)
        return;
    char text[2 * BC_REPORT_NAME];
    snprintf(text, sizeof text, "%s%s%.*s", several ? f->name : "", several && length ? ", " : "",
             length > 0 ? length - 1 : 0, leader->name);
    fputs("<h3>", r->out);
    bc_html_text(r->out, text);
    fputs("</h3>\n", r->out);
}

static bc_status group_charts(bc_report *r, const bc_report_folder *f, int first) {
    group_heading(r, f, &f->logs[first]);
    fputs("<div class=\"grid\">\n", r->out);
    for (int i = first; i < f->log_count; i++) {
        if (!same_group(&f->logs[i], &f->logs[first]))
            continue;
        for (int c = 0; c < f->logs[i].curve_count; c++)
            if (!charted(f, i, f->logs[i].curves[c].name))
                BC_TRY(chart(r, f, i, f->logs[i].curves[c].name));
    }
    fputs("</div>\n", r->out);
    return BC_OK;
}

static bc_status folder_charts(bc_report *r, const bc_report_folder *f) {
    for (int i = 0; i < f->log_count; i++) {
        bool leads = true;
        for (int j = 0; j < i; j++)
            leads = leads && !same_group(&f->logs[j], &f->logs[i]);
        if (leads)
            BC_TRY(group_charts(r, f, i));
    }
    return BC_OK;
}

bc_status bc_report_curves(bc_report *r) {
    int logs = 0;
    for (int i = 0; i < r->count; i++)
        logs += r->folders[i].log_count;
    bc_report_note(r, logs ? "Strong: a moving mean over a fifteenth of the run; pale behind it: what was "
                             "logged. In brackets: the name in log.csv."
                           : "There is no training log in this folder.");
    for (int i = 0; i < r->count; i++)
        BC_TRY(folder_charts(r, &r->folders[i]));
    return BC_OK;
}
