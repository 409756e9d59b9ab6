/* What emitters work with: a node of the graph, its inputs as tensors of the ONNX model, and its output.
 *
 * A value has two forms there. Feature maps are (N,c,h,w), as ONNX's convolutions want them, and tokens are rows, (N,h*w,c), as matrix
 * products do. A form that is missing is made of the other one, once; so transpositions stand only where maps become tokens and
 * back. N, the batch, is free: the graph is described for one image. */
#ifndef BC_NET_ONNX_EMIT_H
#define BC_NET_ONNX_EMIT_H

#include "net/onnx/model.h"
#include "net/ops/attributes.h"

typedef enum bc_onnx_form { BC_ONNX_MAP, BC_ONNX_ROWS, BC_ONNX_FORMS } bc_onnx_form;

/* How constants lie. */
typedef enum bc_onnx_layout {
    BC_ONNX_VECTOR,   /* (c) */
    BC_ONNX_CHANNELS, /* (c,1,1), as a map's channels */
    BC_ONNX_KERNEL,   /* (out,in,kh,kw) */
    BC_ONNX_MATRIX,   /* (in,out): named NAME.T, being the transpose of what is published */
    BC_ONNX_TOKENS,   /* (1,t,c) */
} bc_onnx_layout;

typedef struct bc_onnx_emission {
    bc_graph *graph;
    bc_onnx_model *model;
    const bc_node *node;               /* the one in hand */
    const char **names[BC_ONNX_FORMS]; /* of values, by id; NULL: not in that form */
    const char **constants;            /* likewise: names of initialisers */
    const char **scopes;               /* of values: what the tensors of their producer are called after */
    bool *constant;                    /* values that depend on parameters alone */
} bc_onnx_emission;

/* An input of the node in hand, in the form that is there, or in this one. */
bc_onnx_form bc_onnx_form_of(const bc_onnx_emission *e, int input);
const char *bc_onnx_input(bc_onnx_emission *e, int input, bc_onnx_form form);
/* The same for any value. */
const char *bc_onnx_value(bc_onnx_emission *e, const bc_value *value, bc_onnx_form form);
/* An input that depends on parameters alone, as an initialiser called as it is published where its numbers are; NULL where it is absent.
 * One that depends on more fails. */
const char *bc_onnx_constant(bc_onnx_emission *e, int input, bc_onnx_layout layout);
/* The output of the node in hand. */
void bc_onnx_output(bc_onnx_emission *e, bc_onnx_form form, const char *tensor);

/* Adds a node of ONNX. node->name tells it from others that one of ours becomes; NULL: its type does. */
const char *bc_onnx_add(bc_onnx_emission *e, const bc_onnx_node *node);
/* Constants of the node in hand, `name` likewise. */
const char *bc_onnx_add_scalar(bc_onnx_emission *e, const char *name, float value);
const char *bc_onnx_add_ints(bc_onnx_emission *e, const char *name, int count, const int64_t *values);
/* Reshape to these sides, of which 0 stays as it is and -1 is what is left. */
const char *bc_onnx_reshape(bc_onnx_emission *e, const char *name, const char *x, int rank,
                            const int64_t *sides);

#endif
