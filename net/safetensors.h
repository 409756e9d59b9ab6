/* Reading and writing safetensors files: 8 bytes little-endian header length, a JSON header, raw
 * little-endian data. */
#ifndef BC_NET_SAFETENSORS_H
#define BC_NET_SAFETENSORS_H

#include "host/file.h"

typedef struct bc_tensor_entry {
    char name[160];
    char dtype[8]; /* "F32", "F16", "BF16", "F64", "I64", "U8", ... as in the file */
    int rank;
    long shape[8];
    size_t begin, end; /* bytes, relative to the data section */
} bc_tensor_entry;

typedef struct bc_safetensors {
    bc_tensor_entry *entries;
    int count;
    char *metadata;      /* the "__metadata__" object's JSON text, or NULL */
    uint8_t *bytes;      /* whole file */
    const uint8_t *data; /* data section */
    char path[1024];
} bc_safetensors;

/* Reads and checks everything: header length, JSON, dtype sizes, shapes, offsets inside the file and without
 * overlap. Errors name the file and the tensor. */
bc_status bc_safetensors_open(bc_error *err, const char *path, bc_safetensors *out);
void bc_safetensors_close(bc_safetensors *file);
const bc_tensor_entry *bc_safetensors_find(const bc_safetensors *file, const char *name);
/* Converts an F32/F16/BF16/F64 tensor to floats; `count` must be its element count. */
bc_status bc_safetensors_floats(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                                float *out, size_t count);

/* Writing: describe all tensors (F32), then give their data in the same order. Temporary file and rename. */
typedef struct bc_safetensors_writer bc_safetensors_writer;
bc_status bc_safetensors_write_open(bc_error *err, const char *path, int count,
                                    const bc_tensor_entry *entries, const char *metadata_json,
                                    bc_safetensors_writer **out);
bc_status bc_safetensors_write_next(bc_error *err, bc_safetensors_writer *w, const float *data, size_t count);
bc_status bc_safetensors_write_close(bc_error *err, bc_safetensors_writer *w,
                                     bool commit); /* false: abandon */

#endif
