/* BatchNorm (Ioffe and Szegedy 2015): GroupNorm of one sample that holds all pixels, with one channel a
 * group. */
#include "net/ops/norm_channel.h"

static bool batch_norm_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_norm_attributes *norm = attributes;
    const bc_value *x = inputs[0], *gamma = inputs[1], *beta = inputs[2], *mean = inputs[3],
                   *variance = inputs[4];
    if (!bc_norm_affine_fits(g, "batch_norm", x, gamma, beta))
        return false;
    if (!bc_shape_same(mean->shape, gamma->shape) || !bc_shape_same(variance->shape, gamma->shape))
        return bc_graph_fail(g,
                             "batch_norm of %d channels needs running statistics of as many, found %d and %d",
                             x->shape.c, mean->shape.c, variance->shape.c);
    int rows = x->shape.n * x->shape.h * x->shape.w;
    if (!norm->given && bc_share_whole(bc_graph_share_of(g), rows) < 2)
        return bc_graph_fail(g, "batch_norm needs at least 2 rows for batch statistics, found %d", rows);
    return bc_shape_of_first(g, inputs, attributes, out);
}

#define BATCH_NORM(label_, use_, epsilon_, given_, n_, h_, w_, c_)                                           \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, c_}, .low = -2, .high = 3},                                        \
                   {.shape = {1, 1, 1, c_}, .low = 0.5f, .high = 1.5f},                                      \
                   {.shape = {1, 1, 1, c_}},                                                                 \
                   {.shape = {1, 1, 1, c_}, .frozen = true},                                                 \
                   {.shape = {1, 1, 1, c_}, .low = 0.5f, .high = 2, .frozen = true}},                        \
        .attributes =                                                                                        \
            &(const bc_norm_attributes){.epsilon = (epsilon_), .given = (given_), .momentum = 0.1f},         \
        .use = (use_)                                                                                        \
    }
static const bc_op_case batch_norm_cases[] = {
    BATCH_NORM("training", BC_CASE_TINY, 1e-3f, false, 3, 5, 7, 5),
    BATCH_NORM("training, 2 rows", BC_CASE_TINY, 1e-3f, false, 2, 1, 1, 16),
    BATCH_NORM("evaluation", BC_CASE_TINY, 1e-3f, true, 2, 5, 7, 5),
    BATCH_NORM("evaluation, 1 row", BC_CASE_TINY, 1e-3f, true, 1, 1, 1, 16),
    BATCH_NORM("batch_norm", BC_CASE_MEASURE, 1e-5f, false, 1, 96, 96, 256),
    {0},
};

const bc_op bc_batch_norm_op = {
    .name = "batch_norm",
    .input_count = 5,
    .attribute_bytes = sizeof(bc_norm_attributes),
    .shape = batch_norm_shape,
    .backward_reads = BC_NORM_CHANNEL_READS,
    .saved_bytes = bc_norm_channel_saved,
    .workspace_bytes = bc_norm_channel_workspace,
    .forward = bc_norm_channel_forward,
    .backward = bc_norm_channel_backward,
    .rematerialise = bc_norm_channel_apply, /* forward would update the running statistics twice */
    .cases = batch_norm_cases,
};

bc_value *bc_batch_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, bc_value *mean,
                        bc_value *variance, float epsilon, float momentum, bool training) {
    bc_norm_attributes norm = {.epsilon = epsilon, .given = !training, .momentum = momentum};
    return bc_graph_node(g, &bc_batch_norm_op, (bc_value *[]){x, gamma, beta, mean, variance}, &norm);
}
