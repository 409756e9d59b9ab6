/* Elementwise functions. Each has two kernels, NAME and NAME_gradient, and keeps its input or its output. */
#include "net/ops/copy_block.h"
#include "net/ops/ops.h"
#include "net/ops/vector.h"

#include <stdio.h>

static const char SOURCE[] = "activation.cl";

typedef struct activation_attributes {
    float a, b, c; /* the function's parameters, see the kernels */
    double flops;  /* for one element */
} activation_attributes;

static bc_status activation_forward(bc_node *node, bc_tape *tape) {
    const activation_attributes *attributes = node->attributes;
    size_t count = bc_shape_count(node->outputs[0]->shape);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = SOURCE,
        .kernel = node->op->name,
        .defines = vector.define,
        .items = {count / vector.width},
        .flops = attributes->flops * (double)count,
        .bytes = 8.0 * (double)count,
        BC_ARGS(BC_BUFFER(node->outputs[0]->data), BC_BUFFER(node->inputs[0]->data),
                BC_INT(count / vector.width), BC_FLOAT(attributes->a), BC_FLOAT(attributes->b),
                BC_FLOAT(attributes->c)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status activation_backward(bc_node *node, bc_tape *tape) {
    const activation_attributes *attributes = node->attributes;
    bc_value *x = node->inputs[0], *y = node->outputs[0];
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
        .flops = (attributes->flops + 2) * (double)count,
        .bytes = (accumulate ? 16.0 : 12.0) * (double)count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad),
                BC_BUFFER(node->op->backward_reads & BC_READS_OUTPUT ? y->data : x->data),
                BC_INT(count / vector.width), BC_INT(accumulate), BC_FLOAT(attributes->a),
                BC_FLOAT(attributes->b), BC_FLOAT(attributes->c)),
    };
    return bc_tape_launch(tape, &launch);
}

/* The name is the kernel's. */
#define ACTIVATION(name_, reads_)                                                                            \
    static const bc_op name_ = {.name = #name_,                                                              \
                                .backward_reads = (reads_),                                                  \
                                .forward = activation_forward,                                               \
                                .backward = activation_backward,                                             \
                                .rematerialise = (reads_) == BC_READS_OUTPUT ? NULL : activation_forward}

ACTIVATION(relu, BC_READS_OUTPUT);
ACTIVATION(gelu, BC_READS_INPUT(0));
ACTIVATION(sigmoid, BC_READS_OUTPUT);
ACTIVATION(clamp_min, BC_READS_INPUT(0));
ACTIVATION(inverse_depth, BC_READS_INPUT(0));
ACTIVATION(inverse_depth_open, BC_READS_INPUT(0));

static bc_value *activation(bc_graph *g, const bc_op *op, bc_value *x, activation_attributes attributes) {
    if (!x)
        return bc_graph_fail(g, "%s needs an input", op->name);
    return bc_graph_node(g, op, x->shape, 1, &x, &attributes, sizeof attributes);
}

bc_value *bc_relu(bc_graph *g, bc_value *x) {
    return activation(g, &relu, x, (activation_attributes){.flops = 1});
}

bc_value *bc_gelu(bc_graph *g, bc_value *x) {
    return activation(g, &gelu, x, (activation_attributes){.flops = 40});
}

bc_value *bc_sigmoid(bc_graph *g, bc_value *x) {
    return activation(g, &sigmoid, x, (activation_attributes){.flops = 15});
}

bc_value *bc_clamp_min(bc_graph *g, bc_value *x, float low) {
    return activation(g, &clamp_min, x, (activation_attributes){.a = low, .flops = 1});
}

bc_value *bc_inverse_depth(bc_graph *g, bc_value *raw, float scale, float shift, float floor,
                           bool pass_gradient) {
    if (!(floor > 0.0f))
        return bc_graph_fail(g, "inverse_depth needs a floor above 0, found %g", (double)floor);
    return activation(g, pass_gradient ? &inverse_depth_open : &inverse_depth, raw,
                      (activation_attributes){.a = scale, .b = shift, .c = floor, .flops = 4});
}

static bc_status reversal_forward(bc_node *node, bc_tape *tape) {
    return bc_tape_copy_range(tape, node->outputs[0]->data, 0, node->inputs[0]->data, 0,
                              bc_shape_count(node->outputs[0]->shape), 0);
}

static bc_status reversal_backward(bc_node *node, bc_tape *tape) {
    const activation_attributes *attributes = node->attributes;
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
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(node->outputs[0]->grad), BC_INT(count / vector.width),
                BC_INT(accumulate), BC_FLOAT(-attributes->a)),
    };
    return bc_tape_launch(tape, &launch);
}

static const bc_op gradient_reversal = {
    .name = "gradient_reversal", .forward = reversal_forward, .backward = reversal_backward};

bc_value *bc_gradient_reversal(bc_graph *g, bc_value *x, float beta) {
    return activation(g, &gradient_reversal, x, (activation_attributes){.a = beta});
}
