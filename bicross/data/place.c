/* Reading what a role of a configuration says: kind, variant and path in one. */
#include "bicross/data/layout.h"

#include "host/base/file.h"
#include "host/base/words.h"

#include <stdio.h>
#include <string.h>

static const char folder_word[] = "folder";

static const bc_layout *find_layout(const char *word) {
    for (int i = 0; i < bc_layout_count; i++)
        if (strcmp(bc_layouts[i].word, word) == 0)
            return &bc_layouts[i];
    return NULL;
}

static bc_status fail_kind(bc_error *err, const char *text, const char *word) {
    char kinds[512], nearest[64];
    snprintf(kinds, sizeof kinds, "%s", folder_word);
    for (int i = 0; i < bc_layout_count; i++)
        snprintf(kinds + strlen(kinds), sizeof kinds - strlen(kinds), " %s", bc_layouts[i].word);
    return bc_fail(err, BC_E_ARGUMENT,
                   "%s: there is neither such a folder nor a kind of data set '%s'; the nearest is '%s' (%s)",
                   text, word, bc_nearest_word(kinds, word, nearest), kinds);
}

static bc_status set_variant(bc_error *err, const char *text, const char *variant, bc_place *out) {
    const char *variants = out->layout->variants;
    char nearest[64];
    if (!variants && !variant[0])
        return BC_OK;
    if (!variants)
        return bc_fail(err, BC_E_ARGUMENT, "%s: %s has no variants, found '%s'", text, out->layout->title,
                       variant);
    size_t first = strcspn(variants, " ");
    if (variant[0] && !bc_word_in(variants, variant))
        return bc_fail(err, BC_E_ARGUMENT, "%s: %s has no variant '%s'; the nearest is '%s' (%s)", text,
                       out->layout->title, variant, bc_nearest_word(variants, variant, nearest), variants);
    if (variant[0])
        snprintf(out->variant, sizeof out->variant, "%s", variant);
    else
        snprintf(out->variant, sizeof out->variant, "%.*s", (int)first, variants);
    return BC_OK;
}

bc_status bc_place_parse(bc_error *err, const char *text, bc_place *out) {
    char word[64];
    const char *colon = strchr(text, ':');
    *out = (bc_place){0};
    snprintf(out->path, sizeof out->path, "%s", text);
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (length == 0 || length >= sizeof word)
        return BC_OK;
    memcpy(word, text, length);
    word[length] = 0;
    char *slash = strchr(word, '/');
    if (slash)
        *slash = 0;
    out->layout = find_layout(word);
    if (!out->layout && strcmp(word, folder_word) != 0)
        return bc_file_exists(text) ? BC_OK : fail_kind(err, text, word);
    snprintf(out->path, sizeof out->path, "%s", colon + 1);
    if (!out->path[0])
        return bc_fail(err, BC_E_ARGUMENT, "%s: expected a path after the colon, found none", text);
    return out->layout ? set_variant(err, text, slash ? slash + 1 : "", out) : BC_OK;
}

bool bc_place_is_indoor(const bc_place *place) {
    return place->layout && place->layout->indoor && strcmp(place->variant, "outdoor") != 0;
}
