/* BatchNorm (Ioffe and Szegedy 2015): GroupNorm of one sample that holds all pixels, with one channel a
 * group. */
#include "net/ops/norm_channel.h"
#include "net/ops/ops.h"

static const bc_op batch_norm = {
    .name = "batch_norm",
    .backward_reads = BC_NORM_CHANNEL_READS,
    .saved_bytes = bc_norm_channel_saved,
    .workspace_bytes = bc_norm_channel_workspace,
    .forward = bc_norm_channel_forward,
    .backward = bc_norm_channel_backward,
    .rematerialise = bc_norm_channel_apply, /* forward would update the running statistics twice */
};

bc_value *bc_batch_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, bc_value *mean,
                        bc_value *variance, float epsilon, float momentum, bool training) {
    if (!x || !gamma || !beta || !mean || !variance)
        return bc_graph_fail(g, "batch_norm needs x, gamma, beta, mean and variance");
    if (!bc_norm_affine_fits(g, "batch_norm", x, gamma, beta))
        return NULL;
    if (!bc_shape_same(mean->shape, gamma->shape) || !bc_shape_same(variance->shape, gamma->shape))
        return bc_graph_fail(g,
                             "batch_norm of %d channels needs running statistics of as many, found %d and %d",
                             x->shape.c, mean->shape.c, variance->shape.c);
    int rows = x->shape.n * x->shape.h * x->shape.w;
    if (training && rows < 2)
        return bc_graph_fail(g, "batch_norm needs at least 2 rows for batch statistics, found %d", rows);
    bc_norm_channel norm = {.samples = 1,
                            .pixels = rows,
                            .channels = x->shape.c,
                            .groups = x->shape.c,
                            .epsilon = epsilon,
                            .given = !training,
                            .momentum = momentum};
    return bc_graph_node(g, &batch_norm, x->shape, 5, (bc_value *[]){x, gamma, beta, mean, variance}, &norm,
                         sizeof norm);
}
