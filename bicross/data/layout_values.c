/* Looking for a value in a line. */
#include "bicross/data/layout_values.h"

#include "bicross/data/path_pattern.h"

#include <stdio.h>
#include <string.h>

static bool same_value(const char *a, size_t length, const char *b) {
    if (strlen(b) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (a[i] != b[i] && !(strchr("-_", a[i]) && strchr("-_", b[i])))
            return false;
    return true;
}

bool bc_layout_has_value(const char *values, const char *variant, const char *value) {
    static const char word[] = "{variant}";
    char all[BC_PATTERN_PATH];
    const char *brace = strstr(values, word);
    snprintf(all, sizeof all, "%.*s%s%s", (int)(brace ? brace - values : (long)strlen(values)), values,
             brace ? variant : "", brace ? brace + strlen(word) : "");
    for (const char *at = all; *at;) {
        size_t length = strcspn(at, " ");
        if (same_value(at, length, value))
            return true;
        at += length + strspn(at + length, " ");
    }
    return false;
}
