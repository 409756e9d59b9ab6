/* Convolutions: those of 1x1 without stride are linear layers (linear.c); of the others, each pass takes the
 * algorithm that conv_choice.c chose when the plan was made. */
#include "net/ops/conv.h"
#include "net/ops/epilogue.h"

static bc_conv_choice *choice_of(const bc_node *node, bc_conv_pass pass) {
    return (bc_conv_choice *)node->choices + pass;
}

static const bc_conv_algorithm *algorithm_of(const bc_node *node, bc_conv_pass pass) {
    return choice_of(node, pass)->algorithm;
}

static bc_conv_job job_of(const bc_node *node, bc_conv_pass pass) {
    const bc_conv_attributes *attributes = node->attributes;
    bc_shape w = node->inputs[1]->shape;
    return (bc_conv_job){.host = bc_graph_host(node->graph),
                         .x = node->inputs[0]->shape,
                         .y = node->output->shape,
                         .kh = w.n,
                         .kw = w.h,
                         .geometry = attributes->geometry,
                         .relu = attributes->relu,
                         .variant = node->variant,
                         .tile = choice_of(node, pass)->tile,
                         .products = choice_of(node, pass)->products,
                         .is_prepared = node->is_prepared,
                         .prepared = node->prepared};
}

static bool conv_can(const bc_node *node, const char *variant) {
    bc_conv_job job = job_of(node, BC_CONV_FORWARD);
    bc_conv_choice ignored;
    return bc_conv_named(&job, variant, &ignored);
}

static void choose_pass(bc_node *node, bc_conv_pass pass) {
    bc_conv_job job = job_of(node, pass);
    *choice_of(node, pass) = bc_conv_choose(&job, pass);
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
    bytes[2] = bc_bias_gradient_workspace(node->inputs[2], node->output);
    for (int i = 0; i < 3; i++)
        most = bytes[i] > most ? bytes[i] : most;
    return most;
}

static size_t conv_prepared_bytes(const bc_node *node) {
    bc_conv_job job = job_of(node, BC_CONV_FORWARD);
    const bc_conv_algorithm *algorithm = algorithm_of(node, BC_CONV_FORWARD);
    return algorithm->prepared_bytes ? algorithm->prepared_bytes(&job) : 0;
}

static bc_status conv_prepare(bc_node *node, bc_tape *tape) {
    bc_conv_job job = job_of(node, BC_CONV_FORWARD);
    return algorithm_of(node, BC_CONV_FORWARD)->prepare(&job, tape, node->inputs[1]->data, node->prepared);
}

static bc_status conv_forward(bc_node *node, bc_tape *tape) {
    bc_conv_job job = job_of(node, BC_CONV_FORWARD);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2], *y = node->output;
    if (node->inputs[3])
        job.residual = node->inputs[3]->data;
    return algorithm_of(node, BC_CONV_FORWARD)
        ->forward(&job, tape, x->data, weight->data, bias ? bias->data : (bc_buffer){0}, y->data,
                  node->workspace);
}

static bc_status conv_backward(bc_node *node, bc_tape *tape) {
    bc_conv_job data = job_of(node, BC_CONV_DATA), weights = job_of(node, BC_CONV_WEIGHT);
    bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->output;
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

static bool conv_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_conv_attributes *a = attributes;
    const bc_value *weight = inputs[1];
    bc_shape s = inputs[0]->shape, w = weight->shape;
    if (w.w != s.c)
        return bc_graph_fail(g, "conv2d: weight %s (%d,%d,%d,%d) expects %d channels, its input has %d",
                             weight->name ? weight->name : "?", w.n, w.h, w.w, w.c, w.w, s.c);
    return bc_conv_output(g, "conv2d", s, weight, inputs[2], a->geometry, out) &&
           bc_epilogue_fits(g, weight, a->relu ? BC_ACTIVATION_RELU : BC_ACTIVATION_NONE, inputs[3], *out);
}

/* As a direct convolution: Winograd's method needs fewer multiplications. */
static double conv_flops(const bc_node *node, bool backward) {
    bc_shape w = node->inputs[1]->shape, y = node->output->shape;
    int passes = backward ? node->inputs[0]->needs_grad + node->inputs[1]->needs_grad : 1;
    return 2.0 * passes * y.n * y.h * y.w * (double)bc_shape_count(w);
}

#define CONV(name_, reads_, cases_)                                                                          \
    {                                                                                                        \
        .name = (name_), .input_count = 4, .optional = BC_INPUT(2) | BC_INPUT(3),                            \
        .attribute_bytes = sizeof(bc_conv_attributes), .shape = conv_shape, .flops = conv_flops,             \
        .backward_reads = BC_INPUT(0) | BC_INPUT(1) | (reads_), .gradient_in_place = true,                   \
        .variants = bc_tuning_conv_words, .ways = "conv", .can = conv_can, .choose = conv_choose,            \
        .choice_bytes = BC_CONV_PASSES * sizeof(bc_conv_choice), .workspace_bytes = conv_workspace,          \
        .forward = conv_forward, .prepares = BC_INPUT(1), .prepared_bytes = conv_prepared_bytes,             \
        .prepare = conv_prepare, .backward = conv_backward, .cases = (cases_),                               \
    }
const bc_op bc_conv_op = CONV("conv2d", 0, bc_conv_cases);
const bc_op bc_conv_relu_op = CONV("conv2d_relu", BC_OUTPUT, bc_conv_relu_cases);

static int same_padding(int size, int kernel, int stride) {
    int total = ((size + stride - 1) / stride - 1) * stride + kernel - size;
    return total > 0 ? total : 0;
}

bc_conv bc_conv_same(bc_shape x, int kernel_h, int kernel_w, int stride) {
    int v = same_padding(x.h, kernel_h, stride), h = same_padding(x.w, kernel_w, stride);
    return (bc_conv){stride, v / 2, h / 2, v - v / 2, h - h / 2};
}

bc_conv bc_conv_symmetric(int stride, int pad) {
    return (bc_conv){stride, pad, pad, pad, pad};
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

/* A convolution of single pixels is a linear layer. */
static bool is_linear(const bc_value *x, const bc_value *weight, bc_conv c) {
    bc_shape w = weight->shape;
    return w.n == 1 && w.h == 1 && w.w == x->shape.c && c.stride == 1 && !c.pad_top && !c.pad_left &&
           !c.pad_bottom && !c.pad_right;
}

bc_value *bc_conv2d_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry,
                          bc_epilogue epilogue) {
    bool relu = epilogue.activation == BC_ACTIVATION_RELU;
    if (x && weight && is_linear(x, weight, geometry))
        return bc_linear_fused(g, x, weight, bias, epilogue);
    if (epilogue.activation == BC_ACTIVATION_GELU) { /* no network has it */
        bc_value *y = bc_conv2d(g, x, weight, bias, geometry);
        return y && bc_epilogue_fits(g, weight, epilogue.activation, epilogue.residual, y->shape)
                   ? bc_gelu(g, y)
                   : NULL;
    }
    return bc_graph_node(g, relu ? &bc_conv_relu_op : &bc_conv_op,
                         (bc_value *[]){x, weight, bias, epilogue.residual},
                         &(bc_conv_attributes){geometry, relu});
}

bc_value *bc_conv2d(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry) {
    return bc_conv2d_fused(g, x, weight, bias, geometry, (bc_epilogue){0});
}
