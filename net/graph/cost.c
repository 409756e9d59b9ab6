/* What a node costs at least, from the shapes alone. */
#include "net/graph/op.h"

static double bytes_of(const bc_value *value) {
    return sizeof(float) * (double)bc_shape_count(value->shape);
}

/* What must be read and written, once each. */
static double moved_bytes(const bc_node *node, bool backward) {
    const bc_op *op = node->op;
    double bytes = bytes_of(node->output) * (backward && (op->backward_reads & BC_OUTPUT) ? 2 : 1);
    for (int i = 0; i < op->input_count; i++) {
        const bc_value *input = node->inputs[i];
        if (input)
            bytes += bytes_of(input) *
                     (backward ? ((op->backward_reads & BC_INPUT(i)) != 0) + input->needs_grad : 1);
    }
    return bytes;
}

bc_cost bc_node_cost(const bc_node *node, bool backward) {
    return (bc_cost){.flops = node->op->flops ? node->op->flops(node, backward) : 0,
                     .bytes = moved_bytes(node, backward)};
}
