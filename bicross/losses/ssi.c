/* The loss of depth that is free of scale and shift. Inputs depth, label, mask; saved: what was found of each image. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"
#include "host/team/steps.h"

static size_t fit_bytes(const bc_node *node) {
    return (size_t)node->inputs[0]->shape.n * BC_SSI_FIT * sizeof(float);
}

/* Where the counts of the batch's pixels begin, in floats: behind the partial sums of each image and the fits. */
static size_t count_place(const bc_node *node) {
    return (size_t)node->inputs[0]->shape.n * BC_SSI_SUMS * BC_PARTIALS + fit_bytes(node) / sizeof(float);
}

static size_t ssi_workspace(const bc_node *node, bool backward) {
    return backward ? 0 : (count_place(node) + BC_SSI_SCALES) * sizeof(float);
}

/* Kernels that go by pixels. */
static const char *by_pixels(const bc_node *node) {
    return bc_loss_vector(node, 1);
}

static bc_status record_fit(bc_node *node, bc_tape *tape) {
    bc_shape s = node->inputs[0]->shape;
    double n = bc_element_count(node->inputs[0]), sums = (double)s.n * BC_SSI_SUMS * BC_PARTIALS;
    bc_launch partials = {
        .source = "ssi.cl",
        .kernel = "ssi_fit_partials",
        .defines = by_pixels(node),
        .items = {BC_PARTIALS, (size_t)s.n},
        .flops = 24 * n,
        .bytes = 3 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(s.n),
                BC_INT(s.h * s.w), BC_INT(s.w), BC_INT(BC_PARTIALS)),
    };
    bc_launch solve = {
        .source = "ssi.cl",
        .kernel = "ssi_solve",
        .defines = by_pixels(node),
        .items = {(size_t)s.n},
        .flops = 4 * sums,
        .bytes = sums * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_INT(s.n), BC_INT(BC_PARTIALS)),
    };
    bc_launch count = {
        .source = "ssi.cl",
        .kernel = "ssi_count",
        .defines = by_pixels(node),
        .items = {BC_SSI_SCALES},
        .flops = (double)BC_SSI_SCALES * s.n,
        .bytes = (double)fit_bytes(node),
        BC_ARGS(BC_BUFFER(node->workspace), BC_INT(s.n), BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    BC_TRY(bc_tape_launch(tape, &solve));
    BC_TRY(bc_tape_launch(tape, &count));
    return bc_tape_sum(tape, bc_graph_share_of(node->graph)->team, node->workspace, count_place(node),
                       BC_SSI_SCALES, BC_NUMBER_FLOAT);
}

static bc_status ssi_forward(bc_node *node, bc_tape *tape) {
    bc_shape s = node->inputs[0]->shape;
    double n = bc_element_count(node->inputs[0]), sums = 3.0 * s.n * BC_PARTIALS;
    bc_launch partials = {
        .source = "ssi.cl",
        .kernel = "ssi_partials",
        .defines = by_pixels(node),
        .items = {BC_PARTIALS, (size_t)s.n},
        .flops = 60 * n,
        .bytes = 3 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(s.n), BC_INT(s.h),
                BC_INT(s.w), BC_INT(BC_PARTIALS)),
    };
    bc_launch finish = {
        .source = "ssi.cl",
        .kernel = "ssi_finish",
        .defines = by_pixels(node),
        .items = {(size_t)s.n},
        .flops = 4 * sums,
        .bytes = sums * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->saved), BC_BUFFER(node->workspace),
                BC_INT(s.n), BC_INT(BC_PARTIALS)),
    };
    BC_TRY(record_fit(node, tape));
    BC_TRY(bc_tape_launch(tape, &partials));
    BC_TRY(bc_tape_launch(tape, &finish));
    return bc_tape_sum(tape, bc_graph_share_of(node->graph)->team, node->output->data, 0, 1, BC_NUMBER_FLOAT);
}

static bc_status ssi_backward(bc_node *node, bc_tape *tape) {
    bc_value *depth = node->inputs[0], *label = node->inputs[1], *mask = node->inputs[2];
    if (!depth->needs_grad)
        return BC_OK;
    int n = bc_element_count(depth), accumulate = bc_grad_accumulate(depth);
    bc_launch backward = {
        .source = "ssi.cl",
        .kernel = "ssi_backward",
        .defines = by_pixels(node),
        .items = {(size_t)n},
        .flops = 60.0 * n,
        .bytes = (4.0 + accumulate) * n * sizeof(float),
        BC_ARGS(BC_BUFFER(depth->grad), BC_BUFFER(depth->data), BC_BUFFER(label->data), BC_BUFFER(mask->data),
                BC_BUFFER(node->saved), BC_BUFFER(node->output->grad), BC_INT(n), BC_INT(depth->shape.h),
                BC_INT(depth->shape.w), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &backward);
}

static bool ssi_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    if (inputs[0]->shape.c != 1)
        return bc_graph_fail(g, "ssi loss: a map with one channel is needed, the input has %d",
                             inputs[0]->shape.c);
    *out = bc_scalar_shape;
    return bc_same_shapes(g, "ssi loss", 3, inputs);
}

#define SSI_LOSS(label_, use_, ...)                                                                          \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .low = 0.5f, .high = 40},                                        \
                   {.shape = {__VA_ARGS__}, .low = 1, .high = 30, .frozen = true},                           \
                   {.shape = {__VA_ARGS__}, BC_CASE_MASK}},                                                  \
        .use = (use_)                                                                                        \
    }
/* A mean that is far larger than the spread around it, on which scale and shift rest. */
#define LONG_SSI_LOSS(label_, use_, ...)                                                                     \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .low = 30, .high = 31, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, .low = 20, .high = 21, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, BC_CASE_WHOLE_MASK}},                                            \
        .use = (use_), .tolerance = 1e-6                                                                     \
    }
static const bc_op_case ssi_cases[] = {
    SSI_LOSS("batch of two", BC_CASE_TINY, 2, 5, 7, 1),
    SSI_LOSS("20 pixels", BC_CASE_TINY, 1, 5, 4, 1),
    SSI_LOSS("one column", BC_CASE_TINY, 2, 11, 1, 1),
    SSI_LOSS("all strides", BC_CASE_TINY, 3, 9, 17, 1),
    SSI_LOSS("more pixels than partial sums", BC_CASE_CHECK, 2, 37, 41, 1),
    {.label = "no pixel",
     .inputs = {{.shape = {1, 2, 3, 1}, .low = 1, .high = 9},
                {.shape = {1, 2, 3, 1}, .low = 1, .high = 9, .frozen = true},
                {.shape = {1, 2, 3, 1}, BC_CASE_NO_MASK}},
     .use = BC_CASE_TINY},
    {.label = "an image without a pixel, one with one, and one with all",
     .inputs = {{.shape = {3, 2, 3, 1}, .low = 1, .high = 9},
                {.shape = {3, 2, 3, 1}, .low = 1, .high = 9, .frozen = true},
                {.shape = {3, 2, 3, 1},
                 .values = (const float[]){0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1},
                 .value_count = 18,
                 .frozen = true}},
     .use = BC_CASE_TINY},
    LONG_SSI_LOSS("2048 pixels, forward", BC_CASE_TINY, 1, 32, 64, 1),
    LONG_SSI_LOSS("262144 pixels, forward", BC_CASE_CHECK, 1, 512, 512, 1),
    SSI_LOSS("ssi loss", BC_CASE_MEASURE, 8, 64, 128, 1),
    {0},
};

const bc_op bc_ssi_loss_op = {
    .name = "ssi loss",
    .input_count = 3,
    .shape = ssi_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1) | BC_INPUT(2),
    .saved_bytes = fit_bytes,
    .workspace_bytes = ssi_workspace,
    .forward = ssi_forward,
    .backward = ssi_backward,
    .cases = ssi_cases,
};

bc_value *bc_ssi_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask) {
    return bc_graph_node(g, &bc_ssi_loss_op, (bc_value *[]){depth, label, mask}, NULL);
}
