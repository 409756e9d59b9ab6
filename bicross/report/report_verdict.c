/* The first thing to read: what came out, in words, and how sure that is. */
#include "bicross/report/demo_arms.h"
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"

#include <math.h>

static void text(bc_report *r, const char *words) {
    bc_html_text(r->out, words);
}

/* "0.0152 lower" of AbsRel. */
static void difference(bc_report *r, double value) {
    bc_report_number(r->out, fabs(value), 4);
    text(r, value < 0 ? " lower" : value > 0 ? " higher" : "");
}

/* "0.0021 to 0.0159 lower", or "from 0.0020 lower to 0.0100 higher". */
static void range(bc_report *r, const bc_interval *i) {
    if (bc_interval_has_zero(i)) {
        text(r, "from ");
        difference(r, i->low);
        text(r, " to ");
        difference(r, i->high);
        text(r, ", so that this does not tell the two apart");
        return;
    }
    bool lower = i->high < 0;
    bc_report_number(r->out, lower ? -i->high : i->low, 4);
    text(r, " to ");
    difference(r, lower ? i->low : i->high);
}

static void seeds(bc_report *r, int count) {
    fprintf(r->out, "%d seeds", count);
}

/* How far a difference can be trusted. */
static void uncertainty_of(bc_report *r, const bc_report_group *g, const bc_interval *i, bool images) {
    if (!bc_interval_known(i)) {
        text(r, g->count > 1 ? "" : "; one seed: no interval");
        return;
    }
    text(r, ", 95 % interval ");
    range(r, i);
    if (!images) {
        text(r, "; ");
        seeds(r, i->count);
        return;
    }
    fprintf(r->out,
            ", over the %d test images alone (one seed: no interval over seeds; another seed moves such a "
            "difference by about "
            "0.01)",
            i->count);
}

static void share_below(bc_report *r, const bc_interval *arm, const bc_interval *base) {
    double percent = 100 * (arm->mean / base->mean - 1);
    fprintf(r->out, "<data value=\"%.9g\">%.0f</data> %% %s", percent, fabs(percent),
            percent < 0 ? "below" : "above");
}

/* "BiCross is 35 % below Pre_src (AbsRel 0.112 against 0.174); against the control ..." */
static void compare(bc_report *r, const bc_report_group *g, const char *name, const char *base_name,
                    const char *control_name) {
    const bc_results *a = g->about;
    int arm = bc_results_arm(a, name), base = bc_results_arm(a, base_name),
        control = bc_results_arm(a, control_name);
    bool images;
    if (arm < 0 || base < 0)
        return;
    bc_interval own = bc_report_over_seeds(g, bc_report_target_metric, 0, arm, -1),
                other = bc_report_over_seeds(g, bc_report_target_metric, 0, base, -1);
    if (!own.count || !other.count)
        return;
    fputs("<li><strong>", r->out);
    text(r, name);
    text(r, " is ");
    share_below(r, &own, &other);
    text(r, " ");
    text(r, base_name);
    fputs("</strong> (AbsRel ", r->out);
    bc_report_number(r->out, own.mean, 3);
    text(r, " against ");
    bc_report_number(r->out, other.mean, 3);
    text(r, ")");
    if (control >= 0) {
        bc_interval d = bc_report_abs_rel(g, arm, control, &images);
        text(r, "; against its control (");
        text(r, control_name);
        text(r, ") ");
        difference(r, d.mean);
        uncertainty_of(r, g, &d, images);
    }
    fputs(".</li>\n", r->out);
}

static void compare_arms(bc_report *r, const bc_report_group *g) {
    fputs("<ul>\n", r->out);
    compare(r, g, bc_arm_name(BC_ARM_BICROSS), bc_arm_name(BC_ARM_PRE_SRC), bc_arm_name(BC_ARM_CONTROL));
    compare(r, g, bc_arm_name(BC_ARM_BICROSS_PLUS), bc_arm_name(BC_ARM_PRE_SRC),
            bc_arm_name(BC_ARM_CONTROL_PLUS));
    compare(r, g, bc_arm_name(BC_ARM_SUPERVISED), bc_arm_name(BC_ARM_PRE_SRC), "");
    fputs("</ul>\n", r->out);
}

/* Of single networks: each by itself, and against the first. */
static void tell_network(bc_report *r, const bc_report_group *g, int arm) {
    bool images;
    bc_interval own = bc_report_abs_rel(g, arm, -1, &images);
    if (!own.count)
        return;
    fputs("<li><strong>", r->out);
    text(r, g->about->arms[arm]);
    text(r, ": AbsRel ");
    bc_report_number(r->out, own.mean, 3);
    fprintf(r->out, "</strong> on %d test images", g->seeds[0]->target[arm].images);
    if (images) {
        text(r, ", 95 % interval ");
        bc_report_number(r->out, own.low, 3);
        text(r, " to ");
        bc_report_number(r->out, own.high, 3);
        text(r, " over images");
    }
    text(r, " (one training run, which says nothing of other seeds)");
    if (arm > 0) {
        bc_interval d = bc_report_abs_rel(g, arm, 0, &images);
        text(r, "; against ");
        text(r, g->about->arms[0]);
        text(r, " ");
        difference(r, d.mean);
        uncertainty_of(r, g, &d, images);
    }
    fputs(".</li>\n", r->out);
}

static void tell_group(bc_report *r, const bc_report_group *g) {
    bc_report_group_heading(r, g);
    fputs("<div class=\"verdict\">\n", r->out);
    if (*g->about->scenario) {
        fputs("<p>Adapted ", r->out);
        const char *words = bc_report_scenario_words(g->about->scenario);
        text(r, *words ? words : g->about->scenario);
        fputs("; mean relative error (AbsRel) on the target, less is better:</p>\n", r->out);
        compare_arms(r, g);
        if (g->about->quick)
            fputs("<p>Trained with <code>--quick</code>: enough to show that everything runs, too short to "
                  "judge the method "
                  "by.</p>\n",
                  r->out);
    } else {
        fputs("<p>Mean relative error (AbsRel) on the target's test set, less is better:</p>\n<ul>\n",
              r->out);
        for (int arm = 0; arm < g->about->arm_count; arm++)
            tell_network(r, g, arm);
        fputs("</ul>\n", r->out);
    }
    fputs("</div>\n", r->out);
}

bc_status bc_report_verdict(bc_report *r) {
    if (r->group_count == 0)
        bc_report_note(r, "Nothing was scored yet: there is no results.json with scores in this folder.");
    for (int i = 0; i < r->group_count; i++)
        tell_group(r, &r->groups[i]);
    return BC_OK;
}
