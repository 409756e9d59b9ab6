#include "bicross/train/metric_sums.h"

#include "bicross/losses/common.h"

static size_t sums_workspace(const bc_node *node, bool backward) {
    (void)node;
    return backward ? 0 : BC_METRIC_SUMS * BC_PARTIALS * sizeof(float);
}

static bc_status sums_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->inputs[0]);
    const char *vector = bc_loss_vector(node, n);
    bc_launch partials = {
        .source = "metrics.cl",
        .kernel = "metrics_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 30.0 * n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(n),
                BC_INT(BC_PARTIALS)),
    };
    bc_launch finish = {
        .source = "metrics.cl",
        .kernel = "metrics_finish",
        .defines = vector,
        .items = {BC_METRIC_SUMS},
        .flops = BC_METRIC_SUMS * BC_PARTIALS,
        .bytes = BC_METRIC_SUMS * BC_PARTIALS * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->workspace), BC_INT(BC_METRIC_SUMS),
                BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_launch(tape, &finish);
}

static bool sums_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    *out = (bc_shape){1, 1, 1, BC_METRIC_SUMS};
    return bc_same_shapes(g, "metric sums", 3, inputs);
}

const bc_op bc_metric_sums_op = {
    .name = "metric sums",
    .input_count = 3,
    .shape = sums_shape,
    .workspace_bytes = sums_workspace,
    .forward = sums_forward,
};

bc_value *bc_metric_sums(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask) {
    return bc_graph_node(g, &bc_metric_sums_op, (bc_value *[]){depth, label, mask}, NULL);
}
