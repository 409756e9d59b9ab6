#include "bicross/train/metric_sums.h"

#include "bicross/losses/common.h"

#include <math.h>

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

/* Depths and labels of which all sums are about as large: none hides behind another. */
#define METRIC_SUMS(label_, use_, n_, h_, w_)                                                                \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, 1}, .low = 0.8f, .high = 3},                                       \
                   {.shape = {n_, h_, w_, 1}, .low = 0.8f, .high = 3},                                       \
                   {.shape = {n_, h_, w_, 1}, BC_CASE_MASK}},                                                \
        .use = (use_), .tolerance = 2e-6                                                                     \
    }
#define FIVE(...)                                                                                            \
    { .shape = {1, 1, 5, 1}, .values = (const float[]){__VA_ARGS__}, .value_count = 5 }
static const bc_op_case sums_cases[] = {
    METRIC_SUMS("32 x 48", BC_CASE_TINY, 1, 32, 48),
    METRIC_SUMS("18 x 22", BC_CASE_TINY, 1, 18, 22),
    METRIC_SUMS("37 x 53", BC_CASE_TINY, 1, 37, 53),
    METRIC_SUMS("one pixel", BC_CASE_TINY, 1, 1, 1),
    METRIC_SUMS("several blocks an item", BC_CASE_CHECK, 2, 72, 128),
    {.label = "ratios at the limits, a perfect one, a gap",
     .inputs = {FIVE(1.25f, 1.5625f, 2, 1.953125f, 7), FIVE(1, 1, 2, 1, 0), FIVE(1, 1, 1, 1, 0)},
     .use = BC_CASE_TINY,
     .tolerance = 2e-6},
    {.label = "no numbers outside the mask",
     .inputs = {FIVE(NAN, 1, INFINITY, -INFINITY, 2), FIVE(1, 2, NAN, INFINITY, -1), FIVE(0, 1, 0, 0, 0)},
     .use = BC_CASE_TINY,
     .tolerance = 2e-6},
    {.label = "a depth that is no number inside the mask",
     .inputs = {FIVE(1, NAN, 2, 2, 2), FIVE(1, 2, 1, 3, 2), FIVE(1, 1, 1, 0, 1)},
     .use = BC_CASE_TINY},
    METRIC_SUMS("metric sums", BC_CASE_MEASURE, 8, 64, 128),
    {0},
};

const bc_op bc_metric_sums_op = {
    .name = "metric sums",
    .input_count = 3,
    .shape = sums_shape,
    .workspace_bytes = sums_workspace,
    .forward = sums_forward,
    .cases = sums_cases,
};

bc_value *bc_metric_sums(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask) {
    return bc_graph_node(g, &bc_metric_sums_op, (bc_value *[]){depth, label, mask}, NULL);
}
