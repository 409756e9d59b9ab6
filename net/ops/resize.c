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

#define RESIZE(label_, use_, mode_, n_, h_, w_, c_, out_h_, out_w_)                                          \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}}},                                          \
        .attributes = &(const bc_resize_attributes){BC_RESIZE_##mode_, out_h_, out_w_}, .use = (use_)        \
    }
#define TINY(name_, mode_, n_, h_, w_, c_, out_h_, out_w_)                                                   \
    RESIZE(name_ " " #h_ "x" #w_ " to " #out_h_ "x" #out_w_, BC_CASE_TINY, mode_, n_, h_, w_, c_, out_h_,    \
           out_w_)
#define ALL_MODES(...)                                                                                       \
    TINY("nearest", NEAREST, __VA_ARGS__), TINY("bilinear", BILINEAR, __VA_ARGS__),                          \
        TINY("align corners", ALIGN_CORNERS, __VA_ARGS__), TINY("bicubic", BICUBIC, __VA_ARGS__)
static const bc_op_case resize_cases[] = {
    ALL_MODES(2, 3, 5, 1, 7, 8),
    ALL_MODES(1, 7, 6, 3, 3, 4),
    ALL_MODES(2, 4, 3, 4, 8, 6),
    ALL_MODES(1, 3, 3, 16, 5, 7),
    ALL_MODES(1, 5, 4, 1, 5, 4),
    ALL_MODES(1, 1, 6, 1, 3, 1),
    ALL_MODES(1, 6, 1, 2, 1, 3),
    ALL_MODES(1, 2, 2, 1, 11, 13),
    ALL_MODES(1, 13, 2, 1, 2, 9),
    ALL_MODES(1, 1, 1, 5, 4, 3),
    /* a work-item takes up to 16 vectors of a pixel */
    RESIZE("17 channels", BC_CASE_TINY, BILINEAR, 1, 2, 2, 17, 3, 3),
    RESIZE("64 channels", BC_CASE_TINY, BILINEAR, 1, 2, 1, 64, 3, 2),
    RESIZE("272 channels", BC_CASE_CHECK, BILINEAR, 1, 2, 1, 272, 3, 2),
    RESIZE("resize nearest", BC_CASE_MEASURE, NEAREST, 1, 96, 96, 256, 192, 192),
    RESIZE("resize bilinear", BC_CASE_MEASURE, BILINEAR, 1, 96, 96, 256, 192, 192),
    RESIZE("resize bicubic", BC_CASE_MEASURE, BICUBIC, 1, 192, 192, 1, 384, 384),
    {0},
};

const bc_op bc_resize_op = {
    .name = "resize",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_resize_attributes),
    .shape = resize_shape,
    .workspace_bytes = resize_workspace_bytes,
    .forward = resize_forward,
    .backward = resize_backward,
    .rematerialise = resize_forward,
    .cases = resize_cases,
};

bc_value *bc_resize(bc_graph *g, bc_value *x, int h, int w, bc_resize_mode mode) {
    return bc_graph_node(g, &bc_resize_op, &x, &(bc_resize_attributes){mode, h, w});
}
