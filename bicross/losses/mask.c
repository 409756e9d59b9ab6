/* Which pixels count: the valid ones, and those whose uncertainty lies on the wanted side of a quantile.
 * Masks have no gradient: nothing flows back through the choice. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"
#include "cl_kernels/shared.h"
#include "host/team/steps.h"

#include <math.h>

/* The crop of Garg et al. 2016, rounded down as the published evaluation does. */
bc_window bc_garg_window(int height, int width) {
    return (bc_window){(int)(0.40810811 * height), (int)(0.99189189 * height), (int)(0.03594771 * width),
                       (int)(0.96405229 * width)};
}

/* --- valid pixels --- */

static bc_status valid_forward(bc_node *node, bc_tape *tape) {
    const bc_valid_attributes *a = node->attributes;
    const bc_value *y = node->inputs[0];
    int n = bc_element_count(y);
    bc_launch launch = {
        .source = "mask.cl",
        .kernel = "valid_mask",
        .items = {(size_t)n},
        .flops = 8.0 * n,
        .bytes = 2.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(y->data), BC_INT(n), BC_INT(y->shape.h),
                BC_INT(y->shape.w), BC_INT(a->window.top), BC_INT(a->window.bottom), BC_INT(a->window.left),
                BC_INT(a->window.right), BC_FLOAT(a->above), BC_FLOAT(a->below)),
    };
    return bc_tape_launch(tape, &launch);
}

static bool valid_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    if (inputs[0]->shape.c != 1)
        return bc_graph_fail(g, "valid mask: a map with one channel is needed, the input has %d",
                             inputs[0]->shape.c);
    return bc_same_shapes(g, "valid mask", 1, inputs) && bc_shape_of_first(g, inputs, attributes, out);
}

static const bc_op_case valid_cases[] = {
    {.label = "around the bounds, and no numbers",
     .inputs = {{.shape = {2, 2, 3, 1},
                 .values = (const float[]){0, 1e-3f, 2e-3f, 79.9f, 80, 1000, NAN, INFINITY, -INFINITY, -1, 5,
                                           80.1f},
                 .value_count = 12}},
     .attributes = &(const bc_valid_attributes){{0, 2, 0, 3}, BC_NEAREST, 80},
     .use = BC_CASE_TINY},
    {.label = "window",
     .inputs = {{.shape = {2, 4, 5, 1}, .values = (const float[]){3}, .value_count = 1}},
     .attributes = &(const bc_valid_attributes){{1, 3, 2, 4}, BC_NEAREST, 80},
     .use = BC_CASE_TINY},
    {.label = "window of a map with gaps",
     .inputs = {{.shape = {3, 8, 6, 1}, .low = -20, .high = 100}},
     .attributes = &(const bc_valid_attributes){{1, 8, 0, 5}, BC_NEAREST, 80},
     .use = BC_CASE_TINY},
    {.label = "valid mask",
     .inputs = {{.shape = {8, 64, 128, 1}, .low = -20, .high = 100}},
     .attributes = &(const bc_valid_attributes){{26, 63, 4, 123}, BC_NEAREST, 80},
     .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_valid_mask_op = {
    .name = "valid mask",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_valid_attributes),
    .shape = valid_shape,
    .forward = valid_forward,
    .cases = valid_cases,
};

bc_value *bc_range_mask(bc_graph *g, bc_value *y, float above, float below, const bc_window *window) {
    bc_valid_attributes attributes = {.above = above, .below = below};
    if (window)
        attributes.window = *window;
    else if (y)
        attributes.window = (bc_window){0, y->shape.h, 0, y->shape.w};
    return bc_graph_node(g, &bc_valid_mask_op, &y, &attributes);
}

bc_value *bc_valid_mask(bc_graph *g, bc_value *y, float dmax, const bc_window *window) {
    return bc_range_mask(g, y, BC_NEAREST, dmax, window);
}

/* --- quantile: inputs u, mask --- */

enum { GROUPS = 256, BINS = BC_QUANTILE_BINS, STATE_WORDS = BC_QUANTILE_STATE, BLOCK = BC_QUANTILE_BLOCK };

/* Histograms counted side by side: no more than there are blocks of values. */
static int group_count(int values) {
    int blocks = (values + BLOCK - 1) / BLOCK;
    return blocks < GROUPS ? blocks : GROUPS;
}

static size_t quantile_workspace(const bc_node *node, bool backward) {
    size_t groups = (size_t)group_count(bc_element_count(node->inputs[0]));
    return backward ? 0 : (STATE_WORDS + BINS + groups * BINS) * sizeof(cl_uint);
}

/* One round: the 8 bits of the keys above `shift` are found. */
static bc_status record_round(bc_node *node, bc_tape *tape, int shift) {
    const bc_quantile_attributes *a = node->attributes;
    const bc_value *u = node->inputs[0], *mask = node->inputs[1];
    int n = bc_element_count(u), groups = group_count(n);
    double table = (double)groups * BINS * sizeof(cl_uint);
    bc_launch count = {
        .source = "mask.cl",
        .kernel = "quantile_count",
        .items = {(size_t)groups},
        .flops = 4.0 * n,
        .bytes = 2.0 * n * sizeof(float) + table,
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(u->data), BC_BUFFER(mask->data), BC_INT(n),
                BC_INT(groups), BC_INT(shift)),
    };
    bc_launch fold = {
        .source = "mask.cl",
        .kernel = "quantile_fold",
        .items = {BINS},
        .flops = (double)groups * BINS,
        .bytes = table,
        BC_ARGS(BC_BUFFER(node->workspace), BC_INT(groups)),
    };
    bc_launch pick = {
        .source = "mask.cl",
        .kernel = "quantile_pick",
        .items = {1},
        .flops = 2 * BINS,
        .bytes = BINS * sizeof(cl_uint),
        BC_ARGS(BC_BUFFER(node->workspace), BC_INT(shift), BC_UINT(lround(1e6 * (double)a->quantile))),
    };
    BC_TRY(bc_tape_launch(tape, &count));
    BC_TRY(bc_tape_launch(tape, &fold));
    BC_TRY(bc_tape_sum(tape, bc_graph_share_of(node->graph)->team, node->workspace, STATE_WORDS, BINS,
                       BC_NUMBER_WORD));
    return bc_tape_launch(tape, &pick);
}

static bc_status quantile_forward(bc_node *node, bc_tape *tape) {
    const bc_quantile_attributes *a = node->attributes;
    const bc_value *u = node->inputs[0], *mask = node->inputs[1];
    int n = bc_element_count(u);
    for (int shift = 24; shift >= 0; shift -= 8)
        BC_TRY(record_round(node, tape, shift));
    bc_launch apply = {
        .source = "mask.cl",
        .kernel = "quantile_apply",
        .items = {(size_t)n},
        .flops = 3.0 * n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->workspace), BC_BUFFER(u->data),
                BC_BUFFER(mask->data), BC_INT(n), BC_INT(a->keep_below)),
    };
    return bc_tape_launch(tape, &apply);
}

static bool quantile_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    float q = ((const bc_quantile_attributes *)attributes)->quantile;
    if (!(q >= 0.0f && q <= 1.0f))
        return bc_graph_fail(g, "quantile mask: the quantile must lie in [0,1], it is %g", (double)q);
    return bc_same_shapes(g, "quantile mask", 2, inputs) && bc_shape_of_first(g, inputs, attributes, out);
}

/* Of values that are given, and of random ones. */
#define QUANTILE(label_, quantile_, below_, count_, mask_, ...)                                              \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {1, 1, count_, 1},                                                              \
                    .values = (const float[]){__VA_ARGS__},                                                  \
                    .value_count = sizeof((const float[]){__VA_ARGS__}) / sizeof(float)},                    \
                   {.shape = {1, 1, count_, 1}, mask_}},                                                     \
        .attributes = &(const bc_quantile_attributes){quantile_, below_}, .use = BC_CASE_TINY                \
    }
#define FEW_MASK .values = (const float[]){1, 1, 1, 1, 0, 1, 1}, .value_count = 7
#define FEW(label_, quantile_, below_)                                                                       \
    QUANTILE(label_, quantile_, below_, 7, FEW_MASK, 0.5f, -0.25f, 0, 3, 2, 1e-9f, -4)
#define RANDOM_QUANTILE(label_, use_, quantile_, below_, ...)                                                \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {__VA_ARGS__}}, {.shape = {__VA_ARGS__}, BC_CASE_MASK}},     \
        .attributes = &(const bc_quantile_attributes){quantile_, below_}, .use = (use_)                      \
    }
static const bc_op_case quantile_cases[] = {
    FEW("above 0 of few", 0, false),
    FEW("above 0.25 of few", 0.25f, false),
    FEW("above 0.5 of few", 0.5f, false),
    FEW("above 0.99 of few", 0.99f, false),
    FEW("above 1 of few", 1, false),
    FEW("below 0 of few", 0, true),
    FEW("below 0.25 of few", 0.25f, true),
    FEW("below 0.5 of few", 0.5f, true),
    FEW("below 0.99 of few", 0.99f, true),
    FEW("below 1 of few", 1, true),
    QUANTILE("above 0.7 of ten", 0.7f, false, 10, BC_CASE_WHOLE_MASK, 0, 7, 4, 1, 8, 5, 2, 9, 6, 3),
    QUANTILE("its own element near 0", 0.5f, true, 3, BC_CASE_WHOLE_MASK, 0, 0.01f, 0.02f),
    QUANTILE("its own element far from 0", 0.5f, true, 3, BC_CASE_WHOLE_MASK, 1, 2, 3),
    QUANTILE("above 0.5 of nothing", 0.5f, false, 4, BC_CASE_NO_MASK, 1, 2, 3, -1),
    QUANTILE("below 0.5 of nothing", 0.5f, true, 4, BC_CASE_NO_MASK, 1, 2, 3, -1),
    QUANTILE("above 0.5 of equals", 0.5f, false, 37, BC_CASE_WHOLE_MASK, 0.25f, 0.75f),
    QUANTILE("below 0.5 of equals", 0.5f, true, 37, BC_CASE_WHOLE_MASK, 0.25f, 0.75f),
    QUANTILE("above 0.125 of all magnitudes", 0.125f, false, 51, BC_CASE_MASK, -2e15f, 3e-20f, 7, -1e-7f,
             4e18f, 0.5f, -6e-13f, -40, 9e3f, 1e-37f, 2, -3e-3f, 8e9f),
    QUANTILE("below 0.5 of all magnitudes", 0.5f, true, 51, BC_CASE_MASK, -2e15f, 3e-20f, 7, -1e-7f, 4e18f,
             0.5f, -6e-13f, -40, 9e3f, 1e-37f, 2, -3e-3f, 8e9f),
    RANDOM_QUANTILE("above 0.5 of a batch", BC_CASE_TINY, 0.5f, false, 2, 3, 17, 1),
    RANDOM_QUANTILE("below 0.125 of a batch", BC_CASE_TINY, 0.125f, true, 2, 3, 17, 1),
    RANDOM_QUANTILE("below 0.5 of many", BC_CASE_CHECK, 0.5f, true, 3, 67, 101, 1),
    RANDOM_QUANTILE("quantile mask", BC_CASE_MEASURE, 0.5f, true, 8, 64, 128, 1),
    {0},
};

const bc_op bc_quantile_mask_op = {
    .name = "quantile mask",
    .input_count = 2,
    .attribute_bytes = sizeof(bc_quantile_attributes),
    .shape = quantile_shape,
    .workspace_bytes = quantile_workspace,
    .forward = quantile_forward,
    .cases = quantile_cases,
};

bc_value *bc_quantile_mask(bc_graph *g, bc_value *u, bc_value *mask, float q, bool keep_below) {
    return bc_graph_node(g, &bc_quantile_mask_op, (bc_value *[]){u, mask},
                         &(bc_quantile_attributes){q, keep_below});
}

/* --- and, or --- */

static bc_status pair_forward(bc_node *node, bc_tape *tape, const char *kernel) {
    int n = bc_element_count(node->inputs[0]);
    bc_launch launch = {
        .source = "mask.cl",
        .kernel = kernel,
        .items = {(size_t)n},
        .flops = n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_INT(n)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status and_forward(bc_node *node, bc_tape *tape) {
    return pair_forward(node, tape, "mask_and");
}

static bc_status or_forward(bc_node *node, bc_tape *tape) {
    return pair_forward(node, tape, "mask_or");
}

static bool pair_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    return bc_same_shapes(g, "pair of masks", 2, inputs) && bc_shape_of_first(g, inputs, attributes, out);
}

static const bc_op_case pair_cases[] = {
    {.label = "every pair",
     .inputs = {{.shape = {1, 2, 2, 1}, .values = (const float[]){0, 0, 1, 1}, .value_count = 4},
                {.shape = {1, 2, 2, 1}, .values = (const float[]){0, 1, 0, 1}, .value_count = 4}},
     .use = BC_CASE_TINY},
    {.label = "batch of two",
     .inputs = {{.shape = {2, 4, 8, 1}, BC_CASE_MASK},
                {.shape = {2, 4, 8, 1}, .values = (const float[]){1, 0, 1}, .value_count = 3}},
     .use = BC_CASE_TINY},
    {.label = "pair of masks",
     .inputs = {{.shape = {8, 64, 128, 1}, BC_CASE_MASK},
                {.shape = {8, 64, 128, 1}, .values = (const float[]){1, 0, 1}, .value_count = 3}},
     .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_mask_and_op = {
    .name = "mask and",
    .input_count = 2,
    .shape = pair_shape,
    .forward = and_forward,
    .cases = pair_cases,
};

const bc_op bc_mask_or_op = {
    .name = "mask or",
    .input_count = 2,
    .shape = pair_shape,
    .forward = or_forward,
    .cases = pair_cases,
};

bc_value *bc_mask_and(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_mask_and_op, (bc_value *[]){a, b}, NULL);
}

bc_value *bc_mask_or(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_mask_or_op, (bc_value *[]){a, b}, NULL);
}

/* --- or all --- */

static bc_status or_all_forward(bc_node *node, bc_tape *tape) {
    bc_shape s = node->inputs[0]->shape;
    int n = bc_element_count(node->inputs[0]);
    bc_launch launch = {
        .source = "mask.cl",
        .kernel = "mask_or_all",
        .items = {(size_t)s.n},
        .flops = 2.0 * n,
        .bytes = 2.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data), BC_INT(s.n),
                BC_INT(n / s.n)),
    };
    return bc_tape_launch(tape, &launch);
}

static const bc_op_case or_all_cases[] = {
    {.label = "two empty samples of three",
     .inputs = {{.shape = {3, 1, 3, 1},
                 .values = (const float[]){0, 1, 0, 0, 0, 0, 0, 0, 0},
                 .value_count = 9}},
     .use = BC_CASE_TINY},
    {.label = "no empty sample", .inputs = {{.shape = {2, 4, 8, 1}, BC_CASE_MASK}}, .use = BC_CASE_TINY},
    {.label = "mask or all", .inputs = {{.shape = {8, 64, 128, 1}, BC_CASE_MASK}}, .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_mask_or_all_op = {
    .name = "mask or all",
    .input_count = 1,
    .shape = bc_shape_of_first,
    .forward = or_all_forward,
    .cases = or_all_cases,
};

bc_value *bc_mask_or_all(bc_graph *g, bc_value *mask) {
    return bc_graph_node(g, &bc_mask_or_all_op, &mask, NULL);
}
