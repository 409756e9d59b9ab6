/* PATH.ini beside a spike file: what the file itself cannot say. */
#include "bicross/data/spike_files.h"
#include "bicross/formats/ini.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 1100 };

static bc_status name_of(bc_error *err, const char *path, char name[NAME]) {
    if (snprintf(name, NAME, "%s.ini", path) >= NAME)
        return bc_fail(err, BC_E_ARGUMENT, "the path %.100s... is longer than %d characters", path, NAME - 5);
    return BC_OK;
}

/* --- reading --- */

static bc_status set_count(bc_error *err, const char *name, const char *key, const char *value, int most,
                           int *out) {
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || end == value || *end || number < 1 || number > most)
        return bc_fail(err, BC_E_FORMAT, "%s: %s must be a whole number from 1 to %d, not '%s'", name, key,
                       most, value);
    *out = (int)number;
    return BC_OK;
}

static bc_status set_rate(bc_error *err, const char *name, const char *value, double *out) {
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end || !(number >= 0 && number <= 1))
        return bc_fail(err, BC_E_FORMAT, "%s: rate must be a number from 0 to 1, not '%s'", name, value);
    *out = number;
    return BC_OK;
}

/* 1 or 2 for the first and the second word. */
static bc_status choose(bc_error *err, const char *name, const char *key, const char *value,
                        const char *first, const char *second, int *out) {
    *out = strcmp(value, first) == 0 ? 1 : strcmp(value, second) == 0 ? 2 : 0;
    if (!*out)
        return bc_fail(err, BC_E_FORMAT, "%s: %s must be %s or %s, not '%s'", name, key, first, second,
                       value);
    return BC_OK;
}

static bc_status set_layout(bc_error *err, const char *name, const char *value, bc_dat_layout *out) {
    for (int i = BC_DAT_PLAIN; bc_dat_layout_words[i]; i++)
        if (strcmp(value, bc_dat_layout_words[i]) == 0) {
            *out = (bc_dat_layout)i;
            return BC_OK;
        }
    return bc_fail(err, BC_E_FORMAT, "%s: layout must be plain, rows, head or pcie, not '%s'", name, value);
}

static bc_status set_raw_key(bc_error *err, const char *name, const char *key, const char *value,
                             bc_spike_description *d) {
    int choice;
    if (strcmp(key, "bit_order") == 0) {
        BC_TRY(choose(err, name, key, value, "lsb", "msb", &choice));
        d->format.bits = choice == 1 ? BC_BITS_LSB : BC_BITS_MSB;
        return BC_OK;
    }
    if (strcmp(key, "flip") == 0) {
        BC_TRY(choose(err, name, key, value, "true", "false", &choice));
        d->format.rows = choice == 1 ? BC_ROWS_BOTTOM_UP : BC_ROWS_TOP_DOWN;
        return BC_OK;
    }
    if (strcmp(key, "layout") == 0)
        return set_layout(err, name, value, &d->format.layout);
    return bc_fail(err, BC_E_FORMAT,
                   "%s: expected width, height, frames, layout, bit_order, flip or rate, found '%s'", name,
                   key);
}

static bc_status set_npy_key(bc_error *err, const char *name, const char *key, const char *value,
                             bc_spike_description *d) {
    if (strcmp(key, "axes") != 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected width, height, frames, axes or rate, found '%s'", name,
                       key);
    if (strlen(value) != 3)
        return bc_fail(err, BC_E_FORMAT, "%s: axes must be three letters (thw), not '%s'", name, value);
    memcpy(d->format.axes, value, 4);
    return BC_OK;
}

static bc_status set_key(bc_error *err, const char *name, bool raw, const char *key, const char *value,
                         bc_spike_description *d) {
    if (strcmp(key, "width") == 0)
        return set_count(err, name, key, value, BC_SPIKE_SIDE_MAX, &d->format.width);
    if (strcmp(key, "height") == 0)
        return set_count(err, name, key, value, BC_SPIKE_SIDE_MAX, &d->format.height);
    if (strcmp(key, "frames") == 0)
        return set_count(err, name, key, value, BC_SPIKE_FRAMES_MAX, &d->frames);
    if (strcmp(key, "rate") == 0)
        return set_rate(err, name, value, &d->rate);
    return (raw ? set_raw_key : set_npy_key)(err, name, key, value, d);
}

static bc_status apply(bc_error *err, const char *name, bool raw, const dictionary *ini,
                       bc_spike_description *d) {
    static const char section[] = "spikes";
    for (size_t i = 0; i < (size_t)ini->size; i++) { /* its type differs between versions of iniparser */
        const char *key = ini->key[i];
        if (!key || strcmp(key, section) == 0)
            continue;
        if (strncmp(key, "spikes:", sizeof section) != 0)
            return bc_fail(err, BC_E_FORMAT, "%s: expected the section [%s] alone, found '%s'", name, section,
                           key);
        BC_TRY(set_key(err, name, raw, key + sizeof section, ini->val[i] ? ini->val[i] : "", d));
    }
    if (!d->format.width != !d->format.height)
        return bc_fail(err, BC_E_FORMAT, "%s: expected width and height together, found one of them", name);
    return BC_OK;
}

bc_status bc_spike_description_read(bc_error *err, const char *path, bc_spike_description *out) {
    char name[NAME];
    dictionary *ini;
    *out = (bc_spike_description){.rate = -1};
    BC_TRY(name_of(err, path, name));
    if (!bc_file_exists(name))
        return BC_OK;
    BC_TRY(bc_ini_read(err, name, &ini));
    bc_status status = apply(err, name, bc_spikes_raw(path), ini, out);
    iniparser_freedict(ini);
    out->there = status == BC_OK;
    return status;
}

/* --- writing --- */

bc_status bc_spike_description_write(bc_error *err, const char *path, const bc_spike_description *d) {
    char name[NAME], text[512];
    BC_TRY(name_of(err, path, name));
    int length = snprintf(text, sizeof text,
                          "; what the spike file beside this one holds; belongs to it, goes where it goes\n"
                          "[spikes]\nwidth = %d\nheight = %d\nframes = %d\nrate = %.9f\n",
                          d->format.width, d->format.height, d->frames, d->rate);
    if (bc_spikes_raw(path))
        length +=
            snprintf(text + length, sizeof text - (size_t)length, "layout = %s\nbit_order = %s\nflip = %s\n",
                     bc_dat_layout_words[d->format.layout ? d->format.layout : BC_DAT_PLAIN],
                     d->format.bits == BC_BITS_MSB ? "msb" : "lsb",
                     d->format.rows == BC_ROWS_TOP_DOWN ? "false" : "true");
    else
        length += snprintf(text + length, sizeof text - (size_t)length, "axes = %s\n", d->format.axes);
    return bc_file_write(err, name, text, (size_t)length);
}

bc_status bc_spike_description_remove(bc_error *err, const char *path) {
    char name[NAME];
    BC_TRY(name_of(err, path, name));
    return bc_file_remove(err, name);
}

/* --- what is said twice --- */

static bc_status contradicted(bc_error *err, const char *path, const char *said, const char *described) {
    return bc_fail(err, BC_E_ARGUMENT,
                   "%s: found %s in %s.ini, which describes it, but %s was asked for: correct either", path,
                   described, path, said);
}

static bc_status join_size(bc_error *err, const char *path, const bc_spike_format *d, bc_spike_format *out) {
    char said[64], described[64];
    if (!out->width && !out->height) {
        out->width = d->width;
        out->height = d->height;
    }
    if (!d->width || (out->width == d->width && out->height == d->height))
        return BC_OK;
    snprintf(said, sizeof said, "%d x %d (width x height)", out->width, out->height);
    snprintf(described, sizeof described, "%d x %d", d->width, d->height);
    return contradicted(err, path, said, described);
}

static bc_status join_raw(bc_error *err, const char *path, const bc_spike_format *d, bc_spike_format *out) {
    static const char *const bits[] = {"", "bit order lsb", "bit order msb"};
    static const char *const rows[] = {"", "flip (bottom row first)", "no flip (top row first)"};
    BC_TRY(join_size(err, path, d, out));
    if (out->bits && d->bits && out->bits != d->bits)
        return contradicted(err, path, bits[out->bits], bits[d->bits]);
    if (out->rows && d->rows && out->rows != d->rows)
        return contradicted(err, path, rows[out->rows], rows[d->rows]);
    out->bits = out->bits ? out->bits : d->bits;
    if (out->layout && d->layout && out->layout != d->layout)
        return contradicted(err, path, bc_dat_layout_words[out->layout], bc_dat_layout_words[d->layout]);
    out->layout = out->layout ? out->layout : d->layout;
    out->rows = out->rows ? out->rows : d->rows;
    return BC_OK;
}

bc_status bc_spike_description_join(bc_error *err, const char *path, const bc_spike_description *d,
                                    const bc_spike_format *said, bc_spike_format *out) {
    *out = *said;
    if (!d->there)
        return BC_OK;
    if (bc_spikes_raw(path))
        return join_raw(err, path, &d->format, out);
    if (out->axes[0] && d->format.axes[0] && strcmp(out->axes, d->format.axes) != 0)
        return contradicted(err, path, out->axes, d->format.axes);
    if (!out->axes[0])
        memcpy(out->axes, d->format.axes, sizeof out->axes);
    return BC_OK;
}

bc_status bc_spike_description_check(bc_error *err, const char *path, const bc_spike_description *d,
                                     const bc_spike_info *s) {
    bool size = !d->format.width || (d->format.width == s->width && d->format.height == s->height);
    if (size && (!d->frames || d->frames == s->frames))
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT,
                   "%s is not what %s.ini describes: expected %d frames of %d x %d, found %d of %d x %d",
                   path, path, d->frames ? d->frames : s->frames,
                   d->format.width ? d->format.width : s->width,
                   d->format.height ? d->format.height : s->height, s->frames, s->width, s->height);
}

bc_status bc_spike_description_check_rate(bc_error *err, const char *path, const bc_spike_description *d,
                                          const bc_spike_stream *stream) {
    double rate = bc_spikes_rate(stream);
    if (!d->there || d->rate < 0 || fabs(rate - d->rate) <= 1e-6)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT, "%s is not what %s.ini describes: expected the rate %.6f, found %.6f",
                   path, path, d->rate, rate);
}
