/* Resizing of maps: nearest, bilinear (two conventions) and bicubic. */
#include "net/ops/attributes.h"
#include "net/ops/resample.h"

static bool resize_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)g;
    const bc_resize_attributes *a = attributes;
    *out = (bc_shape){inputs[0]->shape.n, a->h, a->w, inputs[0]->shape.c};
    return true;
}

static bc_resample resample_of(const bc_node *node) {
    const bc_resize_attributes *a = node->attributes;
    bc_shape s = node->inputs[0]->shape;
    return (bc_resample){
        .mode = a->mode, .n = s.n, .in_h = s.h, .in_w = s.w, .out_h = a->h, .out_w = a->w, .c = s.c};
}

static size_t resize_workspace_bytes(const bc_node *node, bool backward) {
    bc_resample r = resample_of(node);
    return backward ? bc_resample_adjoint_workspace(&r) : 0;
}

static bc_status resize_forward(bc_node *node, bc_tape *tape) {
    bc_resample r = resample_of(node);
    return bc_tape_resample(tape, &r, node->output->data, node->inputs[0]->data);
}

static bc_status resize_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    bc_resample r = resample_of(node);
    return bc_tape_resample_adjoint(tape, &r, x->grad, node->output->grad, node->workspace,
                                    bc_grad_accumulate(x));
}

const bc_op bc_resize_op = {
    .name = "resize",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_resize_attributes),
    .shape = resize_shape,
    .workspace_bytes = resize_workspace_bytes,
    .forward = resize_forward,
    .backward = resize_backward,
    .rematerialise = resize_forward,
};

bc_value *bc_resize(bc_graph *g, bc_value *x, int h, int w, bc_resize_mode mode) {
    return bc_graph_node(g, &bc_resize_op, &x, &(bc_resize_attributes){mode, h, w});
}
