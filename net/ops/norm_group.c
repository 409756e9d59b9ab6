/* GroupNorm (Wu and He 2018), optionally followed by ReLU. */
#include "net/ops/norm_channel.h"

static bool group_norm_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    int groups = ((const bc_norm_attributes *)attributes)->groups, channels = inputs[0]->shape.c;
    if (groups < 1 || channels % groups != 0)
        return bc_graph_fail(g, "group_norm cannot divide %d channels into %d groups", channels, groups);
    return bc_norm_affine_fits(g, "group_norm", inputs[0], inputs[1], inputs[2]) &&
           bc_shape_of_first(g, inputs, attributes, out);
}

#define GROUP_NORM(label_, groups_, relu_, n_, h_, w_, c_)                                                   \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, c_}, .low = -2, .high = 3},                                        \
                   {.shape = {1, 1, 1, c_}, .low = 0.5f, .high = 1.5f},                                      \
                   {.shape = {1, 1, 1, c_}}},                                                                \
        .attributes = &(const bc_norm_attributes){.groups = (groups_), .epsilon = 1e-3f, .relu = (relu_)},   \
        .use = BC_CASE_TINY                                                                                  \
    }
static const bc_op_case group_norm_cases[] = {
    GROUP_NORM("6 channels, 2 groups", 2, false, 2, 5, 7, 6),
    GROUP_NORM("6 channels, 2 groups, relu", 2, true, 2, 5, 7, 6),
    GROUP_NORM("12 channels, 3 groups", 3, true, 3, 5, 7, 12),
    GROUP_NORM("32 channels, 32 groups", 32, true, 1, 5, 7, 32),
    GROUP_NORM("48 channels, 3 groups, 2 chunks", 3, false, 2, 1, 33, 48),
    /* A one-pass sum of squares in float would lose everything here. */
    {.label = "mean 1000 times the deviation",
     .inputs = {{.shape = {1, 5, 7, 4}, .low = 1000, .high = 1003},
                {.shape = {1, 1, 1, 4}, .low = 0.5f, .high = 1.5f},
                {.shape = {1, 1, 1, 4}}},
     .attributes = &(const bc_norm_attributes){.groups = 2, .epsilon = 1e-3f},
     .use = BC_CASE_TINY,
     .tolerance = 3e-4,
     .grad_tolerance = 3e-3},
    {.label = "no epsilon",
     .inputs = {{.shape = {1, 1, 2, 2}, .values = (const float[]){1, 3, 5, 7}, .value_count = 4},
                {.shape = {1, 1, 1, 2}, .values = (const float[]){1}, .value_count = 1},
                {.shape = {1, 1, 1, 2}, .values = (const float[]){0}, .value_count = 1}},
     .attributes = &(const bc_norm_attributes){.groups = 1},
     .use = BC_CASE_TINY,
     .tolerance = 1e-6},
    {0},
};

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
    .cases = group_norm_cases,
};

bc_value *bc_group_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, int groups, float epsilon,
                        bool relu) {
    bc_norm_attributes norm = {.groups = groups, .epsilon = epsilon, .relu = relu};
    return bc_graph_node(g, &bc_group_norm_op, (bc_value *[]){x, gamma, beta}, &norm);
}
