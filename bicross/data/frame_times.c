/* Matching spikes and frames by their times, as the loader of DENSE-Spike's publishers does. */
#include "bicross/data/frame_times.h"

#include "host/base/file.h"
#include "host/base/grow.h"
#include "host/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double close_enough = 1e-5; /* seconds */

typedef struct times {
    char path[BC_PATTERN_PATH]; /* "": no such file */
    double *seconds;            /* by line, from 0 on */
    int count, capacity;
} times;

/* Those of one sequence, whose files follow each other. */
typedef struct sequence {
    times spikes, frames;
} sequence;

static void release(times *t) {
    free(t->seconds);
    *t = (times){0};
}

/* --- reading --- */

static bc_status take_line(bc_error *err, times *t, const char *line) {
    char *end, *rest;
    strtod(line, &end); /* the number, which is the line's */
    double seconds = strtod(end, &rest);
    if (end == line || rest == end || *rest || !isfinite(seconds))
        return bc_fail(err, BC_E_FORMAT, "%s, line %d: expected a number and seconds, found \"%.40s\"",
                       t->path, t->count + 1, line);
    if (t->count > 0 && seconds <= t->seconds[t->count - 1])
        return bc_fail(err, BC_E_FORMAT, "%s, line %d: expected a time after %f, found %f", t->path,
                       t->count + 1, t->seconds[t->count - 1], seconds);
    if (!bc_grow((void **)&t->seconds, t->count, &t->capacity, sizeof *t->seconds))
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its times", t->path);
    t->seconds[t->count++] = seconds;
    return BC_OK;
}

static bc_status read_times(bc_error *err, times *t) {
    uint8_t *text;
    size_t bytes;
    BC_TRY(bc_file_read(err, t->path, &text, &bytes));
    bc_status status = BC_OK;
    char *rest = (char *)text;
    for (char *line; status == BC_OK && (line = strsep(&rest, "\n"));) {
        line = bc_trimmed(line);
        if (*line && *line != '#')
            status = take_line(err, t, line);
    }
    free(text);
    return status;
}

/* The file that the pattern is for these parts, read unless it was for those before them. */
static bc_status follow(bc_error *err, const char *root, const char *pattern, const bc_path_parts *parts,
                        times *t) {
    char path[BC_PATTERN_PATH];
    if (!bc_path_find(root, pattern, parts, path))
        path[0] = 0;
    if (strcmp(path, t->path) == 0)
        return BC_OK;
    release(t);
    memcpy(t->path, path, sizeof path);
    return path[0] ? read_times(err, t) : BC_OK;
}

/* --- matching --- */

static long frame_at(const times *frames, double seconds) {
    for (int low = 0, high = frames->count; low < high;) {
        int middle = low + (high - low) / 2;
        if (fabs(frames->seconds[middle] - seconds) < close_enough)
            return middle;
        if (frames->seconds[middle] < seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static bc_status match(bc_error *err, const sequence *s, const bc_path_parts *parts, long *frame) {
    const char *value = bc_path_part_value(parts, "n");
    char *end;
    long number = strtol(value ? value : "", &end, 10);
    *frame = number;
    if (!s->spikes.path[0] || !s->frames.path[0])
        return BC_OK;
    if (*end || number < 0 || number >= s->spikes.count)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a time for the file of number %s, found %d lines",
                       s->spikes.path, value ? value : "", s->spikes.count);
    *frame = number > 0 ? frame_at(&s->frames, s->spikes.seconds[number]) : -1;
    return BC_OK;
}

static bc_status match_all(bc_error *err, const char *root, const char *spikes, const char *frames,
                           const bc_path_parts *parts, int count, sequence *s, long *out) {
    for (int i = 0; i < count; i++) {
        BC_TRY(follow(err, root, spikes, &parts[i], &s->spikes));
        BC_TRY(follow(err, root, frames, &parts[i], &s->frames));
        BC_TRY(match(err, s, &parts[i], &out[i]));
    }
    return BC_OK;
}

bc_status bc_frame_times_match(bc_error *err, const char *root, const char *spikes, const char *frames,
                               const bc_path_parts *parts, int count, long **out) {
    sequence s = {0};
    *out = malloc((size_t)count * sizeof **out);
    if (!*out)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for the times of %d files", root, count);
    bc_status status = match_all(err, root, spikes, frames, parts, count, &s, *out);
    release(&s.spikes);
    release(&s.frames);
    if (status != BC_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}
