/* A whole JSON file, of which any value can be asked for. */
#ifndef BC_BICROSS_FORMATS_JSON_TREE_H
#define BC_BICROSS_FORMATS_JSON_TREE_H

#include "host/base/file.h"

typedef enum bc_json_kind {
    BC_JSON_NULL,
    BC_JSON_BOOL,
    BC_JSON_NUMBER,
    BC_JSON_TEXT,
    BC_JSON_LIST,
    BC_JSON_OBJECT
} bc_json_kind;

typedef struct bc_json_value {
    bc_json_kind kind;
    const char *name; /* as a member of an object; else NULL */
    const char *text; /* of BC_JSON_TEXT, UTF-8 */
    double number;    /* of BC_JSON_NUMBER, and 0 or 1 of BC_JSON_BOOL; else NaN */
    int count;        /* values in a list or an object */
    int next;         /* how many values further on its next sibling stands; 0: it is the last */
} bc_json_value;

/* values[0] is the file's; the first of a list's or an object's stands behind it. */
typedef struct bc_json_tree {
    bc_json_value *values;
    int count, capacity;
    uint8_t *file;
} bc_json_tree;

/* BC_E_FORMAT, with file and byte, for what is no JSON, is nested more than 32 deep or has more than 4 million values. */
bc_status bc_json_tree_read(bc_error *err, const char *path, bc_json_tree *out);
void bc_json_tree_release(bc_json_tree *tree);

/* Walking: for (v = bc_json_first(list); v; v = bc_json_next(v)). NULL where there is none; of NULL there is none, either. */
const bc_json_value *bc_json_first(const bc_json_value *parent);
const bc_json_value *bc_json_next(const bc_json_value *value);
/* An object's first member of that name; NULL: it has none, or is no object. */
const bc_json_value *bc_json_member(const bc_json_value *object, const char *name);
/* Its number; NaN where it has none, or is none. */
double bc_json_member_number(const bc_json_value *object, const char *name);
/* Its text; "" likewise. */
const char *bc_json_member_text(const bc_json_value *object, const char *name);

#endif
