/* A pickle is a program for a machine with a stack and a memo. These are its opcodes, as far as they make data. */
#include "net/store/pickle.h"

#include "net/store/pickle_machine.h"

#include <stdlib.h>
#include <string.h>

/* --- what is made of values --- */

static bc_status push_global(bc_pickle_machine *m, const char *module, size_t module_length, const char *name,
                             size_t name_length) {
    for (int i = 0; i < m->allowed_count; i++) {
        const bc_pickle_global *g = &m->allowed[i];
        if (strlen(g->module) == module_length && memcmp(g->module, module, module_length) == 0 &&
            strlen(g->name) == name_length && memcmp(g->name, name, name_length) == 0)
            return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_GLOBAL, .integer = i});
    }
    return bc_fail(
        m->err, BC_E_FORMAT,
        "%s: the pickle would call %.*s.%.*s, expected only tensors, numbers and texts (a state_dict)",
        m->label, (int)(module_length < 100 ? module_length : 100), module,
        (int)(name_length < 100 ? name_length : 100), name);
}

/* "module\nname\n" */
static bc_status read_global(bc_pickle_machine *m) {
    const char *lines[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        const uint8_t *stop = memchr(m->at, '\n', (size_t)(m->end - m->at));
        if (!stop)
            return bc_pickle_damaged(m, "it ends too early");
        lines[i] = (const char *)m->at;
        lengths[i] = (size_t)(stop - m->at);
        m->at = stop + 1;
    }
    return push_global(m, lines[0], lengths[0], lines[1], lengths[1]);
}

static bc_status stack_global(bc_pickle_machine *m) {
    int name, module;
    BC_TRY(bc_pickle_pop(m, &name));
    BC_TRY(bc_pickle_pop(m, &module));
    bc_pickle_value n = m->out->values[name], o = m->out->values[module];
    if (n.kind != BC_PICKLE_TEXT || o.kind != BC_PICKLE_TEXT)
        return bc_pickle_damaged(m, "a global without a name");
    return push_global(m, o.text.at, o.text.length, n.text.at, n.text.length);
}

/* Function and arguments become what it would have returned. */
static bc_status call(bc_pickle_machine *m) {
    int arguments, callee;
    BC_TRY(bc_pickle_pop(m, &arguments));
    BC_TRY(bc_pickle_pop(m, &callee));
    if (m->out->values[callee].kind != BC_PICKLE_GLOBAL || m->out->values[arguments].kind != BC_PICKLE_TUPLE)
        return bc_pickle_damaged(m, "a call of what is no function");
    int global = (int)m->out->values[callee].integer;
    return bc_pickle_push(m,
                          (bc_pickle_value){.kind = BC_PICKLE_CALL, .items = {-1, -1, 0, global, arguments}});
}

static bc_status persistent(bc_pickle_machine *m) {
    int id;
    BC_TRY(bc_pickle_pop(m, &id));
    return bc_pickle_push(m, (bc_pickle_value){.kind = BC_PICKLE_PERSISTENT, .items = {-1, -1, 0, -1, id}});
}

static bc_status tuple_of(bc_pickle_machine *m, int count) {
    int bottom = m->depth - count;
    BC_TRY(bc_pickle_need(m, count));
    BC_TRY(bc_pickle_push_container(m, BC_PICKLE_TUPLE));
    int tuple = m->stack[--m->depth];
    BC_TRY(bc_pickle_move(m, tuple, bottom));
    return bc_pickle_push_index(m, tuple);
}

/* A new container of what lies above the mark. */
static bc_status collect(bc_pickle_machine *m, bc_pickle_kind kind) {
    int above;
    BC_TRY(bc_pickle_find_mark(m, &above));
    BC_TRY(bc_pickle_push_container(m, kind));
    int container = m->stack[--m->depth];
    BC_TRY(bc_pickle_move(m, container, above));
    m->depth--; /* the mark */
    return bc_pickle_push_index(m, container);
}

/* What lies above `bottom` goes into the container below it (below the mark, where there is one). */
static bc_status fill(bc_pickle_machine *m, int bottom, bool marked, bc_pickle_kind wanted) {
    int below = bottom - 1 - marked;
    if (below < 0 || m->stack[below] == BC_PICKLE_MARK)
        return bc_pickle_damaged(m, "a container is missing on the stack");
    bc_pickle_kind kind = m->out->values[m->stack[below]].kind;
    if (kind != wanted && !(kind == BC_PICKLE_CALL && wanted == BC_PICKLE_DICT))
        return bc_pickle_damaged(m, "items for what holds none");
    if (wanted == BC_PICKLE_DICT && (m->depth - bottom) % 2)
        return bc_pickle_damaged(m, "a key without a value");
    BC_TRY(bc_pickle_move(m, m->stack[below], bottom));
    m->depth = below + 1;
    return BC_OK;
}

static bc_status fill_marked(bc_pickle_machine *m, bc_pickle_kind kind) {
    int above;
    BC_TRY(bc_pickle_find_mark(m, &above));
    return fill(m, above, true, kind);
}

/* The last one or two values. */
static bc_status fill_last(bc_pickle_machine *m, bc_pickle_kind kind) {
    int count = kind == BC_PICKLE_DICT ? 2 : 1;
    BC_TRY(bc_pickle_need(m, count));
    return fill(m, m->depth - count, false, kind);
}

/* --- the memo --- */

static bc_status remember_next(bc_pickle_machine *m) {
    return bc_pickle_remember(m, (uint64_t)m->memo_count);
}

static bc_status remember_at(bc_pickle_machine *m, int width) {
    uint64_t slot;
    BC_TRY(bc_pickle_take_number(m, width, &slot));
    return bc_pickle_remember(m, slot);
}

static bc_status recall(bc_pickle_machine *m, int width) {
    uint64_t slot;
    BC_TRY(bc_pickle_take_number(m, width, &slot));
    return bc_pickle_recall(m, slot);
}

/* --- the stack --- */

static bc_status drop(bc_pickle_machine *m) {
    int value;
    return bc_pickle_pop(m, &value);
}

static bc_status push_mark(bc_pickle_machine *m) {
    return bc_pickle_push_index(m, BC_PICKLE_MARK);
}

static bc_status drop_marked(bc_pickle_machine *m) {
    int above;
    BC_TRY(bc_pickle_find_mark(m, &above));
    m->depth = above - 1;
    return BC_OK;
}

/* An object's state: attributes, which no state dict needs. */
static bc_status drop_state(bc_pickle_machine *m) {
    BC_TRY(bc_pickle_need(m, 2));
    return drop(m);
}

static bc_status skip_frame(bc_pickle_machine *m) {
    uint64_t length;
    return bc_pickle_take_number(m, 8, &length);
}

static bc_status check_protocol(bc_pickle_machine *m) {
    uint64_t protocol;
    BC_TRY(bc_pickle_take_number(m, 1, &protocol));
    return protocol >= 2 && protocol <= 5
               ? BC_OK
               : bc_fail(m->err, BC_E_FORMAT, "%s: a pickle of protocol %d, expected 2 to 5", m->label,
                         (int)protocol);
}

/* --- the opcodes --- */

typedef struct opcode {
    int code;
    bc_status (*plain)(bc_pickle_machine *m);
    bc_status (*sized)(bc_pickle_machine *m, int number); /* bytes of what follows, or values */
    bc_status (*make)(bc_pickle_machine *m, bc_pickle_kind kind);
    bc_status (*text)(bc_pickle_machine *m, bc_pickle_kind kind, int width);
    int number;
    bc_pickle_kind kind;
} opcode;
#define PLAIN(code, run)                                                                                     \
    { code, .plain = run }
#define SIZED(code, run, n)                                                                                  \
    { code, .sized = run, .number = n }
#define MAKE(code, run, k)                                                                                   \
    { code, .make = run, .kind = BC_PICKLE_##k }
#define STRING(code, k, width)                                                                               \
    { code, .text = bc_pickle_push_text, .kind = BC_PICKLE_##k, .number = width }

/* Named as in Python's pickle.py. */
static const opcode opcodes[] = {
    PLAIN(0x80, check_protocol),                /* PROTO */
    PLAIN(0x95, skip_frame),                    /* FRAME */
    PLAIN('(', push_mark),                      /* BC_PICKLE_MARK */
    PLAIN('0', drop),                           /* POP */
    PLAIN('1', drop_marked),                    /* POP_MARK */
    PLAIN('c', read_global),                    /* GLOBAL */
    PLAIN(0x93, stack_global),                  /* STACK_GLOBAL */
    PLAIN('R', call),                           /* REDUCE */
    PLAIN('b', drop_state),                     /* BUILD */
    PLAIN('Q', persistent),                     /* BINPERSID */
    SIZED('q', remember_at, 1),                 /* BINPUT */
    SIZED('r', remember_at, 4),                 /* LONG_BINPUT */
    PLAIN(0x94, remember_next),                 /* MEMOIZE */
    SIZED('h', recall, 1),                      /* BINGET */
    SIZED('j', recall, 4),                      /* LONG_BINGET */
    PLAIN('N', bc_pickle_push_none),            /* NONE */
    SIZED(0x88, bc_pickle_push_bool, 1),        /* NEWTRUE */
    SIZED(0x89, bc_pickle_push_bool, 0),        /* NEWFALSE */
    SIZED('K', bc_pickle_push_whole, 1),        /* BININT1 */
    SIZED('M', bc_pickle_push_whole, 2),        /* BININT2 */
    PLAIN('J', bc_pickle_push_signed),          /* BININT */
    SIZED(0x8a, bc_pickle_push_long, 1),        /* LONG1 */
    SIZED(0x8b, bc_pickle_push_long, 4),        /* LONG4 */
    PLAIN('G', bc_pickle_push_real),            /* BINFLOAT */
    STRING(0x8c, TEXT, 1),                      /* SHORT_BINUNICODE */
    STRING('X', TEXT, 4),                       /* BINUNICODE */
    STRING(0x8d, TEXT, 8),                      /* BINUNICODE8 */
    STRING('U', TEXT, 1),                       /* SHORT_BINSTRING, of Python 2 */
    STRING('T', TEXT, 4),                       /* BINSTRING */
    STRING('C', BYTES, 1),                      /* SHORT_BINBYTES */
    STRING('B', BYTES, 4),                      /* BINBYTES */
    STRING(0x8e, BYTES, 8),                     /* BINBYTES8 */
    STRING(0x96, BYTES, 8),                     /* BYTEARRAY8 */
    MAKE('}', bc_pickle_push_container, DICT),  /* EMPTY_DICT */
    MAKE(']', bc_pickle_push_container, LIST),  /* EMPTY_LIST */
    MAKE(')', bc_pickle_push_container, TUPLE), /* EMPTY_TUPLE */
    MAKE(0x8f, bc_pickle_push_container, LIST), /* EMPTY_SET */
    MAKE('t', collect, TUPLE),                  /* TUPLE */
    MAKE('l', collect, LIST),                   /* LIST */
    MAKE(0x91, collect, LIST),                  /* FROZENSET */
    SIZED(0x85, tuple_of, 1),                   /* TUPLE1 */
    SIZED(0x86, tuple_of, 2),                   /* TUPLE2 */
    SIZED(0x87, tuple_of, 3),                   /* TUPLE3 */
    MAKE('a', fill_last, LIST),                 /* APPEND */
    MAKE('s', fill_last, DICT),                 /* SETITEM */
    MAKE('e', fill_marked, LIST),               /* APPENDS */
    MAKE(0x90, fill_marked, LIST),              /* ADDITEMS */
    MAKE('u', fill_marked, DICT),               /* SETITEMS */
};

static bc_status step(bc_pickle_machine *m, int code) {
    for (size_t i = 0; i < sizeof opcodes / sizeof *opcodes; i++) {
        const opcode *o = &opcodes[i];
        if (o->code != code)
            continue;
        return o->plain   ? o->plain(m)
               : o->sized ? o->sized(m, o->number)
               : o->make  ? o->make(m, o->kind)
                          : o->text(m, o->kind, o->number);
    }
    return bc_fail(m->err, BC_E_FORMAT,
                   "%s: byte %zu of the pickle is the opcode 0x%02x, which no file of tensors needs",
                   m->label, (size_t)(m->at - m->start) - 1, (unsigned)code);
}

static bc_status run(bc_pickle_machine *m) {
    if (m->at == m->end || *m->at != 0x80)
        return bc_pickle_damaged(m, "no protocol comes first");
    for (const uint8_t *code;;) {
        BC_TRY(bc_pickle_take(m, 1, &code));
        if (*code == '.') /* STOP */
            return bc_pickle_pop(m, &m->out->root);
        BC_TRY(step(m, *code));
    }
}

bc_status bc_pickle_read(bc_error *err, const char *label, const uint8_t *bytes, size_t size,
                         const bc_pickle_global *allowed, int allowed_count, bc_pickle *out) {
    bc_pickle_machine m = {.err = err,
                           .label = label,
                           .start = bytes,
                           .at = bytes,
                           .end = bytes + size,
                           .allowed = allowed,
                           .allowed_count = allowed_count,
                           .out = out};
    *out = (bc_pickle){0};
    if (size > BC_PICKLE_BYTES_MOST)
        return bc_fail(err, BC_E_FORMAT, "%s: a pickle of %.1f MiB, expected at most %d", label,
                       (double)size / 0x1p20, BC_PICKLE_BYTES_MOST >> 20);
    bc_status status = run(&m);
    free(m.stack);
    free(m.memo);
    if (status != BC_OK)
        bc_pickle_release(out);
    return status;
}

void bc_pickle_release(bc_pickle *pickle) {
    free(pickle->values);
    free(pickle->cells);
    *pickle = (bc_pickle){0};
}

int bc_pickle_items(const bc_pickle_value *value) {
    bool holds = value->kind == BC_PICKLE_TUPLE || value->kind == BC_PICKLE_LIST ||
                 value->kind == BC_PICKLE_DICT || value->kind == BC_PICKLE_CALL;
    return holds ? value->items.first : -1;
}

const bc_pickle_value *bc_pickle_item(const bc_pickle *pickle, const bc_pickle_value *value, int index) {
    if (value->kind != BC_PICKLE_TUPLE && value->kind != BC_PICKLE_LIST)
        return NULL;
    int cell = value->items.first;
    while (cell >= 0 && index-- > 0)
        cell = pickle->cells[cell].next;
    return cell >= 0 ? &pickle->values[pickle->cells[cell].value] : NULL;
}
