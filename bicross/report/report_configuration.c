/* Each configuration once: the first in full, of the others what differs. */
#include "bicross/report/config_lines.h"
#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 24 };

typedef struct variant {
    bc_config_lines lines;
    char *full;   /* the file as it is, owned */
    char *owners; /* "Control, Pre_src": the runs that have it, owned */
} variant;

typedef struct variants {
    variant all[MOST];
    int count;
} variants;

static bool listed(const char *owners, const char *name) {
    size_t length = strlen(name);
    for (const char *at = owners; (at = strstr(at, name)) != NULL; at += length)
        if ((at == owners || at[-1] == ' ') && (!at[length] || strncmp(at + length, "; ", 2) == 0))
            return true;
    return false;
}

static bc_status add_owner(bc_error *err, variant *v, const char *name) {
    if (v->owners && listed(v->owners, name))
        return BC_OK;
    size_t before = v->owners ? strlen(v->owners) : 0, room = before + strlen(name) + 3;
    char *grown = realloc(v->owners, room);
    if (!grown)
        return bc_fail(err, BC_E_MEMORY, "no host memory to compare configurations");
    v->owners = grown;
    snprintf(grown + before, room - before, "%s%s", before ? "; " : "", name);
    return BC_OK;
}

/* Takes the text over. */
static bc_status take(bc_error *err, char *text, const char *name, variants *all) {
    bc_config_lines lines;
    char *full = strdup(text);
    if (!full) {
        free(text);
        return bc_fail(err, BC_E_MEMORY, "no host memory to compare configurations");
    }
    bc_status status = bc_config_lines_of(err, text, &lines);
    for (int i = 0; i < all->count && status == BC_OK; i++)
        if (bc_config_lines_equal(&all->all[i].lines, &lines)) {
            bc_config_lines_release(&lines);
            free(full);
            return add_owner(err, &all->all[i], name);
        }
    if (status == BC_OK && all->count < MOST) {
        all->all[all->count] = (variant){lines, full, NULL};
        return add_owner(err, &all->all[all->count++], name);
    }
    if (status == BC_OK)
        bc_config_lines_release(&lines);
    free(full);
    return status;
}

static bc_status find_all(bc_report *r, variants *all) {
    for (int i = 0; i < r->count; i++)
        for (int k = 0; k < r->folders[i].log_count; k++) {
            char file[BC_REPORT_PATH], *text;
            const char *name = r->folders[i].logs[k].name;
            BC_TRY(bc_report_path(r->err, name, "config.ini", file));
            BC_TRY(bc_report_text(r->err, r->folders[i].path, file, &text));
            if (text)
                BC_TRY(take(r->err, text, bc_report_run_label(name), all));
        }
    return BC_OK;
}

/* --- what differs --- */

/* Whether any of the others says something else than the first. */
static bool differs(const variants *all, const bc_config_line *line) {
    const char *first = bc_config_lines_find(&all->all[0].lines, line->section, line->key);
    for (int i = 1; i < all->count; i++) {
        const char *other = bc_config_lines_find(&all->all[i].lines, line->section, line->key);
        if ((other == NULL) != (first == NULL) || (other && strcmp(other, first) != 0))
            return !bc_config_line_of_run(line);
    }
    return false;
}

static bool said_before(const variants *all, int before, const bc_config_line *line) {
    for (int i = 0; i < before; i++)
        if (bc_config_lines_find(&all->all[i].lines, line->section, line->key))
            return true;
    return false;
}

static void difference_row(bc_report *r, const variants *all, const bc_config_line *line) {
    fputs("<tr><th scope=\"row\"><code>", r->out);
    bc_html_text(r->out, line->section);
    fputc('.', r->out);
    bc_html_text(r->out, line->key);
    fputs("</code></th>", r->out);
    for (int i = 0; i < all->count; i++) {
        const char *value = bc_config_lines_find(&all->all[i].lines, line->section, line->key);
        fputs("<td>", r->out);
        bc_html_text(r->out, value ? value : "–");
        fputs("</td>", r->out);
    }
    fputs("</tr>\n", r->out);
}

static void differences(bc_report *r, const variants *all) {
    bc_report_open_table(r->out, "Settings that differ between runs");
    fputs("<th scope=\"col\">key</th>", r->out);
    for (int i = 0; i < all->count; i++) {
        fputs("<th scope=\"col\">", r->out);
        bc_html_text(r->out, all->all[i].owners);
        fputs("</th>", r->out);
    }
    bc_report_begin_rows(r->out);
    for (int i = 0; i < all->count; i++)
        for (int k = 0; k < all->all[i].lines.count; k++) {
            const bc_config_line *line = &all->all[i].lines.lines[k];
            if (differs(all, line) && !said_before(all, i, line))
                difference_row(r, all, line);
        }
    bc_report_close_table(r->out);
}

static void write_all(bc_report *r, const variants *all) {
    if (all->count == 0) {
        bc_report_note(r, "There is no config.ini in this folder.");
        return;
    }
    if (all->count > 1)
        differences(r, all);
    fputs("<details><summary>All settings of ", r->out);
    bc_html_text(r->out, all->all[0].owners);
    fputs("</summary><pre tabindex=\"0\">", r->out);
    bc_html_text(r->out, all->all[0].full);
    fputs("</pre></details>\n", r->out);
}

bc_status bc_report_configurations(bc_report *r) {
    variants all = {.count = 0};
    bc_status status = find_all(r, &all);
    if (status == BC_OK)
        write_all(r, &all);
    for (int i = 0; i < all.count; i++) {
        bc_config_lines_release(&all.all[i].lines);
        free(all.all[i].full);
        free(all.all[i].owners);
    }
    return status;
}
