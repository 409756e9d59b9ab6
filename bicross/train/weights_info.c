/* The metadata of weight files: one table says what it holds, for writing, reading and checking. */
#include "bicross/train/weights_info.h"

#include "bicross/config/table.h"
#include "host/base/digest.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { TEXT, WHOLE, REAL } kind;

typedef struct field {
    const char *key;
    kind kind;
    size_t offset, size;
    bool shape;        /* of the network: must be what the program's preset has */
    const char *older; /* what files mean that do not say it yet; NULL: they must */
} field;

#define MEMBER(member) offsetof(bc_weights_info, member), sizeof(((bc_weights_info *)0)->member)
#define FIELD(key, kind, member, shape)                                                                      \
    { "bicross." key, kind, MEMBER(member), shape, NULL }
#define ADDED(key, kind, member, older)                                                                      \
    { "bicross." key, kind, MEMBER(member), false, older }

static const field fields[] = {
    FIELD("version", TEXT, version, false),
    FIELD("stage", TEXT, stage, false),
    FIELD("method", TEXT, method, false),
    FIELD("configuration", TEXT, configuration, false),
    FIELD("preset", TEXT, preset, false),
    FIELD("scene", TEXT, scene, false),
    FIELD("front_end", TEXT, front_end, false),
    FIELD("input_channels", WHOLE, input_channels, false), /* told from the stem */
    FIELD("stem", WHOLE, stem, true),
    FIELD("groups", WHOLE, groups, true),
    FIELD("mid1", WHOLE, mid[0], true),
    FIELD("mid2", WHOLE, mid[1], true),
    FIELD("mid3", WHOLE, mid[2], true),
    FIELD("blocks1", WHOLE, blocks[0], true),
    FIELD("blocks2", WHOLE, blocks[1], true),
    FIELD("blocks3", WHOLE, blocks[2], true),
    FIELD("width", WHOLE, width, true),
    FIELD("depth", WHOLE, depth, true),
    FIELD("heads", WHOLE, heads, true),
    FIELD("tap3", WHOLE, tap3, true),
    FIELD("tap4", WHOLE, tap4, true),
    FIELD("classes", WHOLE, classes, true),
    FIELD("grid", WHOLE, grid, true),
    FIELD("features", WHOLE, features, true),
    FIELD("head1", WHOLE, head[0], true),
    FIELD("head2", WHOLE, head[1], true),
    FIELD("weight_epsilon", REAL, weight_epsilon, true),
    FIELD("depth_scale", REAL, depth_scale, false),
    FIELD("depth_shift", REAL, depth_shift, false),
    FIELD("depth_floor", REAL, depth_floor, false),
    FIELD("input_height", WHOLE, input_height, false),
    FIELD("input_width", WHOLE, input_width, false),
    FIELD("spike_frames", WHOLE, spike_frames, false),
    FIELD("crop_height", WHOLE, crop_height, false),
    FIELD("crop_width", WHOLE, crop_width, false),
    FIELD("whole_image", WHOLE, whole_image, false),
    FIELD("dmax", REAL, dmax, false),
    ADDED("stem_epsilon", REAL, stem_epsilon, "1e-8"),
    ADDED("normalise_rgb", WHOLE, normalise_rgb, "1"),
};
enum { FIELDS = sizeof fields / sizeof *fields, VALUE = 64 };

static const void *at(const bc_weights_info *info, const field *f) {
    return (const char *)info + f->offset;
}

static void value_text(const bc_weights_info *info, const field *f, char text[VALUE]) {
    if (f->kind == TEXT)
        snprintf(text, VALUE, "%s", (const char *)at(info, f));
    else if (f->kind == WHOLE)
        snprintf(text, VALUE, "%d", *(const int *)at(info, f));
    else
        snprintf(text, VALUE, "%.9g", (double)*(const float *)at(info, f));
}

/* --- what a network is --- */

static void take_model(bc_weights_info *info, const bc_model *m) {
    info->input_channels = m->input_channels;
    info->stem = m->stem;
    info->groups = m->groups;
    memcpy(info->mid, m->mid, sizeof info->mid);
    memcpy(info->blocks, m->blocks, sizeof info->blocks);
    info->width = m->width;
    info->depth = m->depth;
    info->heads = m->heads;
    info->tap3 = m->tap3;
    info->tap4 = m->tap4;
    info->classes = m->classes;
    info->grid = m->grid;
    info->features = m->features;
    memcpy(info->head, m->head, sizeof info->head);
    info->weight_epsilon = m->weight_epsilon;
    info->stem_epsilon = m->stem_epsilon;
    info->depth_scale = m->depth_scale;
    info->depth_shift = m->depth_shift;
    info->depth_floor = m->depth_floor;
    info->normalise_rgb = !m->unit_rgb;
}

static bc_status take_configuration_hash(bc_error *err, const bc_config *config, bc_weights_info *info) {
    char *text;
    bc_config essence = bc_config_essence(config);
    BC_TRY(bc_config_text(err, &essence, &text));
    snprintf(info->configuration, sizeof info->configuration, "%016" PRIx64,
             bc_digest_text(text, strlen(text)));
    free(text);
    return BC_OK;
}

bc_status bc_weights_info_of(bc_error *err, const bc_config *c, const char *stage, const bc_model *model,
                             int crop_height, int crop_width, bc_weights_info *info) {
    bool spikes = model->input_channels != 3 || model->front_end != BC_FRONT_PLAIN;
    *info = (bc_weights_info){.known = true,
                              .input_height = c->input_height,
                              .input_width = c->input_width,
                              .spike_frames = spikes ? BC_SPIKE_FRAMES : 0,
                              .crop_height = crop_height,
                              .crop_width = crop_width,
                              .whole_image = c->whole_image,
                              .dmax = c->dmax};
    snprintf(info->version, sizeof info->version, "%s", BICROSS_VERSION);
    snprintf(info->stage, sizeof info->stage, "%s", stage);
    snprintf(info->method, sizeof info->method, "%s", bc_method_words[c->method]);
    snprintf(info->preset, sizeof info->preset, "%s", bc_preset_words[c->preset]);
    snprintf(info->scene, sizeof info->scene, "%s", bc_model_scene_words[c->scene]);
    snprintf(info->front_end, sizeof info->front_end, "%s",
             bc_front_end_words[spikes ? c->front_end : BC_FRONT_PLAIN]);
    take_model(info, model);
    return take_configuration_hash(err, c, info);
}

bc_status bc_weights_save(bc_params *params, const char *path, const bc_weights_info *info) {
    bc_metadata pairs[FIELDS];
    char values[FIELDS][VALUE];
    for (int i = 0; i < FIELDS; i++) {
        value_text(info, &fields[i], values[i]);
        pairs[i] = (bc_metadata){fields[i].key, values[i]};
    }
    return bc_params_save(params, path, pairs, FIELDS);
}

/* --- reading --- */

static bool parse(const field *f, const char *text, void *to) {
    char *end;
    if (f->kind == TEXT)
        return snprintf(to, f->size, "%s", text) < (int)f->size;
    if (f->kind == REAL) {
        *(float *)to = strtof(text, &end);
        return end != text && !*end && isfinite(*(float *)to);
    }
    long value = strtol(text, &end, 10);
    *(int *)to = (int)value;
    return end != text && !*end && value >= 0 && value <= INT_MAX;
}

bc_status bc_weights_info_read(bc_error *err, const bc_tensor_file *file, bc_weights_info *out) {
    *out = (bc_weights_info){0};
    const char *missing = NULL;
    for (int i = 0; i < FIELDS; i++) {
        char *text;
        BC_TRY(bc_tensor_file_metadata(err, file, fields[i].key, &text));
        const char *meant = text ? text : fields[i].older;
        if (!meant) {
            missing = fields[i].key;
            continue;
        }
        out->known = out->known || text;
        bool good = parse(&fields[i], meant, (char *)out + fields[i].offset);
        bc_status status =
            good ? BC_OK
                 : bc_fail(err, BC_E_FORMAT, "%s: its metadata say %s = '%.60s', which is no such value",
                           file->path, fields[i].key, meant);
        free(text);
        BC_TRY(status);
    }
    if (out->known && missing) /* a zero must not stand for it */
        return bc_fail(err, BC_E_FORMAT, "%s: its metadata do not say %s", file->path, missing);
    return BC_OK;
}

/* --- taking it over --- */

/* Keys of the configuration that a file has a word in. */
static const struct {
    const char *section, *key, *field;
    bool nature;                               /* what the network is: no word can change it */
    enum { OF_ALL, OF_SPIKES, OF_RGB } reader; /* networks that it says something of */
} shared[] = {
    {"model", "preset", "bicross.preset", true, OF_ALL},
    {"model", "front_end", "bicross.front_end", true, OF_SPIKES},
    {"model", "stem_epsilon", "bicross.stem_epsilon", true, OF_SPIKES},
    {"model", "scene", "bicross.scene", false, OF_ALL},
    {"model", "input_height", "bicross.input_height", false, OF_ALL},
    {"model", "input_width", "bicross.input_width", false, OF_ALL},
    {"data", "dmax", "bicross.dmax", false, OF_ALL},
    {"data", "normalise_rgb", "bicross.normalise_rgb", false, OF_RGB},
    {"eval", "whole_image", "bicross.whole_image", false, OF_ALL},
};
enum { SHARED = sizeof shared / sizeof *shared };

static const field *field_named(const char *key) {
    for (int i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

/* The file's value as the configuration writes it. */
static bc_status value_for(bc_error *err, const bc_weights_info *info, const char *path, int i,
                           char value[BC_VALUE_TEXT], bc_config *config) {
    char assignment[256], plain[VALUE];
    bc_error reason = {0};
    const bc_key *key = bc_config_find_key(shared[i].section, shared[i].key);
    value_text(info, field_named(shared[i].field), plain);
    snprintf(assignment, sizeof assignment, "%s.%s=%s", shared[i].section, shared[i].key, plain);
    if (bc_config_set(&reason, assignment, config) != BC_OK)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: its metadata say %s = %s, which this version does not know: %.300s", path,
                       shared[i].field, plain, reason.text);
    bc_config_value_text(key, config, value);
    return BC_OK;
}

static void append(size_t size, char *text, const char *format, const char *a, const char *b, const char *c) {
    size_t used = text ? strlen(text) : 0;
    if (text && used < size)
        snprintf(text + used, size - used, format, a, b, c);
}

static bc_status adopt_key(bc_error *err, const bc_weights_info *info, const char *path, int i,
                           bc_config *config, size_t size, char *text) {
    const bc_key *key = bc_config_find_key(shared[i].section, shared[i].key);
    bc_given given = (bc_given)config->given[key - bc_config_keys];
    bc_config copy = *config;
    char here[BC_VALUE_TEXT], there[BC_VALUE_TEXT], name[64];
    snprintf(name, sizeof name, "%s.%s", shared[i].section, shared[i].key);
    bc_config_value_text(key, config, here);
    BC_TRY(value_for(err, info, path, i, there, &copy));
    if (strcmp(here, there) == 0)
        return BC_OK;
    if (given == BC_GIVEN_BY_HAND && !shared[i].nature) {
        append(size, text, "%s%s is %s", *text ? ", " : "", name, there);
        append(size, text, " in the file, taken is %s%s%s", here, "", "");
        return BC_OK;
    }
    if (given != BC_GIVEN_NOT)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "%s was trained with %s = %s, but here it is %s: leave it out to take the file's%s%s%s", path,
            name, there, here, shared[i].nature ? "" : ", or say --set ", shared[i].nature ? "" : name,
            shared[i].nature ? "" : "=... to mean the other");
    copy.given[key - bc_config_keys] = BC_GIVEN_NOT; /* so that a second file has a word, too */
    *config = copy;
    return BC_OK;
}

static void list_assumptions(const bc_config *config, size_t size, char *text) {
    for (int i = 0; i < SHARED; i++) {
        const bc_key *key = bc_config_find_key(shared[i].section, shared[i].key);
        char value[BC_VALUE_TEXT];
        if (config->given[key - bc_config_keys] != BC_GIVEN_NOT)
            continue;
        bc_config_value_text(key, config, value);
        append(size, text, "%s%s", *text ? ", " : "", shared[i].key, "");
        append(size, text, " = %s%s%s", value, "", "");
    }
}

bc_status bc_weights_info_adopt(bc_error *err, const bc_weights_info *info, const char *path,
                                bc_config *config, size_t size, char *text) {
    char ignored[1] = "";
    if (!text) {
        text = ignored;
        size = sizeof ignored;
    }
    text[0] = 0;
    for (int i = 0; info->known && i < SHARED; i++) {
        if (shared[i].reader == (info->spike_frames ? OF_RGB : OF_SPIKES))
            continue;
        BC_TRY(adopt_key(err, info, path, i, config, size, text));
    }
    if (!info->known) {
        bc_config_settle(config);
        list_assumptions(config, size, text);
    }
    return BC_OK;
}

bc_status bc_weights_info_apply(bc_error *err, const bc_weights_info *info, const char *path,
                                bc_model_scene scene, bc_model *model) {
    bc_weights_info own = {0};
    take_model(&own, model);
    for (int i = 0; info->known && i < FIELDS; i++) {
        char here[VALUE], there[VALUE];
        value_text(&own, &fields[i], here);
        value_text(info, &fields[i], there);
        if (fields[i].shape && strcmp(here, there) != 0)
            return bc_fail(err, BC_E_FORMAT, "%s was trained with %s = %s, this program's %s has %s", path,
                           fields[i].key, there, model->name, here);
    }
    if (info->known && strcmp(info->scene, bc_model_scene_words[scene]) == 0) {
        model->depth_scale = info->depth_scale;
        model->depth_shift = info->depth_shift;
        model->depth_floor = info->depth_floor;
    }
    return BC_OK;
}
