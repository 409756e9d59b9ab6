/* Reading and writing checkpoint.ini. */
#include "bicross/train/checkpoint_state.h"

#include "bicross/formats/ini.h"
#include "host/base/file.h"
#include "host/tuning/choices.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const bc_part_names[BC_PART_COUNT] = {"student",         "teacher", "heads", "optimiser",
                                                  "heads-optimiser", "weights", "start", "sensor"};

/* A driver's text as it can stand between quotation marks in an INI file. */
static void copy_text(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from);
    for (char *c = to; *c; c++)
        if (*c == '"' || *c == '\\' || *c == ';' || *c == '#' || (unsigned char)*c < ' ')
            *c = '\'';
}

bc_run_device bc_run_device_of(const bc_host *host) {
    const bc_device_info *info = bc_host_device(host);
    bc_run_device device = {.choices = bc_host_tuning_hash(host)};
    copy_text(device.name, sizeof device.name, info->name);
    copy_text(device.driver, sizeof device.driver, info->driver_version);
    return device;
}

/* --- writing --- */

bc_status bc_checkpoint_state_write(bc_error *err, const char *path, const bc_checkpoint_state *s) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    FILE *out = writer.stream;
    fprintf(out, "[checkpoint]\nstage = %s\nstep = %ld\nsteps = %ld\nfinished = %d\n",
            bc_stage_name(s->stage), s->step, s->steps, s->finished);
    fprintf(out, "best = %a\nplateau_best = %a\nplateau_bad = %d\nplateau_scale = %a\n", (double)s->best,
            (double)s->plateau_best, s->plateau_bad, (double)s->plateau_scale);
    fprintf(out, "device = \"%s\"\ndriver = \"%s\"\nchoices = %016" PRIx64 "\n", s->device.name,
            s->device.driver, s->device.choices);
    if (s->ranks > 1)
        fprintf(out, "ranks = %d\nshares = \"%s\"\nteam = %016" PRIx64 "\n", s->ranks, s->shares, s->team);
    fputs("\n; bytes and XXH3 hash\n[files]\n", out);
    for (int p = 0; p < BC_PART_COUNT; p++)
        if (s->parts[p].bytes)
            fprintf(out, "%s = %" PRIu64 " %016" PRIx64 "\n", bc_part_names[p], s->parts[p].bytes,
                    s->parts[p].hash);
    return bc_file_writer_commit(err, &writer);
}

/* --- reading --- */

typedef struct reader {
    bc_error *err;
    const char *path;
    const dictionary *ini;
} reader;

static bc_status fail_value(const reader *r, const char *key, const char *expected, const char *found) {
    return bc_fail(r->err, BC_E_FORMAT,
                   "%s is not a checkpoint of this program: %s should be %s, found '%.60s'", r->path, key,
                   expected, found ? found : "nothing");
}

static const char *text_of(const reader *r, const char *key) {
    return iniparser_getstring(r->ini, key, NULL);
}

static bc_status read_long(const reader *r, const char *key, long low, long high, long *out) {
    const char *text = text_of(r, key);
    char *end = NULL, range[64];
    *out = text ? strtol(text, &end, 10) : 0;
    if (text && end != text && !*end && *out >= low && *out <= high)
        return BC_OK;
    snprintf(range, sizeof range, "a whole number from %ld to %ld", low, high);
    return fail_value(r, key, range, text);
}

/* A number, or infinity: above NaN there is no order, so it can be no best. */
static bc_status read_float(const reader *r, const char *key, float low, float high, float *out) {
    const char *text = text_of(r, key);
    char *end = NULL, range[64];
    *out = text ? strtof(text, &end) : 0;
    if (text && end != text && !*end && *out >= low && *out <= high)
        return BC_OK;
    snprintf(range, sizeof range, "a number from %g to %g", (double)low, (double)high);
    return fail_value(r, key, range, text);
}

static bc_status read_digest(const reader *r, bc_part part, bc_digest *out) {
    char key[64];
    int end = 0;
    snprintf(key, sizeof key, "files:%s", bc_part_names[part]);
    const char *text = text_of(r, key);
    *out = (bc_digest){0};
    if (!text || (sscanf(text, "%20" SCNu64 " %16" SCNx64 "%n", &out->bytes, &out->hash, &end) == 2 &&
                  !text[end] && out->bytes))
        return BC_OK;
    return fail_value(r, key, "a size and a hash", text);
}

static bc_status read_device(const reader *r, bc_run_device *out) {
    const char *name = text_of(r, "checkpoint:device"), *driver = text_of(r, "checkpoint:driver");
    const char *choices = text_of(r, "checkpoint:choices");
    char *end = NULL;
    if (!name || !driver)
        return fail_value(r, "device", "the device's name and driver", name);
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->driver, sizeof out->driver, "%s", driver);
    out->choices = choices ? strtoull(choices, &end, 16) : 0;
    return choices && end != choices && !*end ? BC_OK : fail_value(r, "choices", "a hash", choices);
}

/* One process wrote none of it. */
static bc_status read_team(const reader *r, bc_checkpoint_state *out) {
    const char *shares = text_of(r, "checkpoint:shares"), *team = text_of(r, "checkpoint:team");
    char *end = NULL;
    long ranks;
    out->ranks = 1;
    if (!text_of(r, "checkpoint:ranks"))
        return BC_OK;
    BC_TRY(read_long(r, "checkpoint:ranks", 1, 256, &ranks));
    out->ranks = (int)ranks;
    if (!shares || strlen(shares) >= sizeof out->shares)
        return fail_value(r, "shares", "numbers, one a rank", shares);
    snprintf(out->shares, sizeof out->shares, "%s", shares);
    out->team = team ? strtoull(team, &end, 16) : 0;
    return team && end != team && !*end ? BC_OK : fail_value(r, "team", "a hash", team);
}

static bc_status read_state(const reader *r, bc_checkpoint_state *out) {
    const char *stage = text_of(r, "checkpoint:stage");
    long bad, finished;
    if (!stage || bc_stage_find(NULL, stage, &out->stage) != BC_OK)
        return fail_value(r, "stage", "a stage's name", stage);
    BC_TRY(read_long(r, "checkpoint:steps", 1, LONG_MAX - 1, &out->steps));
    BC_TRY(read_long(r, "checkpoint:step", 1, out->steps, &out->step));
    BC_TRY(read_long(r, "checkpoint:finished", 0, 1, &finished));
    BC_TRY(read_float(r, "checkpoint:best", -INFINITY, INFINITY, &out->best));
    BC_TRY(read_float(r, "checkpoint:plateau_best", -INFINITY, INFINITY, &out->plateau_best));
    BC_TRY(read_float(r, "checkpoint:plateau_scale", 0, 1, &out->plateau_scale));
    BC_TRY(read_long(r, "checkpoint:plateau_bad", 0, INT_MAX, &bad));
    out->plateau_bad = (int)bad;
    out->finished = finished;
    for (int p = 0; p < BC_PART_COUNT; p++)
        BC_TRY(read_digest(r, (bc_part)p, &out->parts[p]));
    bc_part needed = out->finished ? BC_PART_WEIGHTS : BC_PART_STUDENT;
    if (!out->parts[needed].bytes)
        return fail_value(r, bc_part_names[needed], "a size and a hash", NULL);
    BC_TRY(read_team(r, out));
    return read_device(r, &out->device);
}

bc_status bc_checkpoint_state_read(bc_error *err, const char *path, bc_checkpoint_state *out, bool *found) {
    *out = (bc_checkpoint_state){0};
    BC_TRY(bc_file_present(err, path, found));
    if (!*found)
        return BC_OK;
    dictionary *ini;
    BC_TRY(bc_ini_read(err, path, &ini));
    reader r = {err, path, ini};
    bc_status status = read_state(&r, out);
    iniparser_freedict(ini);
    return status;
}
