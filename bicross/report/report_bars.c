/* AbsRel of all arms as bars, a chart for each scenario. */
#include "bicross/formats/svg.h"
#include "bicross/report/report_internal.h"

static void group_bars(bc_report *r, const bc_report_group *g) {
    bc_svg_bar bars[BC_RESULT_ARMS];
    char title[BC_REPORT_NAME], about[BC_REPORT_NAME];
    bool images = false;
    for (int arm = 0; arm < g->about->arm_count; arm++) {
        const char *name = g->about->arms[arm];
        bc_interval i = bc_report_abs_rel(g, arm, -1, &images);
        bars[arm] = (bc_svg_bar){name, bc_report_colour(name, arm), i.mean, i.low, i.high};
    }
    snprintf(title, sizeof title, "relative error [AbsRel]%s%s", *g->about->scenario ? ", " : "",
             g->about->scenario);
    snprintf(about, sizeof about, "A bar for each row of the table above; whiskers: 95 %% interval over %s.",
             images ? "the test images of one seed" : "seeds, where there are several");
    bc_svg_bars_write(r->out, title, about, g->about->arm_count, bars);
}

bc_status bc_report_bars(bc_report *r) {
    if (r->group_count == 0)
        return BC_OK;
    fputs("<div class=\"grid\">\n", r->out);
    for (int i = 0; i < r->group_count; i++)
        group_bars(r, &r->groups[i]);
    fputs("</div>\n", r->out);
    bool images = false;
    for (int i = 0; i < r->group_count; i++)
        if (!images)
            bc_report_abs_rel(&r->groups[i], 0, -1, &images);
    bc_report_note(
        r, images ? "Whiskers: 95 % interval of the mean over test images; of several seeds, over seeds."
                  : "Whiskers: 95 % interval of the mean over seeds, where there are several.");
    return BC_OK;
}
