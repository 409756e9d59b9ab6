/* Lists of samples, sorted by what identifies one. */
#include "bicross/data/layout_list.h"

#include "host/base/file.h"
#include "host/base/grow.h"

#include <stdlib.h>
#include <string.h>

enum { KEY = 2 * BC_PATTERN_VALUE };

typedef struct line {
    char key[KEY];
    bc_path_parts parts;
} line;

struct bc_listed {
    line *lines;
    int count, capacity, others; /* others: lines that are none */
};

static void add_value(char key[KEY], const char *name, const char *value) {
    size_t used = strlen(key), digits = strspn(value, "0123456789");
    while (digits > 1 && !value[digits] && *value == '0') {
        value++;
        digits--;
    }
    snprintf(key + used, KEY - used, "%s=%s;", name, value);
}

/* What identifies a sample: the values of those parts that the first line has, too, in its order. */
static void make_key(const bc_path_parts *names, const bc_path_parts *parts, const bc_path_parts *both,
                     char key[KEY]) {
    key[0] = 0;
    for (int i = 0; i < names->count; i++) {
        const char *value = bc_path_part_value(parts, names->part[i].name);
        if (value && bc_path_part_value(both, names->part[i].name))
            add_value(key, names->part[i].name, value);
    }
}

static int compare(const void *a, const void *b) {
    return strcmp(((const line *)a)->key, ((const line *)b)->key);
}

/* The first words of the text, as many as the pattern has, with one blank between them. */
static void first_words(const char *text, const char *pattern, char out[BC_PATTERN_PATH]) {
    size_t used = 0;
    for (;;) {
        text += strspn(text, " \t");
        size_t length = strcspn(text, " \t\r\n");
        used += (size_t)snprintf(out + used, BC_PATTERN_PATH - used, "%.*s", (int)length, text);
        text += length;
        pattern = strchr(pattern, ' ');
        if (!pattern || used + 2 >= BC_PATTERN_PATH)
            return;
        pattern++;
        out[used++] = ' ';
        out[used] = 0;
    }
}

static bool match_line(const char *patterns, const char *text, bc_path_parts *parts) {
    char pattern[BC_PATTERN_PATH], words[BC_PATTERN_PATH];
    for (int i = 0; bc_path_alternative(patterns, i, pattern); i++) {
        first_words(text, pattern, words);
        *parts = (bc_path_parts){0};
        if (bc_path_match(pattern, words, parts))
            return true;
    }
    return false;
}

static bc_status add_line(bc_error *err, const char *path, const char *patterns, const char *text,
                          bc_listed *l) {
    bc_path_parts parts;
    if (!match_line(patterns, text, &parts)) {
        l->others += text[strspn(text, " \t\r\n")] != 0;
        return BC_OK;
    }
    if (!bc_grow((void **)&l->lines, l->count, &l->capacity, sizeof *l->lines))
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its lines", path);
    l->lines[l->count++].parts = parts;
    return BC_OK;
}

static bc_status read_lines(bc_error *err, const char *path, const char *patterns, char *text, bc_listed *l) {
    char *rest = text;
    for (char *one; (one = strsep(&rest, "\n"));)
        BC_TRY(add_line(err, path, patterns, one, l));
    if (l->count == 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected lines like \"%.*s\", found none among %d", path,
                       (int)strcspn(patterns, ";"), patterns, l->others);
    return BC_OK;
}

bc_status bc_listed_read(bc_error *err, const char *path, const char *patterns, bc_listed **out) {
    uint8_t *text;
    size_t bytes;
    *out = NULL;
    BC_TRY(bc_file_read(err, path, &text, &bytes));
    bc_listed *l = calloc(1, sizeof *l);
    bc_status status = l ? read_lines(err, path, patterns, (char *)text, l)
                         : bc_fail(err, BC_E_MEMORY, "%s: no memory for its lines", path);
    free(text);
    if (status != BC_OK) {
        bc_listed_release(l);
        return status;
    }
    *out = l;
    return BC_OK;
}

void bc_listed_release(bc_listed *listed) {
    if (!listed)
        return;
    free(listed->lines);
    free(listed);
}

int bc_listed_count(const bc_listed *listed) {
    return listed->count;
}

/* Lines get their keys when it is known which parts a sample has. */
void bc_listed_sort(bc_listed *listed, const bc_path_parts *sample) {
    for (int i = 0; i < listed->count; i++)
        make_key(&listed->lines[0].parts, &listed->lines[i].parts, sample, listed->lines[i].key);
    qsort(listed->lines, (size_t)listed->count, sizeof *listed->lines, compare);
}

bool bc_listed_find(const bc_listed *listed, bc_path_parts *parts) {
    line wanted;
    make_key(&listed->lines[0].parts, parts, parts, wanted.key);
    const line *found = bsearch(&wanted, listed->lines, (size_t)listed->count, sizeof wanted, compare);
    for (int i = 0; found && i < found->parts.count; i++)
        if (!bc_path_part_value(parts, found->parts.part[i].name))
            bc_path_part_set(parts, found->parts.part[i].name, found->parts.part[i].value);
    return found;
}
