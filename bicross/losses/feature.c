/* Fine knowledge distillation: the mean squared difference of two feature maps, or the divergence of the distributions that they stand
 * for. Inputs two maps, mask or NULL; saved: the divisor. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"

static int row_count(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return s.n * s.h * s.w;
}

static bc_buffer mask_buffer(const bc_node *node) {
    return node->inputs[2] ? node->inputs[2]->data : (bc_buffer){0};
}

static bc_status feature_forward(bc_node *node, bc_tape *tape) {
    const bc_value *a = node->inputs[0], *b = node->inputs[1];
    double count = bc_element_count(a);
    const char *vector = bc_loss_vector(node, a->shape.c);
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "feature_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 3 * count,
        .bytes = 2 * count * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(a->data), BC_BUFFER(b->data),
                BC_BUFFER(mask_buffer(node)), BC_INT(row_count(node)), BC_INT(a->shape.c),
                BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_mean_finish(node, tape, node->saved, a->shape.c, vector);
}

static bc_status feature_backward(bc_node *node, bc_tape *tape) {
    bc_value *a = node->inputs[0], *b = node->inputs[1];
    bool to_a = a->needs_grad, to_b = b->needs_grad;
    int add_a = to_a ? bc_grad_accumulate(a) : 0, add_b = to_b ? bc_grad_accumulate(b) : 0;
    double count = bc_element_count(a);
    const char *vector = bc_loss_vector(node, a->shape.c);
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "feature_backward",
        .defines = vector,
        .items = {(size_t)a->shape.c, (size_t)row_count(node)},
        .flops = 3 * count,
        .bytes = (2.0 + to_a + to_b + add_a + add_b) * count * sizeof(float),
        BC_ARGS(BC_BUFFER(to_a ? a->grad : (bc_buffer){0}), BC_BUFFER(to_b ? b->grad : (bc_buffer){0}),
                BC_BUFFER(a->data), BC_BUFFER(b->data), BC_BUFFER(mask_buffer(node)), BC_BUFFER(node->saved),
                BC_BUFFER(node->output->grad), BC_INT(row_count(node)), BC_INT(a->shape.c), BC_INT(add_a),
                BC_INT(add_b)),
    };
    return to_a || to_b ? bc_tape_launch(tape, &backward) : BC_OK;
}

static bool pair_shape(bc_graph *g, const char *operation, bc_value *const *inputs, bc_shape *out) {
    const bc_value *mask = inputs[2];
    bc_shape s = inputs[0]->shape;
    if (mask && !bc_shape_same(mask->shape, (bc_shape){s.n, s.h, s.w, 1}))
        return bc_graph_fail(g, "%s: the mask is %dx%dx%dx%d, it must be %dx%dx%dx1", operation,
                             mask->shape.n, mask->shape.h, mask->shape.w, mask->shape.c, s.n, s.h, s.w);
    *out = bc_scalar_shape;
    return bc_same_shapes(g, operation, 2, inputs);
}

static bool feature_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    return pair_shape(g, "feature loss", inputs, out);
}

#define FEATURE_LOSS(label_, use_, masked_, n_, h_, w_, c_)                                                  \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, c_}, .low = -2, .high = 2},                                        \
                   {.shape = {n_, h_, w_, c_}, .low = -1, .high = 3},                                        \
                   {.shape = {(masked_) ? (n_) : 0, h_, w_, 1}, BC_CASE_MASK}},                              \
        .use = (use_)                                                                                        \
    }
#define LONG_FEATURE_LOSS(label_, use_, rows_)                                                               \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {1, 1, rows_, 64}, .low = 30, .high = 31, .frozen = true},                      \
                   {.shape = {1, 1, rows_, 64}, .low = 20, .high = 21, .frozen = true}},                     \
        .use = (use_), .tolerance = 1e-6                                                                     \
    }
static const bc_op_case feature_cases[] = {
    FEATURE_LOSS("7 channels", BC_CASE_TINY, false, 2, 3, 5, 7),
    FEATURE_LOSS("20 channels", BC_CASE_TINY, false, 1, 3, 3, 20),
    FEATURE_LOSS("16 channels", BC_CASE_TINY, false, 2, 3, 2, 16),
    FEATURE_LOSS("7 channels under a mask", BC_CASE_TINY, true, 2, 3, 5, 7),
    FEATURE_LOSS("20 channels under a mask", BC_CASE_TINY, true, 1, 3, 3, 20),
    FEATURE_LOSS("16 channels under a mask", BC_CASE_TINY, true, 2, 3, 2, 16),
    {.label = "no pixel",
     .inputs = {{.shape = {1, 2, 3, 4}}, {.shape = {1, 2, 3, 4}}, {.shape = {1, 2, 3, 1}, BC_CASE_NO_MASK}},
     .use = BC_CASE_TINY},
    LONG_FEATURE_LOSS("32 rows, forward", BC_CASE_TINY, 1 << 5),
    LONG_FEATURE_LOSS("4096 rows, forward", BC_CASE_CHECK, 1 << 12),
    FEATURE_LOSS("feature loss", BC_CASE_MEASURE, true, 8, 16, 32, 128),
    {0},
};

const bc_op bc_feature_loss_op = {
    .name = "feature loss",
    .input_count = 3,
    .optional = BC_INPUT(2),
    .shape = feature_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1) | BC_INPUT(2),
    .saved_bytes = bc_mean_saved,
    .workspace_bytes = bc_mean_workspace,
    .forward = feature_forward,
    .backward = feature_backward,
    .cases = feature_cases,
};

bc_value *bc_feature_loss(bc_graph *g, bc_value *a, bc_value *b, bc_value *mask) {
    return bc_graph_node(g, &bc_feature_loss_op, (bc_value *[]){a, b, mask}, NULL);
}

/* --- divergence: inputs log p, log q, mask or NULL --- */

static bc_status divergence_forward(bc_node *node, bc_tape *tape) {
    const bc_value *p = node->inputs[0], *q = node->inputs[1];
    double count = bc_element_count(p);
    const char *vector = bc_loss_vector(node, p->shape.c);
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "divergence_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 12 * count,
        .bytes = 2 * count * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(p->data), BC_BUFFER(q->data),
                BC_BUFFER(mask_buffer(node)), BC_INT(row_count(node)), BC_INT(p->shape.c),
                BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_mean_finish(node, tape, node->saved, 1, vector);
}

static bc_status divergence_backward(bc_node *node, bc_tape *tape) {
    bc_value *p = node->inputs[0];
    if (!p->needs_grad)
        return BC_OK;
    int accumulate = bc_grad_accumulate(p);
    double count = bc_element_count(p);
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "divergence_backward",
        .defines = bc_loss_vector(node, p->shape.c),
        .items = {(size_t)p->shape.c, (size_t)row_count(node)},
        .flops = 10 * count,
        .bytes = (2.0 + accumulate) * count * sizeof(float),
        BC_ARGS(BC_BUFFER(p->grad), BC_BUFFER(node->inputs[1]->data), BC_BUFFER(mask_buffer(node)),
                BC_BUFFER(node->saved), BC_BUFFER(node->output->grad), BC_INT(row_count(node)),
                BC_INT(p->shape.c), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &backward);
}

static bool divergence_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    return pair_shape(g, "divergence loss", inputs, out);
}

#define DIVERGENCE_LOSS(label_, use_, masked_, n_, h_, w_, c_)                                               \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, c_}, .low = -5, .high = -0.1f},                                    \
                   {.shape = {n_, h_, w_, c_}, .low = -4, .high = -0.1f, .frozen = true},                    \
                   {.shape = {(masked_) ? (n_) : 0, h_, w_, 1}, BC_CASE_MASK}},                              \
        .use = (use_)                                                                                        \
    }
static const bc_op_case divergence_cases[] = {
    DIVERGENCE_LOSS("7 channels", BC_CASE_TINY, false, 2, 3, 5, 7),
    DIVERGENCE_LOSS("16 channels", BC_CASE_TINY, false, 2, 3, 2, 16),
    DIVERGENCE_LOSS("7 channels under a mask", BC_CASE_TINY, true, 2, 3, 5, 7),
    DIVERGENCE_LOSS("20 channels under a mask", BC_CASE_TINY, true, 1, 3, 3, 20),
    {.label = "no pixel",
     .inputs = {{.shape = {1, 2, 3, 4}},
                {.shape = {1, 2, 3, 4}, .frozen = true},
                {.shape = {1, 2, 3, 1}, BC_CASE_NO_MASK}},
     .use = BC_CASE_TINY},
    DIVERGENCE_LOSS("divergence loss", BC_CASE_MEASURE, true, 8, 16, 32, 128),
    {0},
};

const bc_op bc_divergence_loss_op = {
    .name = "divergence loss",
    .input_count = 3,
    .optional = BC_INPUT(2),
    .shape = divergence_shape,
    .backward_reads = BC_INPUT(1) | BC_INPUT(2),
    .saved_bytes = bc_mean_saved,
    .workspace_bytes = bc_mean_workspace,
    .forward = divergence_forward,
    .backward = divergence_backward,
    .cases = divergence_cases,
};

bc_value *bc_divergence_loss(bc_graph *g, bc_value *log_p, bc_value *log_q, bc_value *mask) {
    return bc_graph_node(g, &bc_divergence_loss_op, (bc_value *[]){log_p, log_q, mask}, NULL);
}
