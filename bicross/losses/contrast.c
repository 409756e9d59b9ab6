/* Losses of classifications: InfoNCE, which matches the two views of each sample, and the negative log
 * likelihood of a domain. */
#include "bicross/losses/attributes.h"
#include "bicross/losses/common.h"

/* --- InfoNCE: inputs r, s (b,1,1,c); saved (b,b): gradient of the logits --- */

static size_t info_nce_saved(const bc_node *node) {
    size_t b = (size_t)node->inputs[0]->shape.n;
    return b * b * sizeof(float);
}

/* Partial sums, then the logits. */
static size_t info_nce_workspace(const bc_node *node, bool backward) {
    return backward ? 0 : bc_mean_workspace(node, false) + info_nce_saved(node);
}

static bc_status info_nce_forward(bc_node *node, bc_tape *tape) {
    const bc_value *r = node->inputs[0], *s = node->inputs[1];
    int b = r->shape.n, channels = r->shape.c;
    const char *vector = bc_loss_vector(node, channels);
    bc_launch product = {
        .source = "losses.cl",
        .kernel = "info_nce_logits",
        .defines = vector,
        .items = {(size_t)b, (size_t)b},
        .flops = 2.0 * b * b * channels,
        .bytes = (2.0 * b * channels + (double)b * b) * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(r->data), BC_BUFFER(s->data), BC_INT(b),
                BC_INT(channels), BC_INT(BC_PARTIALS)),
    };
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "info_nce_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = 8.0 * b * b,
        .bytes = 2.0 * b * b * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->saved), BC_INT(b), BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &product));
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_own_mean_finish(node, tape, (bc_buffer){0}, 1, vector);
}

/* The gradient of one input: rows of the saved matrix (or its columns) times the other input. */
static bc_status record_gradient(bc_node *node, bc_tape *tape, bc_value *input, const bc_value *other,
                                 int row_step, int column_step) {
    if (!input->needs_grad)
        return BC_OK;
    int b = input->shape.n, channels = input->shape.c, accumulate = bc_grad_accumulate(input);
    const char *vector = bc_loss_vector(node, channels);
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "info_nce_backward",
        .defines = vector,
        .items = {(size_t)channels, (size_t)b},
        .flops = 2.0 * b * b * channels,
        .bytes = ((2.0 + accumulate) * b * channels + (double)b * b) * sizeof(float),
        BC_ARGS(BC_BUFFER(input->grad), BC_BUFFER(node->saved), BC_BUFFER(other->data),
                BC_BUFFER(node->output->grad), BC_INT(b), BC_INT(channels), BC_INT(row_step),
                BC_INT(column_step), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &backward);
}

static bc_status info_nce_backward(bc_node *node, bc_tape *tape) {
    bc_value *r = node->inputs[0], *s = node->inputs[1];
    int b = r->shape.n;
    BC_TRY(record_gradient(node, tape, r, s, b, 1));
    return record_gradient(node, tape, s, r, 1, b);
}

static bool info_nce_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    bc_shape s = inputs[0]->shape;
    if (!bc_same_shapes(g, "InfoNCE loss", 2, inputs))
        return false;
    if (s.h != 1 || s.w != 1)
        return bc_graph_fail(g, "InfoNCE loss: vectors (b,1,1,c) are needed, the inputs are %dx%dx%dx%d", s.n,
                             s.h, s.w, s.c);
    *out = bc_scalar_shape;
    return true;
}

#define INFO_NCE(label_, use_, b_, c_)                                                                       \
    { .label = (label_), .inputs = {{.shape = {b_, 1, 1, c_}}, {.shape = {b_, 1, 1, c_}}}, .use = (use_) }
static const bc_op_case info_nce_cases[] = {
    INFO_NCE("5 vectors", BC_CASE_TINY, 5, 7),
    INFO_NCE("one vector", BC_CASE_TINY, 1, 4),
    INFO_NCE("3 long vectors", BC_CASE_TINY, 3, 32),
    INFO_NCE("InfoNCE loss", BC_CASE_MEASURE, 8, 256),
    {0},
};

const bc_op bc_info_nce_loss_op = {
    .name = "InfoNCE loss",
    .input_count = 2,
    .shape = info_nce_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1),
    .saved_bytes = info_nce_saved,
    .workspace_bytes = info_nce_workspace,
    .forward = info_nce_forward,
    .backward = info_nce_backward,
    .cases = info_nce_cases,
};

bc_value *bc_info_nce_loss(bc_graph *g, bc_value *r, bc_value *s) {
    return bc_graph_node(g, &bc_info_nce_loss_op, (bc_value *[]){r, s}, NULL);
}

/* --- negative log likelihood: input log probabilities (n,1,1,classes) --- */

static int nll_label(const bc_node *node) {
    return ((const bc_nll_attributes *)node->attributes)->label;
}

static bc_status nll_forward(bc_node *node, bc_tape *tape) {
    const bc_value *x = node->inputs[0];
    const char *vector = bc_loss_vector(node, BC_PARTIALS);
    bc_launch partials = {
        .source = "losses.cl",
        .kernel = "nll_partials",
        .defines = vector,
        .items = {BC_PARTIALS},
        .flops = x->shape.n,
        .bytes = x->shape.n * sizeof(float),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(x->data), BC_INT(x->shape.n), BC_INT(x->shape.c),
                BC_INT(nll_label(node)), BC_INT(BC_PARTIALS)),
    };
    BC_TRY(bc_tape_launch(tape, &partials));
    return bc_tape_mean_finish(node, tape, (bc_buffer){0}, 1, vector);
}

static bc_status nll_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    if (!x->needs_grad)
        return BC_OK;
    int accumulate = bc_grad_accumulate(x);
    double count = bc_element_count(x);
    const char *vector = bc_loss_vector(node, BC_PARTIALS);
    bc_launch backward = {
        .source = "losses.cl",
        .kernel = "nll_backward",
        .defines = vector,
        .items = {(size_t)count},
        .flops = count,
        .bytes = (1.0 + accumulate) * count * sizeof(float),
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(node->output->grad), BC_INT(x->shape.n), BC_INT(x->shape.c),
                BC_INT(nll_label(node)), BC_INT(bc_pooled_count(node, x->shape.n)), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &backward);
}

static bool nll_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    int label = ((const bc_nll_attributes *)attributes)->label;
    bc_shape s = inputs[0]->shape;
    if (!bc_same_shapes(g, "NLL loss", 1, inputs))
        return false;
    if (s.h != 1 || s.w != 1 || label < 0 || label >= s.c)
        return bc_graph_fail(
            g, "NLL loss: rows (n,1,1,classes) with class %d are needed, the input is %dx%dx%dx%d", label,
            s.n, s.h, s.w, s.c);
    *out = bc_scalar_shape;
    return true;
}

#define NLL(label_, use_, rows_, classes_, class_)                                                           \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {rows_, 1, 1, classes_}, .low = -5}},                        \
        .attributes = &(const bc_nll_attributes){class_}, .use = (use_)                                      \
    }
static const bc_op_case nll_cases[] = {
    NLL("7 rows of 3", BC_CASE_TINY, 7, 3, 1),
    NLL("16 rows of 2", BC_CASE_TINY, 16, 2, 0),
    NLL("NLL loss", BC_CASE_MEASURE, 8, 2, 1),
    {0},
};

const bc_op bc_nll_loss_op = {
    .name = "NLL loss",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_nll_attributes),
    .shape = nll_shape,
    .workspace_bytes = bc_mean_workspace,
    .forward = nll_forward,
    .backward = nll_backward,
    .cases = nll_cases,
};

bc_value *bc_nll_loss(bc_graph *g, bc_value *log_probabilities, int label) {
    return bc_graph_node(g, &bc_nll_loss_op, &log_probabilities, &(bc_nll_attributes){label});
}
