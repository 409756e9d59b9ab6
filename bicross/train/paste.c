/* Putting a network's map in its place in a map of the whole image. */
#include "bicross/train/paste.h"

#include "bicross/losses/common.h"

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

const bc_op bc_paste_op = {
    .name = "paste",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_paste_attributes),
    .shape = paste_shape,
    .forward = paste_forward,
};

bc_value *bc_paste(bc_graph *g, bc_value *map, int height, int width, const bc_pasting *how) {
    return bc_graph_node(g, &bc_paste_op, &map, &(bc_paste_attributes){height, width, *how});
}
