/* Kinds of files, told by their endings. */
#include "bicross/formats/kind.h"

#include "host/base/path.h"

#include <stdio.h>
#include <string.h>

/* Line `index` of the table. */
static const void *format_at(const bc_kind *kind, size_t index) {
    return (const char *)kind->formats + index * kind->bytes;
}

const char *bc_kind_ending(const bc_kind *kind, size_t index) {
    return *(const char *const *)format_at(kind, index);
}

const void *bc_kind_find(const bc_kind *kind, const char *path) {
    for (size_t i = 0; i < kind->count; i++)
        if (bc_path_ends(path, bc_kind_ending(kind, i)))
            return format_at(kind, i);
    return NULL;
}

const char *bc_kind_endings(const bc_kind *kind, char text[BC_KIND_TEXT]) {
    text[0] = 0;
    for (size_t i = 0; i < kind->count; i++) {
        const char *between = i == 0 ? "" : i + 1 < kind->count ? ", " : " or ";
        snprintf(text + strlen(text), BC_KIND_TEXT - strlen(text), "%s%s", between, bc_kind_ending(kind, i));
    }
    return text;
}

bc_status bc_kind_fail(bc_error *err, const bc_kind *kind, const char *path) {
    char endings[BC_KIND_TEXT];
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected %s ending in %s, found \"%s\"", path, kind->what,
                   bc_kind_endings(kind, endings), bc_path_ending(path));
}
