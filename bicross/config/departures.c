/* What a configuration with method = code has that the released code has not (method.md 3): the method chooses the losses, but
 * leaves every other setting as it is. */
#include "bicross/config/table.h"

#include <stdio.h>
#include <string.h>

/* Where the default is not the released code's value. */
static const char *released_value(const bc_key *key) {
    static const struct {
        const char *name, *value;
    } others[] = {{"preset", "hybrid"}, {"input_height", "384"}, {"input_width", "384"}};
    for (int i = 0; i < 3; i++)
        if (strcmp(key->section, "model") == 0 && strcmp(key->name, others[i].name) == 0)
            return others[i].value;
    return NULL;
}

/* Settings that change what is computed; not those that say where, how often it is looked at, or for how long. */
static bool matters(const bc_key *key, const char *stage) {
    static const char *const others[] = {"init",   "scene", "recompute", "validate_every", "checkpoint_every",
                                         "epochs", "steps", "batch"};
    if (strcmp(key->section, "augment") != 0 && strcmp(key->section, "model") != 0 &&
        strcmp(key->section, stage) != 0)
        return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(key->name, others[i]) == 0)
            return false;
    return true;
}

void bc_config_departures(const bc_config *config, const char *stage, size_t size, char *text) {
    size_t used = 0;
    text[0] = 0;
    for (int i = 0; config->method == BC_METHOD_CODE && i < bc_config_key_count && used < size; i++) {
        const bc_key *key = &bc_config_keys[i];
        const char *released = released_value(key);
        char value[BC_VALUE_TEXT];
        if (!matters(key, stage))
            continue;
        bc_config_value_text(key, config, value);
        if (released ? strcmp(value, released) == 0 : bc_config_is_default(key, config))
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s.%s = %s", used ? ", " : "", key->section,
                                 key->name, value);
    }
}
