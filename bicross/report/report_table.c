/* The scores as tables. */
#include "bicross/report/demo_arms.h"
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"

#include <math.h>
#include <stdlib.h>

static double objects(const bc_result_seed *seed, int arm, int which) {
    (void)which;
    return seed->target[arm].objects;
}

static double far(const bc_result_seed *seed, int arm, int which) {
    (void)which;
    return seed->target[arm].far;
}

static double sparsification(const bc_result_seed *seed, int arm, int which) {
    (void)which;
    return seed->target[arm].sparsification_error;
}

static double calibration(const bc_result_seed *seed, int arm, int which) {
    (void)which;
    return seed->target[arm].calibration_error;
}

static double on_source(const bc_result_seed *seed, int arm, int metric) {
    return seed->source[arm].images ? seed->source[arm].metrics[metric] : NAN;
}

typedef struct column {
    const char *title, *about;
    bc_report_value value;
    int which;
    bool more_is_better;
} column;

static const column whole[] = {
    {"AbsRel", "relative error", bc_report_target_metric, 0, false},
    {"SqRel", "squared, relative", bc_report_target_metric, 1, false},
    {"RMSE", "metres", bc_report_target_metric, 2, false},
    {"RMSElog", "of logarithms", bc_report_target_metric, 3, false},
    {"δ1", "share within 25 %", bc_report_target_metric, 4, true},
    {"δ2", "within 56 %", bc_report_target_metric, 5, true},
    {"δ3", "within 95 %", bc_report_target_metric, 6, true},
};
static const column pieces[] = {
    {"objects", "AbsRel on objects", objects, 0, false},
    {"far", "AbsRel beyond 1/4 of the range", far, 0, false},
    {"sparsification", "error of the uncertainty's order", sparsification, 0, false},
    {"calibration", "error of the uncertainty's size", calibration, 0, false},
    {"source AbsRel", "unseen source scenes", on_source, 0, false},
    {"source RMSE", "metres", on_source, 2, false},
};
enum { WHOLE = sizeof whole / sizeof *whole, PIECES = sizeof pieces / sizeof *pieces };

/* --- parts of a table --- */

static void head_cell(bc_report *r, const char *title, const char *about) {
    fprintf(r->out, "<th scope=\"col\">%s<small>%s</small></th>", title, about);
}

static void head(bc_report *r, const char *first, const column *columns, int count) {
    fprintf(r->out, "<th scope=\"col\">%s</th>", first);
    for (int k = 0; k < count; k++)
        head_cell(r, columns[k].title, columns[k].about);
    bc_report_begin_rows(r->out);
}

static void row_head(bc_report *r, const char *name, const char *about) {
    fputs("<tr><th scope=\"row\">", r->out);
    bc_html_text(r->out, name);
    if (about) {
        fputs("<small>", r->out);
        bc_html_text(r->out, about);
        fputs("</small>", r->out);
    }
    fputs("</th>", r->out);
}

/* --- arms by scores --- */

static bool measured(const bc_report_group *g, const column *c) {
    for (int arm = 0; arm < g->about->arm_count; arm++)
        if (bc_report_over_seeds(g, c->value, c->which, arm, -1).count)
            return true;
    return false;
}

/* Columns that were measured; returns how many. */
static int choose_columns(const bc_report_group *g, const column *all, int count, column *chosen) {
    int kept = 0;
    for (int k = 0; k < count; k++)
        if (measured(g, &all[k]))
            chosen[kept++] = all[k];
    return kept;
}

/* The arm with the best score of those that were not given the target's labels. */
static int best_arm(const bc_report_group *g, const column *c) {
    int best = -1;
    double most = 0;
    for (int arm = 0; arm < g->about->arm_count; arm++) {
        double mean = bc_report_over_seeds(g, c->value, c->which, arm, -1).mean;
        bool labelled = arm == bc_results_arm(g->about, bc_arm_name(BC_ARM_SUPERVISED));
        if (!isfinite(mean) || labelled || (best >= 0 && (c->more_is_better ? mean <= most : mean >= most)))
            continue;
        best = arm;
        most = mean;
    }
    return g->about->arm_count > 1 ? best : -1;
}

static void cell(bc_report *r, const bc_report_group *g, const column *c, int arm) {
    bc_interval s = bc_report_over_seeds(g, c->value, c->which, arm, -1);
    bool best = arm == best_arm(g, c);
    fputs(best ? "<td><strong>" : "<td>", r->out);
    bc_report_number(r->out, s.mean, 3);
    if (s.count > 1)
        fprintf(r->out, " ± %.3f", s.deviation);
    fputs(best ? "</strong></td>" : "</td>", r->out);
}

static void score_table(bc_report *r, const bc_report_group *g, const char *caption, const column *all,
                        int count, bool explain) {
    column columns[WHOLE + PIECES];
    int kept = choose_columns(g, all, count, columns);
    if (kept == 0)
        return;
    bc_report_open_table(r->out, caption);
    head(r, *g->about->scenario ? "arm" : "network", columns, kept);
    for (int arm = 0; arm < g->about->arm_count; arm++) {
        row_head(r, g->about->arms[arm], explain ? bc_arm_about(g->about->arms[arm]) : NULL);
        for (int k = 0; k < kept; k++)
            cell(r, g, &columns[k], arm);
        fputs("</tr>\n", r->out);
    }
    bc_report_close_table(r->out);
}

/* --- differences --- */

/* The comparisons that the method stands or falls with. */
static const int pairs[][2] = {
    {BC_ARM_BICROSS, BC_ARM_PRE_SRC},           {BC_ARM_BICROSS, BC_ARM_CONTROL},
    {BC_ARM_BICROSS_PLUS, BC_ARM_PRE_SRC},      {BC_ARM_BICROSS_PLUS, BC_ARM_CONTROL},
    {BC_ARM_BICROSS_PLUS, BC_ARM_CONTROL_PLUS}, {BC_ARM_BICROSS_PLUS, BC_ARM_BICROSS},
    {BC_ARM_SUPERVISED, BC_ARM_PRE_SRC}};

static void difference_row(bc_report *r, const bc_report_group *g, int arm, int other) {
    bool images;
    char name[BC_REPORT_NAME];
    bc_interval d = bc_report_abs_rel(g, arm, other, &images),
                base = bc_report_over_seeds(g, bc_report_target_metric, 0, other, -1);
    snprintf(name, sizeof name, "%s − %s", g->about->arms[arm], g->about->arms[other]);
    row_head(r, name, NULL);
    fprintf(r->out, "<td><data value=\"%.9g\">%+.4f</data></td><td>%+.0f %%</td><td>", d.mean, d.mean,
            100 * d.mean / base.mean);
    if (bc_interval_known(&d))
        fprintf(r->out, "%+.4f to %+.4f", d.low, d.high);
    else
        fputs("–", r->out);
    fputs("</td></tr>\n", r->out);
}

static void difference_table(bc_report *r, const bc_report_group *g) {
    bool images, opened = false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int arm = bc_results_arm(g->about, bc_arm_name(pairs[i][0])),
            other = bc_results_arm(g->about, bc_arm_name(pairs[i][1]));
        if (arm < 0 || other < 0 || !bc_report_over_seeds(g, bc_report_target_metric, 0, arm, other).count)
            continue;
        if (!opened) {
            bc_report_abs_rel(g, arm, other, &images);
            bc_report_open_table(r->out, "Differences of AbsRel on the target, less is better");
            fputs("<th scope=\"col\">arms</th>", r->out);
            head_cell(r, "difference", "of AbsRel");
            head_cell(r, "relative", "to the second");
            head_cell(r, "95 % interval", images ? "over test images, not seeds" : "over seeds");
            bc_report_begin_rows(r->out);
            opened = true;
        }
        difference_row(r, g, arm, other);
    }
    if (opened)
        bc_report_close_table(r->out);
}

static void group_tables(bc_report *r, const bc_report_group *g) {
    char caption[400], seeds[64];
    const bc_results *a = g->about;
    const bc_result_scores *first = &g->seeds[0]->target[0];
    snprintf(seeds, sizeof seeds, g->count > 1 ? "mean ± standard deviation of %d seeds" : "seed %d",
             g->count > 1 ? g->count : g->seeds[0]->seed);
    bc_report_group_heading(r, g);
    if (*a->scenario)
        snprintf(caption, sizeof caption,
                 "Target (scenario %s, model %s, protocol %s): %d test images a seed, %s", a->scenario,
                 a->model, a->protocol, first->images, seeds);
    else
        snprintf(caption, sizeof caption, "Target test set: %d images", first->images);
    score_table(r, g, caption, whole, WHOLE, true);
    score_table(r, g, "Parts of the target, what the uncertainty is worth, and the source", pieces, PIECES,
                false);
    difference_table(r, g);
}

/* What an earlier version, or another program, left as text alone. */
static bc_status text_tables(bc_report *r) {
    int shown = 0;
    for (int i = 0; i < r->count; i++) {
        char *text;
        BC_TRY(bc_report_text(r->err, r->folders[i].path, "table.txt", &text));
        if (!text)
            continue;
        fputs("<pre tabindex=\"0\">", r->out);
        bc_html_text(r->out, text);
        fputs("</pre>\n", r->out);
        free(text);
        shown++;
    }
    if (!shown)
        bc_report_note(r, "There is no table in this folder: nothing was scored yet.");
    return BC_OK;
}

bc_status bc_report_tables(bc_report *r) {
    if (r->group_count == 0)
        return text_tables(r);
    if (r->groups[0].about->arm_count > 1)
        bc_report_note(r, "Bold: the best of those that were not given the target's labels.");
    for (int i = 0; i < r->group_count; i++)
        group_tables(r, &r->groups[i]);
    return BC_OK;
}
