#include "bicross/formats/json_tree.h"

#include "host/base/grow.h"
#include "net/store/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 32, MOST_VALUES = 4 << 20 };

typedef struct reader {
    bc_json json;
    bc_json_tree *tree;
} reader;

/* The place of a new value: an array that grows moves. */
static bc_status add_value(reader *r, const char *name, int *place) {
    bc_json_tree *t = r->tree;
    if (t->count == MOST_VALUES)
        return bc_json_fail(&r->json, "at most 4194304 values");
    if (!bc_grow((void **)&t->values, t->count, &t->capacity, sizeof *t->values))
        return bc_fail(r->json.err, BC_E_MEMORY, "no host memory for the values of %s", r->json.path);
    *place = t->count++;
    t->values[*place] = (bc_json_value){.name = name, .number = NAN};
    return BC_OK;
}

static bc_status read_value(reader *r, const char *name, int depth);

/* The values of a list or an object, up to its closing bracket. */
static bc_status read_members(reader *r, int parent, bool object, int depth) {
    const char close = object ? '}' : ']';
    int last = -1;
    if (depth == DEEPEST)
        return bc_json_fail(&r->json, "a value that is nested less deeply");
    if (bc_json_take(&r->json, close))
        return BC_OK;
    do {
        const char *name = NULL;
        int place = r->tree->count;
        if (object) {
            BC_TRY(bc_json_string(&r->json, &name));
            BC_TRY(bc_json_expect(&r->json, ':', "':'"));
        }
        BC_TRY(read_value(r, name, depth + 1));
        if (last >= 0)
            r->tree->values[last].next = place - last;
        last = place;
        r->tree->values[parent].count++;
    } while (bc_json_take(&r->json, ','));
    return bc_json_expect(&r->json, close, object ? "'}'" : "']'");
}

static bool next_is_text(bc_json *json) {
    if (!bc_json_take(json, '"'))
        return false;
    json->at--;
    return true;
}

static bc_status read_value(reader *r, const char *name, int depth) {
    int place = 0;
    bool truth;
    BC_TRY(add_value(r, name, &place));
    bc_json_value *v = &r->tree->values[place];
    if (bc_json_take(&r->json, '{')) {
        v->kind = BC_JSON_OBJECT;
        return read_members(r, place, true, depth);
    }
    if (bc_json_take(&r->json, '[')) {
        v->kind = BC_JSON_LIST;
        return read_members(r, place, false, depth);
    }
    if (bc_json_take_null(&r->json))
        return BC_OK;
    if (bc_json_take_bool(&r->json, &truth)) {
        v->kind = BC_JSON_BOOL;
        v->number = truth;
        return BC_OK;
    }
    if (next_is_text(&r->json)) {
        v->kind = BC_JSON_TEXT;
        return bc_json_string(&r->json, &v->text);
    }
    v->kind = BC_JSON_NUMBER;
    return bc_json_number(&r->json, &v->number);
}

bc_status bc_json_tree_read(bc_error *err, const char *path, bc_json_tree *out) {
    size_t bytes;
    *out = (bc_json_tree){0};
    BC_TRY(bc_file_read(err, path, &out->file, &bytes));
    char *text = (char *)out->file;
    reader r = {
        .json = {.path = path, .what = "JSON", .start = text, .at = text, .end = text + bytes, .err = err},
        .tree = out};
    bc_status status = read_value(&r, NULL, 0);
    if (status == BC_OK && !bc_json_at_end(&r.json))
        status = bc_json_fail(&r.json, "the end of the file");
    if (status != BC_OK)
        bc_json_tree_release(out);
    return status;
}

void bc_json_tree_release(bc_json_tree *tree) {
    free(tree->values);
    free(tree->file);
    *tree = (bc_json_tree){0};
}

/* --- asking --- */

const bc_json_value *bc_json_first(const bc_json_value *parent) {
    return parent && parent->count ? parent + 1 : NULL;
}

const bc_json_value *bc_json_next(const bc_json_value *value) {
    return value->next ? value + value->next : NULL;
}

const bc_json_value *bc_json_member(const bc_json_value *object, const char *name) {
    if (!object || object->kind != BC_JSON_OBJECT)
        return NULL;
    for (const bc_json_value *v = bc_json_first(object); v; v = bc_json_next(v))
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

double bc_json_member_number(const bc_json_value *object, const char *name) {
    const bc_json_value *v = bc_json_member(object, name);
    return v && v->kind == BC_JSON_NUMBER ? v->number : NAN;
}

const char *bc_json_member_text(const bc_json_value *object, const char *name) {
    const bc_json_value *v = bc_json_member(object, name);
    return v && v->kind == BC_JSON_TEXT ? v->text : "";
}
