/* What a run folder holds for the report. */
#include "bicross/report/report_internal.h"

#include "bicross/report/demo_arms.h"
#include "host/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEEPEST = 5 };

bc_status bc_report_path(bc_error *err, const char *folder, const char *file, char path[BC_REPORT_PATH]) {
    const char *slash = *folder && *file ? "/" : "";
    if (snprintf(path, BC_REPORT_PATH, "%s%s%s", folder, slash, file) >= BC_REPORT_PATH)
        return bc_fail(err, BC_E_FILE, "the path below %.200s... is too long", folder);
    return BC_OK;
}

bc_status bc_report_text(bc_error *err, const char *folder, const char *file, char **text) {
    char path[BC_REPORT_PATH];
    uint8_t *bytes;
    size_t count;
    *text = NULL;
    BC_TRY(bc_report_path(err, folder, file, path));
    if (!bc_file_exists(path))
        return BC_OK;
    BC_TRY(bc_file_read(err, path, &bytes, &count));
    *text = (char *)bytes;
    return BC_OK;
}

/* --- logs --- */

static bc_status add_log(bc_error *err, bc_report_folder *f, const char *name) {
    char path[BC_REPORT_PATH];
    bc_report_log *grown = realloc(f->logs, (size_t)(f->log_count + 1) * sizeof *grown);
    if (!grown)
        return bc_fail(err, BC_E_MEMORY, "no memory for the logs of %s", f->path);
    f->logs = grown;
    bc_report_log *log = &grown[f->log_count];
    *log = (bc_report_log){0};
    if (snprintf(log->name, sizeof log->name, "%s", name) >= (int)sizeof log->name)
        return bc_fail(err, BC_E_FILE, "the folder name %.100s... is too long", name);
    BC_TRY(bc_report_path(err, f->path, name, path));
    BC_TRY(bc_runlog_curves(err, path, &log->curves, &log->curve_count));
    f->log_count++;
    return BC_OK;
}

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int by_number(const struct dirent **a, const struct dirent **b) {
    return bc_path_order((*a)->d_name, strlen((*a)->d_name), (*b)->d_name, strlen((*b)->d_name));
}

static bc_status find_logs(bc_error *err, bc_report_folder *f, const char *name, int depth);

static bc_status find_below(bc_error *err, bc_report_folder *f, const char *name, const char *entry,
                            int depth) {
    char below[BC_REPORT_PATH], full[BC_REPORT_PATH];
    struct stat info;
    BC_TRY(bc_report_path(err, name, entry, below));
    BC_TRY(bc_report_path(err, f->path, below, full));
    bool folder = lstat(full, &info) == 0 && S_ISDIR(info.st_mode);
    return folder ? find_logs(err, f, below, depth + 1) : BC_OK;
}

static bc_status find_logs(bc_error *err, bc_report_folder *f, const char *name, int depth) {
    char path[BC_REPORT_PATH], log[BC_REPORT_PATH];
    BC_TRY(bc_report_path(err, f->path, name, path));
    BC_TRY(bc_report_path(err, path, "log.csv", log));
    if (bc_file_exists(log))
        BC_TRY(add_log(err, f, name));
    if (depth == DEEPEST)
        return BC_OK;
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, visible, by_number);
    bc_status status = BC_OK;
    for (int i = 0; i < count; i++) {
        if (status == BC_OK)
            status = find_below(err, f, name, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
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

static bc_status drop_others(bc_error *err, bc_report_folder *f) {
    char *runs;
    int kept = 0;
    BC_TRY(bc_report_text(err, f->path, "runs.txt", &runs));
    for (int i = 0; i < f->log_count; i++)
        if (belongs(runs, f->logs[i].name))
            f->logs[kept++] = f->logs[i];
        else
            bc_curves_release(f->logs[i].curves, f->logs[i].curve_count);
    f->log_count = kept;
    free(runs);
    return BC_OK;
}

/* A run's place in the order in which they are trained: of a demo's seed, else of stages. */
static int place_of(const char *name) {
    const char *last = bc_path_name(name);
    bc_stage stage;
    if (last == name)
        return bc_stage_find(NULL, name, &stage) == BC_OK ? (int)stage : BC_STAGE_COUNT;
    int place = 0;
    while (place < BC_ARM_RUNS && strcmp(bc_arm_runs[place].folder, last) != 0)
        place++;
    return place;
}

static int in_order(const void *left, const void *right) {
    const char *a = ((const bc_report_log *)left)->name, *b = ((const bc_report_log *)right)->name;
    int groups = bc_path_order(a, (size_t)(bc_path_name(a) - a), b, (size_t)(bc_path_name(b) - b));
    if (groups)
        return groups;
    return place_of(a) != place_of(b) ? place_of(a) - place_of(b) : bc_path_order(a, strlen(a), b, strlen(b));
}

/* --- the folder --- */

static bc_status check_folder(bc_error *err, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot read the run folder %s: %s", path, strerror(errno));
    return S_ISDIR(info.st_mode) ? BC_OK : bc_fail(err, BC_E_FILE, "%s is not a folder", path);
}

/* Of "runs/own/" it is "own". */
static void name_folder(bc_report_folder *f) {
    size_t length = strlen(f->path);
    while (length > 1 && f->path[length - 1] == '/')
        length--;
    size_t first = length;
    while (first > 0 && f->path[first - 1] != '/')
        first--;
    snprintf(f->name, sizeof f->name, "%.*s", (int)(length - first), f->path + first);
}

static bc_status read_results(bc_error *err, bc_report_folder *f) {
    char path[BC_REPORT_PATH];
    BC_TRY(bc_report_path(err, f->path, "results.json", path));
    return bc_file_exists(path) ? bc_results_read(err, path, f->name, &f->results) : BC_OK;
}

bc_status bc_report_folder_open(bc_error *err, const char *path, bc_report_folder *out) {
    *out = (bc_report_folder){.path = path};
    BC_TRY(check_folder(err, path));
    name_folder(out);
    bc_status status = find_logs(err, out, "", 0);
    if (status == BC_OK)
        status = drop_others(err, out);
    if (status == BC_OK && out->log_count > 1)
        qsort(out->logs, (size_t)out->log_count, sizeof *out->logs, in_order);
    if (status == BC_OK)
        status = read_results(err, out);
    if (status != BC_OK)
        bc_report_folder_close(out);
    return status;
}

void bc_report_folder_close(bc_report_folder *f) {
    for (int i = 0; i < f->log_count; i++)
        bc_curves_release(f->logs[i].curves, f->logs[i].curve_count);
    free(f->logs);
    bc_results_release(&f->results);
    *f = (bc_report_folder){0};
}
