/* Sums, channel scaling, concatenation and slices. */
#include "net/ops/column_sum.h"
#include "net/ops/copy_block.h"
#include "net/ops/ops.h"
#include "net/ops/vector.h"

/* --- addition --- */

static bc_status add_forward(bc_node *node, bc_tape *tape) {
    size_t count = bc_shape_count(node->outputs[0]->shape);
    bc_vector vector = bc_vector_for(bc_tape_host(tape), (int)count);
    bc_launch launch = {
        .source = "combine.cl",
        .kernel = "add",
        .defines = vector.define,
        .items = {count / (size_t)vector.width},
        .flops = (double)count,
        .bytes = 12.0 * (double)count,
        BC_ARGS(BC_BUFFER(node->outputs[0]->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_INT(count)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status add_backward(bc_node *node, bc_tape *tape) {
    for (int i = 0; i < 2; i++)
        if (node->inputs[i]->needs_grad)
            BC_TRY(bc_tape_copy_range(tape, node->inputs[i]->grad, 0, node->outputs[0]->grad, 0,
                                      bc_shape_count(node->outputs[0]->shape),
                                      bc_grad_accumulate(node->inputs[i])));
    return BC_OK;
}

static const bc_op add = {.name = "add", .forward = add_forward, .backward = add_backward};

bc_value *bc_add(bc_graph *g, bc_value *a, bc_value *b) {
    if (!a || !b)
        return bc_graph_fail(g, "add needs two inputs");
    if (!bc_shape_same(a->shape, b->shape))
        return bc_graph_fail(g, "add needs equal shapes, found %dx%dx%dx%d and %dx%dx%dx%d", a->shape.n,
                             a->shape.h, a->shape.w, a->shape.c, b->shape.n, b->shape.h, b->shape.w,
                             b->shape.c);
    return bc_graph_node(g, &add, a->shape, 2, (bc_value *[]){a, b}, NULL, 0);
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
    return record_scaling(node, tape, node->outputs[0]->data, node->inputs[0]->data, 0);
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
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->outputs[0]->grad), BC_BUFFER(x->data),
                BC_INT(s.n), BC_INT(s.h * s.w), BC_INT(s.c), BC_INT(SCALE_CHUNK), BC_INT(scale_chunks(node))),
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
        BC_TRY(record_scaling(node, tape, x->grad, node->outputs[0]->grad, bc_grad_accumulate(x)));
    return node->inputs[1]->needs_grad ? record_scale_gradient(node, tape) : BC_OK;
}

static const bc_op scale_channels = {
    .name = "scale_channels",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1),
    .workspace_bytes = scale_workspace,
    .forward = scale_forward,
    .backward = scale_backward,
};

bc_value *bc_scale_channels(bc_graph *g, bc_value *x, bc_value *s) {
    if (!x || !s)
        return bc_graph_fail(g, "scale_channels needs two inputs");
    if (!bc_shape_same(s->shape, (bc_shape){x->shape.n, 1, 1, x->shape.c}))
        return bc_graph_fail(g, "scale_channels needs a scale of %dx1x1x%d, found %dx%dx%dx%d", x->shape.n,
                             x->shape.c, s->shape.n, s->shape.h, s->shape.w, s->shape.c);
    return bc_graph_node(g, &scale_channels, x->shape, 2, (bc_value *[]){x, s}, NULL, 0);
}

/* --- concatenation: every input is a block of columns of the output, whose rows are pixels --- */

static bc_status concat_forward(bc_node *node, bc_tape *tape) {
    size_t at = 0, wide = (size_t)node->outputs[0]->shape.c;
    size_t rows = bc_shape_count(node->outputs[0]->shape) / wide;
    for (int i = 0; i < 2; i++) {
        size_t columns = (size_t)node->inputs[i]->shape.c;
        BC_TRY(bc_tape_copy_block(tape, (bc_block){node->outputs[0]->data, at, 0, wide},
                                  (bc_block){node->inputs[i]->data, 0, 0, columns},
                                  (bc_extent){1, rows, columns}, 0));
        at += columns;
    }
    return BC_OK;
}

static bc_status concat_backward(bc_node *node, bc_tape *tape) {
    size_t at = 0, wide = (size_t)node->outputs[0]->shape.c;
    size_t rows = bc_shape_count(node->outputs[0]->shape) / wide;
    for (int i = 0; i < 2; i++) {
        bc_value *input = node->inputs[i];
        size_t columns = (size_t)input->shape.c;
        if (input->needs_grad)
            BC_TRY(bc_tape_copy_block(tape, (bc_block){input->grad, 0, 0, columns},
                                      (bc_block){node->outputs[0]->grad, at, 0, wide},
                                      (bc_extent){1, rows, columns}, bc_grad_accumulate(input)));
        at += columns;
    }
    return BC_OK;
}

static const bc_op concat = {.name = "concat", .forward = concat_forward, .backward = concat_backward};

bc_value *bc_concat_channels(bc_graph *g, bc_value *a, bc_value *b) {
    if (!a || !b)
        return bc_graph_fail(g, "concat_channels needs two inputs");
    bc_shape shape = a->shape;
    if (b->shape.n != shape.n || b->shape.h != shape.h || b->shape.w != shape.w)
        return bc_graph_fail(g, "concat_channels needs equal n, h, w, found %dx%dx%d and %dx%dx%d", shape.n,
                             shape.h, shape.w, b->shape.n, b->shape.h, b->shape.w);
    shape.c += b->shape.c;
    return bc_graph_node(g, &concat, shape, 2, (bc_value *[]){a, b}, NULL, 0);
}

/* --- slices of a batch --- */

typedef struct slice_attributes {
    size_t before, after; /* elements of x in front of and behind the slice */
} slice_attributes;

static bc_status slice_forward(bc_node *node, bc_tape *tape) {
    const slice_attributes *slice = node->attributes;
    return bc_tape_copy_range(tape, node->outputs[0]->data, 0, node->inputs[0]->data, slice->before,
                              bc_shape_count(node->outputs[0]->shape), 0);
}

static bc_status slice_backward(bc_node *node, bc_tape *tape) {
    const slice_attributes *slice = node->attributes;
    bc_value *x = node->inputs[0];
    size_t count = bc_shape_count(node->outputs[0]->shape);
    int accumulate = bc_grad_accumulate(x);
    if (!accumulate) {
        BC_TRY(bc_tape_fill(tape, x->grad, 0, slice->before * sizeof(float), 0.0f));
        BC_TRY(bc_tape_fill(tape, x->grad, (slice->before + count) * sizeof(float),
                            slice->after * sizeof(float), 0.0f));
    }
    return bc_tape_copy_range(tape, x->grad, slice->before, node->outputs[0]->grad, 0, count, accumulate);
}

static const bc_op slice = {.name = "slice_batch", .forward = slice_forward, .backward = slice_backward};

bc_value *bc_slice_batch(bc_graph *g, bc_value *x, int first, int count) {
    if (!x)
        return bc_graph_fail(g, "slice_batch needs an input");
    if (first < 0 || count < 1 || first > x->shape.n - count)
        return bc_graph_fail(g, "slice_batch cannot take %d samples from sample %d of %d", count, first,
                             x->shape.n);
    bc_shape shape = x->shape;
    size_t sample = bc_shape_count(shape) / (size_t)shape.n;
    slice_attributes attributes = {(size_t)first * sample, (size_t)(shape.n - first - count) * sample};
    shape.n = count;
    return bc_graph_node(g, &slice, shape, 1, &x, &attributes, sizeof attributes);
}
