/* An ONNX model that grows in memory, and its file: the words of the format, which know nothing of our operations.
 *
 * Adding returns the new tensor's name, which the model owns, and keeps the first failure: after one it returns NULL and does nothing, so
 * that emitters read as straight expressions; bc_onnx_model_write reports what went wrong. No two tensors have one name. */
#ifndef BC_NET_ONNX_MODEL_H
#define BC_NET_ONNX_MODEL_H

#include "host/base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Of 2022, the first one with LayerNormalization: no newer one, so that old runtimes read the file, too. */
enum { BC_ONNX_OPSET = 17 };
enum { BC_ONNX_RANK = 4, BC_ONNX_INPUTS = 6, BC_ONNX_ATTRIBUTES = 4 };

typedef struct bc_onnx_model bc_onnx_model;

bc_status bc_onnx_model_create(bc_error *err, const char *name, bc_onnx_model **out);
void bc_onnx_model_release(bc_onnx_model *model);
bc_status bc_onnx_model_status(const bc_onnx_model *model);
/* Marks it as failed and returns NULL. */
const char *bc_onnx_fail(bc_onnx_model *model, bc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A text that the model owns. */
const char *bc_onnx_text(bc_onnx_model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sides from the left, ended by the rank. */
typedef struct bc_onnx_dims {
    int rank;
    int64_t side[BC_ONNX_RANK];
} bc_onnx_dims;
#define BC_ONNX_BATCH (-1) /* as a side of what goes in or out: N, any number */

/* What goes in or out: floats. doc (may be NULL): what its numbers are. */
void bc_onnx_model_input(bc_onnx_model *model, const char *name, bc_onnx_dims dims, const char *doc);
void bc_onnx_model_output(bc_onnx_model *model, const char *name, bc_onnx_dims dims, const char *doc);

/* Constants ("initialisers"). Floats: zeros at *data, which the caller fills. */
const char *bc_onnx_floats(bc_onnx_model *model, const char *name, bc_onnx_dims dims, float **data);
const char *bc_onnx_scalar(bc_onnx_model *model, const char *name, float value);
const char *bc_onnx_ints(bc_onnx_model *model, const char *name, int count, const int64_t *values);

typedef enum bc_onnx_kind { BC_ONNX_IS_FLOAT, BC_ONNX_IS_INT, BC_ONNX_IS_TEXT, BC_ONNX_IS_INTS } bc_onnx_kind;
typedef struct bc_onnx_attribute {
    const char *name; /* NULL ends a list */
    bc_onnx_kind kind;
    float number;
    const char *text;
    int64_t ints[BC_ONNX_RANK]; /* the first one, or */
    int count;                  /* so many */
} bc_onnx_attribute;
#define BC_ONNX_FLOAT(name_, value)                                                                          \
    { .name = (name_), .kind = BC_ONNX_IS_FLOAT, .number = (value) }
#define BC_ONNX_INT(name_, value)                                                                            \
    {                                                                                                        \
        .name = (name_), .kind = BC_ONNX_IS_INT, .ints = { value }                                           \
    }
#define BC_ONNX_TEXT(name_, value)                                                                           \
    { .name = (name_), .kind = BC_ONNX_IS_TEXT, .text = (value) }
#define BC_ONNX_INTS(name_, count_, ...)                                                                     \
    { .name = (name_), .kind = BC_ONNX_IS_INTS, .ints = {__VA_ARGS__}, .count = (count_) }

typedef struct bc_onnx_node {
    const char *type, *name;
    const char *inputs[BC_ONNX_INPUTS]; /* ended by NULL; "": one that is left out */
    bc_onnx_attribute attributes[BC_ONNX_ATTRIBUTES + 1];
    int outputs; /* 0: one, which is called as the node is; else NAME.0, NAME.1, ... */
} bc_onnx_node;
/* Its name. */
const char *bc_onnx_model_node(bc_onnx_model *model, const bc_onnx_node *node);

typedef struct bc_onnx_size {
    int nodes, tensors; /* tensors: constants */
    size_t bytes;
} bc_onnx_size;
/* Writes the file. BC_E_ARGUMENT when it would be larger than the format can be. */
bc_status bc_onnx_model_write(bc_onnx_model *model, const char *path, bc_onnx_size *out);
/* That many bytes are no more than protobuf's 2 GiB; else BC_E_ARGUMENT. */
bc_status bc_onnx_check_bytes(bc_error *err, const char *path, size_t bytes);

#endif
