/* The training log: log.csv ("step,name,value" lines) and a TensorBoard event file side by side. */
#include "bicross/train/runlog.h"

#include "bicross/formats/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATH_LENGTH = 1024 };
static const char header[] = "step,name,value\n";

struct bc_runlog {
    FILE *csv, *events;
    char path[PATH_LENGTH]; /* of the CSV, for messages */
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bc_status csv_path(bc_error *err, const char *folder, char path[PATH_LENGTH]) {
    if (snprintf(path, PATH_LENGTH, "%s/log.csv", folder) >= PATH_LENGTH)
        return bc_fail(err, BC_E_FILE, "the folder's path is too long: %.200s...", folder);
    return BC_OK;
}

/* One line of the CSV, in place; false for the header and for a line that was cut off. */
typedef struct row {
    long step;
    const char *name;
    float value;
} row;

static bool parse_row(char *line, row *out) {
    char *end, *name = strchr(line, ',');
    char *value = name ? strchr(name + 1, ',') : NULL;
    if (!value)
        return false;
    out->step = strtol(line, &end, 10);
    if (end != name)
        return false;
    out->value = strtof(value + 1, &end);
    if (end == value + 1 || *end)
        return false;
    *value = 0;
    out->name = name + 1;
    return true;
}

/* Rewrites the CSV with the rows up to `last_step`; a log that is not there becomes an empty one. */
static bc_status keep_rows(bc_error *err, const char *path, long last_step) {
    uint8_t *old = NULL;
    size_t bytes = 0;
    if (last_step > 0 && bc_file_exists(path))
        BC_TRY(bc_file_read_within(err, path, BC_FILE_LOG, &old, &bytes));
    bc_file_writer writer;
    bc_status status = bc_file_writer_open(err, path, &writer);
    if (status == BC_OK) {
        fputs(header, writer.stream);
        char *rest = (char *)old, *line;
        while (old && (line = strsep(&rest, "\n")) != NULL) {
            row r;
            if (rest && parse_row(line, &r) &&
                r.step <= last_step) /* no line end: the last row was cut off */
                fprintf(writer.stream, "%ld,%s,%.9g\n", r.step, r.name, r.value);
        }
        status = bc_file_writer_commit(err, &writer);
    }
    free(old);
    return status;
}

/* A file of its own for each start, never an existing one: the name's time moves on until it is free. */
static bc_status open_events(bc_error *err, const char *folder, long resume_step, FILE **out) {
    char path[PATH_LENGTH];
    double started = now();
    for (long seconds = (long)started;; seconds++) {
        if (snprintf(path, sizeof path, "%s/events.out.tfevents.%ld.bicross", folder, seconds) >= PATH_LENGTH)
            return bc_fail(err, BC_E_FILE, "the folder's path is too long: %.200s...", folder);
        *out = fopen(path, "wbx");
        if (*out)
            return bc_tfevents_begin(err, *out, started, resume_step);
        if (errno != EEXIST)
            return bc_fail(err, BC_E_FILE, "cannot write %s: %s", path, strerror(errno));
    }
}

bc_status bc_runlog_open(bc_error *err, const char *folder, long resume_step, bc_runlog **out) {
    *out = NULL;
    bc_runlog *log = calloc(1, sizeof *log);
    if (!log)
        return bc_fail(err, BC_E_MEMORY, "no memory for the log of %s", folder);
    bc_status status = csv_path(err, folder, log->path);
    if (status == BC_OK)
        status = keep_rows(err, log->path, resume_step);
    if (status == BC_OK && !(log->csv = fopen(log->path, "a")))
        status = bc_fail(err, BC_E_FILE, "cannot write %s: %s", log->path, strerror(errno));
    if (status == BC_OK)
        status = open_events(err, folder, resume_step, &log->events);
    if (status != BC_OK) {
        bc_runlog_close(log);
        return status;
    }
    *out = log;
    return BC_OK;
}

bc_status bc_runlog_write(bc_runlog *log, bc_error *err, long step, int count, const char *const *names,
                          const float *values) {
    if (!log)
        return BC_OK;
    for (int i = 0; i < count; i++)
        fprintf(log->csv, "%ld,%s,%.9g\n", step, names[i], values[i]);
    if (fflush(log->csv) != 0 || ferror(log->csv))
        return bc_fail(err, BC_E_FILE, "cannot write %s (is the disk full?)", log->path);
    bool there;
    BC_TRY(bc_file_present(err, log->path, &there));
    if (!there) /* without a name, what is written is lost: the run's folder may be gone */
        return bc_fail(err, BC_E_FILE, "%s was removed while it was written", log->path);
    return bc_tfevents_scalars(err, log->events, now(), step, count, names, values);
}

bc_status bc_runlog_image(bc_runlog *log, bc_error *err, long step, const char *name, int width, int height,
                          const uint8_t *rgb) {
    bc_tfevents_picture picture = {.width = width, .height = height};
    uint8_t *png;
    if (!log)
        return BC_OK;
    BC_TRY(bc_png_encode_rgb(err, name, width, height, rgb, &png, &picture.bytes));
    picture.png = png;
    bc_status status = bc_tfevents_image(err, log->events, now(), step, name, &picture);
    free(png);
    return status;
}

bc_status bc_runlog_text(bc_runlog *log, bc_error *err, const char *name, const char *text) {
    return log ? bc_tfevents_text(err, log->events, now(), name, text) : BC_OK;
}

bc_status bc_runlog_settings(bc_runlog *log, bc_error *err, int count, const bc_tfevents_setting *settings) {
    return log ? bc_tfevents_settings(err, log->events, now(), count, settings) : BC_OK;
}

bc_status bc_runlog_done(bc_runlog *log, bc_error *err) {
    return log ? bc_tfevents_done(err, log->events, now()) : BC_OK;
}

void bc_runlog_close(bc_runlog *log) {
    if (!log)
        return;
    if (log->csv)
        fclose(log->csv);
    if (log->events)
        fclose(log->events);
    free(log);
}

/* Whether it is log.csv, or open_events gave it this name. */
static bool is_log(const char *name, const void *user) {
    static const char start[] = "events.out.tfevents.";
    size_t length = sizeof start - 1;
    (void)user;
    return strcmp(name, "log.csv") == 0 ||
           (strncmp(name, start, length) == 0 &&
            strcmp(name + length + strspn(name + length, "0123456789"), ".bicross") == 0);
}

bc_status bc_runlog_remove(bc_error *err, const char *folder) {
    return bc_file_remove_some(err, folder, is_log, NULL);
}

/* --- reading back --- */

/* The curve of this name, made when new; NULL when memory does not suffice. Room for `capacity` rows in each.
 */
static bc_curve *curve_of(bc_curve **curves, int *count, const char *name, int capacity) {
    for (int i = 0; i < *count; i++)
        if (strncmp((*curves)[i].name, name, sizeof(*curves)[i].name - 1) == 0)
            return &(*curves)[i];
    bc_curve *grown = realloc(*curves, (size_t)(*count + 1) * sizeof **curves);
    if (!grown)
        return NULL;
    *curves = grown;
    bc_curve *curve = &grown[*count];
    *curve = (bc_curve){.steps = malloc((size_t)capacity * sizeof(long)),
                        .values = malloc((size_t)capacity * sizeof(float))};
    snprintf(curve->name, sizeof curve->name, "%s", name);
    (*count)++; /* from here bc_curves_release finds it */
    return curve->steps && curve->values ? curve : NULL;
}

static int count_lines(const char *text) {
    int lines = 1;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

bc_status bc_runlog_curves(bc_error *err, const char *folder, bc_curve **curves, int *count) {
    *curves = NULL;
    *count = 0;
    char path[PATH_LENGTH];
    BC_TRY(csv_path(err, folder, path));
    uint8_t *text;
    size_t bytes;
    BC_TRY(bc_file_read_within(err, path, BC_FILE_LOG, &text, &bytes));
    int capacity = count_lines((char *)text);
    bc_status status = BC_OK;
    char *rest = (char *)text, *line;
    while (status == BC_OK && (line = strsep(&rest, "\n")) != NULL) {
        row r;
        if (!parse_row(line, &r))
            continue;
        bc_curve *curve = curve_of(curves, count, r.name, capacity);
        if (!curve) {
            status = bc_fail(err, BC_E_MEMORY, "no memory for the curves of %s", path);
            break;
        }
        curve->steps[curve->count] = r.step;
        curve->values[curve->count++] = r.value;
    }
    free(text);
    if (status != BC_OK) {
        bc_curves_release(*curves, *count);
        *curves = NULL;
        *count = 0;
    }
    return status;
}

void bc_curves_release(bc_curve *curves, int count) {
    for (int i = 0; i < count; i++) {
        free(curves[i].steps);
        free(curves[i].values);
    }
    free(curves);
}
