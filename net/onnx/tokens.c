/* Operations on tokens. */
#include "net/onnx/emitters.h"

#include <math.h>

void bc_onnx_layer_norm(bc_onnx_emission *e) {
    float epsilon = ((const bc_layer_norm_attributes *)e->node->attributes)->epsilon;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_ROWS), *gamma = bc_onnx_constant(e, 1, BC_ONNX_VECTOR),
               *beta = bc_onnx_constant(e, 2, BC_ONNX_VECTOR);
    bc_onnx_output(e, BC_ONNX_ROWS,
                   bc_onnx_add(e, &(bc_onnx_node){.type = "LayerNormalization",
                                                  .inputs = {x, gamma, beta},
                                                  .attributes = {BC_ONNX_INT("axis", -1),
                                                                 BC_ONNX_FLOAT("epsilon", epsilon)}}));
}

static const char *concat(bc_onnx_emission *e, const char *name, int axis, const char *a, const char *b) {
    return bc_onnx_add(
        e, &(bc_onnx_node){
               .type = "Concat", .name = name, .inputs = {a, b}, .attributes = {BC_ONNX_INT("axis", axis)}});
}

/* The class token (1,1,c) once for each image. */
static const char *class_tokens(bc_onnx_emission *e, const char *rows) {
    const char *one_class = bc_onnx_constant(e, 1, BC_ONNX_TOKENS);
    const char *batch =
        bc_onnx_add(e, &(bc_onnx_node){.type = "Shape",
                                       .name = "batch",
                                       .inputs = {rows},
                                       .attributes = {BC_ONNX_INT("start", 0), BC_ONNX_INT("end", 1)}});
    const char *rest = bc_onnx_add_ints(e, "one_token", 2, (const int64_t[]){1, e->node->output->shape.c});
    const char *shape = concat(e, "class.shape", 0, batch, rest);
    return bc_onnx_add(e, &(bc_onnx_node){.type = "Expand", .name = "class", .inputs = {one_class, shape}});
}

void bc_onnx_tokens(bc_onnx_emission *e) {
    const char *rows = bc_onnx_input(e, 0, BC_ONNX_ROWS);
    const char *tokens = concat(e, "tokens", 1, class_tokens(e, rows), rows);
    const char *positions = bc_onnx_constant(e, 2, BC_ONNX_TOKENS);
    bc_onnx_output(
        e, BC_ONNX_ROWS,
        bc_onnx_add(e, &(bc_onnx_node){.type = "Add", .name = "positions", .inputs = {tokens, positions}}));
}

/* Tokens first..end-1. */
static const char *slice(bc_onnx_emission *e, const char *name, const char *x, int first, int end) {
    bc_onnx_model *m = e->model;
    const char *starts = bc_onnx_add_ints(e, bc_onnx_text(m, "%s.starts", name), 1, &(int64_t){first}),
               *ends = bc_onnx_add_ints(e, bc_onnx_text(m, "%s.ends", name), 1, &(int64_t){end}),
               *axes = bc_onnx_add_ints(e, bc_onnx_text(m, "%s.axes", name), 1, &(int64_t){1});
    return bc_onnx_add(e, &(bc_onnx_node){.type = "Slice", .name = name, .inputs = {x, starts, ends, axes}});
}

void bc_onnx_readout(bc_onnx_emission *e) {
    int tokens = e->node->inputs[0]->shape.w;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_ROWS), *grid = slice(e, "grid", x, 1, tokens);
    const char *shape = bc_onnx_add_ints(e, "each.shape", 3, (const int64_t[]){1, tokens - 1, 1});
    const char *each = bc_onnx_add(
        e, &(bc_onnx_node){.type = "Expand", .name = "each", .inputs = {slice(e, "class", x, 0, 1), shape}});
    bc_onnx_output(e, BC_ONNX_ROWS, concat(e, "readout", 2, grid, each));
}

/* --- attention --- */

static const char *transpose(bc_onnx_emission *e, const char *name, const char *x, const int perm[4]) {
    return bc_onnx_add(
        e, &(bc_onnx_node){.type = "Transpose",
                           .name = name,
                           .inputs = {x},
                           .attributes = {BC_ONNX_INTS("perm", 4, perm[0], perm[1], perm[2], perm[3])}});
}

/* A third of q|k|v as (N, heads, tokens, channels), or in the order of `perm`. */
static const char *heads_of(bc_onnx_emission *e, const char *name, const char *third, const int perm[4]) {
    int heads = ((const bc_attention_attributes *)e->node->attributes)->heads;
    const char *x = bc_onnx_reshape(e, bc_onnx_text(e->model, "%s.heads", name), third, 4,
                                    (const int64_t[]){0, 0, heads, -1});
    return transpose(e, name, x, perm);
}

static const char *product(bc_onnx_emission *e, const char *name, const char *a, const char *b) {
    return bc_onnx_add(e, &(bc_onnx_node){.type = "MatMul", .name = name, .inputs = {a, b}});
}

void bc_onnx_attention(bc_onnx_emission *e) {
    static const int by_head[4] = {0, 2, 1, 3}, transposed[4] = {0, 2, 3, 1};
    int heads = ((const bc_attention_attributes *)e->node->attributes)->heads, c = e->node->output->shape.c;
    bc_onnx_model *m = e->model;
    const char *x = bc_onnx_input(e, 0, BC_ONNX_ROWS);
    const char *qkv = bc_onnx_add(e, &(bc_onnx_node){.type = "Split",
                                                     .name = "qkv",
                                                     .inputs = {x},
                                                     .attributes = {BC_ONNX_INT("axis", 2)},
                                                     .outputs = 3});
    const char *q = heads_of(e, "q", bc_onnx_text(m, "%s.0", qkv), by_head),
               *k = heads_of(e, "k", bc_onnx_text(m, "%s.1", qkv), transposed),
               *v = heads_of(e, "v", bc_onnx_text(m, "%s.2", qkv), by_head);
    const char *scale = bc_onnx_add_scalar(e, "scale", (float)(1 / sqrt((double)c / heads)));
    const char *scores = bc_onnx_add(
        e, &(bc_onnx_node){.type = "Mul", .name = "scores", .inputs = {product(e, "qk", q, k), scale}});
    const char *weights = bc_onnx_add(
        e, &(bc_onnx_node){.type = "Softmax", .inputs = {scores}, .attributes = {BC_ONNX_INT("axis", -1)}});
    const char *y = transpose(e, "by_token", product(e, "values", weights, v), by_head);
    bc_onnx_output(e, BC_ONNX_ROWS, bc_onnx_reshape(e, "attention", y, 3, (const int64_t[]){0, 0, c}));
}
