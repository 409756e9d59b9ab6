/* Matching, finding and walking paths by patterns. */
#include "bicross/data/path_pattern.h"

#include "bicross/data/spikes.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- parts --- */

static bc_path_part *part_of(bc_path_parts *parts, const char *name, size_t length) {
    for (int i = 0; i < parts->count; i++)
        if (strlen(parts->part[i].name) == length && memcmp(parts->part[i].name, name, length) == 0)
            return &parts->part[i];
    return NULL;
}

const char *bc_path_part_value(const bc_path_parts *parts, const char *name) {
    for (int i = 0; i < parts->count; i++)
        if (strcmp(parts->part[i].name, name) == 0)
            return parts->part[i].value;
    return NULL;
}

static bool set_part(bc_path_parts *parts, const char *name, size_t name_length, const char *value,
                     size_t length) {
    bc_path_part *part = part_of(parts, name, name_length);
    if (!part && parts->count < BC_PATTERN_PARTS)
        part = &parts->part[parts->count++];
    if (!part || name_length >= BC_PATTERN_NAME || length >= BC_PATTERN_VALUE)
        return false;
    snprintf(part->name, BC_PATTERN_NAME, "%.*s", (int)name_length, name);
    snprintf(part->value, BC_PATTERN_VALUE, "%.*s", (int)length, value);
    return true;
}

void bc_path_part_set(bc_path_parts *parts, const char *name, const char *value) {
    set_part(parts, name, strlen(name), value, strnlen(value, BC_PATTERN_VALUE - 1));
}

/* --- matching --- */

/* The kind that {.word} stands for. */
static const bc_kind *kind_of(const char *word) {
    return strncmp(word, "picture}", 8) == 0 ? &bc_picture_kind
           : strncmp(word, "depth}", 6) == 0 ? &bc_depth_kind
                                             : &bc_spike_kind;
}

static bool is_ending(const bc_kind *kind, const char *text) {
    for (size_t i = 0; i < kind->count; i++)
        if (strcasecmp(text, bc_kind_ending(kind, i)) == 0)
            return true;
    return false;
}

/* The shortest values that make the rest fit, tried one after the other. */
static bool match(const char *pattern, const char *text, bc_path_parts *parts) {
    while (*pattern && *pattern != '{' && *pattern == *text) {
        pattern++;
        text++;
    }
    if (*pattern != '{')
        return !*pattern && !*text;
    if (pattern[1] == '.')
        return is_ending(kind_of(pattern + 2), text);
    const char *name = pattern + 1, *end = strchr(pattern, '}');
    size_t length = (size_t)(end - name);
    const bc_path_part *known = part_of(parts, name, length);
    if (known) {
        size_t bytes = strlen(known->value);
        return strncmp(text, known->value, bytes) == 0 && match(end + 1, text + bytes, parts);
    }
    bc_path_parts before = *parts;
    for (size_t bytes = 1; text[bytes - 1] && text[bytes - 1] != '/'; bytes++) {
        *parts = before;
        if (set_part(parts, name, length, text, bytes) && match(end + 1, text + bytes, parts))
            return true;
    }
    *parts = before;
    return false;
}

bool bc_path_match(const char *pattern, const char *path, bc_path_parts *parts) {
    return match(pattern, path, parts);
}

/* --- finding --- */

bool bc_path_alternative(const char *patterns, int index, char out[BC_PATTERN_PATH]) {
    for (; index > 0; index--) {
        patterns = strchr(patterns, ';');
        if (!patterns)
            return false;
        patterns++;
    }
    snprintf(out, BC_PATTERN_PATH, "%.*s", (int)strcspn(patterns, ";"), patterns);
    return true;
}

/* Known parts put in; what is not known, and an ending, stay in braces. Cut where it is too long. */
static void fill(const char *pattern, const bc_path_parts *parts, char *out, size_t room) {
    size_t used = 0;
    while (*pattern && used + 1 < room) {
        const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
        char name[BC_PATTERN_NAME];
        snprintf(name, sizeof name, "%.*s", end ? (int)(end - pattern - 1) : 0, pattern + 1);
        const char *value = end ? bc_path_part_value(parts, name) : NULL;
        size_t length = end ? (size_t)(end + 1 - pattern) : 1;
        used += (size_t)snprintf(out + used, room - used, "%.*s", value ? BC_PATTERN_VALUE : (int)length,
                                 value ? value : pattern);
        pattern += length;
    }
    out[used < room ? used : room - 1] = 0;
}

static bool is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* `path` ends in "{.kind}", which becomes the first ending with which there is a file. */
static bool find_ending(char path[BC_PATTERN_PATH]) {
    char *brace = strstr(path, "{.");
    if (!brace)
        return is_file(path);
    const bc_kind *kind = kind_of(brace + 2);
    for (size_t i = 0; i < kind->count; i++) {
        snprintf(brace, (size_t)(path + BC_PATTERN_PATH - brace), "%s", bc_kind_ending(kind, i));
        if (is_file(path))
            return true;
    }
    return false;
}

void bc_path_show(const char *root, const char *patterns, const bc_path_parts *parts,
                  char path[BC_PATTERN_PATH]) {
    char pattern[BC_PATTERN_PATH];
    bc_path_alternative(patterns, 0, pattern);
    int used = snprintf(path, BC_PATTERN_PATH, "%.*s/", BC_PATTERN_PATH / 2, root);
    fill(pattern, parts, path + used, BC_PATTERN_PATH - (size_t)used);
}

bool bc_path_find(const char *root, const char *patterns, const bc_path_parts *parts,
                  char path[BC_PATTERN_PATH]) {
    char pattern[BC_PATTERN_PATH];
    for (int i = 0; bc_path_alternative(patterns, i, pattern); i++) {
        int used = snprintf(path, BC_PATTERN_PATH, "%.*s/", BC_PATTERN_PATH / 2, root);
        fill(pattern, parts, path + used, BC_PATTERN_PATH - (size_t)used);
        if (find_ending(path))
            return true;
    }
    return false;
}

/* --- walking --- */

typedef struct walk {
    bc_error *err;
    const char *root, *pattern;
    const bc_path_parts *known;
    bc_folder_list *list;
} walk;

/* The pattern's first `components` components, or all of it when there are no more. */
static bool first_components(const char *pattern, int components, char out[BC_PATTERN_PATH]) {
    const char *end = pattern;
    for (int i = 0; i < components && end; i++) {
        end = strchr(end, '/');
        if (end && i + 1 < components)
            end++;
    }
    snprintf(out, BC_PATTERN_PATH, "%.*s", end ? (int)(end - pattern) : BC_PATTERN_PATH, pattern);
    return end != NULL;
}

static bc_status descend(const walk *w, const char *below, int depth);

/* An entry of the folder `below` that fits the pattern so far. */
static bc_status visit(const walk *w, const char *below, const char *name, int depth) {
    char path[BC_PATTERN_PATH], so_far[BC_PATTERN_PATH];
    bc_path_parts parts = *w->known;
    bool folders = first_components(w->pattern, depth + 1, so_far);
    if (snprintf(path, sizeof path, "%s%s%s", below, below[0] ? "/" : "", name) >= (int)sizeof path ||
        !bc_path_match(so_far, path, &parts))
        return BC_OK;
    if (folders)
        return descend(w, path, depth + 1);
    char whole[2 * BC_PATTERN_PATH];
    snprintf(whole, sizeof whole, "%s/%s", w->root, path);
    return is_file(whole) ? bc_folder_list_add(w->err, w->list, path, path) : BC_OK;
}

/* A component without a part is not looked for in a list. */
static bool is_plain(const walk *w, int depth, char name[BC_PATTERN_PATH]) {
    char so_far[BC_PATTERN_PATH];
    first_components(w->pattern, depth + 1, so_far);
    const char *slash = strrchr(so_far, '/');
    fill(slash ? slash + 1 : so_far, w->known, name, BC_PATTERN_PATH);
    return !strchr(name, '{');
}

static bc_status read_folder(const walk *w, const char *below, DIR *folder, int depth) {
    bc_status status = BC_OK;
    errno = 0;
    for (struct dirent *entry; status == BC_OK && (entry = readdir(folder)); errno = 0)
        if (entry->d_name[0] != '.')
            status = visit(w, below, entry->d_name, depth);
    if (status == BC_OK && errno)
        return bc_fail(w->err, BC_E_FILE, "cannot read the folder %s/%s: %s", w->root, below,
                       strerror(errno));
    return status;
}

/* What is not there, or no folder, has no files. */
static bc_status descend(const walk *w, const char *below, int depth) {
    char path[BC_PATTERN_PATH], name[BC_PATTERN_PATH];
    if (is_plain(w, depth, name))
        return visit(w, below, name, depth);
    if (snprintf(path, sizeof path, "%s/%s", w->root, below) >= (int)sizeof path)
        return BC_OK;
    DIR *folder = opendir(path);
    if (!folder && errno != ENOENT && errno != ENOTDIR)
        return bc_fail(w->err, BC_E_FILE, "cannot open the folder %s: %s", path, strerror(errno));
    if (!folder)
        return BC_OK;
    bc_status status = read_folder(w, below, folder, depth);
    closedir(folder);
    return status;
}

bc_status bc_path_walk(bc_error *err, const char *root, const char *patterns, const bc_path_parts *known,
                       bc_folder_list *out) {
    char pattern[BC_PATTERN_PATH];
    BC_TRY(bc_folder_list_begin(err, root, out));
    bc_status status = BC_OK;
    for (int i = 0; status == BC_OK && out->count == 0 && bc_path_alternative(patterns, i, pattern); i++)
        status = descend(&(walk){err, root, pattern, known, out}, "", 0);
    if (status == BC_OK)
        bc_folder_list_sort(out);
    else
        bc_folder_list_release(out);
    return status;
}
