/* Convolutions: those of 1x1 without stride are linear layers (linear.c); of the others, each pass takes the
 * algorithm that conv_choice.c chose when the plan was made. */
#include "net/ops/conv.h"
#include "net/ops/epilogue.h"

typedef struct conv_attributes {
    bc_conv geometry;
    bool relu;
    bc_conv_choice passes[BC_CONV_PASSES]; /* chosen with the plan */
} conv_attributes;

static const bc_conv_algorithm *algorithm_of(const bc_node *node, bc_conv_pass pass) {
    return ((const conv_attributes *)node->attributes)->passes[pass].algorithm;
}

static bc_conv_job job_of(const bc_node *node, bc_conv_pass pass) {
    const conv_attributes *attributes = node->attributes;
    bc_shape w = node->inputs[1]->shape;
    return (bc_conv_job){.host = bc_graph_host(node->graph),
                         .x = node->inputs[0]->shape,
                         .y = node->outputs[0]->shape,
                         .kh = w.n,
                         .kw = w.h,
                         .geometry = attributes->geometry,
                         .relu = attributes->relu,
                         .products = attributes->passes[pass].products};
}

static void choose_pass(bc_node *node, bc_conv_pass pass) {
    conv_attributes *attributes = node->attributes;
    bc_conv_job job = job_of(node, pass);
    attributes->passes[pass] = bc_conv_choose(&job, pass);
}

static void conv_choose(bc_node *node, bool backward) {
    if (!backward)
        choose_pass(node, BC_CONV_FORWARD);
    if (backward && node->inputs[0]->needs_grad)
        choose_pass(node, BC_CONV_DATA);
    if (backward && node->inputs[1]->needs_grad)
        choose_pass(node, BC_CONV_WEIGHT);
}

static size_t pass_workspace(const bc_node *node, bc_conv_pass pass) {
    bc_conv_job job = job_of(node, pass);
    return algorithm_of(node, pass)->workspace_bytes(&job, pass);
}

static size_t conv_workspace(const bc_node *node, bool backward) {
    size_t most = 0, bytes[3] = {0};
    if (!backward)
        return pass_workspace(node, BC_CONV_FORWARD);
    if (node->inputs[0]->needs_grad)
        bytes[0] = pass_workspace(node, BC_CONV_DATA);
    if (node->inputs[1]->needs_grad)
        bytes[1] = pass_workspace(node, BC_CONV_WEIGHT);
    bytes[2] = bc_bias_gradient_workspace(node->inputs[2], node->outputs[0]);
    for (int i = 0; i < 3; i++)
        most = bytes[i] > most ? bytes[i] : most;
    return most;
}

static bc_status conv_forward(bc_node *node, bc_tape *tape) {
    bc_conv_job job = job_of(node, BC_CONV_FORWARD);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2], *y = node->outputs[0];
    if (node->inputs[3])
        job.residual = node->inputs[3]->data;
    return algorithm_of(node, BC_CONV_FORWARD)
        ->forward(&job, tape, x->data, weight->data, bias ? bias->data : (bc_buffer){0}, y->data,
                  node->workspace);
}

static bc_status conv_backward(bc_node *node, bc_tape *tape) {
    bc_conv_job data = job_of(node, BC_CONV_DATA), weights = job_of(node, BC_CONV_WEIGHT);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->outputs[0];
    if (data.relu)
        BC_TRY(bc_tape_relu_gradient(tape, y));
    if (weight->needs_grad)
        BC_TRY(algorithm_of(node, BC_CONV_WEIGHT)
                   ->weight(&weights, tape, x->data, y->grad, weight->grad, bc_grad_accumulate(weight),
                            node->workspace));
    if (x->needs_grad)
        BC_TRY(
            algorithm_of(node, BC_CONV_DATA)
                ->data(&data, tape, y->grad, weight->data, x->grad, bc_grad_accumulate(x), node->workspace));
    BC_TRY(bc_tape_bias_gradient(tape, node->inputs[2], y, node->workspace));
    return bc_tape_residual_gradient(tape, node->inputs[3], y);
}

static const bc_op conv_op = {
    .name = "conv2d",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1),
    .gradient_in_place = true,
    .choose = conv_choose,
    .workspace_bytes = conv_workspace,
    .forward = conv_forward,
    .backward = conv_backward,
};

static const bc_op conv_relu_op = {
    .name = "conv2d_relu",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1) | BC_READS_OUTPUT,
    .gradient_in_place = true,
    .choose = conv_choose,
    .workspace_bytes = conv_workspace,
    .forward = conv_forward,
    .backward = conv_backward,
};

static int same_padding(int size, int kernel, int stride) {
    int total = ((size + stride - 1) / stride - 1) * stride + kernel - size;
    return total > 0 ? total : 0;
}

bc_conv bc_conv_same(bc_shape x, int kernel_h, int kernel_w, int stride) {
    int v = same_padding(x.h, kernel_h, stride), h = same_padding(x.w, kernel_w, stride);
    return (bc_conv){stride, v / 2, h / 2, v - v / 2, h - h / 2, BC_CONV_AUTO};
}

bc_conv bc_conv_symmetric(int stride, int pad) {
    return (bc_conv){stride, pad, pad, pad, pad, BC_CONV_AUTO};
}

bool bc_conv_output(bc_graph *g, const char *operation, bc_shape x, const bc_value *weight,
                    const bc_value *bias, bc_conv geometry, bc_shape *y) {
    bc_shape w = weight->shape;
    const char *name = weight->name ? weight->name : "?";
    int h = x.h + geometry.pad_top + geometry.pad_bottom, wide = x.w + geometry.pad_left + geometry.pad_right;
    *y = (bc_shape){0};
    if (geometry.stride < 1 || geometry.pad_top < 0 || geometry.pad_left < 0 || geometry.pad_bottom < 0 ||
        geometry.pad_right < 0)
        bc_graph_fail(
            g,
            "%s: weight %s is used with stride %d and padding %d,%d,%d,%d; expected a stride of at least 1 "
            "and no negative padding",
            operation, name, geometry.stride, geometry.pad_top, geometry.pad_left, geometry.pad_bottom,
            geometry.pad_right);
    else if (h < w.n || wide < w.h)
        bc_graph_fail(g, "%s: weight %s has a kernel of %dx%d, its padded input is only %dx%d", operation,
                      name, w.n, w.h, h, wide);
    else if (bias && !bc_shape_same(bias->shape, (bc_shape){1, 1, 1, w.c}))
        bc_graph_fail(g, "%s: bias of weight %s is (%d,%d,%d,%d), expected (1,1,1,%d)", operation, name,
                      bias->shape.n, bias->shape.h, bias->shape.w, bias->shape.c, w.c);
    else
        *y = (bc_shape){x.n, (h - w.n) / geometry.stride + 1, (wide - w.h) / geometry.stride + 1, w.c};
    return y->n > 0;
}

bc_value *bc_conv2d_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry,
                          bc_epilogue epilogue) {
    if (!x || !weight)
        return NULL;
    bc_shape s = x->shape, w = weight->shape;
    const char *name = weight->name ? weight->name : "?";
    if (w.w != s.c)
        return bc_graph_fail(g, "conv2d: weight %s (%d,%d,%d,%d) expects %d channels, its input has %d", name,
                             w.n, w.h, w.w, w.c, w.w, s.c);
    bc_shape y;
    if (!bc_conv_output(g, "conv2d", s, weight, bias, geometry, &y))
        return NULL;
    if (geometry.method == BC_CONV_WINOGRAD && (w.n != 3 || w.h != 3 || geometry.stride != 1))
        return bc_graph_fail(
            g,
            "conv2d: weight %s has a kernel of %dx%d and stride %d, Winograd's method is for 3x3 "
            "without stride",
            name, w.n, w.h, geometry.stride);
    if (w.n == 1 && w.h == 1 && geometry.stride == 1 && y.h == s.h && y.w == s.w)
        return bc_linear_fused(g, x, weight, bias, epilogue);
    if (!bc_epilogue_fits(g, name, &epilogue, y))
        return NULL;
    if (epilogue.activation == BC_ACTIVATION_GELU) /* no network has it */
        return bc_gelu(g, bc_conv2d(g, x, weight, bias, geometry));
    conv_attributes attributes = {.geometry = geometry, .relu = epilogue.activation == BC_ACTIVATION_RELU};
    bc_value *inputs[] = {x, weight, bias, epilogue.residual};
    return bc_graph_node(g, attributes.relu ? &conv_relu_op : &conv_op, y, 4, inputs, &attributes,
                         sizeof attributes);
}

bc_value *bc_conv2d(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry) {
    return bc_conv2d_fused(g, x, weight, bias, geometry, (bc_epilogue){0});
}
