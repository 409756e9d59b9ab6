/* The two supervised losses of a depth map: the scale-invariant logarithmic error of depth, and the error of
 * the predicted uncertainty. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"

/* --- sig: inputs depth, label, mask; saved: pixels, mean, root --- */

static size_t sig_saved(const bc_node *node) {
    (void)node;
    return 3 * sizeof(float);
}

static size_t sig_workspace(const bc_node *node, bool backward) {
    return backward ? 0 : 3 * (size_t)bc_pooled_partials(node) * sizeof(float);
}

static bc_status sig_forward(bc_node *node, bc_tape *tape) {
    const bc_sig_attributes *a = node->attributes;
    const bc_value *depth = node->inputs[0], *label = node->inputs[1], *mask = node->inputs[2];
    int n = bc_element_count(depth), pooled = bc_pooled_partials(node);
    const char *vector = bc_loss_vector(node, n);
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "sig_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 12.0 * n,
        .bytes = 3.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(depth->data), BC_BUFFER(label->data),
                BC_BUFFER(mask->data), BC_INT(n), BC_INT(BC_PARTIALS)),
    };
    bc_launch finish = {
        .source = "losses.cl",
        .kernel = "sig_finish",
        .defines = vector,
        .items = {1},
        .flops = 8.0 * pooled,
        .bytes = 3.0 * pooled * sizeof(float),
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->saved), BC_BUFFER(node->workspace),
                BC_INT(pooled), BC_FLOAT(a->mean_weight), BC_FLOAT(a->softness)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    BC_TRY(bc_tape_pool_partials(node, tape, 3));
    return bc_tape_launch(tape, &finish);
}

static bc_status sig_backward(bc_node *node, bc_tape *tape) {
    const bc_sig_attributes *a = node->attributes;
    bc_value *depth = node->inputs[0], *label = node->inputs[1], *mask = node->inputs[2];
    if (!depth->needs_grad)
        return BC_OK;
    int n = bc_element_count(depth), accumulate = bc_grad_accumulate(depth);
    const char *vector = bc_loss_vector(node, n);
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "sig_backward",
        .defines = vector,
        .items = {(size_t)n},
        .flops = 12.0 * n,
        .bytes = (4.0 + accumulate) * n * sizeof(float),
        BC_ARGS(BC_BUFFER(depth->grad), BC_BUFFER(depth->data), BC_BUFFER(label->data), BC_BUFFER(mask->data),
                BC_BUFFER(node->saved), BC_BUFFER(node->output->grad), BC_INT(n), BC_INT(accumulate),
                BC_FLOAT(a->mean_weight)),
    };
    return bc_tape_launch(tape, &backward);
}

static bool sig_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    *out = bc_scalar_shape;
    return bc_same_shapes(g, "sig loss", 3, inputs);
}

#define PUBLISHED                                                                                            \
    .attributes = &(const bc_sig_attributes) {                                                               \
        .mean_weight = 0.15f                                                                                 \
    }
#define SIG_LOSS(label_, use_, ...)                                                                          \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .low = 0.5f, .high = 40},                                        \
                   {.shape = {__VA_ARGS__}, .low = 1, .high = 30, .frozen = true},                           \
                   {.shape = {__VA_ARGS__}, BC_CASE_MASK}},                                                  \
        PUBLISHED, .use = (use_)                                                                             \
    }
/* A mean that is far larger than the spread around it: a one-pass variance would lose that. */
#define LONG_SIG_LOSS(label_, use_, ...)                                                                     \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .low = 30, .high = 31, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, .low = 20, .high = 21, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, BC_CASE_WHOLE_MASK}},                                            \
        PUBLISHED, .use = (use_), .tolerance = 1e-6                                                          \
    }
static const bc_op_case sig_cases[] = {
    SIG_LOSS("batch of two", BC_CASE_TINY, 2, 5, 7, 1), /* whose statistics are pooled */
    SIG_LOSS("20 pixels", BC_CASE_TINY, 1, 5, 4, 1),
    SIG_LOSS("64 pixels", BC_CASE_TINY, 2, 4, 8, 1),
    {.label = "no pixel",
     .inputs = {{.shape = {1, 2, 3, 1}, .low = 1, .high = 9},
                {.shape = {1, 2, 3, 1}, .low = 1, .high = 9, .frozen = true},
                {.shape = {1, 2, 3, 1}, BC_CASE_NO_MASK}},
     PUBLISHED,
     .use = BC_CASE_TINY},
    {.label = "free of scale, smooth near zero",
     .inputs = {{.shape = {2, 5, 7, 1}, .low = 8, .high = 9},
                {.shape = {2, 5, 7, 1}, .low = 8, .high = 9, .frozen = true},
                {.shape = {2, 5, 7, 1}, BC_CASE_MASK}},
     .attributes = &(const bc_sig_attributes){.softness = 0.1f},
     .use = BC_CASE_TINY},
    LONG_SIG_LOSS("2048 pixels, forward", BC_CASE_TINY, 1, 1, 1 << 11, 1),
    LONG_SIG_LOSS("262144 pixels, forward", BC_CASE_CHECK, 1, 1, 1 << 18, 1),
    SIG_LOSS("sig loss", BC_CASE_MEASURE, 8, 64, 128, 1),
    {0},
};

const bc_op bc_sig_loss_op = {
    .name = "sig loss",
    .input_count = 3,
    .attribute_bytes = sizeof(bc_sig_attributes),
    .shape = sig_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1) | BC_INPUT(2),
    .saved_bytes = sig_saved,
    .workspace_bytes = sig_workspace,
    .forward = sig_forward,
    .backward = sig_backward,
    .cases = sig_cases,
};

bc_value *bc_sig_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask) {
    return bc_soft_sig_loss(g, depth, label, mask, 0.15f, 0);
}

bc_value *bc_soft_sig_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask, float mean_weight,
                           float softness) {
    return bc_graph_node(g, &bc_sig_loss_op, (bc_value *[]){depth, label, mask},
                         &(bc_sig_attributes){mean_weight, softness});
}

/* --- uncertainty: inputs uncertainty, depth, label, mask; saved: pixels --- */

static int uncertainty_form(const bc_node *node) {
    return ((const bc_uncertainty_attributes *)node->attributes)->form;
}

static bc_status uncertainty_forward(bc_node *node, bc_tape *tape) {
    int n = bc_element_count(node->inputs[0]);
    const char *vector = bc_loss_vector(node, n);
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "uncertainty_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 8.0 * n,
        .bytes = 4.0 * n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data),
                BC_BUFFER(node->inputs[3]->data), BC_INT(n), BC_INT(BC_PARTIALS),
                BC_INT(uncertainty_form(node))),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_mean_finish(node, tape, node->saved, 1, vector);
}

static bc_status uncertainty_backward(bc_node *node, bc_tape *tape) {
    bc_value *uncertainty = node->inputs[0], *depth = node->inputs[1];
    int n = bc_element_count(uncertainty);
    const char *vector = bc_loss_vector(node, n);
    bool to_uncertainty = uncertainty->needs_grad, to_depth = depth->needs_grad;
    int add_uncertainty = to_uncertainty ? bc_grad_accumulate(uncertainty) : 0;
    int add_depth = to_depth ? bc_grad_accumulate(depth) : 0;
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "uncertainty_backward",
        .defines = vector,
        .items = {(size_t)n},
        .flops = 12.0 * n,
        .bytes = (4.0 + to_uncertainty + to_depth + add_uncertainty + add_depth) * n * sizeof(float),
        BC_ARGS(BC_BUFFER(to_uncertainty ? uncertainty->grad : (bc_buffer){0}),
                BC_BUFFER(to_depth ? depth->grad : (bc_buffer){0}), BC_BUFFER(uncertainty->data),
                BC_BUFFER(depth->data), BC_BUFFER(node->inputs[2]->data), BC_BUFFER(node->inputs[3]->data),
                BC_BUFFER(node->saved), BC_BUFFER(node->output->grad), BC_INT(n), BC_INT(add_uncertainty),
                BC_INT(add_depth), BC_INT(uncertainty_form(node))),
    };
    return to_uncertainty || to_depth ? bc_tape_launch(tape, &backward) : BC_OK;
}

static bool uncertainty_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    *out = bc_scalar_shape;
    return bc_same_shapes(g, "uncertainty loss", 4, inputs);
}

#define FORM(form_)                                                                                          \
    .attributes = &(const bc_uncertainty_attributes) {                                                       \
        form_                                                                                                \
    }
#define UNCERTAINTY_LOSS(label_, use_, form_, ...)                                                           \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .low = -0.2f, .high = 1.3f},                                     \
                   {.shape = {__VA_ARGS__}, .low = 0.5f, .high = 9},                                         \
                   {.shape = {__VA_ARGS__}, .low = 2, .high = 6, .frozen = true},                            \
                   {.shape = {__VA_ARGS__}, BC_CASE_MASK}},                                                  \
        FORM(form_), .use = (use_)                                                                           \
    }
#define LONG_UNCERTAINTY_LOSS(label_, use_, ...)                                                             \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {__VA_ARGS__}, .high = 0.3f, .frozen = true},                                   \
                   {.shape = {__VA_ARGS__}, .low = 30, .high = 31, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, .low = 20, .high = 21, .frozen = true},                          \
                   {.shape = {__VA_ARGS__}, BC_CASE_WHOLE_MASK}},                                            \
        FORM(BC_UNCERTAINTY_L1), .use = (use_), .tolerance = 1e-6                                            \
    }
static const bc_op_case uncertainty_cases[] = {
    UNCERTAINTY_LOSS("batch of two", BC_CASE_TINY, BC_UNCERTAINTY_L1, 2, 5, 7, 1),
    UNCERTAINTY_LOSS("20 pixels", BC_CASE_TINY, BC_UNCERTAINTY_L1, 1, 5, 4, 1),
    UNCERTAINTY_LOSS("64 pixels", BC_CASE_TINY, BC_UNCERTAINTY_L1, 2, 4, 8, 1),
    UNCERTAINTY_LOSS("batch of two, squared", BC_CASE_TINY, BC_UNCERTAINTY_L2, 2, 5, 7, 1),
    UNCERTAINTY_LOSS("64 pixels, squared", BC_CASE_TINY, BC_UNCERTAINTY_L2, 2, 4, 8, 1),
    UNCERTAINTY_LOSS("batch of two, spread", BC_CASE_TINY, BC_UNCERTAINTY_L1LOG, 2, 5, 7, 1),
    UNCERTAINTY_LOSS("64 pixels, spread", BC_CASE_TINY, BC_UNCERTAINTY_L1LOG, 2, 4, 8, 1),
    {.label = "no pixel",
     .inputs = {{.shape = {1, 2, 3, 1}},
                {.shape = {1, 2, 3, 1}, .low = 1, .high = 9},
                {.shape = {1, 2, 3, 1}, .low = 1, .high = 9, .frozen = true},
                {.shape = {1, 2, 3, 1}, BC_CASE_NO_MASK}},
     FORM(BC_UNCERTAINTY_L1),
     .use = BC_CASE_TINY},
    LONG_UNCERTAINTY_LOSS("2048 pixels, forward", BC_CASE_TINY, 1, 1, 1 << 11, 1),
    LONG_UNCERTAINTY_LOSS("262144 pixels, forward", BC_CASE_CHECK, 1, 1, 1 << 18, 1),
    UNCERTAINTY_LOSS("uncertainty loss", BC_CASE_MEASURE, BC_UNCERTAINTY_L1, 8, 64, 128, 1),
    {0},
};

const bc_op bc_uncertainty_loss_op = {
    .name = "uncertainty loss",
    .input_count = 4,
    .attribute_bytes = sizeof(bc_uncertainty_attributes),
    .shape = uncertainty_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1) | BC_INPUT(2) | BC_INPUT(3),
    .saved_bytes = bc_mean_saved,
    .workspace_bytes = bc_mean_workspace,
    .forward = uncertainty_forward,
    .backward = uncertainty_backward,
    .cases = uncertainty_cases,
};

bc_value *bc_uncertainty_loss(bc_graph *g, bc_value *u, bc_value *depth, bc_value *label, bc_value *mask,
                              int form) {
    return bc_graph_node(g, &bc_uncertainty_loss_op, (bc_value *[]){u, depth, label, mask},
                         &(bc_uncertainty_attributes){form});
}
