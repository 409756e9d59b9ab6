/* A file of named tensors, whatever its format: what it holds, and their numbers as floats. The formats' readers fill it
 * (net/store/safetensors.h, net/store/torch_file.h); net/store/weight_file.h opens a file without knowing which it is. */
#ifndef BC_NET_STORE_TENSOR_FILE_H
#define BC_NET_STORE_TENSOR_FILE_H

#include "host/base/archive.h"

typedef struct bc_tensor_entry {
    const char *name; /* UTF-8 of any length */
    const char
        *dtype; /* "F32", "F16", "BF16", "F64", "I64", "U8", ... as in safetensors; not used for writing */
    int rank;
    const long *shape;
    const long
        *strides; /* elements from one index to the next; NULL: the last index moves first, without gaps */
    size_t begin, end; /* bytes, relative to the data or to the member; not used for writing */
    int member;        /* of an archive */
} bc_tensor_entry;

typedef struct bc_metadata {
    const char *key, *value;
} bc_metadata;

typedef struct bc_tensor_file {
    bc_tensor_entry *entries; /* in the file's order */
    int count;
    const bc_tensor_entry **by_name; /* the same, sorted by name */
    bc_metadata *metadata;           /* in the file's order */
    int metadata_count;
    long *sizes; /* of all shapes and strides */
    char *names; /* those that do not stand in `bytes` */
    uint8_t
        *bytes; /* whole file, or the text of metadata; names and metadata were decoded where they stand */
    const uint8_t *data; /* of all tensors; NULL: they are members of the archive */
    bc_archive *archive;
    bc_archive_member *members;
    char path[1024];
} bc_tensor_file;

void bc_tensor_file_close(bc_tensor_file *file);
/* Makes by_name of the entries; a name that occurs twice is BC_E_FORMAT. */
bc_status bc_tensor_file_sort(bc_error *err, bc_tensor_file *file);
const bc_tensor_entry *bc_tensor_file_find(const bc_tensor_file *file, const char *name);
/* The metadata's text under `key` as UTF-8, malloc'ed; *value NULL when there is none. */
bc_status bc_tensor_file_metadata(bc_error *err, const bc_tensor_file *file, const char *key, char **value);

/* Where the file has no tensor `name` but one tensor PREFIX.name ("module.", "student.", "model_state_dict.", of a wrapper around
 * the network): takes PREFIX. off the names of those that have it and drops the others. Several such prefixes are BC_E_FORMAT, and
 * named; none changes nothing. */
bc_status bc_tensor_file_strip_prefix(bc_error *err, bc_tensor_file *file, const char *name);
/* Keeps the tensors below KEY (KEY.name), under the rest of their names; none is BC_E_FORMAT. */
bc_status bc_tensor_file_choose(bc_error *err, bc_tensor_file *file, const char *key);
/* Puts `prefix` before every name. */
bc_status bc_tensor_file_add_prefix(bc_error *err, bc_tensor_file *file, const char *prefix);

/* Bits of an element; 0 for a type that is not known. */
size_t bc_dtype_bits(const char *name);
/* Whether bc_tensor_file_floats converts it: F32, F16, BF16, F64. */
bool bc_dtype_is_float(const char *name);
/* Elements of the shape; false where they are more than can be counted. */
bool bc_tensor_elements(const bc_tensor_entry *entry, size_t *count);
/* Converts an F32/F16/BF16/F64 tensor to floats, its last index moving first; `count` must be its element count. */
bc_status bc_tensor_file_floats(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                                float *out, size_t count);

#endif
