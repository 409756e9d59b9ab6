/* A strict reader of JSON (RFC 8259). */
#include "net/store/json.h"

#include "host/base/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bc_status bc_json_fail(bc_json *r, const char *expected) {
    return bc_fail(r->err, BC_E_FORMAT, "%s: bad %s at byte %zu: expected %s", r->path, r->what,
                   (size_t)(r->at - r->start) + r->before, expected);
}

/* The next byte; 0 at the end. */
static char next(const bc_json *r) {
    return r->at < r->end ? *r->at : '\0';
}

static void skip_any(bc_json *r, const char *bytes) {
    while (next(r) && strchr(bytes, *r->at))
        r->at++;
}

static void skip_space(bc_json *r) {
    skip_any(r, " \t\r\n");
}

bool bc_json_at_end(bc_json *r) {
    skip_space(r);
    return r->at == r->end;
}

bool bc_json_take(bc_json *r, char c) {
    skip_space(r);
    if (next(r) != c)
        return false;
    r->at++;
    return true;
}

bc_status bc_json_expect(bc_json *r, char c, const char *what) {
    return bc_json_take(r, c) ? BC_OK : bc_json_fail(r, what);
}

static bool take_word(bc_json *r, const char *word) {
    skip_space(r);
    size_t length = strlen(word);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

bool bc_json_take_null(bc_json *r) {
    return take_word(r, "null");
}

/* --- strings --- */

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

/* The four digits of \uXXXX. */
static bool take_unit(bc_json *r, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = r->end - r->at > i ? hex_digit(r->at[i]) : -1;
        if (digit < 0)
            return false;
        *unit = *unit * 16 + (uint32_t)digit;
    }
    r->at += 4;
    return true;
}

/* Behind "\u": the character, from two surrogates where it takes two. Returns bytes written, 0 on failure. */
static int unicode_escape(bc_json *r, char out[4]) {
    uint32_t code, low;
    if (!take_unit(r, &code) || (code >= 0xDC00 && code < 0xE000))
        return 0;
    if (code >= 0xD800 && code < 0xDC00) {
        if (r->end - r->at < 2 || memcmp(r->at, "\\u", 2) != 0)
            return 0;
        r->at += 2;
        if (!take_unit(r, &low) || low < 0xDC00 || low >= 0xE000)
            return 0;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code == 0) {
        memcpy(out, "\xC0\x80", 2);
        return 2;
    }
    return bc_utf8_encode(code, out);
}

/* One character of a string, escapes resolved, into `out`. Returns bytes written, 0 on failure. */
static int string_character(bc_json *r, char out[4]) {
    uint32_t code;
    if (*r->at != '\\') {
        int bytes = bc_utf8_decode(r->at, (size_t)(r->end - r->at), &code);
        if (bytes == 0 || code < 0x20)
            return 0;
        memcpy(out, r->at, (size_t)bytes);
        r->at += bytes;
        return bytes;
    }
    r->at++;
    const char *names = "\"\\/bfnrt", *values = "\"\\/\b\f\n\r\t";
    char c = next(r);
    r->at += c != 0;
    if (c == 'u')
        return unicode_escape(r, out);
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return 0;
    out[0] = values[found - names];
    return 1;
}

bc_status bc_json_string(bc_json *r, const char **out) {
    BC_TRY(bc_json_expect(r, '"', "a string"));
    char *write = r->at;
    *out = write;
    while (next(r) != '"' && r->at < r->end) {
        char bytes[4];
        int count = string_character(r, bytes);
        if (!count)
            return bc_json_fail(r, "a valid character in a string");
        memcpy(write, bytes, (size_t)count);
        write += count;
    }
    BC_TRY(bc_json_expect(r, '"', "the end of a string"));
    *write = 0; /* at most on the closing quotation mark */
    return BC_OK;
}

/* --- numbers, and what is passed over --- */

bc_status bc_json_integer(bc_json *r, long *out) {
    skip_space(r);
    const char *first = r->at;
    long value = 0;
    for (; next(r) >= '0' && next(r) <= '9'; r->at++) {
        int digit = *r->at - '0';
        if (value > (LONG_MAX - digit) / 10)
            return bc_json_fail(r, "a number that fits 63 bits");
        value = value * 10 + digit;
    }
    if (r->at == first || (*first == '0' && r->at - first > 1))
        return bc_json_fail(r, "a whole number");
    *out = value;
    return BC_OK;
}

static bc_status skip_number(bc_json *r) {
    const char *first = r->at;
    skip_any(r, "0123456789+-.eE");
    return r->at > first ? BC_OK : bc_json_fail(r, "a value");
}

/* In a copy, since what is read has no zero byte behind it. */
bc_status bc_json_number(bc_json *r, double *out) {
    char text[64], *end;
    skip_space(r);
    const char *first = r->at;
    BC_TRY(skip_number(r));
    size_t length = (size_t)(r->at - first);
    if (length < sizeof text) {
        memcpy(text, first, length);
        text[length] = 0;
        *out = strtod(text, &end);
        if (!*end)
            return BC_OK;
    }
    return bc_json_fail(r, "a number");
}

bool bc_json_take_bool(bc_json *r, bool *out) {
    *out = take_word(r, "true");
    return *out || take_word(r, "false");
}

static bc_status skip_scalar(bc_json *r) {
    const char *text;
    if (take_word(r, "true") || take_word(r, "false") || take_word(r, "null"))
        return BC_OK;
    return next(r) == '"' ? bc_json_string(r, &text) : skip_number(r);
}

/* Without recursion: a bit for each open object, so that depth costs no stack. */
bc_status bc_json_skip(bc_json *r) {
    enum { DEEPEST = 64 };
    uint64_t objects = 0;
    int depth = 0;
    do {
        const char *name;
        bool list = bc_json_take(r, '['), object = !list && bc_json_take(r, '{');
        if ((list || object) && depth == DEEPEST)
            return bc_json_fail(r, "a value that is nested less deeply");
        bool empty = (list && bc_json_take(r, ']')) || (object && bc_json_take(r, '}'));
        if (!list && !object)
            BC_TRY(skip_scalar(r));
        if ((list || object) && !empty)
            objects = (objects & ~(1ull << depth)) | (uint64_t)object << depth, depth++;
        else
            while (depth > 0 && !bc_json_take(r, ',')) {
                depth--;
                BC_TRY(objects >> depth & 1 ? bc_json_expect(r, '}', "'}'") : bc_json_expect(r, ']', "']'"));
            }
        if (depth > 0 && objects >> (depth - 1) & 1) {
            BC_TRY(bc_json_string(r, &name));
            BC_TRY(bc_json_expect(r, ':', "':'"));
        }
    } while (depth > 0);
    return BC_OK;
}
