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

#define SOFTMAX(label_, use_, range_, n_, w_, c_)                                                            \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, 1, w_, c_}, .low = -(range_), .high = (range_)}},       \
        .use = (use_)                                                                                        \
    }
static const bc_op_case softmax_cases[] = {
    SOFTMAX("2 classes", BC_CASE_TINY, 2, 3, 1, 2),
    SOFTMAX("one class", BC_CASE_TINY, 2, 2, 1, 1),
    SOFTMAX("19 classes", BC_CASE_TINY, 2, 5, 1, 19),
    SOFTMAX("32 classes", BC_CASE_TINY, 2, 2, 3, 32),
    SOFTMAX("large", BC_CASE_TINY, 200, 4, 1, 3),
    SOFTMAX("log_softmax", BC_CASE_MEASURE, 1, 1, 577, 577),
    {0},
};

const bc_op bc_log_softmax_op = {
    .name = "log_softmax",
    .input_count = 1,
    .shape = bc_shape_of_first,
    .backward_reads = BC_OUTPUT,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .cases = softmax_cases,
};

bc_value *bc_log_softmax(bc_graph *g, bc_value *x) {
    return bc_graph_node(g, &bc_log_softmax_op, &x, NULL);
}
