/* A strict reader of exactly the JSON that safetensors headers are made of: one object whose members are
 *   "name": {"dtype": string, "shape": [integers], "data_offsets": [begin, end]}   and
 *   "__metadata__": {string: string, ...}. */
#include "net/safetensors_header.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *start, *at, *end;
    bc_error *err;
    bc_safetensors *file;
    int capacity;
} reader;

static bc_status fail(reader *r, const char *expected) {
    return bc_fail(r->err, BC_E_FORMAT, "%s: bad header at byte %zu: expected %s", r->file->path,
                   (size_t)(r->at - r->start) + 8, expected);
}

static void skip_space(reader *r) {
    while (r->at < r->end && *r->at && strchr(" \t\r\n", *r->at))
        r->at++;
}

/* Takes `c` if it is next. */
static bool take(reader *r, char c) {
    skip_space(r);
    if (r->at >= r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bc_status expect(reader *r, char c, const char *what) {
    return take(r, c) ? BC_OK : fail(r, what);
}

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

/* \uXXXX as UTF-8 (without surrogate pairs: no tensor name needs them). Returns bytes written, 0 on failure.
 */
static int unicode_escape(reader *r, char out[3]) {
    unsigned code = 0;
    for (int i = 0; i < 4; i++) {
        int digit = r->end - r->at > i ? hex_digit(r->at[i]) : -1;
        if (digit < 0)
            return 0;
        code = code * 16 + (unsigned)digit;
    }
    if (code == 0 || (code >= 0xD800 && code < 0xE000))
        return 0;
    r->at += 4;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 63));
    out[2] = (char)(0x80 | (code & 63));
    return 3;
}

/* One character of a string, escapes resolved, into `out`. Returns bytes written, 0 on failure. */
static int string_character(reader *r, char out[3]) {
    char c = *r->at++;
    if ((unsigned char)c < 0x20)
        return 0;
    out[0] = c;
    if (c != '\\')
        return 1;
    const char *names = "\"\\/bfnrt", *values = "\"\\/\b\f\n\r\t";
    c = r->at < r->end ? *r->at++ : 0;
    if (c == 'u')
        return unicode_escape(r, out);
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return 0;
    out[0] = values[found - names];
    return 1;
}

/* A string of at most room-1 bytes; `out` NULL only checks and skips it. */
static bc_status read_string(reader *r, char *out, size_t room) {
    BC_TRY(expect(r, '"', "a string"));
    size_t length = 0;
    while (r->at < r->end && *r->at != '"') {
        char bytes[3];
        int count = string_character(r, bytes);
        if (!count)
            return fail(r, "a valid character in a string");
        if (out && length + (size_t)count >= room)
            return fail(r, "a shorter string");
        if (out)
            memcpy(out + length, bytes, (size_t)count);
        length += (size_t)count;
    }
    if (out)
        out[length] = 0;
    return expect(r, '"', "the end of a string");
}

static bc_status read_integer(reader *r, long *out) {
    skip_space(r);
    const char *first = r->at;
    long value = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        int digit = *r->at - '0';
        if (value > (0x7fffffffffffffffL - digit) / 10)
            return fail(r, "a number that fits 63 bits");
        value = value * 10 + digit;
        r->at++;
    }
    if (r->at == first)
        return fail(r, "a whole number");
    *out = value;
    return BC_OK;
}

static bc_status read_integers(reader *r, long *out, int room, int *count) {
    BC_TRY(expect(r, '[', "'['"));
    *count = 0;
    if (take(r, ']'))
        return BC_OK;
    do {
        if (*count == room)
            return fail(r, "fewer numbers in this list");
        BC_TRY(read_integer(r, &out[(*count)++]));
    } while (take(r, ','));
    return expect(r, ']', "']'");
}

static bc_status read_offsets(reader *r, bc_tensor_entry *entry) {
    long offsets[2];
    int count;
    BC_TRY(read_integers(r, offsets, 2, &count));
    if (count != 2)
        return fail(r, "two data offsets");
    entry->begin = (size_t)offsets[0];
    entry->end = (size_t)offsets[1];
    return BC_OK;
}

static bc_status read_entry(reader *r, bc_tensor_entry *entry) {
    bool dtype = false, shape = false, offsets = false;
    BC_TRY(expect(r, '{', "'{'"));
    do {
        char key[16];
        BC_TRY(read_string(r, key, sizeof key));
        BC_TRY(expect(r, ':', "':'"));
        if (!dtype && strcmp(key, "dtype") == 0) {
            BC_TRY(read_string(r, entry->dtype, sizeof entry->dtype));
            dtype = true;
        } else if (!shape && strcmp(key, "shape") == 0) {
            BC_TRY(read_integers(r, entry->shape, 8, &entry->rank));
            shape = true;
        } else if (!offsets && strcmp(key, "data_offsets") == 0) {
            BC_TRY(read_offsets(r, entry));
            offsets = true;
        } else {
            return fail(r, "dtype, shape and data_offsets, once each");
        }
    } while (take(r, ','));
    BC_TRY(expect(r, '}', "'}'"));
    return dtype && shape && offsets ? BC_OK : fail(r, "dtype, shape and data_offsets, once each");
}

static bc_status read_metadata(reader *r) {
    skip_space(r);
    const char *first = r->at;
    BC_TRY(expect(r, '{', "'{'"));
    if (!take(r, '}')) {
        do {
            BC_TRY(read_string(r, NULL, 0));
            BC_TRY(expect(r, ':', "':'"));
            BC_TRY(read_string(r, NULL, 0));
        } while (take(r, ','));
        BC_TRY(expect(r, '}', "'}'"));
    }
    if (r->file->metadata)
        return fail(r, "one __metadata__ only");
    r->file->metadata = strndup(first, (size_t)(r->at - first));
    return r->file->metadata ? BC_OK : bc_fail(r->err, BC_E_MEMORY, "no host memory for a header");
}

static bc_status next_entry(reader *r, bc_tensor_entry **out) {
    bc_safetensors *file = r->file;
    if (file->count == r->capacity) {
        int wanted = r->capacity ? 2 * r->capacity : 64;
        bc_tensor_entry *wider = realloc(file->entries, (size_t)wanted * sizeof *wider);
        if (!wider)
            return bc_fail(r->err, BC_E_MEMORY, "no host memory for a header");
        file->entries = wider;
        r->capacity = wanted;
    }
    *out = &file->entries[file->count];
    memset(*out, 0, sizeof **out);
    return BC_OK;
}

static bc_status read_member(reader *r) {
    bc_tensor_entry *entry = NULL;
    BC_TRY(next_entry(r, &entry));
    BC_TRY(read_string(r, entry->name, sizeof entry->name));
    BC_TRY(expect(r, ':', "':'"));
    if (strcmp(entry->name, "__metadata__") == 0)
        return read_metadata(r);
    BC_TRY(read_entry(r, entry));
    r->file->count++;
    return BC_OK;
}

bc_status bc_safetensors_parse(bc_error *err, const char *text, size_t bytes, bc_safetensors *file) {
    reader r = {.start = text, .at = text, .end = text + bytes, .err = err, .file = file};
    BC_TRY(expect(&r, '{', "'{'"));
    if (!take(&r, '}')) {
        do {
            BC_TRY(read_member(&r));
        } while (take(&r, ','));
        BC_TRY(expect(&r, '}', "'}'"));
    }
    skip_space(&r);
    return r.at == r.end ? BC_OK : fail(&r, "the end of the header");
}
