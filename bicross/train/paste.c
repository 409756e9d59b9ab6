/* Putting a network's map in its place in a map of the whole image. */
#include "bicross/train/paste.h"

#include "bicross/losses/common.h"

#include <math.h>

static bc_status paste_forward(bc_node *node, bc_tape *tape) {
    const bc_pasting *a = &((const bc_paste_attributes *)node->attributes)->how;
    const bc_value *map = node->inputs[0], *full = node->output;
    double count = bc_element_count(full);
    bc_launch launch = {
        .source = "metrics.cl",
        .kernel = "paste",
        .defines = bc_loss_vector(node, (int)count),
        .items = {(size_t)full->shape.w, (size_t)full->shape.h},
        .flops = 2 * count,
        .bytes = 2 * count * sizeof(float),
        BC_ARGS(BC_BUFFER(full->data), BC_BUFFER(map->data), BC_INT(full->shape.h), BC_INT(full->shape.w),
                BC_INT(a->crop.top), BC_INT(a->crop.left), BC_INT(map->shape.h), BC_INT(map->shape.w),
                BC_FLOAT(a->fill), BC_FLOAT(a->low), BC_FLOAT(a->high)),
    };
    return bc_tape_launch(tape, &launch);
}

static bool paste_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)g;
    (void)inputs;
    const bc_paste_attributes *a = attributes;
    *out = (bc_shape){1, a->height, a->width, 1};
    return true;
}

static const bc_op_case paste_cases[] = {
    {.label = "bottom centre, with what is no number",
     .inputs = {{.shape = {1, 3, 4, 1},
                 .values = (const float[]){1, -3, NAN, 7, INFINITY, 90, -INFINITY, 5e-4f, 80},
                 .value_count = 9}},
     .attributes = &(const bc_paste_attributes){5, 7, {{2, 1, 3, 4}, 0.25f, 1e-3f, 80}},
     .use = BC_CASE_TINY},
    {.label = "everywhere",
     .inputs = {{.shape = {1, 8, 6, 1}, .low = -4, .high = 100}},
     .attributes = &(const bc_paste_attributes){8, 6, {{0, 0, 8, 6}, 1e-3f, 1e-3f, 80}},
     .use = BC_CASE_TINY},
    {.label = "not clamped",
     .inputs = {{.shape = {1, 5, 6, 1}}},
     .attributes = &(const bc_paste_attributes){9, 6, {{0, 0, 5, 6}, 0, -INFINITY, INFINITY}},
     .use = BC_CASE_TINY},
    {.label = "paste",
     .inputs = {{.shape = {1, 64, 128, 1}, .low = -4, .high = 100}},
     .attributes = &(const bc_paste_attributes){80, 140, {{16, 6, 64, 128}, 1e-3f, 1e-3f, 80}},
     .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_paste_op = {
    .name = "paste",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_paste_attributes),
    .shape = paste_shape,
    .forward = paste_forward,
    .cases = paste_cases,
};

bc_value *bc_paste(bc_graph *g, bc_value *map, int height, int width, const bc_pasting *how) {
    return bc_graph_node(g, &bc_paste_op, &map, &(bc_paste_attributes){height, width, *how});
}
