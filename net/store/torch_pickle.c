/* Walking through the pickle of torch.save. */
#include "net/store/torch_pickle.h"

#include <stdio.h>
#include <string.h>

enum { ORDERED_DICT, TENSOR, PARAMETER, FIRST_STORAGE };
const bc_pickle_global bc_torch_globals[] = {
    [ORDERED_DICT] = {"collections", "OrderedDict"},
    [TENSOR] = {"torch._utils", "_rebuild_tensor_v2"},
    [PARAMETER] = {"torch._utils", "_rebuild_parameter"},
    [FIRST_STORAGE] = {"torch", "FloatStorage"},
    {"torch", "HalfStorage"},
    {"torch", "BFloat16Storage"},
    {"torch", "DoubleStorage"},
    {"torch", "LongStorage"},
    {"torch", "IntStorage"},
    {"torch", "ShortStorage"},
    {"torch", "CharStorage"},
    {"torch", "ByteStorage"},
    {"torch", "BoolStorage"},
    /* constants and plain values beside the tensors */
    {"torch", "Size"},
    {"torch", "device"},
    {"torch", "float32"},
    {"torch", "float16"},
    {"torch", "bfloat16"},
    {"torch", "float64"},
    {"torch", "int64"},
};
const int bc_torch_global_count = sizeof bc_torch_globals / sizeof *bc_torch_globals;

static const char *const storage_types[] = {"F32", "F16", "BF16", "F64", "I64",
                                            "I32", "I16", "I8",   "U8",  "BOOL"};
enum { STORAGE_TYPES = sizeof storage_types / sizeof *storage_types };

typedef struct walk {
    bc_error *err;
    const char *label;
    const bc_pickle *pickle;
    bc_status (*each)(void *user, const bc_torch_tensor *tensor);
    void *user;
    bc_torch_tensor tensor; /* its name: the way to where the walk is */
    long steps;
} walk;

/* --- a tensor --- */

static bc_status no_tensor(walk *w, const char *what) {
    return bc_fail(w->err, BC_E_FORMAT, "%s: tensor %.300s: %s", w->label, w->tensor.name, what);
}

static const bc_pickle_value *at(const walk *w, int value) {
    return &w->pickle->values[value];
}

static bool whole(const bc_pickle_value *v, long *out) {
    if (!v || v->kind != BC_PICKLE_INT || v->integer < 0)
        return false;
    *out = v->integer;
    return true;
}

static bool text_is(const bc_pickle_value *v, const char *text) {
    return v && v->kind == BC_PICKLE_TEXT && v->text.length == strlen(text) &&
           memcmp(v->text.at, text, v->text.length) == 0;
}

/* ("storage", TYPE, key, location, elements), kept outside the pickle. */
static bc_status read_storage(walk *w, const bc_pickle_value *v) {
    bc_torch_tensor *t = &w->tensor;
    long elements;
    if (!v || v->kind != BC_PICKLE_PERSISTENT)
        return no_tensor(w, "it has no storage");
    const bc_pickle_value *id = at(w, v->items.argument), *type = bc_pickle_item(w->pickle, id, 1),
                          *key = bc_pickle_item(w->pickle, id, 2);
    if (!text_is(bc_pickle_item(w->pickle, id, 0), "storage") || !type || type->kind != BC_PICKLE_GLOBAL ||
        !key || key->kind != BC_PICKLE_TEXT || !whole(bc_pickle_item(w->pickle, id, 4), &elements))
        return no_tensor(w, "what is said of its storage is damaged");
    long kind = type->integer - FIRST_STORAGE;
    if (kind < 0 || kind >= STORAGE_TYPES)
        return no_tensor(w, "its storage is of no type that is known");
    if (key->text.length >= sizeof t->storage || memchr(key->text.at, 0, key->text.length))
        return no_tensor(w, "the key of its storage is damaged");
    snprintf(t->storage, sizeof t->storage, "%.*s", (int)key->text.length, key->text.at);
    t->dtype = storage_types[kind];
    t->elements = (size_t)elements;
    return BC_OK;
}

/* A tuple of whole numbers; returns how many, or -1. */
static int read_sizes(const walk *w, const bc_pickle_value *v, long sizes[BC_TORCH_RANK]) {
    int count = 0;
    if (!v || v->kind != BC_PICKLE_TUPLE || v->items.count > BC_TORCH_RANK)
        return -1;
    for (int cell = v->items.first; cell >= 0; cell = w->pickle->cells[cell].next)
        if (!whole(at(w, w->pickle->cells[cell].value), &sizes[count++]))
            return -1;
    return count;
}

/* Elements from the first to the last that the strides lead to; and whether there are gaps. */
static bool measure(bc_torch_tensor *t, size_t *count) {
    size_t last = 0, run = 1;
    *count = 1;
    t->gaps = false;
    for (int i = 0; i < t->rank; i++)
        if (__builtin_mul_overflow(*count, (size_t)t->shape[i], count))
            return false;
    for (int i = t->rank - 1; i >= 0 && *count > 0; i--) {
        size_t side = (size_t)t->shape[i], reach;
        if (side == 1)
            continue;
        if (__builtin_mul_overflow(side - 1, (size_t)t->strides[i], &reach) ||
            __builtin_add_overflow(last, reach, &last))
            return false;
        t->gaps = t->gaps || (size_t)t->strides[i] != run;
        run *= side;
    }
    t->span = *count ? last + 1 : 0;
    return true;
}

/* (storage, first, shape, strides, ...) */
static bc_status read_tensor(walk *w, const bc_pickle_value *arguments) {
    bc_torch_tensor *t = &w->tensor;
    long first, strides;
    size_t count;
    BC_TRY(read_storage(w, bc_pickle_item(w->pickle, arguments, 0)));
    t->rank = read_sizes(w, bc_pickle_item(w->pickle, arguments, 2), t->shape);
    strides = read_sizes(w, bc_pickle_item(w->pickle, arguments, 3), t->strides);
    if (t->rank < 0 || strides != t->rank || !whole(bc_pickle_item(w->pickle, arguments, 1), &first))
        return no_tensor(w, "its shape is damaged");
    t->first = (size_t)first;
    if (!measure(t, &count) || t->first > t->elements || t->span > t->elements - t->first)
        return no_tensor(w, "it does not lie in its storage");
    if (count > t->elements)
        return no_tensor(w, "it has more elements than its storage (an expanded tensor: save a clone)");
    return w->each(w->user, t);
}

/* --- the way to it --- */

static bc_status visit(walk *w, int value, int depth);

static bc_status visit_below(walk *w, const char *key, size_t length, int value, int depth) {
    char *name = w->tensor.name;
    size_t used = strlen(name);
    if (length >= sizeof w->tensor.name - used - 1 || memchr(key, 0, length))
        return bc_fail(w->err, BC_E_FORMAT, "%s: a name below %.300s is too long, or has a zero byte in it",
                       w->label, *name ? name : "its root");
    snprintf(name + used, sizeof w->tensor.name - used, "%s%.*s", used ? "." : "", (int)length, key);
    bc_status status = visit(w, value, depth + 1);
    name[used] = 0;
    return status;
}

static bc_status visit_number(walk *w, long number, int value, int depth) {
    char text[32];
    int length = snprintf(text, sizeof text, "%ld", number);
    return visit_below(w, text, (size_t)length, value, depth);
}

/* Keys that are neither text nor number lead to nothing of a network. */
static bc_status visit_dict(walk *w, const bc_pickle_value *dict, int depth) {
    const bc_pickle_cell *cells = w->pickle->cells;
    for (int cell = bc_pickle_items(dict); cell >= 0; cell = cells[cells[cell].next].next) {
        const bc_pickle_value *key = at(w, cells[cell].value);
        int value = cells[cells[cell].next].value;
        if (key->kind == BC_PICKLE_TEXT)
            BC_TRY(visit_below(w, key->text.at, key->text.length, value, depth));
        else if (key->kind == BC_PICKLE_INT)
            BC_TRY(visit_number(w, key->integer, value, depth));
    }
    return BC_OK;
}

static bc_status visit_list(walk *w, const bc_pickle_value *list, int depth) {
    long index = 0;
    for (int cell = bc_pickle_items(list); cell >= 0; cell = w->pickle->cells[cell].next)
        BC_TRY(visit_number(w, index++, w->pickle->cells[cell].value, depth));
    return BC_OK;
}

static bc_status visit_call(walk *w, const bc_pickle_value *call, int depth) {
    const bc_pickle_value *arguments = at(w, call->items.argument);
    int first = bc_pickle_items(arguments);
    switch (call->items.callee) {
    case ORDERED_DICT:
        return visit_dict(w, call, depth);
    case PARAMETER:
        return first >= 0 ? visit(w, w->pickle->cells[first].value, depth + 1) : BC_OK;
    case TENSOR:
        return read_tensor(w, arguments);
    default:
        return BC_OK;
    }
}

static bc_status visit(walk *w, int value, int depth) {
    enum { DEEPEST = 32, MOST_STEPS = 2 * BC_PICKLE_VALUES };
    const bc_pickle_value *v = at(w, value);
    if (depth > DEEPEST || ++w->steps > MOST_STEPS)
        return bc_fail(w->err, BC_E_FORMAT, "%s: its values are nested too deep, or too often: at %.300s",
                       w->label, w->tensor.name);
    switch (v->kind) {
    case BC_PICKLE_DICT:
        return visit_dict(w, v, depth);
    case BC_PICKLE_LIST:
    case BC_PICKLE_TUPLE:
        return visit_list(w, v, depth);
    case BC_PICKLE_CALL:
        return visit_call(w, v, depth);
    default:
        return BC_OK;
    }
}

bc_status bc_torch_walk(bc_error *err, const char *label, const bc_pickle *pickle,
                        bc_status (*each)(void *user, const bc_torch_tensor *tensor), void *user) {
    walk w = {.err = err, .label = label, .pickle = pickle, .each = each, .user = user};
    const bc_pickle_value *root = at(&w, pickle->root);
    bool dict =
        root->kind == BC_PICKLE_DICT || (root->kind == BC_PICKLE_CALL && root->items.callee == ORDERED_DICT);
    if (!dict)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected a dict of tensors (a state_dict), found something else", label);
    return visit(&w, pickle->root, 0);
}
