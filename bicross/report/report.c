/* The page: what is before and around its sections, which have a file each. */
#include "bicross/report/report.h"

#include "bicross/report/report_internal.h"

#include "bicross/formats/html.h"

#include <stdlib.h>

static const struct {
    const char *id, *title;
    bc_status (*write)(bc_report *report);
} sections[] = {
    {"verdict", "What came out", bc_report_verdict},
    {"scores", "Scores", bc_report_tables},
    {"bars", "At a glance", bc_report_bars},
    {"pictures", "Pictures", bc_report_pictures},
    {"uncertainty", "What the uncertainty is worth", bc_report_uncertainty},
    {"training", "Training", bc_report_curves},
    {"run", "How it was run", bc_report_about},
    {"configuration", "Configuration", bc_report_configurations},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static void folder_names(bc_report *r) {
    for (int i = 0; i < r->count; i++) {
        fputs(i ? ", " : "", r->out);
        bc_html_text(r->out, r->folders[i].name);
    }
}

static void head(bc_report *r) {
    fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>BiCross: ",
          r->out);
    folder_names(r);
    fputs("</title><style>\n", r->out);
    bc_report_style(r->out);
    fputs("</style></head>\n<body><a class=\"skip\" href=\"#verdict\">Skip to what came "
          "out</a>\n<header><h1>BiCross: ",
          r->out);
    folder_names(r);
    fputs("</h1>\n", r->out);
    bc_report_note(r, "Depth from the spike camera, with its uncertainty, learned without labels of the "
                      "domain where it is used.");
    fputs("</header>\n<nav aria-label=\"Contents\"><ul>", r->out);
    for (int i = 0; i < SECTIONS; i++)
        fprintf(r->out, "<li><a href=\"#%s\">%s</a></li>", sections[i].id, sections[i].title);
    fputs("</ul></nav>\n<main>\n", r->out);
}

static bc_status write_page(bc_report *r) {
    head(r);
    for (int i = 0; i < SECTIONS; i++) {
        fprintf(r->out, "<section aria-labelledby=\"%s\"><h2 id=\"%s\" tabindex=\"-1\">%s</h2>\n",
                sections[i].id, sections[i].id, sections[i].title);
        BC_TRY(sections[i].write(r));
        fputs("</section>\n", r->out);
    }
    fprintf(r->out,
            "</main>\n<footer><p>Written by bicross %s; results.json in the folder has the same numbers for "
            "programs.</p></footer></body></html>\n",
            BICROSS_VERSION);
    return BC_OK;
}

static bc_status write_file(bc_report *r, const char *path) {
    bc_file_writer writer;
    BC_TRY(bc_report_groups_make(r));
    BC_TRY(bc_file_writer_open(r->err, path, &writer));
    r->out = writer.stream;
    bc_status status = write_page(r);
    if (status == BC_OK)
        return bc_file_writer_commit(r->err, &writer);
    bc_file_writer_abandon(&writer);
    return status;
}

bc_status bc_report_write_of(bc_error *err, int count, const char *const *folders, const char *path) {
    bc_report r = {.err = err};
    r.folders = calloc((size_t)count, sizeof *r.folders);
    if (!r.folders)
        return bc_fail(err, BC_E_MEMORY, "no host memory for a report of %d folders", count);
    bc_status status = BC_OK;
    for (; r.count < count && status == BC_OK; r.count += status == BC_OK)
        status = bc_report_folder_open(err, folders[r.count], &r.folders[r.count]);
    if (status == BC_OK)
        status = write_file(&r, path);
    bc_report_groups_release(&r);
    for (int i = 0; i < r.count; i++)
        bc_report_folder_close(&r.folders[i]);
    free(r.folders);
    return status;
}

bc_status bc_report_write(bc_error *err, const char *folder) {
    char path[BC_REPORT_PATH];
    BC_TRY(bc_report_path(err, folder, "report.html", path));
    return bc_report_write_of(err, 1, &folder, path);
}
