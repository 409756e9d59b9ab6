/* Packed spikes as numbers, for networks whose first layers need them. */
#include "net/ops/ops.h"

static bc_status spike_unpack_forward(bc_node *node, bc_tape *tape) {
    size_t words = bc_shape_count(node->inputs[0]->shape);
    bc_launch launch = {
        .source = "spike.cl",
        .kernel = "spike_unpack",
        .items = {2 * words},
        .flops = 32.0 * (double)words,
        .bytes = 4.0 * 33.0 * (double)words,
        BC_ARGS(BC_BUFFER(node->outputs[0]->data), BC_BUFFER(node->inputs[0]->data), BC_INT(2 * words))};
    return bc_tape_launch(tape, &launch);
}

static const bc_op spike_unpack_op = {
    .name = "spike_unpack", .forward = spike_unpack_forward, .rematerialise = spike_unpack_forward};

bc_value *bc_spike_unpack(bc_graph *g, bc_value *bits) {
    if (!bits)
        return NULL;
    bc_shape s = bits->shape;
    s.c *= 32;
    return bc_graph_node(g, &spike_unpack_op, s, 1, &bits, NULL, 0);
}
