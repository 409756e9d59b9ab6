/* GroupNorm (Wu and He 2018), optionally followed by ReLU. */
#include "net/ops/norm_channel.h"

static bool group_norm_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    int groups = ((const bc_norm_attributes *)attributes)->groups, channels = inputs[0]->shape.c;
    if (groups < 1 || channels % groups != 0)
        return bc_graph_fail(g, "group_norm cannot divide %d channels into %d groups", channels, groups);
    return bc_norm_affine_fits(g, "group_norm", inputs[0], inputs[1], inputs[2]) &&
           bc_shape_of_first(g, inputs, attributes, out);
}

const bc_op bc_group_norm_op = {
    .name = "group_norm",
    .input_count = 3,
    .attribute_bytes = sizeof(bc_norm_attributes),
    .shape = group_norm_shape,
    .backward_reads = BC_NORM_CHANNEL_READS,
    .saved_bytes = bc_norm_channel_saved,
    .workspace_bytes = bc_norm_channel_workspace,
    .forward = bc_norm_channel_forward,
    .backward = bc_norm_channel_backward,
    .rematerialise = bc_norm_channel_apply,
};

bc_value *bc_group_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, int groups, float epsilon,
                        bool relu) {
    bc_norm_attributes norm = {.groups = groups, .epsilon = epsilon, .relu = relu};
    return bc_graph_node(g, &bc_group_norm_op, (bc_value *[]){x, gamma, beta}, &norm);
}
