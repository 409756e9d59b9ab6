/* Reading and writing safetensors files: 8 bytes little-endian header length, a JSON header, raw
 * little-endian data. The format's own rules hold both ways (https://github.com/huggingface/safetensors, README). */
#ifndef BC_NET_STORE_SAFETENSORS_H
#define BC_NET_STORE_SAFETENSORS_H

#include "host/base/file.h"

#define BC_SAFETENSORS ".safetensors"

enum { BC_SAFETENSORS_HEADER = 100000000 }; /* bytes; the format's own limit */

typedef struct bc_tensor_entry {
    const char *name; /* UTF-8 of any length */
    const char
        *dtype; /* "F32", "F16", "BF16", "F64", "I64", "U8", ... as in the file; not used for writing */
    int rank;
    const long *shape;
    size_t begin, end; /* bytes, relative to the data section; not used for writing */
} bc_tensor_entry;

typedef struct bc_metadata {
    const char *key, *value;
} bc_metadata;

typedef struct bc_safetensors {
    bc_tensor_entry *entries; /* in the header's order */
    int count;
    const bc_tensor_entry **by_name; /* the same, sorted by name */
    bc_metadata *metadata;           /* the "__metadata__" object, in its order */
    int metadata_count;
    long *sizes;         /* of all shapes */
    uint8_t *bytes;      /* whole file; names and metadata were decoded where they stand */
    const uint8_t *data; /* data section */
    char path[1024];
} bc_safetensors;

/* Reads and checks everything: header length, JSON, dtype sizes, shapes, and that the tensors cover the data without hole or
 * overlap. Errors name the file and the tensor. A dtype that is not known matters only to bc_safetensors_floats. */
bc_status bc_safetensors_open(bc_error *err, const char *path, bc_safetensors *out);
void bc_safetensors_close(bc_safetensors *file);
const bc_tensor_entry *bc_safetensors_find(const bc_safetensors *file, const char *name);
/* Where the file has no tensor `name` but one tensor PREFIX.name ("module.", "student.", of a wrapper around the network): takes
 * PREFIX. off the names of those that have it and drops the others. Several such prefixes are BC_E_FORMAT; none changes nothing. */
bc_status bc_safetensors_strip_prefix(bc_error *err, bc_safetensors *file, const char *name);
/* Converts an F32/F16/BF16/F64 tensor to floats; `count` must be its element count. */
bc_status bc_safetensors_floats(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                                float *out, size_t count);
/* The metadata's text under `key` as UTF-8, malloc'ed; *value NULL when there is none. */
bc_status bc_safetensors_metadata(bc_error *err, const bc_safetensors *file, const char *key, char **value);

/* Writing: describe all tensors (F32), then give their data in the same order. Temporary file and rename. The pairs become the
 * "__metadata__" object; bytes that are no UTF-8 are written as U+FFFD. */
typedef struct bc_safetensors_writer bc_safetensors_writer;
bc_status bc_safetensors_write_open(bc_error *err, const char *path, int count,
                                    const bc_tensor_entry *entries, const bc_metadata *pairs, int pair_count,
                                    bc_safetensors_writer **out);
bc_status bc_safetensors_write_next(bc_error *err, bc_safetensors_writer *w, const float *data, size_t count);
/* The same for numbers that must be some: NaN or infinity is BC_E_NUMERIC and names the tensor. */
bc_status bc_safetensors_write_finite(bc_error *err, bc_safetensors_writer *w, const char *name,
                                      const float *data, size_t count);
bc_status bc_safetensors_write_close(bc_error *err, bc_safetensors_writer *w,
                                     bool commit); /* false: abandon */

#endif
