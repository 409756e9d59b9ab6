/* Kinds of files: the formats that a thing can be read from and written to, told by a file's ending. A kind is a table with a line a
 * format; checks, lists of files, help and messages follow from it. */
#ifndef BC_BICROSS_FORMATS_KIND_H
#define BC_BICROSS_FORMATS_KIND_H

#include "host/base/status.h"

#include <stddef.h>

typedef struct bc_kind {
    const char *what;    /* "a depth map" */
    const void *formats; /* structures whose first member is the ending, a const char * with its dot */
    size_t count, bytes; /* of the table: lines, and bytes of one */
} bc_kind;
#define BC_KIND(what, formats)                                                                               \
    { what, formats, sizeof(formats) / sizeof((formats)[0]), sizeof((formats)[0]) }

/* The line for this file, or NULL where its ending is none of the kind's. */
const void *bc_kind_find(const bc_kind *kind, const char *path);
/* Of line `index` of the table. */
const char *bc_kind_ending(const bc_kind *kind, size_t index);
/* BC_E_ARGUMENT: the file has none of the kind's endings. Names both. */
bc_status bc_kind_fail(bc_error *err, const bc_kind *kind, const char *path);
/* ".png, .pfm or .npy". Returns text. */
enum { BC_KIND_TEXT = 64 };
const char *bc_kind_endings(const bc_kind *kind, char text[BC_KIND_TEXT]);

#endif
