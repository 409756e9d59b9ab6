/* Log softmax over the channels. */
#include "net/ops/attributes.h"
#include "net/ops/vector.h"

/* Tails are scalar, so the widest variant suits any row. */
static bc_vector row_vector(const bc_tape *tape) {
    return bc_vector_for(bc_tape_host(tape), 16);
}

static int row_count(bc_shape s) {
    return s.n * s.h * s.w;
}

static bc_status softmax_forward(bc_node *node, bc_tape *tape) {
    const bc_value *x = node->inputs[0];
    double count = (double)bc_shape_count(x->shape);
    bc_launch launch = {
        .source = "softmax.cl",
        .kernel = "log_softmax",
        .defines = row_vector(tape).define,
        .items = {(size_t)row_count(x->shape)},
        .flops = 12 * count,
        .bytes = 8 * count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(x->data), BC_INT(row_count(x->shape)),
                BC_INT(x->shape.c)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status softmax_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *y = node->output;
    int accumulate = bc_grad_accumulate(x);
    double count = (double)bc_shape_count(x->shape);
    bc_launch launch = {
        .source = "softmax.cl",
        .kernel = "log_softmax_gradient",
        .defines = row_vector(tape).define,
        .items = {(size_t)row_count(x->shape)},
        .flops = 13 * count,
        .bytes = (accumulate ? 16 : 12) * count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_BUFFER(y->data), BC_INT(row_count(x->shape)),
                BC_INT(x->shape.c), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

const bc_op bc_log_softmax_op = {
    .name = "log_softmax",
    .input_count = 1,
    .shape = bc_shape_of_first,
    .backward_reads = BC_OUTPUT,
    .forward = softmax_forward,
    .backward = softmax_backward,
};

bc_value *bc_log_softmax(bc_graph *g, bc_value *x) {
    return bc_graph_node(g, &bc_log_softmax_op, &x, NULL);
}
