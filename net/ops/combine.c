/* Sums, channel scaling, concatenation and slices. */
#include "net/ops/attributes.h"
#include "net/ops/column_sum.h"
#include "net/ops/copy_block.h"
#include "net/ops/vector.h"

/* --- addition --- */

static bc_status add_forward(bc_node *node, bc_tape *tape) {
    size_t count = bc_shape_count(node->output->shape);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = "combine.cl",
        .kernel = "add",
        .defines = vector.define,
        .items = {count / (size_t)vector.width},
        .flops = (double)count,
        .bytes = 12.0 * (double)count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_INT(count)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status add_backward(bc_node *node, bc_tape *tape) {
    for (int i = 0; i < 2; i++)
        if (node->inputs[i]->needs_grad)
            BC_TRY(bc_tape_copy_range(tape, node->inputs[i]->grad, 0, node->output->grad, 0,
                                      bc_shape_count(node->output->shape),
                                      bc_grad_accumulate(node->inputs[i])));
    return BC_OK;
}

static bool add_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    bc_shape a = inputs[0]->shape, b = inputs[1]->shape;
    if (!bc_shape_same(a, b))
        return bc_graph_fail(g, "add needs equal shapes, found %dx%dx%dx%d and %dx%dx%dx%d", a.n, a.h, a.w,
                             a.c, b.n, b.h, b.w, b.c);
    return bc_shape_of_first(g, inputs, attributes, out);
}

#define ADD(label_, n_, h_, w_, c_)                                                                          \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}}, {.shape = {n_, h_, w_, c_}}},             \
        .use = BC_CASE_TINY                                                                                  \
    }
static const bc_op_case add_cases[] = {
    ADD("odd", 3, 3, 5, 7),
    ADD("vectors of 4", 1, 3, 3, 4),
    ADD("vectors of 16", 2, 3, 4, 4),
    {0},
};

const bc_op bc_add_op = {
    .name = "add",
    .input_count = 2,
    .shape = add_shape,
    .forward = add_forward,
    .backward = add_backward,
    .cases = add_cases,
};

bc_value *bc_add(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_add_op, (bc_value *[]){a, b}, NULL);
}

/* --- channel scaling --- */

enum { SCALE_CHUNK = 64 }; /* pixels, in the sum for the scale's gradient */

static int scale_chunks(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return (s.h * s.w + SCALE_CHUNK - 1) / SCALE_CHUNK;
}

static size_t scale_partial(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return (size_t)s.n * scale_chunks(node) * s.c;
}

static size_t scale_workspace(const bc_node *node, bool backward) {
    bc_shape s = node->inputs[0]->shape;
    return backward
               ? scale_partial(node) * sizeof(float) + bc_column_sum_workspace(s.n, scale_chunks(node), s.c)
               : 0;
}

/* to = from * scale, or to += from * scale. */
static bc_status record_scaling(bc_node *node, bc_tape *tape, bc_buffer to, bc_buffer from, int accumulate) {
    bc_shape s = node->inputs[0]->shape;
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s.c);
    size_t count = bc_shape_count(s);
    bc_launch launch = {
        .source = "combine.cl",
        .kernel = "scale_channels",
        .defines = vector.define,
        .items = {count / (size_t)vector.width},
        .flops = (accumulate ? 2.0 : 1.0) * (double)count,
        .bytes = (accumulate ? 12.0 : 8.0) * (double)count,
        BC_ARGS(BC_BUFFER(to), BC_BUFFER(from), BC_BUFFER(node->inputs[1]->data), BC_INT(s.n),
                BC_INT(s.h * s.w), BC_INT(s.c), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status scale_forward(bc_node *node, bc_tape *tape) {
    return record_scaling(node, tape, node->output->data, node->inputs[0]->data, 0);
}

static bc_status record_scale_gradient(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *scale = node->inputs[1];
    bc_shape s = x->shape;
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s.c);
    size_t partial = scale_partial(node);
    bc_launch launch = {
        .source = "combine.cl",
        .kernel = "scale_gradient_partial",
        .defines = vector.define,
        .items = {partial / (size_t)vector.width},
        .flops = 2.0 * (double)bc_shape_count(s),
        .bytes = 8.0 * (double)bc_shape_count(s),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->output->grad), BC_BUFFER(x->data), BC_INT(s.n),
                BC_INT(s.h * s.w), BC_INT(s.c), BC_INT(SCALE_CHUNK), BC_INT(scale_chunks(node))),
    };
    BC_TRY(bc_tape_launch(tape, &launch));
    bc_column_sum sum = {.out = scale->grad,
                         .x = node->workspace,
                         .batch = s.n,
                         .rows = scale_chunks(node),
                         .columns = s.c,
                         .accumulate = bc_grad_accumulate(scale)};
    return bc_tape_column_sum(tape, &sum, node->workspace, (int)partial);
}

static bc_status scale_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    if (x->needs_grad)
        BC_TRY(record_scaling(node, tape, x->grad, node->output->grad, bc_grad_accumulate(x)));
    return node->inputs[1]->needs_grad ? record_scale_gradient(node, tape) : BC_OK;
}

static bool scale_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    bc_shape x = inputs[0]->shape, s = inputs[1]->shape;
    if (!bc_shape_same(s, (bc_shape){x.n, 1, 1, x.c}))
        return bc_graph_fail(g, "scale_channels needs a scale of %dx1x1x%d, found %dx%dx%dx%d", x.n, x.c, s.n,
                             s.h, s.w, s.c);
    return bc_shape_of_first(g, inputs, attributes, out);
}

#define SCALE(label_, use_, n_, h_, w_, c_)                                                                  \
    { .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}}, {.shape = {n_, 1, 1, c_}}}, .use = (use_) }
static const bc_op_case scale_cases[] = {
    SCALE("odd", BC_CASE_TINY, 3, 3, 5, 7),
    SCALE("several chunks", BC_CASE_TINY, 2, 9, 15, 4),
    SCALE("16 channels", BC_CASE_TINY, 2, 3, 3, 16),
    SCALE("scale_channels", BC_CASE_MEASURE, 1, 96, 96, 256),
    {0},
};

const bc_op bc_scale_channels_op = {
    .name = "scale_channels",
    .input_count = 2,
    .shape = scale_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1),
    .workspace_bytes = scale_workspace,
    .forward = scale_forward,
    .backward = scale_backward,
    .cases = scale_cases,
};

bc_value *bc_scale_channels(bc_graph *g, bc_value *x, bc_value *s) {
    return bc_graph_node(g, &bc_scale_channels_op, (bc_value *[]){x, s}, NULL);
}

/* --- concatenation: every input is a block of columns of the output, whose rows are pixels --- */

static bc_status concat_forward(bc_node *node, bc_tape *tape) {
    size_t at = 0, wide = (size_t)node->output->shape.c;
    size_t rows = bc_shape_count(node->output->shape) / wide;
    for (int i = 0; i < 2; i++) {
        size_t columns = (size_t)node->inputs[i]->shape.c;
        BC_TRY(bc_tape_copy_block(tape, (bc_block){node->output->data, at, 0, wide},
                                  (bc_block){node->inputs[i]->data, 0, 0, columns},
                                  (bc_extent){1, rows, columns}, 0));
        at += columns;
    }
    return BC_OK;
}

static bc_status concat_backward(bc_node *node, bc_tape *tape) {
    size_t at = 0, wide = (size_t)node->output->shape.c;
    size_t rows = bc_shape_count(node->output->shape) / wide;
    for (int i = 0; i < 2; i++) {
        bc_value *input = node->inputs[i];
        size_t columns = (size_t)input->shape.c;
        if (input->needs_grad)
            BC_TRY(bc_tape_copy_block(tape, (bc_block){input->grad, 0, 0, columns},
                                      (bc_block){node->output->grad, at, 0, wide},
                                      (bc_extent){1, rows, columns}, bc_grad_accumulate(input)));
        at += columns;
    }
    return BC_OK;
}

static bool concat_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    bc_shape a = inputs[0]->shape, b = inputs[1]->shape;
    if (b.n != a.n || b.h != a.h || b.w != a.w)
        return bc_graph_fail(g, "concat_channels needs equal n, h, w, found %dx%dx%d and %dx%dx%d", a.n, a.h,
                             a.w, b.n, b.h, b.w);
    *out = (bc_shape){a.n, a.h, a.w, a.c + b.c};
    return true;
}

#define CONCAT(label_, use_, n_, h_, w_, a_, b_)                                                             \
    { .label = (label_), .inputs = {{.shape = {n_, h_, w_, a_}}, {.shape = {n_, h_, w_, b_}}}, .use = (use_) }
static const bc_op_case concat_cases[] = {
    CONCAT("channels 3 + 5", BC_CASE_TINY, 2, 3, 5, 3, 5),
    CONCAT("channels 16 + 4", BC_CASE_TINY, 1, 3, 5, 16, 4),
    CONCAT("channels 16 + 32", BC_CASE_TINY, 2, 2, 3, 16, 32),
    CONCAT("concat_channels", BC_CASE_MEASURE, 1, 96, 96, 256, 256),
    {0},
};

const bc_op bc_concat_channels_op = {
    .name = "concat_channels",
    .input_count = 2,
    .shape = concat_shape,
    .forward = concat_forward,
    .backward = concat_backward,
    .cases = concat_cases,
};

bc_value *bc_concat_channels(bc_graph *g, bc_value *a, bc_value *b) {
    return bc_graph_node(g, &bc_concat_channels_op, (bc_value *[]){a, b}, NULL);
}

/* --- slices of a batch --- */

static bool slice_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_slice_attributes *a = attributes;
    *out = inputs[0]->shape;
    if (a->first < 0 || a->count < 1 || a->first > out->n - a->count)
        return bc_graph_fail(g, "slice_batch cannot take %d samples from sample %d of %d", a->count, a->first,
                             out->n);
    out->n = a->count;
    return true;
}

/* Elements of x in front of the slice. */
static size_t slice_place(const bc_node *node) {
    const bc_slice_attributes *a = node->attributes;
    return bc_shape_count(node->output->shape) / (size_t)a->count * (size_t)a->first;
}

static bc_status slice_forward(bc_node *node, bc_tape *tape) {
    return bc_tape_copy_range(tape, node->output->data, 0, node->inputs[0]->data, slice_place(node),
                              bc_shape_count(node->output->shape), 0);
}

static bc_status slice_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    size_t place = slice_place(node), count = bc_shape_count(node->output->shape), end = place + count;
    int accumulate = bc_grad_accumulate(x);
    if (!accumulate) {
        BC_TRY(bc_tape_fill(tape, x->grad, 0, place * sizeof(float), 0.0f));
        BC_TRY(bc_tape_fill(tape, x->grad, end * sizeof(float),
                            (bc_shape_count(x->shape) - end) * sizeof(float), 0.0f));
    }
    return bc_tape_copy_range(tape, x->grad, place, node->output->grad, 0, count, accumulate);
}

#define SLICE(label_, use_, first_, count_, n_, h_, w_, c_)                                                  \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}}},                                          \
        .attributes = &(const bc_slice_attributes){first_, count_}, .use = (use_)                            \
    }
static const bc_op_case slice_cases[] = {
    SLICE("middle", BC_CASE_TINY, 1, 3, 5, 3, 1, 7),
    SLICE("first", BC_CASE_TINY, 0, 1, 3, 3, 1, 7),
    SLICE("last", BC_CASE_TINY, 2, 1, 3, 3, 1, 7),
    SLICE("vectors of 4", BC_CASE_TINY, 1, 1, 3, 1, 3, 4),
    SLICE("vectors of 16", BC_CASE_TINY, 1, 2, 4, 1, 3, 16),
    SLICE("slice_batch", BC_CASE_MEASURE, 2, 4, 8, 32, 64, 64),
    {0},
};

const bc_op bc_slice_batch_op = {
    .name = "slice_batch",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_slice_attributes),
    .shape = slice_shape,
    .forward = slice_forward,
    .backward = slice_backward,
    .cases = slice_cases,
};

bc_value *bc_slice_batch(bc_graph *g, bc_value *x, int first, int count) {
    return bc_graph_node(g, &bc_slice_batch_op, &x, &(bc_slice_attributes){first, count});
}
