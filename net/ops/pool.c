/* Pooling: largest or mean of windows, and (weighted) means of whole maps. */
#include "net/ops/column_sum.h"
#include "net/ops/ops.h"
#include "net/ops/vector.h"

static const char *name_of(const bc_value *value) {
    return value->name ? value->name : "its input";
}

/* One work-item a vector of channels of every pixel of `s`. */
static bc_status record(bc_tape *tape, const char *kernel, bc_shape s, bc_launch *launch, double flops,
                        double bytes) {
    bc_vector vector = bc_vector_for(bc_tape_host(tape), s.c);
    launch->source = "pool.cl";
    launch->kernel = kernel;
    launch->defines = vector.define;
    launch->items[0] = bc_shape_count(s) / (size_t)vector.width;
    launch->flops = flops;
    launch->bytes = bytes;
    return bc_tape_launch(tape, launch);
}

static double count_of(const bc_value *value) {
    return (double)bc_shape_count(value->shape);
}

/* --- largest --- */

typedef struct max_pool {
    int kernel;
    bc_conv geometry;
} max_pool;

static size_t max_pool_saved(const bc_node *node) {
    return bc_shape_count(node->outputs[0]->shape); /* a byte each: the place in the window */
}

static bc_status max_pool_forward(bc_node *node, bc_tape *tape) {
    const max_pool *pool = node->attributes;
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    bc_shape s = x->shape, o = y->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(y->data), BC_BUFFER(node->saved), BC_BUFFER(x->data), BC_INT(s.n),
                                BC_INT(s.h), BC_INT(s.w), BC_INT(s.c), BC_INT(o.h), BC_INT(o.w),
                                BC_INT(pool->kernel), BC_INT(pool->geometry.stride),
                                BC_INT(pool->geometry.pad_top), BC_INT(pool->geometry.pad_left))};
    return record(tape, "max_pool", o, &launch, count_of(y) * pool->kernel * pool->kernel,
                  4 * (count_of(x) + count_of(y)) + (node->saved.mem ? count_of(y) : 0));
}

static bc_status max_pool_backward(bc_node *node, bc_tape *tape) {
    const max_pool *pool = node->attributes;
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    bc_shape s = x->shape, o = y->shape;
    bc_launch launch = {BC_ARGS(
        BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_BUFFER(node->saved), BC_INT(s.n), BC_INT(s.h), BC_INT(s.w),
        BC_INT(s.c), BC_INT(o.h), BC_INT(o.w), BC_INT(pool->kernel), BC_INT(pool->geometry.stride),
        BC_INT(pool->geometry.pad_top), BC_INT(pool->geometry.pad_left), BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "max_pool_gradient", s, &launch, count_of(y) * pool->kernel * pool->kernel,
                  4 * count_of(x) + 5 * count_of(y));
}

static const bc_op max_pool_op = {
    .name = "max_pool",
    .saved_bytes = max_pool_saved,
    .forward = max_pool_forward,
    .backward = max_pool_backward,
};

bc_value *bc_max_pool(bc_graph *g, bc_value *x, int kernel, bc_conv geometry) {
    enum { LARGEST_KERNEL = 15 }; /* so that a place in the window fits in a byte */
    if (!x)
        return NULL;
    int pads[] = {geometry.pad_top, geometry.pad_left, geometry.pad_bottom, geometry.pad_right};
    if (kernel < 1 || kernel > LARGEST_KERNEL || geometry.stride < 1)
        return bc_graph_fail(g,
                             "max_pool of %s: kernel %d with stride %d, expected a kernel of 1 to %d and a "
                             "stride of at least 1",
                             name_of(x), kernel, geometry.stride, LARGEST_KERNEL);
    for (int i = 0; i < 4; i++)
        if (pads[i] < 0 || pads[i] >= kernel)
            return bc_graph_fail(
                g, "max_pool of %s: padding %d, expected 0 to %d so that every window meets the map",
                name_of(x), pads[i], kernel - 1);
    bc_shape s = x->shape;
    int h = s.h + pads[0] + pads[2] - kernel, w = s.w + pads[1] + pads[3] - kernel;
    if (h < 0 || w < 0)
        return bc_graph_fail(g, "max_pool of %s: a window of %d does not fit in its padded %dx%d", name_of(x),
                             kernel, h + kernel, w + kernel);
    max_pool pool = {kernel, geometry};
    bc_shape y = {s.n, h / geometry.stride + 1, w / geometry.stride + 1, s.c};
    return bc_graph_node(g, &max_pool_op, y, 1, &x, &pool, sizeof pool);
}

/* --- mean of windows --- */

static bc_status average_forward(bc_node *node, bc_tape *tape) {
    int kernel = *(const int *)node->attributes;
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    bc_shape o = y->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(y->data), BC_BUFFER(x->data), BC_INT(o.n), BC_INT(o.h), BC_INT(o.w),
                                BC_INT(o.c), BC_INT(kernel))};
    return record(tape, "average_pool", o, &launch, count_of(x), 4 * (count_of(x) + count_of(y)));
}

static bc_status average_backward(bc_node *node, bc_tape *tape) {
    int kernel = *(const int *)node->attributes;
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    bc_shape s = x->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_INT(s.n), BC_INT(s.h), BC_INT(s.w),
                                BC_INT(s.c), BC_INT(kernel), BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "average_pool_gradient", s, &launch, count_of(x), 4 * (count_of(x) + count_of(y)));
}

static const bc_op average_op = {
    .name = "average_pool",
    .forward = average_forward,
    .backward = average_backward,
};

bc_value *bc_average_pool(bc_graph *g, bc_value *x, int kernel) {
    if (!x)
        return NULL;
    bc_shape s = x->shape;
    if (kernel < 1 || s.h % kernel || s.w % kernel)
        return bc_graph_fail(g, "average_pool of %s: %dx%d is not divisible into windows of %d", name_of(x),
                             s.h, s.w, kernel);
    return bc_graph_node(g, &average_op, (bc_shape){s.n, s.h / kernel, s.w / kernel, s.c}, 1, &x, &kernel,
                         sizeof kernel);
}

/* --- mean of maps --- */

/* Floats at the head of the workspace: one scale an image, padded so that what follows is aligned. */
static int scale_count(const bc_node *node) {
    return (node->inputs[0]->shape.n + 15) / 16 * 16;
}

static size_t global_workspace(const bc_node *node, bool backward) {
    bc_shape s = node->inputs[0]->shape;
    size_t sums = backward ? 0 : bc_column_sum_workspace(s.n, s.h * s.w, s.c);
    return (size_t)scale_count(node) * sizeof(float) + sums;
}

static bc_buffer weight_of(const bc_node *node) {
    return node->inputs[1] ? node->inputs[1]->data : (bc_buffer){0};
}

static bc_status record_scale(bc_node *node, bc_tape *tape) {
    bc_shape s = node->inputs[0]->shape;
    bc_launch launch = {
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(weight_of(node)), BC_INT(s.n), BC_INT(s.h * s.w))};
    double weights = node->inputs[1] ? count_of(node->inputs[1]) : 0;
    return record(tape, "global_pool_scale", (bc_shape){s.n, 1, 1, 1}, &launch, weights, 4 * weights);
}

static bc_status global_forward(bc_node *node, bc_tape *tape) {
    bc_shape s = node->inputs[0]->shape;
    BC_TRY(record_scale(node, tape));
    bc_column_sum sum = {.out = node->outputs[0]->data,
                         .x = node->inputs[0]->data,
                         .row_weight = weight_of(node),
                         .scale = node->workspace,
                         .batch = s.n,
                         .rows = s.h * s.w,
                         .columns = s.c};
    return bc_tape_column_sum(tape, &sum, node->workspace, scale_count(node));
}

static bc_status global_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *y = node->outputs[0];
    bc_shape s = x->shape;
    if (!x->needs_grad)
        return BC_OK;
    BC_TRY(record_scale(node, tape));
    bc_launch launch = {BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_BUFFER(weight_of(node)),
                                BC_BUFFER(node->workspace), BC_INT(s.n), BC_INT(s.h * s.w), BC_INT(s.c),
                                BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "global_pool_gradient", s, &launch, count_of(x), 4 * count_of(x));
}

static const bc_op global_op = {
    .name = "global_pool",
    .backward_reads = BC_READS_INPUT(1),
    .workspace_bytes = global_workspace,
    .forward = global_forward,
    .backward = global_backward,
};

bc_value *bc_global_pool(bc_graph *g, bc_value *x, bc_value *weight) {
    if (!x)
        return NULL;
    bc_shape s = x->shape;
    if (weight && !bc_shape_same(weight->shape, (bc_shape){s.n, s.h, s.w, 1}))
        return bc_graph_fail(g, "global_pool of %s: weight is (%d,%d,%d,%d), expected (%d,%d,%d,1)",
                             name_of(x), weight->shape.n, weight->shape.h, weight->shape.w, weight->shape.c,
                             s.n, s.h, s.w);
    bc_value *inputs[] = {x, weight};
    return bc_graph_node(g, &global_op, (bc_shape){s.n, 1, 1, s.c}, 2, inputs, NULL, 0);
}
