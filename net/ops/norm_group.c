/* GroupNorm (Wu and He 2018), optionally followed by ReLU. */
#include "net/ops/norm_channel.h"
#include "net/ops/ops.h"

static const bc_op group_norm = {
    .name = "group_norm",
    .backward_reads = BC_NORM_CHANNEL_READS,
    .saved_bytes = bc_norm_channel_saved,
    .workspace_bytes = bc_norm_channel_workspace,
    .forward = bc_norm_channel_forward,
    .backward = bc_norm_channel_backward,
    .rematerialise = bc_norm_channel_apply,
};

bc_value *bc_group_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, int groups, float epsilon,
                        bool relu) {
    if (!x || !gamma || !beta)
        return bc_graph_fail(g, "group_norm needs x, gamma and beta");
    if (groups < 1 || x->shape.c % groups != 0)
        return bc_graph_fail(g, "group_norm cannot divide %d channels into %d groups", x->shape.c, groups);
    if (!bc_norm_affine_fits(g, "group_norm", x, gamma, beta))
        return NULL;
    bc_norm_channel norm = {.samples = x->shape.n,
                            .pixels = x->shape.h * x->shape.w,
                            .channels = x->shape.c,
                            .groups = groups,
                            .epsilon = epsilon,
                            .relu = relu};
    return bc_graph_node(g, &group_norm, x->shape, 3, (bc_value *[]){x, gamma, beta}, &norm, sizeof norm);
}
