/* Reading, checking and writing the configuration by its table. */
#include "bicross/config/table.h"
#include "bicross/data/layout.h"
#include "bicross/formats/ini.h"
#include "host/base/words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *field_of(const bc_key *key, bc_config *config) {
    return (char *)config + key->offset;
}

/* --- names --- */

static const char *nearest_section(const char *section) {
    bc_nearest nearest = {.wanted = section};
    for (int i = 0; i < bc_config_key_count; i++)
        bc_nearest_offer(&nearest, bc_config_keys[i].section);
    return nearest.word;
}

/* The key of `section` with the name nearest to `name`; NULL when there is no such section. *distance 0: it
 * is the key. */
static const bc_key *nearest_key(const char *section, const char *name, int *distance) {
    const bc_key *best = NULL;
    bc_nearest nearest = {.wanted = name};
    for (int i = 0; i < bc_config_key_count; i++)
        if (strcmp(bc_config_keys[i].section, section) == 0 &&
            bc_nearest_offer(&nearest, bc_config_keys[i].name))
            best = &bc_config_keys[i];
    *distance = nearest.distance;
    return best;
}

/* The section that has a key of exactly this name. */
static const char *section_with(const char *name) {
    for (int i = 0; i < bc_config_key_count; i++)
        if (strcmp(bc_config_keys[i].name, name) == 0)
            return bc_config_keys[i].section;
    return NULL;
}

/* `origin` is the file or the assignment that the name comes from. */
static bc_status find_key(bc_error *err, const char *origin, const char *section, const char *name,
                          const bc_key **out) {
    int distance = 0;
    const bc_key *nearest = nearest_key(section, name, &distance);
    if (!nearest)
        return bc_fail(err, BC_E_ARGUMENT, "%s: unknown section [%s]; the nearest is [%s]", origin, section,
                       nearest_section(section));
    if (distance > 0) {
        const char *other = section_with(name);
        if (other)
            return bc_fail(err, BC_E_ARGUMENT, "%s: [%s] has no key '%s'; it belongs to [%s]", origin,
                           section, name, other);
        return bc_fail(err, BC_E_ARGUMENT, "%s: [%s] has no key '%s'; the nearest is '%s'", origin, section,
                       name, nearest->name);
    }
    *out = nearest;
    return BC_OK;
}

/* --- values --- */

static bc_status set_int(bc_error *err, const char *origin, const bc_key *key, const char *value,
                         bc_config *config) {
    char *end;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end || number < key->low || number > key->high)
        return bc_fail(err, BC_E_ARGUMENT, "%s: %s.%s must be a whole number from %.0f to %.0f, not '%s'",
                       origin, key->section, key->name, key->low, key->high, value);
    *(int *)field_of(key, config) = (int)number;
    return BC_OK;
}

static bc_status set_float(bc_error *err, const char *origin, const bc_key *key, const char *value,
                           bc_config *config) {
    char *end;
    errno = 0; /* also what is too small for a float, which would be a silent 0 */
    float number = strtof(value, &end);
    if (end == value || *end || errno || !isfinite(number) || number < (float)key->low ||
        number > (float)key->high)
        return bc_fail(err, BC_E_ARGUMENT, "%s: %s.%s must be a number from %g to %g, not '%s'", origin,
                       key->section, key->name, key->low, key->high, value);
    *(float *)field_of(key, config) = number;
    return BC_OK;
}

static bc_status set_bool(bc_error *err, const char *origin, const bc_key *key, const char *value,
                          bc_config *config) {
    static const char *const words[2][4] = {{"false", "no", "off", "0"}, {"true", "yes", "on", "1"}};
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 4; i++)
            if (strcasecmp(value, words[truth][i]) == 0) {
                *(bool *)field_of(key, config) = truth;
                return BC_OK;
            }
    return bc_fail(err, BC_E_ARGUMENT, "%s: %s.%s must be true or false, not '%s'", origin, key->section,
                   key->name, value);
}

/* "paper|code" */
static void list_words(const bc_key *key, char text[BC_VALUE_TEXT]) {
    size_t used = 0;
    text[0] = 0;
    for (const char *const *word = key->words; *word; word++)
        used += (size_t)snprintf(text + used, BC_VALUE_TEXT - used, "%s%s", used ? "|" : "", *word);
}

static bc_status set_choice(bc_error *err, const char *origin, const bc_key *key, const char *value,
                            bc_config *config) {
    char words[BC_VALUE_TEXT];
    for (int i = 0; key->words[i]; i++)
        if (strcmp(key->words[i], value) == 0) {
            *(int *)field_of(key, config) = i;
            return BC_OK;
        }
    list_words(key, words);
    return bc_fail(err, BC_E_ARGUMENT, "%s: %s.%s must be one of %s, not '%s'", origin, key->section,
                   key->name, words, value);
}

/* Whether every version of iniparser reads it back from between quotation marks: some take a backslash for an escape. */
static bool can_be_written(const char *value) {
    for (; *value; value++)
        if (*value == '"' || *value == '\\' || (unsigned char)*value < ' ' || *value == 127)
            return false;
    return true;
}

static bc_status set_text(bc_error *err, const char *origin, const bc_key *key, const char *value,
                          bc_config *config) {
    if (strlen(value) >= key->size)
        return bc_fail(err, BC_E_ARGUMENT, "%s: %s.%s must be shorter than %zu characters", origin,
                       key->section, key->name, key->size);
    if (!can_be_written(value))
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: %s.%s must not contain quotation marks, backslashes or control characters",
                       origin, key->section, key->name);
    snprintf(field_of(key, config), key->size, "%s", value);
    return BC_OK;
}

static bc_status parse_value(bc_error *err, const char *origin, const bc_key *key, const char *value,
                             bc_config *config) {
    switch (key->type) {
    case BC_KEY_INT:
        return set_int(err, origin, key, value, config);
    case BC_KEY_FLOAT:
        return set_float(err, origin, key, value, config);
    case BC_KEY_BOOL:
        return set_bool(err, origin, key, value, config);
    case BC_KEY_CHOICE:
        return set_choice(err, origin, key, value, config);
    default:
        return set_text(err, origin, key, value, config);
    }
}

static bc_status set_value(bc_error *err, const char *origin, const bc_key *key, const char *value,
                           bc_given given, bc_config *config) {
    BC_TRY(parse_value(err, origin, key, value, config));
    config->given[key - bc_config_keys] = (unsigned char)given;
    return BC_OK;
}

const bc_key *bc_config_find_key(const char *section, const char *name) {
    int distance = 1;
    const bc_key *key = nearest_key(section, name, &distance);
    return distance == 0 ? key : NULL;
}

void bc_config_defaults(bc_config *config) {
    memset(config, 0, sizeof *config);
    for (int i = 0; i < bc_config_key_count; i++)
        bc_config_put(&bc_config_keys[i], bc_config_keys[i].default_value, config);
}

void bc_config_put(const bc_key *key, const char *value, bc_config *config) {
    (void)set_value(NULL, "the program's own", key, value, BC_GIVEN_NOT, config);
}

/* --- reading --- */

static bc_status apply(bc_error *err, const char *path, const dictionary *ini, bc_config *config) {
    for (size_t i = 0; i < (size_t)ini->size; i++) { /* its type differs between versions of iniparser */
        if (!ini->key[i])
            continue;
        char section[BC_TEXT];
        snprintf(section, sizeof section, "%s", ini->key[i]);
        char *colon = strchr(section, ':');
        if (!colon) { /* the section itself */
            int distance = 0;
            if (!nearest_key(section, "", &distance))
                return bc_fail(err, BC_E_ARGUMENT, "%s: unknown section [%s]; the nearest is [%s]", path,
                               section, nearest_section(section));
            continue;
        }
        *colon = 0;
        if (colon == section)
            return bc_fail(err, BC_E_ARGUMENT, "%s: the key '%s' stands before the first [section]", path,
                           colon + 1);
        const bc_key *key;
        BC_TRY(find_key(err, path, section, colon + 1, &key));
        BC_TRY(set_value(err, path, key, ini->val[i] ? ini->val[i] : "", BC_GIVEN_BY_FILE, config));
    }
    return BC_OK;
}

bc_status bc_config_read(bc_error *err, const char *path, bc_config *config) {
    dictionary *ini;
    BC_TRY(bc_ini_read(err, path, &ini));
    bc_config copy = *config; /* a file that fails half-way changes nothing */
    bc_status status = apply(err, path, ini, &copy);
    if (status == BC_OK)
        *config = copy;
    iniparser_freedict(ini);
    return status;
}

bc_status bc_config_set(bc_error *err, const char *assignment, bc_config *config) {
    char copy[2 * BC_TEXT];
    const char *equals = strchr(assignment, '='), *dot = strchr(assignment, '.');
    if (!equals || !dot || dot > equals || strlen(assignment) >= sizeof copy)
        return bc_fail(err, BC_E_ARGUMENT, "expected section.key=value, found '%.100s'", assignment);
    snprintf(copy, sizeof copy, "%s", assignment);
    copy[equals - assignment] = 0;
    copy[dot - assignment] = 0;
    const bc_key *key;
    BC_TRY(find_key(err, assignment, bc_trimmed(copy), bc_trimmed(copy + (dot - assignment) + 1), &key));
    return set_value(err, assignment, key, bc_trimmed(copy + (equals - assignment) + 1), BC_GIVEN_BY_HAND,
                     config);
}

void bc_config_default_text(const bc_key *key, char text[BC_VALUE_TEXT]) {
    bc_config defaults;
    bc_config_defaults(&defaults);
    bc_config_value_text(key, &defaults, text);
}

bool bc_config_is_default(const bc_key *key, const bc_config *config) {
    char here[BC_VALUE_TEXT], there[BC_VALUE_TEXT];
    bc_config_value_text(key, config, here);
    bc_config_default_text(key, there);
    return strcmp(here, there) == 0;
}

/* --- checking --- */

static bc_status check_crop(bc_error *err, const char *domain, const bc_domain_config *d) {
    if ((d->crop_height == 0) != (d->crop_width == 0))
        return bc_fail(err, BC_E_ARGUMENT,
                       "data.%s_crop_height and %s_crop_width must both be given or both be 0, not %d x %d",
                       domain, domain, d->crop_height, d->crop_width);
    return BC_OK;
}

static bc_status check_dat(bc_error *err, const bc_config *c) {
    if (!c->dat_width != !c->dat_height)
        return bc_fail(err, BC_E_ARGUMENT,
                       "data.dat_width and dat_height must both be given or both be 0, not %d x %d",
                       c->dat_width, c->dat_height);
    return BC_OK;
}

static bc_status check_sizes(bc_error *err, const bc_config *c) {
    BC_TRY(check_dat(err, c));
    if (c->input_height % 32 || c->input_width % 32)
        return bc_fail(err, BC_E_ARGUMENT,
                       "model.input_height and input_width must be multiples of 32, not %d x %d",
                       c->input_height, c->input_width);
    BC_TRY(check_crop(err, "source", &c->source_domain));
    return check_crop(err, "target", &c->target_domain);
}

static bc_status check_world_crop(bc_error *err, const bc_config *c, const char *domain,
                                  const bc_domain_config *d) {
    if (d->crop_height > c->world_height || d->crop_width > c->world_width)
        return bc_fail(err, BC_E_ARGUMENT, "the %s's crop of %d x %d is larger than the world's %d x %d",
                       domain, d->crop_height, d->crop_width, c->world_height, c->world_width);
    return BC_OK;
}

static bc_status check_world(bc_error *err, const bc_config *c) {
    bc_model_scene scene = bc_scenario_indoor(c->scenario) ? BC_INDOOR : BC_OUTDOOR;
    if (scene != c->scene)
        return bc_fail(err, BC_E_ARGUMENT, "data.scenario %s is %s, but model.scene is %s",
                       bc_scenario_words[c->scenario], bc_model_scene_words[scene],
                       bc_model_scene_words[c->scene]);
    BC_TRY(check_world_crop(err, c, "source", &c->source_domain));
    return check_world_crop(err, c, "target", &c->target_domain);
}

/* Keys of [data] that mean something to one kind of data alone: another value than the default, for the other kind, is a data set that
 * was meant and would not be taken. */
static bc_status check_kind(bc_error *err, const bc_config *c) {
    static const char *const folder_only[] = {
        "source",           "target",          "validation", "test",         "source_list",
        "target_list",      "validation_list", "test_list",  "source_first", "target_first",
        "validation_first", "test_first",      "dat_width",  "dat_height",   "dat_layout",
        "dat_msb_first",    "dat_no_flip",     "simulate",   "npy_axes",     "interpolate",
        "sub_frames",       "fps_up",          "gain",       "theta",        "maps",
        "stride",           "threads",         NULL};
    static const char *const world_only[] = {"scenario", "world_height", "world_width", NULL};
    bool world = c->kind == BC_DATA_WORLD;
    for (const char *const *name = world ? folder_only : world_only; *name; name++) {
        const bc_key *key = bc_config_find_key("data", *name);
        char value[BC_VALUE_TEXT];
        if (bc_config_is_default(key, c))
            continue;
        bc_config_value_text(key, c, value);
        return bc_fail(
            err, BC_E_ARGUMENT,
            "data.%s is %s, but data.kind is %s, which does not read it: set data.kind = %s, or leave "
            "data.%s out",
            *name, value, bc_data_kind_words[c->kind],
            bc_data_kind_words[world ? BC_DATA_FOLDER : BC_DATA_WORLD], *name);
    }
    return BC_OK;
}

/* Kinds and variants that there are, each with what belongs to one alone. */
static bc_status check_places(bc_error *err, const bc_config *c) {
    const struct {
        const char *key, *text, *list;
    } roles[] = {{"source", c->source, c->source_list},
                 {"target", c->target, c->target_list},
                 {"validation", c->validation, c->validation_list},
                 {"test", c->test, c->test_list}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        bc_place place;
        BC_TRY(bc_place_parse(err, roles[i].text, &place));
        if (roles[i].list[0] && (!place.layout || place.layout->recordings))
            return bc_fail(err, BC_E_ARGUMENT, "data.%s_list is \"%s\", but data.%s is %s count",
                           roles[i].key, roles[i].list, roles[i].key,
                           place.layout ? "recordings, of which all windows"
                                        : "a folder, of which all files");
    }
    return BC_OK;
}

static bc_status check_sensor(bc_error *err, const bc_config *c) {
    if (c->sensor[0] && c->calibrate)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "augment.sensor is \"%s\" and crossdomain.calibrate is true: source spikes can get the "
            "sensor of a file or of the target, not both",
            c->sensor);
    return BC_OK;
}

bc_status bc_config_check(bc_error *err, const bc_config *config) {
    BC_TRY(check_sizes(err, config));
    BC_TRY(check_sensor(err, config));
    BC_TRY(check_kind(err, config));
    if (config->kind == BC_DATA_WORLD)
        return check_world(err, config);
    if (!config->source[0] && !config->target[0] && !config->test[0])
        return bc_fail(err, BC_E_ARGUMENT,
                       "data.kind is folder, but none of data.source, target and test is given");
    return check_places(err, config);
}

bc_config bc_config_essence(const bc_config *config) {
    bc_config copy = *config;
    copy.out[0] = copy.device[0] = copy.tuning[0] = copy.shares[0] = '\0';
    copy.recompute = BC_RECOMPUTE_UNSAID;
    copy.gradients_every = 0;
    copy.threads = -1;
    return copy;
}

/* --- writing --- */

/* The shortest decimal that reads back as the same float. */
static void float_text(float value, char text[BC_VALUE_TEXT]) {
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, BC_VALUE_TEXT, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            return;
    }
}

void bc_config_value_text(const bc_key *key, const bc_config *config, char text[BC_VALUE_TEXT]) {
    const void *field = (const char *)config + key->offset;
    switch (key->type) {
    case BC_KEY_INT:
        snprintf(text, BC_VALUE_TEXT, "%d", *(const int *)field);
        return;
    case BC_KEY_FLOAT:
        float_text(*(const float *)field, text);
        return;
    case BC_KEY_BOOL:
        snprintf(text, BC_VALUE_TEXT, "%s", *(const bool *)field ? "true" : "false");
        return;
    case BC_KEY_CHOICE: {
        const char *word = key->words[*(const int *)field];
        snprintf(text, BC_VALUE_TEXT, "%s", word ? word : "");
        return;
    }
    default: /* quotes keep ; and # from starting a comment, and blanks at the ends */
        snprintf(text, BC_VALUE_TEXT, "\"%s\"", (const char *)field);
    }
}

static void write_key(FILE *out, const bc_key *key, const bc_config *config) {
    char value[BC_VALUE_TEXT], words[BC_VALUE_TEXT];
    bc_config_value_text(key, config, value);
    fprintf(out, "; %s", key->help);
    if (key->type == BC_KEY_CHOICE) {
        list_words(key, words);
        fprintf(out, " (%s)", words);
    }
    fprintf(out, "\n%s = %s\n", key->name, value);
}

bc_status bc_config_text(bc_error *err, const bc_config *config, char **text) {
    size_t bytes;
    *text = NULL;
    FILE *out = open_memstream(text, &bytes);
    if (!out)
        return bc_fail(err, BC_E_MEMORY, "no memory to write the configuration");
    const char *section = "";
    for (int i = 0; i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        if (strcmp(key->section, section) != 0) {
            fprintf(out, "%s[%s]\n", *section ? "\n" : "", key->section);
            section = key->section;
        }
        write_key(out, key, config);
    }
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(*text);
        *text = NULL;
        return bc_fail(err, BC_E_MEMORY, "no memory to write the configuration");
    }
    return BC_OK;
}
