/* Python's pickles, read as data: a tree of values. Nothing is ever called. A pickle may name functions and classes only from a list that
 * the reader gives; what it would have made by calling one is a value that says "this, with these arguments". Protocols 2 to 5, the opcodes
 * that dicts, lists, tuples, texts and numbers take. */
#ifndef BC_NET_STORE_PICKLE_H
#define BC_NET_STORE_PICKLE_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum bc_pickle_kind {
    BC_PICKLE_NONE,
    BC_PICKLE_BOOL,
    BC_PICKLE_INT,
    BC_PICKLE_FLOAT,
    BC_PICKLE_TEXT,
    BC_PICKLE_BYTES,
    BC_PICKLE_TUPLE,
    BC_PICKLE_LIST, /* sets, too */
    BC_PICKLE_DICT,
    BC_PICKLE_GLOBAL,     /* a function or a class from the list */
    BC_PICKLE_CALL,       /* its result; what was put into it since are its items, as of a dict */
    BC_PICKLE_PERSISTENT, /* what the file keeps outside the pickle */
} bc_pickle_kind;

typedef struct bc_pickle_value {
    bc_pickle_kind kind;
    union {
        long integer; /* also of BOOL; of GLOBAL: its index in the list */
        double real;
        struct {
            const char *at; /* in the pickle; no zero at its end */
            size_t length;
        } text;
        struct {
            int first, last; /* cells; -1: none */
            int count;       /* of a dict: keys and values */
            int callee;      /* of CALL: index in the list */
            int argument;    /* of CALL, PERSISTENT: a value */
        } items;
    };
} bc_pickle_value;

typedef struct bc_pickle_cell {
    int value, next; /* -1: the last */
} bc_pickle_cell;

typedef struct bc_pickle_global {
    const char *module, *name;
} bc_pickle_global;

/* The most that is read: of a larger pickle, of more values, nothing. */
enum { BC_PICKLE_BYTES_MOST = 64 << 20, BC_PICKLE_VALUES = 1 << 21 };

typedef struct bc_pickle {
    bc_pickle_value *values;
    bc_pickle_cell *cells; /* items of containers */
    int value_count, cell_count;
    int root;
} bc_pickle;

/* `bytes` must stay while the result is used. `label` is what messages call it. BC_E_FORMAT: damaged; an opcode or a global that no
 * list allows, which is named; too many values. Values may be shared, and a container may even hold itself: walk with limits. */
bc_status bc_pickle_read(bc_error *err, const char *label, const uint8_t *bytes, size_t size,
                         const bc_pickle_global *allowed, int allowed_count, bc_pickle *out);
void bc_pickle_release(bc_pickle *pickle);

/* The first item's cell, -1 where it has none. */
int bc_pickle_items(const bc_pickle_value *value);
/* Item `index` of a list or tuple; NULL where it is none, or has no such. */
const bc_pickle_value *bc_pickle_item(const bc_pickle *pickle, const bc_pickle_value *value, int index);

#endif
