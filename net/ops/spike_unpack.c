/* Packed spikes as numbers, for networks whose first layers need them. */
#include "net/ops/attributes.h"

static bc_status spike_unpack_forward(bc_node *node, bc_tape *tape) {
    size_t words = bc_shape_count(node->inputs[0]->shape);
    bc_launch launch = {
        .source = "spike.cl",
        .kernel = "spike_unpack",
        .items = {2 * words},
        .flops = 32.0 * (double)words,
        .bytes = 4.0 * 33.0 * (double)words,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data), BC_INT(2 * words))};
    return bc_tape_launch(tape, &launch);
}

static bool spike_unpack_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    bc_shape_of_first(g, inputs, attributes, out);
    out->c *= 32;
    return true;
}

/* Exact. */
#define UNPACK(label_, use_, n_, h_, w_, words_)                                                             \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, words_}, .bits = true}}, .use = (use_),         \
        .tolerance = 1e-30                                                                                   \
    }
static const bc_op_case spike_unpack_cases[] = {
    UNPACK("1 word", BC_CASE_TINY, 2, 3, 5, 1),
    UNPACK("2 words", BC_CASE_TINY, 2, 3, 5, 2),
    UNPACK("3 words", BC_CASE_TINY, 2, 3, 5, 3),
    UNPACK("4 words", BC_CASE_TINY, 2, 3, 5, 4),
    UNPACK("spike_unpack", BC_CASE_MEASURE, 1, 384, 384, 4),
    {0},
};

const bc_op bc_spike_unpack_op = {
    .name = "spike_unpack",
    .input_count = 1,
    .shape = spike_unpack_shape,
    .forward = spike_unpack_forward,
    .rematerialise = spike_unpack_forward,
    .cases = spike_unpack_cases,
};

bc_value *bc_spike_unpack(bc_graph *g, bc_value *bits) {
    return bc_graph_node(g, &bc_spike_unpack_op, &bits, NULL);
}
