/* Elementwise functions. Each has two kernels, NAME and NAME_gradient, and keeps its input or its output. */
#include "net/ops/attributes.h"
#include "net/ops/copy_block.h"
#include "net/ops/vector.h"

#include <stdio.h>

static const char SOURCE[] = "activation.cl";

static bc_status activation_forward(bc_node *node, bc_tape *tape) {
    const bc_activation_attributes *attributes = node->attributes;
    size_t count = bc_shape_count(node->output->shape);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = SOURCE,
        .kernel = node->op->name,
        .defines = vector.define,
        .items = {count / vector.width},
        .flops = node->op->flops(node, false),
        .bytes = 8.0 * (double)count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data), BC_INT(count / vector.width),
                BC_FLOAT(attributes->a), BC_FLOAT(attributes->b), BC_FLOAT(attributes->c)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status activation_backward(bc_node *node, bc_tape *tape) {
    const bc_activation_attributes *attributes = node->attributes;
    bc_value *x = node->inputs[0], *y = node->output;
    size_t count = bc_shape_count(x->shape);
    int accumulate = bc_grad_accumulate(x);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s_gradient", node->op->name);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = SOURCE,
        .kernel = kernel,
        .defines = vector.define,
        .items = {count / vector.width},
        .flops = node->op->flops(node, true),
        .bytes = (accumulate ? 16.0 : 12.0) * (double)count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad),
                BC_BUFFER(node->op->backward_reads & BC_OUTPUT ? y->data : x->data),
                BC_INT(count / vector.width), BC_INT(accumulate), BC_FLOAT(attributes->a),
                BC_FLOAT(attributes->b), BC_FLOAT(attributes->c)),
    };
    return bc_tape_launch(tape, &launch);
}

static double elements(const bc_node *node) {
    return (double)bc_shape_count(node->output->shape);
}

/* The name is the kernel's; flops: of one element, forward. */
#define ACTIVATION(name_, shape_, flops_, reads_)                                                            \
    static double name_##_flops(const bc_node *node, bool backward) {                                        \
        return ((flops_) + (backward ? 2 : 0)) * elements(node);                                             \
    }                                                                                                        \
    const bc_op bc_##name_##_op = {.name = #name_,                                                           \
                                   .input_count = 1,                                                         \
                                   .attribute_bytes = sizeof(bc_activation_attributes),                      \
                                   .shape = shape_,                                                          \
                                   .flops = name_##_flops,                                                   \
                                   .backward_reads = (reads_),                                               \
                                   .forward = activation_forward,                                            \
                                   .backward = activation_backward,                                          \
                                   .rematerialise = (reads_) == BC_OUTPUT ? NULL : activation_forward,       \
                                   .cases = name_##_cases}

static bool inverse_depth_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    float floor = ((const bc_activation_attributes *)attributes)->c;
    if (!(floor > 0.0f))
        return bc_graph_fail(g, "inverse_depth needs a floor above 0, found %g", (double)floor);
    return bc_shape_of_first(g, inputs, attributes, out);
}

/* Numbers between low and high; then the attributes. */
#define CASE(label_, use_, low_, high_, n_, h_, w_, c_, ...)                                                 \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}, .low = (low_), .high = (high_)}},          \
        .attributes = &(const bc_activation_attributes){__VA_ARGS__}, .use = (use_)                          \
    }
/* For each width of the kernels' vectors. */
#define WIDTHS(low_, high_, ...)                                                                             \
    CASE("odd", BC_CASE_TINY, low_, high_, 2, 3, 5, 7, __VA_ARGS__),                                         \
        CASE("vectors of 4", BC_CASE_TINY, low_, high_, 1, 3, 3, 4, __VA_ARGS__),                            \
        CASE("vectors of 16", BC_CASE_TINY, low_, high_, 2, 3, 4, 4, __VA_ARGS__)
#define MEASURE(label_, ...) CASE(label_, BC_CASE_MEASURE, -1, 1, 1, 96, 96, 256, __VA_ARGS__)

static const bc_op_case relu_cases[] = {WIDTHS(-1, 1, .a = 0), {0}};
static const bc_op_case gelu_cases[] = {
    WIDTHS(-6, 6, .a = 0),
    CASE("near 0", BC_CASE_TINY, -0.1f, 0.1f, 2, 3, 5, 7, .a = 0),
    {0},
};
static const bc_op_case sigmoid_cases[] = {WIDTHS(-8, 8, .a = 0), MEASURE("sigmoid", .a = 0), {0}};
static const bc_op_case clamp_min_cases[] = {
    WIDTHS(-1, 1, .a = 0.25f),
    MEASURE("clamp_min", .a = 0.5f),
    {0},
};
/* The floor is reached at x = -0.25. */
static const bc_op_case inverse_depth_cases[] = {WIDTHS(-1, 2, .a = 0.5f, .b = 0.25f, .c = 0.125f), {0}};
static const bc_op_case inverse_depth_open_cases[] = {WIDTHS(-1, 2, .a = 0.5f, .b = 0.25f, .c = 0.125f), {0}};
static const bc_op_case gradient_reversal_cases[] = {
    WIDTHS(-1, 1, .a = 0.25f),
    CASE("weak", BC_CASE_TINY, -1, 1, 1, 1, 1, 3, .a = 0.01f),
    MEASURE("gradient_reversal", .a = 1),
    {0},
};

ACTIVATION(relu, bc_shape_of_first, 1, BC_OUTPUT);
ACTIVATION(gelu, bc_shape_of_first, 40, BC_INPUT(0));
ACTIVATION(sigmoid, bc_shape_of_first, 15, BC_OUTPUT);
ACTIVATION(clamp_min, bc_shape_of_first, 1, BC_INPUT(0));
ACTIVATION(inverse_depth, inverse_depth_shape, 4, BC_INPUT(0));
ACTIVATION(inverse_depth_open, inverse_depth_shape, 4, BC_INPUT(0));

static bc_value *activation(bc_graph *g, const bc_op *op, bc_value *x, bc_activation_attributes attributes) {
    return bc_graph_node(g, op, &x, &attributes);
}

bc_value *bc_relu(bc_graph *g, bc_value *x) {
    return activation(g, &bc_relu_op, x, (bc_activation_attributes){0});
}

bc_value *bc_gelu(bc_graph *g, bc_value *x) {
    return activation(g, &bc_gelu_op, x, (bc_activation_attributes){0});
}

bc_value *bc_sigmoid(bc_graph *g, bc_value *x) {
    return activation(g, &bc_sigmoid_op, x, (bc_activation_attributes){0});
}

bc_value *bc_clamp_min(bc_graph *g, bc_value *x, float low) {
    return activation(g, &bc_clamp_min_op, x, (bc_activation_attributes){.a = low});
}

bc_value *bc_inverse_depth(bc_graph *g, bc_value *raw, float scale, float shift, float floor,
                           bool pass_gradient) {
    return activation(g, pass_gradient ? &bc_inverse_depth_open_op : &bc_inverse_depth_op, raw,
                      (bc_activation_attributes){.a = scale, .b = shift, .c = floor});
}

static bc_status reversal_forward(bc_node *node, bc_tape *tape) {
    return bc_tape_copy_range(tape, node->output->data, 0, node->inputs[0]->data, 0,
                              bc_shape_count(node->output->shape), 0);
}

static bc_status reversal_backward(bc_node *node, bc_tape *tape) {
    const bc_activation_attributes *attributes = node->attributes;
    bc_value *x = node->inputs[0];
    size_t count = bc_shape_count(x->shape);
    int accumulate = bc_grad_accumulate(x);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = SOURCE,
        .kernel = "scale_gradient",
        .defines = vector.define,
        .items = {count / vector.width},
        .flops = (accumulate ? 2.0 : 1.0) * (double)count,
        .bytes = (accumulate ? 12.0 : 8.0) * (double)count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(node->output->grad), BC_INT(count / vector.width),
                BC_INT(accumulate), BC_FLOAT(-attributes->a)),
    };
    return bc_tape_launch(tape, &launch);
}

const bc_op bc_gradient_reversal_op = {
    .name = "gradient_reversal",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_activation_attributes),
    .shape = bc_shape_of_first,
    .forward = reversal_forward,
    .backward = reversal_backward,
    .cases = gradient_reversal_cases,
};

bc_value *bc_gradient_reversal(bc_graph *g, bc_value *x, float beta) {
    return activation(g, &bc_gradient_reversal_op, x, (bc_activation_attributes){.a = beta});
}
