/* Which pixels count: the valid ones, and those whose uncertainty lies on the wanted side of a quantile.
 * Masks have no gradient: nothing flows back through the choice. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"
#include "cl_kernels/shared.h"

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
                BC_INT(a->window.right), BC_FLOAT(BC_NEAREST), BC_FLOAT(a->dmax)),
    };
    return bc_tape_launch(tape, &launch);
}

static bool valid_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    if (inputs[0]->shape.c != 1)
        return bc_graph_fail(g, "valid mask: a map with one channel is needed, the input has %d",
                             inputs[0]->shape.c);
    return bc_same_shapes(g, "valid mask", 1, inputs) && bc_shape_of_first(g, inputs, attributes, out);
}

const bc_op bc_valid_mask_op = {
    .name = "valid mask",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_valid_attributes),
    .shape = valid_shape,
    .forward = valid_forward,
};

bc_value *bc_valid_mask(bc_graph *g, bc_value *y, float dmax, const bc_window *window) {
    bc_valid_attributes attributes = {.dmax = dmax};
    if (window)
        attributes.window = *window;
    else if (y)
        attributes.window = (bc_window){0, y->shape.h, 0, y->shape.w};
    return bc_graph_node(g, &bc_valid_mask_op, &y, &attributes);
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

const bc_op bc_quantile_mask_op = {
    .name = "quantile mask",
    .input_count = 2,
    .attribute_bytes = sizeof(bc_quantile_attributes),
    .shape = quantile_shape,
    .workspace_bytes = quantile_workspace,
    .forward = quantile_forward,
};

bc_value *bc_quantile_mask(bc_graph *g, bc_value *u, bc_value *mask, float q, bool keep_below) {
    return bc_graph_node(g, &bc_quantile_mask_op, (bc_value *[]){u, mask},
                         &(bc_quantile_attributes){q, keep_below});
}

/* --- and --- */

static bc_status and_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->inputs[0]);
    bc_launch launch = {
        .source = "mask.cl",
        .kernel = "mask_and",
        .items = {(size_t)n},
        .flops = n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_INT(n)),
    };
    return bc_tape_launch(tape, &launch);
}

static bool and_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    return bc_same_shapes(g, "mask and", 2, inputs) && bc_shape_of_first(g, inputs, attributes, out);
}

const bc_op bc_mask_and_op = {
    .name = "mask and", .input_count = 2, .shape = and_shape, .forward = and_forward};

bc_value *bc_mask_and(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_mask_and_op, (bc_value *[]){a, b}, NULL);
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

const bc_op bc_mask_or_all_op = {
    .name = "mask or all", .input_count = 1, .shape = bc_shape_of_first, .forward = or_all_forward};

bc_value *bc_mask_or_all(bc_graph *g, bc_value *mask) {
    return bc_graph_node(g, &bc_mask_or_all_op, &mask, NULL);
}
