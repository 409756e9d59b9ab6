/* What sections of the report share. */
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"

#include <math.h>

void bc_report_note(bc_report *r, const char *text) {
    fputs("<p class=\"note\">", r->out);
    bc_html_text(r->out, text);
    fputs("</p>\n", r->out);
}

void bc_report_group_heading(bc_report *r, const bc_report_group *g) {
    if (r->group_count < 2)
        return;
    fputs("<h3>", r->out);
    bc_html_text(r->out, *g->about->scenario ? g->about->scenario : "own data");
    if (*g->about->protocol) {
        fputs(", augmentation ", r->out);
        bc_html_text(r->out, g->about->protocol);
    }
    fputs("</h3>\n", r->out);
}

void bc_report_number(FILE *out, double value, int digits) {
    if (isfinite(value))
        fprintf(out, "<data value=\"%.9g\">%.*f</data>", value, digits, value);
    else
        fputs("–", out);
}

void bc_report_open_table(FILE *out, const char *caption) {
    fputs("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", out);
    bc_html_text(out, caption);
    fputs("\"><table><caption><span>", out);
    bc_html_text(out, caption);
    fputs("</span></caption>\n<thead><tr>", out);
}

void bc_report_begin_rows(FILE *out) {
    fputs("</tr></thead>\n<tbody>\n", out);
}

void bc_report_close_table(FILE *out) {
    fputs("</tbody></table></div>\n", out);
}
