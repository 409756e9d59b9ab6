/* The report of a run folder: one HTML page that needs nothing else. */
#include "bicross/report/report.h"
#include "host/tuning/choices.h"

#include "bicross/formats/html.h"
#include "bicross/formats/image.h"
#include "bicross/train/runlog.h"
#include "host/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

enum { PATH_LENGTH = 1024, DEEPEST = 5 };

/* Folders below the run that hold a log.csv, relative to it ("" is the run itself), sorted; with their
 * curves. */
typedef struct run_log {
    char name[256];
    bc_curve *curves;
    int curve_count;
} run_log;

typedef struct report {
    bc_error *err;
    const char *folder;
    FILE *out;
    run_log *logs;
    int log_count;
} report;

static bc_status join(bc_error *err, char path[PATH_LENGTH], const char *folder, const char *name) {
    const char *slash = *folder && *name ? "/" : "";
    if (snprintf(path, PATH_LENGTH, "%s%s%s", folder, slash, name) >= PATH_LENGTH)
        return bc_fail(err, BC_E_FILE, "the path below %.200s... is too long", folder);
    return BC_OK;
}

/* --- collecting --- */

static bc_status add_log(report *r, const char *name) {
    run_log *grown = realloc(r->logs, (size_t)(r->log_count + 1) * sizeof *grown);
    if (!grown)
        return bc_fail(r->err, BC_E_MEMORY, "no memory for the logs of %s", r->folder);
    r->logs = grown;
    run_log *log = &grown[r->log_count];
    *log = (run_log){0};
    if (snprintf(log->name, sizeof log->name, "%s", name) >= (int)sizeof log->name)
        return bc_fail(r->err, BC_E_FILE, "the folder name %.100s... is too long", name);
    char path[PATH_LENGTH];
    BC_TRY(join(r->err, path, r->folder, name));
    BC_TRY(bc_runlog_curves(r->err, path, &log->curves, &log->curve_count));
    r->log_count++;
    return BC_OK;
}

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int by_number(const struct dirent **a, const struct dirent **b) {
    return bc_path_order((*a)->d_name, strlen((*a)->d_name), (*b)->d_name, strlen((*b)->d_name));
}

/* Names in a folder, sorted; *count -1 when it cannot be read. */
static struct dirent **list_folder(const char *path, int *count) {
    struct dirent **entries = NULL;
    *count = scandir(path, &entries, visible, by_number);
    return entries;
}

static void free_list(struct dirent **entries, int count) {
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

static bc_status find_logs(report *r, const char *name, int depth) {
    char path[PATH_LENGTH], log[PATH_LENGTH];
    BC_TRY(join(r->err, path, r->folder, name));
    BC_TRY(join(r->err, log, path, "log.csv"));
    if (bc_file_exists(log))
        BC_TRY(add_log(r, name));
    if (depth == DEEPEST)
        return BC_OK;
    int count;
    struct dirent **entries = list_folder(path, &count);
    bc_status status = BC_OK;
    for (int i = 0; i < count && status == BC_OK; i++) {
        char below[PATH_LENGTH], full[PATH_LENGTH];
        struct stat info;
        status = join(r->err, below, name, entries[i]->d_name);
        if (status == BC_OK)
            status = join(r->err, full, r->folder, below);
        if (status == BC_OK && lstat(full, &info) == 0 && S_ISDIR(info.st_mode))
            status = find_logs(r, below, depth + 1);
    }
    free_list(entries, count);
    return status;
}

/* Whether the table was made of this log: of those in runs.txt, or of all where there is no such file. */
static bool belongs(const char *runs, const char *name) {
    size_t length = strlen(name);
    for (const char *at = runs; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, length) == 0 && (at[length] == '\n' || !at[length]))
            return true;
    }
    return !runs;
}

static bc_status drop_others(report *r) {
    char path[PATH_LENGTH];
    uint8_t *runs;
    size_t bytes;
    BC_TRY(join(r->err, path, r->folder, "runs.txt"));
    if (!bc_file_exists(path))
        return BC_OK;
    BC_TRY(bc_file_read(r->err, path, &runs, &bytes));
    int kept = 0;
    for (int i = 0; i < r->log_count; i++)
        if (belongs((const char *)runs, r->logs[i].name))
            r->logs[kept++] = r->logs[i];
        else
            bc_curves_release(r->logs[i].curves, r->logs[i].curve_count);
    r->log_count = kept;
    free(runs);
    return BC_OK;
}

/* --- parts of the page --- */

static const char style[] =
    ":root{color-scheme:light}body{font:16px/1.5 "
    "system-ui,sans-serif;color:#1c2126;background:#f6f7f8;margin:0}"
    "main{max-width:1240px;margin:0 auto;padding:24px 28px 60px;background:#fff}"
    "h1{font-size:26px;margin:0 0 4px}h2{font-size:20px;margin:36px 0 8px;border-bottom:1px solid #d9dde1;"
    "padding-bottom:4px}h3{font-size:16px;margin:20px 0 4px}p.note{color:#69727b;margin:6px 0}"
    "pre{font:13px/1.45 ui-monospace,Consolas,monospace;background:#f6f7f8;border:1px solid "
    "#e3e6e9;border-radius:4px;"
    "padding:10px 14px;overflow-x:auto}figure{margin:12px 0}figure img{max-width:100%;image-rendering:auto}"
    "figcaption{color:#69727b;font-size:14px}.charts{display:flex;flex-wrap:wrap;gap:8px 16px}"
    "svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#4a525a}"
    "svg .title{font-size:14px;font-weight:600;fill:#1c2126}"
    "svg .grid{stroke:#e6e9ec;fill:none}svg .tick,svg .axis{stroke:#8a939b;fill:none}"
    "svg .line{fill:none;stroke-width:1.7;stroke-linejoin:round}summary{cursor:pointer;margin:6px 0}";

static void note(report *r, const char *text) {
    fputs("<p class=\"note\">", r->out);
    bc_html_text(r->out, text);
    fputs("</p>\n", r->out);
}

/* A text file of the run as it is; a note when it is not there. */
static bc_status text_part(report *r, const char *file, const char *missing) {
    char path[PATH_LENGTH];
    BC_TRY(join(r->err, path, r->folder, file));
    if (!bc_file_exists(path)) {
        note(r, missing);
        return BC_OK;
    }
    uint8_t *text;
    size_t bytes;
    BC_TRY(bc_file_read(r->err, path, &text, &bytes));
    fputs("<pre>", r->out);
    bc_html_text(r->out, (const char *)text);
    fputs("</pre>\n", r->out);
    free(text);
    return BC_OK;
}

static bc_status picture(report *r, const char *name) {
    char path[PATH_LENGTH];
    uint8_t *data;
    size_t bytes;
    BC_TRY(join(r->err, path, r->folder, "pictures"));
    char full[PATH_LENGTH];
    BC_TRY(join(r->err, full, path, name));
    BC_TRY(bc_file_read(r->err, full, &data, &bytes));
    int stem = (int)(bc_path_ending(name) - name);
    fprintf(r->out, "<figure><img alt=\"\" src=\"data:image/png;base64,");
    bc_base64(r->out, data, bytes);
    fputs("\"><figcaption>", r->out);
    char caption[256];
    snprintf(caption, sizeof caption, "%.*s", stem, name);
    bc_html_text(r->out, caption);
    fputs("</figcaption></figure>\n", r->out);
    free(data);
    return BC_OK;
}

static bc_status pictures(report *r) {
    char path[PATH_LENGTH];
    BC_TRY(join(r->err, path, r->folder, "pictures"));
    int count, shown = 0;
    struct dirent **entries = list_folder(path, &count);
    bc_status status = BC_OK;
    for (int i = 0; i < count && status == BC_OK; i++)
        if (bc_kind_find(&bc_image_kind, entries[i]->d_name)) {
            status = picture(r, entries[i]->d_name);
            shown++;
        }
    free_list(entries, count);
    if (shown == 0)
        note(r, "There are no pictures in this folder.");
    return status;
}

/* "seed-1/bicross" belongs to the group "seed-1" and is called "bicross" there. */
static int group_length(const run_log *log) {
    return (int)(bc_path_name(log->name) - log->name);
}

static bool same_group(const run_log *a, const run_log *b) {
    int length = group_length(a);
    return length == group_length(b) && strncmp(a->name, b->name, (size_t)length) == 0;
}

static const bc_curve *curve_named(const run_log *log, const char *name) {
    for (int i = 0; i < log->curve_count; i++)
        if (strcmp(log->curves[i].name, name) == 0)
            return &log->curves[i];
    return NULL;
}

/* One chart for a name: a line for each log of the group that log `member` belongs to. */
static bc_status chart(report *r, int member, const char *name) {
    bc_svg_line *lines = calloc((size_t)r->log_count, sizeof *lines);
    if (!lines)
        return bc_fail(r->err, BC_E_MEMORY, "no memory for the charts of %s", r->folder);
    int count = 0, place = -1; /* of the log in its group: its colour in every chart */
    for (int i = 0; i < r->log_count; i++) {
        const run_log *log = &r->logs[i];
        if (!same_group(log, &r->logs[member]))
            continue;
        place++;
        const bc_curve *curve = curve_named(log, name);
        if (!curve)
            continue;
        const char *label = bc_path_name(log->name);
        lines[count++] =
            (bc_svg_line){*label ? label : "run", place, curve->count, curve->steps, curve->values};
    }
    bc_svg_chart(r->out, name, "update", count, lines);
    free(lines);
    return BC_OK;
}

/* True when an earlier log of the same group, or an earlier curve of this log, has this curve already. */
static bool charted(const report *r, int log, const char *name) {
    for (int i = 0; i < log; i++)
        if (same_group(&r->logs[i], &r->logs[log]) && curve_named(&r->logs[i], name))
            return true;
    return false;
}

static bc_status group_charts(report *r, int first) {
    const run_log *leader = &r->logs[first];
    int length = group_length(leader);
    if (length > 0) {
        char heading[256];
        snprintf(heading, sizeof heading, "%.*s", length - 1, leader->name);
        fputs("<h3>", r->out);
        bc_html_text(r->out, heading);
        fputs("</h3>\n", r->out);
    }
    fputs("<div class=\"charts\">\n", r->out);
    for (int i = first; i < r->log_count; i++) {
        if (!same_group(&r->logs[i], leader))
            continue;
        for (int c = 0; c < r->logs[i].curve_count; c++)
            if (!charted(r, i, r->logs[i].curves[c].name))
                BC_TRY(chart(r, i, r->logs[i].curves[c].name));
    }
    fputs("</div>\n", r->out);
    return BC_OK;
}

static bc_status charts(report *r) {
    if (r->log_count == 0)
        note(r, "There is no training log in this folder.");
    for (int i = 0; i < r->log_count; i++) {
        bool leads = true;
        for (int j = 0; j < i; j++)
            leads = leads && !same_group(&r->logs[j], &r->logs[i]);
        if (leads)
            BC_TRY(group_charts(r, i));
    }
    return BC_OK;
}

/* The configuration of each logged run; one that equals the one before it is not shown again. */
static bc_status configurations(report *r) {
    char *last = NULL;
    bc_status status = BC_OK;
    int shown = 0;
    for (int i = 0; i < r->log_count && status == BC_OK; i++) {
        char name[PATH_LENGTH], path[PATH_LENGTH];
        uint8_t *text;
        size_t bytes;
        if ((status = join(r->err, name, r->logs[i].name, "config.ini")) != BC_OK ||
            (status = join(r->err, path, r->folder, name)) != BC_OK || !bc_file_exists(path))
            continue;
        if ((status = bc_file_read(r->err, path, &text, &bytes)) != BC_OK)
            break;
        if (!last || strcmp(last, (char *)text) != 0) {
            fputs("<details><summary>", r->out);
            bc_html_text(r->out, name);
            fputs("</summary><pre>", r->out);
            bc_html_text(r->out, (char *)text);
            fputs("</pre></details>\n", r->out);
            shown++;
        }
        free(last);
        last = (char *)text;
    }
    free(last);
    if (shown == 0)
        note(r, "There is no config.ini in this folder.");
    return status;
}

/* --- the page --- */

static void heading(report *r, const char *text) {
    fprintf(r->out, "<h2>%s</h2>\n", text);
}

static bc_status write_page(report *r) {
    fprintf(r->out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width\"><title>BiCross: ");
    bc_html_text(r->out, r->folder);
    fprintf(r->out, "</title><style>%s</style></head>\n<body><main>\n<h1>BiCross</h1>\n", style);
    fputs("<p class=\"note\">Depth from spike streams, run folder <code>", r->out);
    bc_html_text(r->out, r->folder);
    fprintf(r->out, "</code>, program version %s</p>\n", BICROSS_VERSION);
    heading(r, "Results");
    BC_TRY(text_part(r, "table.txt", "There is no table.txt in this folder: nothing was scored yet."));
    char path[PATH_LENGTH];
    BC_TRY(join(r->err, path, r->folder, "results.json"));
    if (bc_file_exists(path))
        fputs("<p class=\"note\">The same numbers for programs: <a "
              "href=\"results.json\">results.json</a>.</p>\n",
              r->out);
    heading(r, "Pictures");
    BC_TRY(pictures(r));
    heading(r, "Training");
    BC_TRY(charts(r));
    heading(r, "Device and versions");
    BC_TRY(text_part(r, "device.txt", "There is no device.txt in this folder."));
    heading(r, "Configuration");
    BC_TRY(configurations(r));
    fputs("</main></body></html>\n", r->out);
    return BC_OK;
}

bc_status bc_report_write(bc_error *err, const char *folder) {
    struct stat info;
    if (stat(folder, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot read the run folder %s: %s", folder, strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return bc_fail(err, BC_E_FILE, "%s is not a folder", folder);
    report r = {.err = err, .folder = folder};
    bc_file_writer writer;
    char path[PATH_LENGTH];
    bc_status status = find_logs(&r, "", 0);
    if (status == BC_OK)
        status = drop_others(&r);
    if (status == BC_OK)
        status = join(err, path, folder, "report.html");
    if (status == BC_OK && (status = bc_file_writer_open(err, path, &writer)) == BC_OK) {
        r.out = writer.stream;
        status = write_page(&r);
        if (status == BC_OK)
            status = bc_file_writer_commit(err, &writer);
        else
            bc_file_writer_abandon(&writer);
    }
    for (int i = 0; i < r.log_count; i++)
        bc_curves_release(r.logs[i].curves, r.logs[i].curve_count);
    free(r.logs);
    return status;
}

bc_status bc_report_device(bc_host *host, const char *folder) {
    bc_error *err = bc_host_error(host);
    const bc_device_info *d = bc_host_device(host);
    char path[PATH_LENGTH];
    struct utsname system;
    BC_TRY(join(err, path, folder, "device.txt"));
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    fprintf(writer.stream, "device      %s (%s)\n", d->name, d->kind == BC_CLASS_GPU ? "GPU" : "CPU");
    fprintf(writer.stream, "vendor      %s\n", d->vendor);
    fprintf(writer.stream, "platform    %s, %s\n", d->platform_name, d->platform_version);
    fprintf(writer.stream, "driver      %s\n", d->driver_version);
    fprintf(writer.stream, "units       %d compute units, %.1f GiB memory\n", d->compute_units,
            (double)d->global_bytes / (1024.0 * 1024 * 1024));
    if (uname(&system) == 0)
        fprintf(writer.stream, "system      %s %s, %s\n", system.sysname, system.release, system.machine);
    char tuning[BC_TUNING_TEXT];
    bc_host_tuning_text(host, tuning);
    fprintf(writer.stream, "tuning      %s\n", tuning);
    fprintf(writer.stream, "bicross     %s, compiler %s, libpng %s\n", BICROSS_VERSION, __VERSION__,
            PNG_LIBPNG_VER_STRING);
    return bc_file_writer_commit(err, &writer);
}
