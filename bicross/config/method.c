/* What follows from other keys where it was not given, above all what the key run.method stands for: settings, and nothing else.
 * Every form is a bundle of keys, each of which can still be given otherwise; so what is computed is always what the keys say. */
#include "bicross/config/table.h"
#include "bicross/data/layout.h"

#include <stdio.h>
#include <string.h>

typedef struct implication {
    bc_method method;
    const char *section, *key, *value;
    bool with_pseudo_labels; /* only where crossdomain.scp is true */
} implication;

static const implication implications[] = {
    /* The released code (method.md 3 and 7). Its mean teacher has no other term than the pseudo-labels; without
     * them it is its adversarial form, which has all the others. */
    {BC_METHOD_CODE, "run", "init_from", "best", false},
    {BC_METHOD_CODE, "run", "validation", "test", false},
    {BC_METHOD_CODE, "model", "stem_epsilon", "1e-06", false},
    {BC_METHOD_CODE, "model", "last_bias", "false", false},
    {BC_METHOD_CODE, "pretrain", "double_backbone", "true", false},
    {BC_METHOD_CODE, "neuromorphic", "double_backbone", "true", false},
    {BC_METHOD_CODE, "neuromorphic", "lr_heads", "0", false}, /* its optimisers leave the front end out */
    {BC_METHOD_CODE, "crossmodality", "double_backbone", "true", false},
    {BC_METHOD_CODE, "crossmodality", "filter", "false", false},
    {BC_METHOD_CODE, "crossdomain", "double_backbone", "true", false},
    {BC_METHOD_CODE, "crossdomain", "source_loss", "false", true},
    {BC_METHOD_CODE, "crossdomain", "sca", "false", true},
    {BC_METHOD_CODE, "crossdomain", "shared_head", "false", false},
    {BC_METHOD_CODE, "supervised", "double_backbone", "true", false},
    /* Ours, chosen on a scenario that no table reports (vendor_notes/results.md). */
    {BC_METHOD_PLUS, "crossdomain", "calibrate", "true", false},
    {BC_METHOD_PLUS, "crossdomain", "scp_ramp", "0.5", false},
    {BC_METHOD_PLUS, "crossdomain", "horizon", "0.1", false},
    {BC_METHOD_PLUS, "crossdomain", "beta", "0.1", false},
};
enum { IMPLICATIONS = sizeof implications / sizeof *implications };

static const bc_key *implied_key(const bc_config *config, const implication *i) {
    return i->method == config->method && (!i->with_pseudo_labels || config->scp)
               ? bc_config_find_key(i->section, i->key)
               : NULL;
}

static bool given(const bc_config *config, const bc_key *key) {
    return config->given[key - bc_config_keys] != BC_GIVEN_NOT;
}

/* --- data sets --- */

static bool given_in(const bc_config *config, const char *section, const char *domain, const char *name) {
    char key[64];
    snprintf(key, sizeof key, "%s%s", domain, name);
    return given(config, bc_config_find_key(section, key));
}

/* A domain's data set is what its training names, else what is scored on. What does not parse is for bc_config_check to refuse. */
static bc_place place_of(const char *text, const char *other) {
    bc_place place;
    return bc_place_parse(NULL, text[0] ? text : other, &place) == BC_OK ? place : (bc_place){0};
}

static void settle_domain(bc_config *config, const bc_layout *layout, const char *name,
                          bc_domain_config *domain) {
    if (!layout)
        return;
    if (!given_in(config, "data", name, "_depth_scale"))
        domain->depth_scale = layout->depth_scale;
    if (!given_in(config, "data", name, "_crop_height") && !given_in(config, "data", name, "_crop_width")) {
        domain->crop_height = layout->crop_height;
        domain->crop_width = layout->crop_width;
    }
}

/* Indoor sets are seen at 224 x 224 (method.md 4.3). */
static void settle_data(bc_config *config) {
    enum { INDOOR_INPUT = 224 };
    if (config->kind != BC_DATA_FOLDER)
        return;
    bc_place source = place_of(config->source, config->validation),
             target = place_of(config->target, config->test);
    settle_domain(config, source.layout, "source", &config->source_domain);
    settle_domain(config, target.layout, "target", &config->target_domain);
    if (!bc_place_is_indoor(&source) && !bc_place_is_indoor(&target))
        return;
    if (!given_in(config, "model", "", "scene"))
        config->scene = BC_INDOOR;
    if (config->preset == BC_HYBRID && !given_in(config, "model", "", "input_height") &&
        !given_in(config, "model", "", "input_width"))
        config->input_height = config->input_width = INDOOR_INPUT;
}

void bc_config_settle(bc_config *config) {
    for (int i = 0; i < IMPLICATIONS; i++) {
        const bc_key *key = implied_key(config, &implications[i]);
        if (key && !given(config, key))
            bc_config_put(key, implications[i].value, config);
    }
    settle_data(config);
    if (!given(config, bc_config_find_key("data", "dmax")))
        config->dmax = config->scene == BC_INDOOR ? 10 : 80;
}

/* --- in words --- */

typedef struct list {
    char *text;
    size_t size, used;
} list;

static void add(list *l, const bc_key *key, const bc_config *config) {
    char value[BC_VALUE_TEXT];
    bc_config_value_text(key, config, value);
    if (l->used < l->size)
        l->used += (size_t)snprintf(l->text + l->used, l->size - l->used, "%s%s.%s = %s", l->used ? ", " : "",
                                    key->section, key->name, value);
}

static bool of_stage(const bc_key *key, const char *stage) {
    return strcmp(key->section, "run") == 0 || strcmp(key->section, "model") == 0 ||
           strcmp(key->section, stage) == 0;
}

void bc_config_implied(const bc_config *config, const char *stage, size_t size, char *text) {
    list l = {text, size, 0};
    text[0] = 0;
    for (int i = 0; i < IMPLICATIONS; i++) {
        char value[BC_VALUE_TEXT];
        const bc_key *key = implied_key(config, &implications[i]);
        if (!key || !of_stage(key, stage))
            continue;
        bc_config_value_text(key, config, value);
        if (strcmp(value, implications[i].value) == 0)
            add(&l, key, config);
    }
}

/* Settings that change what is computed; not those that say where, how often it is looked at, or for how long. */
static bool matters(const bc_key *key, const char *stage) {
    static const char *const others[] = {"seed",   "out",       "method",         "init",
                                         "scene",  "recompute", "validate_every", "checkpoint_every",
                                         "epochs", "steps",     "batch",          "gradients_every"};
    if (!of_stage(key, stage) && strcmp(key->section, "augment") != 0 && strcmp(key->section, "loss") != 0)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(key->name, others[i]) == 0)
            return false;
    return true;
}

/* What the released code has there: what the method implies, or the published network, or the default. */
static void released_value(const bc_key *key, const bc_config *config, char text[BC_VALUE_TEXT]) {
    static const char *const network[][2] = {
        {"preset", "hybrid"}, {"input_height", "384"}, {"input_width", "384"}};
    for (int i = 0; i < IMPLICATIONS; i++)
        if (implied_key(config, &implications[i]) == key) {
            snprintf(text, BC_VALUE_TEXT, "%s", implications[i].value);
            return;
        }
    for (int i = 0; i < 3; i++)
        if (strcmp(key->section, "model") == 0 && strcmp(key->name, network[i][0]) == 0) {
            snprintf(text, BC_VALUE_TEXT, "%s", network[i][1]);
            return;
        }
    bc_config_default_text(key, text);
}

void bc_config_departures(const bc_config *config, const char *stage, size_t size, char *text) {
    list l = {text, size, 0};
    text[0] = 0;
    for (int i = 0; config->method == BC_METHOD_CODE && i < bc_config_key_count; i++) {
        const bc_key *key = &bc_config_keys[i];
        char value[BC_VALUE_TEXT], released[BC_VALUE_TEXT];
        if (!matters(key, stage))
            continue;
        bc_config_value_text(key, config, value);
        released_value(key, config, released);
        if (strcmp(value, released) != 0)
            add(&l, key, config);
    }
}
