/* Resizing of maps: nearest, bilinear (two conventions) and bicubic. */
#include "net/ops/ops.h"
#include "net/ops/resample.h"

static size_t resize_workspace_bytes(const bc_node *node, bool backward) {
    return backward ? bc_resample_adjoint_workspace(node->attributes) : 0;
}

static bc_status resize_forward(bc_node *node, bc_tape *tape) {
    return bc_tape_resample(tape, node->attributes, node->outputs[0]->data, node->inputs[0]->data);
}

static bc_status resize_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    return bc_tape_resample_adjoint(tape, node->attributes, x->grad, node->outputs[0]->grad, node->workspace,
                                    bc_grad_accumulate(x));
}

static const bc_op resize = {.name = "resize",
                             .workspace_bytes = resize_workspace_bytes,
                             .forward = resize_forward,
                             .backward = resize_backward,
                             .rematerialise = resize_forward};

bc_value *bc_resize(bc_graph *g, bc_value *x, int h, int w, bc_resize_mode mode) {
    if (!x)
        return bc_graph_fail(g, "resize needs an input");
    bc_shape s = x->shape, shape = {s.n, h, w, s.c};
    bc_resample attributes = {
        .mode = mode, .n = s.n, .in_h = s.h, .in_w = s.w, .out_h = h, .out_w = w, .c = s.c};
    return bc_graph_node(g, &resize, shape, 1, &x, &attributes, sizeof attributes);
}
