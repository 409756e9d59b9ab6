/* Small questions about file names. */
#include "host/base/path.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *bc_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *bc_path_ending(const char *path) {
    const char *name = bc_path_name(path), *dot = strrchr(name, '.');
    return dot && dot != name ? dot : name + strlen(name);
}

bool bc_path_ends(const char *path, const char *ending) {
    return strcasecmp(bc_path_ending(path), ending) == 0;
}

/* Characters and their number, what is left of a text. */
typedef struct rest {
    const char *text;
    size_t length;
} rest;

static bool is_digit_at(const rest *r, size_t i) {
    return i < r->length && isdigit((unsigned char)r->text[i]);
}

/* Cuts the number at the front off `r`; without leading zeros, so that more digits are a larger number. */
static rest take_number(rest *r) {
    while (r->text[0] == '0' && is_digit_at(r, 1)) {
        r->text++;
        r->length--;
    }
    rest number = {r->text, 0};
    while (is_digit_at(r, number.length))
        number.length++;
    r->text += number.length;
    r->length -= number.length;
    return number;
}

static int order_of_numbers(rest *a, rest *b) {
    rest x = take_number(a), y = take_number(b);
    return x.length != y.length ? (x.length > y.length) - (x.length < y.length)
                                : memcmp(x.text, y.text, x.length);
}

static int order_of_characters(rest *a, rest *b) {
    unsigned char x = (unsigned char)*a->text++, y = (unsigned char)*b->text++;
    a->length--;
    b->length--;
    return (x > y) - (x < y);
}

static int order_of_text(const char *a, size_t a_length, const char *b, size_t b_length) {
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

int bc_path_order(const char *a, size_t a_length, const char *b, size_t b_length) {
    rest x = {a, a_length}, y = {b, b_length};
    while (x.length > 0 && y.length > 0) {
        bool numbers = is_digit_at(&x, 0) && is_digit_at(&y, 0);
        int order = numbers ? order_of_numbers(&x, &y) : order_of_characters(&x, &y);
        if (order)
            return order;
    }
    if (x.length > 0 || y.length > 0)
        return x.length > 0 ? 1 : -1;
    return order_of_text(a, a_length, b, b_length);
}

char *bc_cache_folder(void) {
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (base && *base)
        length = asprintf(&path, "%s/bicross", base);
    else if (home && *home)
        length = asprintf(&path, "%s/.cache/bicross", home);
    return length < 0 ? NULL : path;
}
