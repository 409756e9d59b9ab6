/* Maps to tokens and back: class token, position embedding, readout. */
#include "net/ops/column_sum.h"
#include "net/ops/copy_block.h"
#include "net/ops/ops.h"
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

static bc_status position_forward(bc_node *node, bc_tape *tape) {
    const bc_resample *grid = node->attributes;
    bc_buffer pos = node->inputs[0]->data, y = node->outputs[0]->data;
    BC_TRY(bc_tape_copy_range(tape, y, 0, pos, 0, (size_t)grid->c, 0));
    return bc_tape_resample(tape, grid, y, pos);
}

static size_t position_workspace(const bc_node *node, bool backward) {
    return backward ? bc_resample_adjoint_workspace(node->attributes) : 0;
}

static bc_status position_backward(bc_node *node, bc_tape *tape) {
    const bc_resample *grid = node->attributes;
    bc_value *pos = node->inputs[0];
    bc_buffer dy = node->outputs[0]->grad;
    int accumulate = bc_grad_accumulate(pos);
    BC_TRY(bc_tape_copy_range(tape, pos->grad, 0, dy, 0, (size_t)grid->c, accumulate));
    return bc_tape_resample_adjoint(tape, grid, pos->grad, dy, node->workspace, accumulate);
}

static const bc_op position_resize = {.name = "position_resize",
                                      .workspace_bytes = position_workspace,
                                      .forward = position_forward,
                                      .backward = position_backward};

bc_value *bc_position_resize(bc_graph *g, bc_value *pos, int grid_h, int grid_w, int h, int w) {
    if (!pos)
        return bc_graph_fail(g, "position_resize needs an input");
    bc_shape s = pos->shape;
    if (grid_h < 1 || grid_w < 1 || !bc_shape_same(s, (bc_shape){1, 1, 1 + grid_h * grid_w, s.c}))
        return bc_graph_fail(g, "position_resize needs 1x1x(1+%d*%d)xc, found %dx%dx%dx%d", grid_h, grid_w,
                             s.n, s.h, s.w, s.c);
    bc_resample grid = {.mode = BC_RESIZE_BILINEAR,
                        .n = 1,
                        .in_h = grid_h,
                        .in_w = grid_w,
                        .out_h = h,
                        .out_w = w,
                        .c = s.c,
                        .in_offset = s.c,
                        .out_offset = s.c};
    s.w = 1 + h * w;
    return bc_graph_node(g, &position_resize, s, 1, &pos, &grid, sizeof grid);
}

/* --- tokens --- */

static bc_status tokens_forward(bc_node *node, bc_tape *tape) {
    bc_shape s = node->outputs[0]->shape;
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s.c);
    double count = (double)bc_shape_count(s);
    bc_launch launch = {
        .source = "token.cl",
        .kernel = "tokens",
        .defines = vector.define,
        .items = {bc_shape_count(s) / (size_t)vector.width},
        .flops = count,
        .bytes = 12 * count,
        BC_ARGS(BC_BUFFER(node->outputs[0]->data), BC_BUFFER(node->inputs[0]->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(s.n), BC_INT(s.w),
                BC_INT(s.c)),
    };
    return bc_tape_launch(tape, &launch);
}

static size_t tokens_workspace(const bc_node *node, bool backward) {
    bc_shape s = node->outputs[0]->shape;
    return backward ? bc_column_sum_workspace(1, s.n, s.w * s.c) : 0;
}

static bc_status tokens_backward(bc_node *node, bc_tape *tape) {
    bc_value *map = node->inputs[0], *cls = node->inputs[1], *pos = node->inputs[2];
    bc_buffer dy = node->outputs[0]->grad;
    bc_shape s = node->outputs[0]->shape;
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

static const bc_op tokens_op = {.name = "tokens",
                                .workspace_bytes = tokens_workspace,
                                .forward = tokens_forward,
                                .backward = tokens_backward};

bc_value *bc_tokens(bc_graph *g, bc_value *map, bc_value *cls, bc_value *pos) {
    if (!map || !cls || !pos)
        return bc_graph_fail(g, "tokens needs a map, a class token and positions");
    bc_shape s = map->shape, shape = {s.n, 1, 1 + s.h * s.w, s.c};
    if (!bc_shape_same(cls->shape, (bc_shape){1, 1, 1, s.c}))
        return bc_graph_fail(g, "tokens of %d channels needs a class token of as many, found %d", s.c,
                             cls->shape.c);
    if (!bc_shape_same(pos->shape, (bc_shape){1, 1, shape.w, s.c}))
        return bc_graph_fail(g, "tokens needs positions of %dx%d, found %dx%d", shape.w, s.c, pos->shape.w,
                             pos->shape.c);
    return bc_graph_node(g, &tokens_op, shape, 3, (bc_value *[]){map, cls, pos}, NULL, 0);
}

/* --- readout --- */

/* The two halves of the readout's channels, as blocks of (sample, pixel, channel). */
typedef struct readout_blocks {
    bc_extent extent;
    bc_block tokens, classes;              /* in the tokens; the class row is repeated for every pixel */
    bc_block token_columns, class_columns; /* in the readout */
} readout_blocks;

static readout_blocks readout_of(const bc_node *node, bc_buffer tokens, bc_buffer readout) {
    bc_shape s = node->outputs[0]->shape;
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
    readout_blocks b = readout_of(node, node->inputs[0]->data, node->outputs[0]->data);
    BC_TRY(bc_tape_copy_block(tape, b.token_columns, b.tokens, b.extent, 0));
    return bc_tape_copy_block(tape, b.class_columns, b.classes, b.extent, 0);
}

static bc_status readout_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0];
    readout_blocks b = readout_of(node, x->grad, node->outputs[0]->grad);
    int accumulate = bc_grad_accumulate(x);
    BC_TRY(bc_tape_copy_block(tape, b.tokens, b.token_columns, b.extent, accumulate));
    class_sum sum = {.y = x->grad,
                     .x = node->outputs[0]->grad,
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

static const bc_op readout = {.name = "readout", .forward = readout_forward, .backward = readout_backward};

bc_value *bc_readout(bc_graph *g, bc_value *tokens, int h, int w) {
    if (!tokens)
        return bc_graph_fail(g, "readout needs tokens");
    bc_shape s = tokens->shape;
    if (h < 1 || w < 1 || s.h != 1 || s.w != 1 + h * w)
        return bc_graph_fail(g, "readout of %dx%d needs 1x%d tokens, found %dx%d", h, w, 1 + h * w, s.h, s.w);
    return bc_graph_node(g, &readout, (bc_shape){s.n, h, w, 2 * s.c}, 1, &tokens, NULL, 0);
}
