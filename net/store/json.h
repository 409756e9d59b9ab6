/* Reading JSON in place: strings are decoded where they stand (an escape is never shorter than what it means), so that a header of
 * a million names needs no memory but the file's. */
#ifndef BC_NET_STORE_JSON_H
#define BC_NET_STORE_JSON_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct bc_json {
    const char *path, *what, *start; /* for messages; what: "header" */
    size_t before;                   /* bytes of the file that stand in front of `start` */
    char *at, *end;
    bc_error *err;
} bc_json;

/* BC_E_FORMAT with file, byte and what was expected. */
bc_status bc_json_fail(bc_json *r, const char *expected);
/* Takes `c` if it is next, after blanks. */
bool bc_json_take(bc_json *r, char c);
bc_status bc_json_expect(bc_json *r, char c, const char *what);
/* Takes `null` if it is next. */
bool bc_json_take_null(bc_json *r);
/* A string, decoded, UTF-8, zero-terminated. The character U+0000 becomes the two bytes C0 80, which are nothing else. */
bc_status bc_json_string(bc_json *r, const char **out);
/* A whole number that is not negative and fits a long. */
bc_status bc_json_integer(bc_json *r, long *out);
/* A number of any kind. */
bc_status bc_json_number(bc_json *r, double *out);
/* Takes `true` or `false` if one is next. */
bool bc_json_take_bool(bc_json *r, bool *out);
/* Passes over a value of any kind. */
bc_status bc_json_skip(bc_json *r);
/* Only blanks are left. */
bool bc_json_at_end(bc_json *r);

#endif
