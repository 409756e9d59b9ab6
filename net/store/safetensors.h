/* Reading and writing safetensors files: 8 bytes little-endian header length, a JSON header, raw
 * little-endian data. The format's own rules hold both ways (https://github.com/huggingface/safetensors, README). */
#ifndef BC_NET_STORE_SAFETENSORS_H
#define BC_NET_STORE_SAFETENSORS_H

#include "net/store/tensor_file.h"

#define BC_SAFETENSORS ".safetensors"

enum { BC_SAFETENSORS_HEADER = 100000000 }; /* bytes; the format's own limit */

/* Reads and checks everything: header length, JSON, dtype sizes, shapes, and that the tensors cover the data without hole or
 * overlap. Errors name the file and the tensor. A dtype that is not known matters only to bc_tensor_file_floats. */
bc_status bc_safetensors_open(bc_error *err, const char *path, bc_tensor_file *out);

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
