/* Maps to tokens and back: class token, position embedding, readout. */
#include "net/ops/attributes.h"
#include "net/ops/column_sum.h"
#include "net/ops/copy_block.h"
#include "net/ops/resample.h"
#include "net/ops/vector.h"

/* y (outer, columns) = or += the sum over rows of x: see the kernel. */
typedef struct class_sum {
    bc_buffer y, x;
    int y_stride, x_offset, x_outer, x_row;
    int outer, rows, columns, accumulate;
} class_sum;

static bc_status record_class_sum(bc_tape *tape, const class_sum *s) {
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s->columns);
    double count = (double)s->outer * s->rows * s->columns;
    bc_launch launch = {
        .source = "token.cl",
        .kernel = "class_gradient",
        .defines = vector.define,
        .items = {(size_t)s->outer * (s->columns / vector.width)},
        .flops = count,
        .bytes = 4 * (count + (double)s->outer * s->columns),
        BC_ARGS(BC_BUFFER(s->y), BC_BUFFER(s->x), BC_INT(s->y_stride), BC_INT(s->x_offset),
                BC_INT(s->x_outer), BC_INT(s->x_row), BC_INT(s->outer), BC_INT(s->rows), BC_INT(s->columns),
                BC_INT(s->accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

/* --- position embedding --- */

static bool position_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_position_attributes *a = attributes;
    bc_shape s = inputs[0]->shape;
    if (a->grid_h < 1 || a->grid_w < 1 || !bc_shape_same(s, (bc_shape){1, 1, 1 + a->grid_h * a->grid_w, s.c}))
        return bc_graph_fail(g, "position_resize needs 1x1x(1+%d*%d)xc, found %dx%dx%dx%d", a->grid_h,
                             a->grid_w, s.n, s.h, s.w, s.c);
    *out = (bc_shape){1, 1, 1 + a->h * a->w, s.c};
    return true;
}

/* The grid behind the class token's row. */
static bc_resample grid_of(const bc_node *node) {
    const bc_position_attributes *a = node->attributes;
    int c = node->output->shape.c;
    return (bc_resample){.mode = BC_RESIZE_BILINEAR,
                         .n = 1,
                         .in_h = a->grid_h,
                         .in_w = a->grid_w,
                         .out_h = a->h,
                         .out_w = a->w,
                         .c = c,
                         .in_offset = c,
                         .out_offset = c};
}

static bc_status position_forward(bc_node *node, bc_tape *tape) {
    bc_resample grid = grid_of(node);
    bc_buffer pos = node->inputs[0]->data, y = node->output->data;
    BC_TRY(bc_tape_copy_range(tape, y, 0, pos, 0, (size_t)grid.c, 0));
    return bc_tape_resample(tape, &grid, y, pos);
}

static size_t position_workspace(const bc_node *node, bool backward) {
    bc_resample grid = grid_of(node);
    return backward ? bc_resample_adjoint_workspace(&grid) : 0;
}

static bc_status position_backward(bc_node *node, bc_tape *tape) {
    bc_resample grid = grid_of(node);
    bc_value *pos = node->inputs[0];
    bc_buffer dy = node->output->grad;
    int accumulate = bc_grad_accumulate(pos);
    BC_TRY(bc_tape_copy_range(tape, pos->grad, 0, dy, 0, (size_t)grid.c, accumulate));
    return bc_tape_resample_adjoint(tape, &grid, pos->grad, dy, node->workspace, accumulate);
}

#define POSITION(label_, grid_h_, grid_w_, h_, w_, c_)                                                       \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {1, 1, 1 + (grid_h_) * (grid_w_), c_}}},                     \
        .attributes = &(const bc_position_attributes){grid_h_, grid_w_, h_, w_}, .use = BC_CASE_TINY         \
    }
static const bc_op_case position_cases[] = {
    POSITION("smaller", 5, 5, 3, 4, 3),
    POSITION("larger", 3, 3, 4, 7, 16),
    POSITION("identity", 3, 4, 3, 4, 5),
    POSITION("vectors of 4", 2, 3, 3, 2, 4),
    {0},
};

const bc_op bc_position_resize_op = {
    .name = "position_resize",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_position_attributes),
    .shape = position_shape,
    .workspace_bytes = position_workspace,
    .forward = position_forward,
    .backward = position_backward,
    .cases = position_cases,
};

bc_value *bc_position_resize(bc_graph *g, bc_value *pos, int grid_h, int grid_w, int h, int w) {
    return bc_graph_node(g, &bc_position_resize_op, &pos, &(bc_position_attributes){grid_h, grid_w, h, w});
}

/* --- tokens --- */

static bool tokens_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    const bc_value *cls = inputs[1], *pos = inputs[2];
    bc_shape s = inputs[0]->shape;
    *out = (bc_shape){s.n, 1, 1 + s.h * s.w, s.c};
    if (!bc_shape_same(cls->shape, (bc_shape){1, 1, 1, s.c}))
        return bc_graph_fail(g, "tokens of %d channels needs a class token of as many, found %d", s.c,
                             cls->shape.c);
    if (!bc_shape_same(pos->shape, (bc_shape){1, 1, out->w, s.c}))
        return bc_graph_fail(g, "tokens needs positions of %dx%d, found %dx%d", out->w, s.c, pos->shape.w,
                             pos->shape.c);
    return true;
}

static bc_status tokens_forward(bc_node *node, bc_tape *tape) {
    bc_shape s = node->output->shape;
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s.c);
    double count = (double)bc_shape_count(s);
    bc_launch launch = {
        .source = "token.cl",
        .kernel = "tokens",
        .defines = vector.define,
        .items = {bc_shape_count(s) / (size_t)vector.width},
        .flops = count,
        .bytes = 12 * count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(s.n), BC_INT(s.w),
                BC_INT(s.c)),
    };
    return bc_tape_launch(tape, &launch);
}

static size_t tokens_workspace(const bc_node *node, bool backward) {
    bc_shape s = node->output->shape;
    return backward ? bc_column_sum_workspace(1, s.n, s.w * s.c) : 0;
}

static bc_status tokens_backward(bc_node *node, bc_tape *tape) {
    bc_value *map = node->inputs[0], *cls = node->inputs[1], *pos = node->inputs[2];
    bc_buffer dy = node->output->grad;
    bc_shape s = node->output->shape;
    size_t c = (size_t)s.c, sample = (size_t)s.w * c;
    if (map->needs_grad)
        BC_TRY(bc_tape_copy_block(tape, (bc_block){map->grad, 0, 0, sample - c}, (bc_block){dy, c, 0, sample},
                                  (bc_extent){1, (size_t)s.n, sample - c}, bc_grad_accumulate(map)));
    if (cls->needs_grad)
        BC_TRY(record_class_sum(tape, &(class_sum){.y = cls->grad,
                                                   .x = dy,
                                                   .x_row = (int)sample,
                                                   .outer = 1,
                                                   .rows = s.n,
                                                   .columns = s.c,
                                                   .accumulate = bc_grad_accumulate(cls)}));
    if (!pos->needs_grad)
        return BC_OK;
    bc_column_sum sum = {.out = pos->grad,
                         .x = dy,
                         .batch = 1,
                         .rows = s.n,
                         .columns = (int)sample,
                         .accumulate = bc_grad_accumulate(pos)};
    return bc_tape_column_sum(tape, &sum, node->workspace, 0);
}

#define TOKENS(label_, n_, h_, w_, c_)                                                                       \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, h_, w_, c_}},                                                              \
                   {.shape = {1, 1, 1, c_}},                                                                 \
                   {.shape = {1, 1, 1 + (h_) * (w_), c_}}},                                                  \
        .use = BC_CASE_TINY                                                                                  \
    }
static const bc_op_case tokens_cases[] = {
    TOKENS("odd", 3, 3, 5, 7),
    TOKENS("vectors of 4", 2, 3, 1, 4),
    TOKENS("vectors of 16", 2, 2, 3, 32),
    {0},
};

const bc_op bc_tokens_op = {
    .name = "tokens",
    .input_count = 3,
    .shape = tokens_shape,
    .workspace_bytes = tokens_workspace,
    .forward = tokens_forward,
    .backward = tokens_backward,
    .cases = tokens_cases,
};

bc_value *bc_tokens(bc_graph *g, bc_value *map, bc_value *cls, bc_value *pos) {
    return bc_graph_node(g, &bc_tokens_op, (bc_value *[]){map, cls, pos}, NULL);
}

/* --- readout --- */

/* The two halves of the readout's channels, as blocks of (sample, pixel, channel). */
typedef struct readout_blocks {
    bc_extent extent;
    bc_block tokens, classes;              /* in the tokens; the class row is repeated for every pixel */
    bc_block token_columns, class_columns; /* in the readout */
} readout_blocks;

static readout_blocks readout_of(const bc_node *node, bc_buffer tokens, bc_buffer readout) {
    bc_shape s = node->output->shape;
    size_t c = (size_t)s.c / 2, pixels = (size_t)s.h * s.w, sample = (pixels + 1) * c;
    return (readout_blocks){
        .extent = {(size_t)s.n, pixels, c},
        .tokens = {tokens, c, sample, c},
        .classes = {tokens, 0, sample, 0},
        .token_columns = {readout, 0, pixels * 2 * c, 2 * c},
        .class_columns = {readout, c, pixels * 2 * c, 2 * c},
    };
}

static bc_status readout_forward(bc_node *node, bc_tape *tape) {
    readout_blocks b = readout_of(node, node->inputs[0]->data, node->output->data);
    BC_TRY(bc_tape_copy_block(tape, b.token_columns, b.tokens, b.extent, 0));
    return bc_tape_copy_block(tape, b.class_columns, b.classes, b.extent, 0);
}

static bc_status readout_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    readout_blocks b = readout_of(node, x->grad, node->output->grad);
    int accumulate = bc_grad_accumulate(x);
    BC_TRY(bc_tape_copy_block(tape, b.tokens, b.token_columns, b.extent, accumulate));
    class_sum sum = {.y = x->grad,
                     .x = node->output->grad,
                     .y_stride = (int)b.classes.outer_stride,
                     .x_offset = (int)b.class_columns.offset,
                     .x_outer = (int)b.class_columns.outer_stride,
                     .x_row = (int)b.class_columns.row_stride,
                     .outer = (int)b.extent.outer,
                     .rows = (int)b.extent.rows,
                     .columns = (int)b.extent.columns,
                     .accumulate = accumulate};
    return record_class_sum(tape, &sum);
}

static bool readout_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_readout_attributes *a = attributes;
    bc_shape s = inputs[0]->shape;
    if (a->h < 1 || a->w < 1 || s.h != 1 || s.w != 1 + a->h * a->w)
        return bc_graph_fail(g, "readout of %dx%d needs 1x%d tokens, found %dx%d", a->h, a->w,
                             1 + a->h * a->w, s.h, s.w);
    *out = (bc_shape){s.n, a->h, a->w, 2 * s.c};
    return true;
}

#define READOUT(label_, n_, h_, w_, c_)                                                                      \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, 1, 1 + (h_) * (w_), c_}}},                              \
        .attributes = &(const bc_readout_attributes){h_, w_}, .use = BC_CASE_TINY                            \
    }
static const bc_op_case readout_cases[] = {
    READOUT("odd", 3, 3, 5, 7),
    READOUT("vectors of 4", 2, 3, 1, 4),
    READOUT("vectors of 16", 2, 2, 3, 16),
    {0},
};

const bc_op bc_readout_op = {
    .name = "readout",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_readout_attributes),
    .shape = readout_shape,
    .forward = readout_forward,
    .backward = readout_backward,
    .cases = readout_cases,
};

bc_value *bc_readout(bc_graph *g, bc_value *tokens, int h, int w) {
    return bc_graph_node(g, &bc_readout_op, &tokens, &(bc_readout_attributes){h, w});
}
