#include "bicross/losses/views.h"

#include "bicross/losses/common.h"

static bool views_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    if (inputs[0]->shape.c != 1)
        return bc_graph_fail(g, "views: a map with one channel is needed, the input has %d",
                             inputs[0]->shape.c);
    return bc_shape_of_first(g, inputs, attributes, out);
}

static bool mean_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    return bc_same_shapes(g, "view mean", 2, inputs) && views_shape(g, inputs, attributes, out);
}

static bool disagreement_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    return bc_same_shapes(g, "view disagreement", 4, inputs) && views_shape(g, inputs, attributes, out);
}

static bc_status mean_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->output);
    bc_launch launch = {.source = "views.cl",
                        .kernel = "view_mean",
                        .items = {(size_t)n},
                        .flops = 2.0 * n,
                        .bytes = 3.0 * n * sizeof(float),
                        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                                BC_BUFFER(node->inputs[1]->data), BC_INT(n), BC_INT(node->output->shape.w))};
    return bc_tape_launch(tape, &launch);
}

static bc_status disagreement_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->output);
    bc_launch launch = {.source = "views.cl",
                        .kernel = "view_disagreement",
                        .items = {(size_t)n},
                        .flops = 8.0 * n,
                        .bytes = 5.0 * n * sizeof(float),
                        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data),
                                BC_BUFFER(node->inputs[3]->data), BC_INT(n), BC_INT(node->output->shape.w))};
    return bc_tape_launch(tape, &launch);
}

#define DEPTHS(...)                                                                                          \
    {.shape = {__VA_ARGS__}, .low = 0.5f, .high = 40}, {                                                     \
        .shape = {__VA_ARGS__}, .low = 0.5f, .high = 40                                                      \
    }
#define UNCERTAINTIES(...)                                                                                   \
    {.shape = {__VA_ARGS__}, .low = -0.1f, .high = 1}, {                                                     \
        .shape = {__VA_ARGS__}, .low = -0.1f, .high = 1                                                      \
    }
static const bc_op_case mean_cases[] = {
    {.label = "odd width, batch of two", .inputs = {DEPTHS(2, 3, 7, 1)}, .use = BC_CASE_TINY},
    {.label = "one column", .inputs = {DEPTHS(1, 4, 1, 1)}, .use = BC_CASE_TINY},
    {.label = "view mean", .inputs = {DEPTHS(8, 64, 128, 1)}, .use = BC_CASE_MEASURE},
    {0},
};
static const bc_op_case disagreement_cases[] = {
    {.label = "odd width, batch of two",
     .inputs = {DEPTHS(2, 3, 7, 1), UNCERTAINTIES(2, 3, 7, 1)},
     .use = BC_CASE_TINY},
    {.label = "one column", .inputs = {DEPTHS(1, 4, 1, 1), UNCERTAINTIES(1, 4, 1, 1)}, .use = BC_CASE_TINY},
    {.label = "view disagreement",
     .inputs = {DEPTHS(8, 64, 128, 1), UNCERTAINTIES(8, 64, 128, 1)},
     .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_view_mean_op = {
    .name = "view mean", .input_count = 2, .shape = mean_shape, .forward = mean_forward, .cases = mean_cases};

const bc_op bc_view_disagreement_op = {.name = "view disagreement",
                                       .input_count = 4,
                                       .shape = disagreement_shape,
                                       .forward = disagreement_forward,
                                       .cases = disagreement_cases};

bc_value *bc_view_mean(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_view_mean_op, (bc_value *[]){a, b}, NULL);
}

bc_value *bc_view_disagreement(bc_graph *g, bc_value *depth_a, bc_value *depth_b, bc_value *uncertainty_a,
                               bc_value *uncertainty_b) {
    return bc_graph_node(g, &bc_view_disagreement_op,
                         (bc_value *[]){depth_a, depth_b, uncertainty_a, uncertainty_b}, NULL);
}
