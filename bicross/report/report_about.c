/* How the results came about: calls with date and duration, device, versions. */
#include "bicross/report/history.h"
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"
#include "host/base/file.h"

#include <stdlib.h>
#include <string.h>

static void open_table(bc_report *r, const char *caption, const char *const *heads, int count) {
    bc_report_open_table(r->out, caption);
    for (int i = 0; i < count; i++)
        fprintf(r->out, "<th scope=\"col\" class=\"text\">%s</th>", heads[i]);
    bc_report_begin_rows(r->out);
}

/* The words before the next two blanks, which become the end; *text: what stands behind them. */
static char *take_column(char **text) {
    char *first = *text, *gap = strstr(first, "  ");
    if (gap) {
        *gap = 0;
        *text = gap + 2 + strspn(gap + 2, " ");
    } else {
        *text = first + strlen(first);
    }
    return first;
}

static void cell(bc_report *r, const char *text, bool code) {
    fputs(code ? "<td class=\"text\"><code>" : "<td class=\"text\">", r->out);
    bc_html_text(r->out, text);
    fputs(code ? "</code></td>" : "</td>", r->out);
}

/* "2026-01-31T12:00:00Z  842 s  0.2.0  bicross train ..." */
static void call_row(bc_report *r, char *line) {
    const char *date = take_column(&line), *duration = take_column(&line), *version = take_column(&line);
    fputs("<tr><th scope=\"row\">", r->out);
    bc_html_text(r->out, date);
    fputs("</th>", r->out);
    cell(r, duration, false);
    cell(r, version, false);
    cell(r, line, true);
    fputs("</tr>\n", r->out);
}

static bc_status calls(bc_report *r, const bc_report_folder *f) {
    static const char *const heads[] = {"ended", "took", "version", "command"};
    char *text, *line;
    BC_TRY(bc_report_text(r->err, f->path, BC_HISTORY_FILE, &text));
    char *rest = text;
    if (text)
        open_table(r, "Calls that made this folder", heads, 4);
    else if (f->results.arm_count && *f->results.command) {
        fputs("<p>Command: <code>", r->out);
        bc_html_text(r->out, f->results.command);
        fputs("</code>, version ", r->out);
        bc_html_text(r->out, f->results.version);
        fputs("; date and duration were not recorded.</p>\n", r->out);
    } else
        bc_report_note(r, "There is no record of the commands in this folder.");
    while (text && (line = strsep(&rest, "\n")) != NULL)
        if (*bc_trimmed(line))
            call_row(r, line);
    if (text)
        bc_report_close_table(r->out);
    free(text);
    return BC_OK;
}

static bc_status device(bc_report *r, const bc_report_folder *f) {
    static const char *const heads[] = {"what", "value"};
    char *text, *line;
    BC_TRY(bc_report_text(r->err, f->path, "device.txt", &text));
    char *rest = text;
    if (!text)
        bc_report_note(r, "There is no device.txt in this folder.");
    else
        open_table(r, "Device and versions", heads, 2);
    while (text && (line = strsep(&rest, "\n")) != NULL) {
        if (!*bc_trimmed(line))
            continue;
        const char *name = take_column(&line);
        fputs("<tr><th scope=\"row\">", r->out);
        bc_html_text(r->out, name);
        fputs("</th>", r->out);
        cell(r, line, false);
        fputs("</tr>\n", r->out);
    }
    if (text)
        bc_report_close_table(r->out);
    free(text);
    return BC_OK;
}

bc_status bc_report_about(bc_report *r) {
    for (int i = 0; i < r->count; i++) {
        if (r->count > 1) {
            fputs("<h3>", r->out);
            bc_html_text(r->out, r->folders[i].name);
            fputs("</h3>\n", r->out);
        }
        BC_TRY(calls(r, &r->folders[i]));
        BC_TRY(device(r, &r->folders[i]));
    }
    return BC_OK;
}
