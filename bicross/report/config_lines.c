#include "bicross/report/config_lines.h"

#include "host/base/file.h"
#include "host/base/grow.h"

#include <stdlib.h>
#include <string.h>

static bc_status add_line(bc_error *err, bc_config_lines *c, bc_config_line line) {
    if (!bc_grow((void **)&c->lines, c->count, &c->capacity, sizeof *c->lines))
        return bc_fail(err, BC_E_MEMORY, "no host memory to compare configurations");
    c->lines[c->count++] = line;
    return BC_OK;
}

/* "[section]": the name in it; NULL: it is none. */
static const char *section_of(char *line) {
    size_t length = strlen(line);
    if (length < 2 || *line != '[' || line[length - 1] != ']')
        return NULL;
    line[length - 1] = 0;
    return line + 1;
}

static bc_status read_lines(bc_error *err, bc_config_lines *out) {
    const char *section = "";
    char *rest = out->text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        line = bc_trimmed(line);
        const char *heading = section_of(line);
        char *equals = strchr(line, '=');
        if (heading)
            section = heading;
        else if (equals && *line != ';' && *line != '#') {
            *equals = 0;
            BC_TRY(add_line(err, out, (bc_config_line){section, bc_trimmed(line), bc_trimmed(equals + 1)}));
        }
    }
    return BC_OK;
}

bc_status bc_config_lines_of(bc_error *err, char *text, bc_config_lines *out) {
    *out = (bc_config_lines){.text = text};
    bc_status status = read_lines(err, out);
    if (status != BC_OK)
        bc_config_lines_release(out);
    return status;
}

void bc_config_lines_release(bc_config_lines *c) {
    free(c->text);
    free(c->lines);
    *c = (bc_config_lines){0};
}

const char *bc_config_lines_find(const bc_config_lines *c, const char *section, const char *key) {
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->lines[i].key, key) == 0 && strcmp(c->lines[i].section, section) == 0)
            return c->lines[i].value;
    return NULL;
}

bool bc_config_line_of_run(const bc_config_line *line) {
    return strcmp(line->section, "run") == 0 &&
           (strcmp(line->key, "out") == 0 || strcmp(line->key, "seed") == 0);
}

/* Whether b has what a has. */
static bool contains(const bc_config_lines *b, const bc_config_lines *a) {
    for (int i = 0; i < a->count; i++) {
        const char *value = bc_config_lines_find(b, a->lines[i].section, a->lines[i].key);
        if (!bc_config_line_of_run(&a->lines[i]) && (!value || strcmp(value, a->lines[i].value) != 0))
            return false;
    }
    return true;
}

bool bc_config_lines_equal(const bc_config_lines *a, const bc_config_lines *b) {
    return a->count == b->count && contains(b, a) && contains(a, b);
}
