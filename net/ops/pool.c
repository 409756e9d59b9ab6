/* Pooling: largest or mean of windows, and (weighted) means of whole maps. */
#include "net/ops/attributes.h"
#include "net/ops/column_sum.h"
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

enum { LARGEST_KERNEL = 15 }; /* so that a place in the window fits in a byte */

static bool max_pool_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_pool_attributes *pool = attributes;
    bc_conv c = pool->geometry;
    const char *name = name_of(inputs[0]);
    int pads[] = {c.pad_top, c.pad_left, c.pad_bottom, c.pad_right}, kernel = pool->kernel;
    if (kernel < 1 || kernel > LARGEST_KERNEL || c.stride < 1)
        return bc_graph_fail(g,
                             "max_pool of %s: kernel %d with stride %d, expected a kernel of 1 to %d and a "
                             "stride of at least 1",
                             name, kernel, c.stride, LARGEST_KERNEL);
    for (int i = 0; i < 4; i++)
        if (pads[i] < 0 || pads[i] >= kernel)
            return bc_graph_fail(
                g, "max_pool of %s: padding %d, expected 0 to %d so that every window meets the map", name,
                pads[i], kernel - 1);
    bc_shape s = inputs[0]->shape;
    int h = s.h + pads[0] + pads[2] - kernel, w = s.w + pads[1] + pads[3] - kernel;
    if (h < 0 || w < 0)
        return bc_graph_fail(g, "max_pool of %s: a window of %d does not fit in its padded %dx%d", name,
                             kernel, h + kernel, w + kernel);
    *out = (bc_shape){s.n, h / c.stride + 1, w / c.stride + 1, s.c};
    return true;
}

static size_t max_pool_saved(const bc_node *node) {
    return bc_shape_count(node->output->shape); /* a byte each: the place in the window */
}

static bc_status max_pool_forward(bc_node *node, bc_tape *tape) {
    const bc_pool_attributes *pool = node->attributes;
    bc_value *x = node->inputs[0], *y = node->output;
    bc_shape s = x->shape, o = y->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(y->data), BC_BUFFER(node->saved), BC_BUFFER(x->data), BC_INT(s.n),
                                BC_INT(s.h), BC_INT(s.w), BC_INT(s.c), BC_INT(o.h), BC_INT(o.w),
                                BC_INT(pool->kernel), BC_INT(pool->geometry.stride),
                                BC_INT(pool->geometry.pad_top), BC_INT(pool->geometry.pad_left))};
    return record(tape, "max_pool", o, &launch, count_of(y) * pool->kernel * pool->kernel,
                  4 * (count_of(x) + count_of(y)) + (node->saved.mem ? count_of(y) : 0));
}

static bc_status max_pool_backward(bc_node *node, bc_tape *tape) {
    const bc_pool_attributes *pool = node->attributes;
    bc_value *x = node->inputs[0], *y = node->output;
    bc_shape s = x->shape, o = y->shape;
    bc_launch launch = {BC_ARGS(
        BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_BUFFER(node->saved), BC_INT(s.n), BC_INT(s.h), BC_INT(s.w),
        BC_INT(s.c), BC_INT(o.h), BC_INT(o.w), BC_INT(pool->kernel), BC_INT(pool->geometry.stride),
        BC_INT(pool->geometry.pad_top), BC_INT(pool->geometry.pad_left), BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "max_pool_gradient", s, &launch, count_of(y) * pool->kernel * pool->kernel,
                  4 * count_of(x) + 5 * count_of(y));
}

/* Below the 0 of a wrong padding; the step is smaller than the gaps between random numbers. */
#define MAX_POOL(label_, use_, kernel_, n_, h_, w_, c_, ...)                                                 \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}, .low = -2, .high = -1}},                   \
        .attributes = &(const bc_pool_attributes){kernel_, __VA_ARGS__}, .use = use_, .step = 1e-9           \
    }
static const bc_op_case max_pool_cases[] = {
    MAX_POOL("3x3 stride 2, padding after only", BC_CASE_TINY, 3, 2, 6, 8, 5, {2, 0, 0, 1, 1}),
    MAX_POOL("3x3 stride 2, padding 1, odd sides", BC_CASE_TINY, 3, 1, 7, 5, 4, {2, 1, 1, 1, 1}),
    MAX_POOL("3x3 stride 1", BC_CASE_TINY, 3, 1, 5, 4, 16, {1, 1, 1, 1, 1}),
    MAX_POOL("2x2 stride 2", BC_CASE_TINY, 2, 2, 4, 6, 32, {2, 0, 0, 0, 0}),
    MAX_POOL("2x2 stride 3, gaps", BC_CASE_TINY, 2, 1, 9, 8, 3, {3, 0, 1, 0, 0}),
    MAX_POOL("15x15", BC_CASE_TINY, 15, 1, 16, 17, 1, {1, 0, 0, 14, 3}),
    {0},
};

const bc_op bc_max_pool_op = {
    .name = "max_pool",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_pool_attributes),
    .shape = max_pool_shape,
    .saved_bytes = max_pool_saved,
    .forward = max_pool_forward,
    .backward = max_pool_backward,
    .cases = max_pool_cases,
};

bc_value *bc_max_pool(bc_graph *g, bc_value *x, int kernel, bc_conv geometry) {
    return bc_graph_node(g, &bc_max_pool_op, &x, &(bc_pool_attributes){kernel, geometry});
}

/* --- mean of windows --- */

static bool average_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    int kernel = ((const bc_pool_attributes *)attributes)->kernel;
    bc_shape s = inputs[0]->shape;
    if (kernel < 1 || s.h % kernel || s.w % kernel)
        return bc_graph_fail(g, "average_pool of %s: %dx%d is not divisible into windows of %d",
                             name_of(inputs[0]), s.h, s.w, kernel);
    *out = (bc_shape){s.n, s.h / kernel, s.w / kernel, s.c};
    return true;
}

static bc_status average_forward(bc_node *node, bc_tape *tape) {
    int kernel = ((const bc_pool_attributes *)node->attributes)->kernel;
    bc_value *x = node->inputs[0], *y = node->output;
    bc_shape o = y->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(y->data), BC_BUFFER(x->data), BC_INT(o.n), BC_INT(o.h), BC_INT(o.w),
                                BC_INT(o.c), BC_INT(kernel))};
    return record(tape, "average_pool", o, &launch, count_of(x), 4 * (count_of(x) + count_of(y)));
}

static bc_status average_backward(bc_node *node, bc_tape *tape) {
    int kernel = ((const bc_pool_attributes *)node->attributes)->kernel;
    bc_value *x = node->inputs[0], *y = node->output;
    bc_shape s = x->shape;
    bc_launch launch = {BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_INT(s.n), BC_INT(s.h), BC_INT(s.w),
                                BC_INT(s.c), BC_INT(kernel), BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "average_pool_gradient", s, &launch, count_of(x), 4 * (count_of(x) + count_of(y)));
}

#define AVERAGE_POOL(label_, use_, kernel_, n_, h_, w_, c_)                                                  \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {n_, h_, w_, c_}}},                                          \
        .attributes = &(const bc_pool_attributes){.kernel = (kernel_)}, .use = (use_)                        \
    }
static const bc_op_case average_pool_cases[] = {
    AVERAGE_POOL("2x2 mean", BC_CASE_TINY, 2, 2, 4, 6, 5),
    AVERAGE_POOL("3x3 mean", BC_CASE_TINY, 3, 1, 6, 3, 16),
    AVERAGE_POOL("1x1 mean", BC_CASE_TINY, 1, 1, 2, 3, 4),
    AVERAGE_POOL("average_pool", BC_CASE_MEASURE, 2, 1, 96, 96, 256),
    {0},
};

const bc_op bc_average_pool_op = {
    .name = "average_pool",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_pool_attributes),
    .shape = average_shape,
    .forward = average_forward,
    .backward = average_backward,
    .cases = average_pool_cases,
};

bc_value *bc_average_pool(bc_graph *g, bc_value *x, int kernel) {
    return bc_graph_node(g, &bc_average_pool_op, &x, &(bc_pool_attributes){.kernel = kernel});
}

/* --- mean of maps --- */

static bool global_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    (void)attributes;
    bc_shape s = inputs[0]->shape;
    const bc_value *weight = inputs[1];
    if (weight && !bc_shape_same(weight->shape, (bc_shape){s.n, s.h, s.w, 1}))
        return bc_graph_fail(g, "global_pool of %s: weight is (%d,%d,%d,%d), expected (%d,%d,%d,1)",
                             name_of(inputs[0]), weight->shape.n, weight->shape.h, weight->shape.w,
                             weight->shape.c, s.n, s.h, s.w);
    *out = (bc_shape){s.n, 1, 1, s.c};
    return true;
}

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
    bc_column_sum sum = {.out = node->output->data,
                         .x = node->inputs[0]->data,
                         .row_weight = weight_of(node),
                         .scale = node->workspace,
                         .batch = s.n,
                         .rows = s.h * s.w,
                         .columns = s.c};
    return bc_tape_column_sum(tape, &sum, node->workspace, scale_count(node));
}

static bc_status global_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *y = node->output;
    bc_shape s = x->shape;
    if (!x->needs_grad)
        return BC_OK;
    BC_TRY(record_scale(node, tape));
    bc_launch launch = {BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(y->grad), BC_BUFFER(weight_of(node)),
                                BC_BUFFER(node->workspace), BC_INT(s.n), BC_INT(s.h * s.w), BC_INT(s.c),
                                BC_INT(bc_grad_accumulate(x)))};
    return record(tape, "global_pool_gradient", s, &launch, count_of(x), 4 * count_of(x));
}

static const bc_op_case global_pool_cases[] = {
    {.label = "plain mean", .inputs = {{.shape = {2, 3, 5, 7}}}, .use = BC_CASE_TINY},
    {.label = "plain mean of a large map", .inputs = {{.shape = {1, 20, 30, 4}}}},
    {.label = "weighted mean",
     .inputs = {{.shape = {3, 4, 5, 16}}, {.shape = {3, 4, 5, 1}, .high = 2, .frozen = true}},
     .use = BC_CASE_TINY},
    {.label = "weighted mean, no weight anywhere",
     .inputs = {{.shape = {2, 2, 3, 4}},
                {.shape = {2, 2, 3, 1}, .values = (const float[]){0}, .value_count = 1, .frozen = true}},
     .use = BC_CASE_TINY},
    {.label = "global_pool", .inputs = {{.shape = {1, 96, 96, 256}}}, .use = BC_CASE_MEASURE},
    {0},
};

const bc_op bc_global_pool_op = {
    .name = "global_pool",
    .input_count = 2,
    .optional = BC_INPUT(1),
    .shape = global_shape,
    .backward_reads = BC_INPUT(1),
    .workspace_bytes = global_workspace,
    .forward = global_forward,
    .backward = global_backward,
    .cases = global_pool_cases,
};

bc_value *bc_global_pool(bc_graph *g, bc_value *x, bc_value *weight) {
    return bc_graph_node(g, &bc_global_pool_op, (bc_value *[]){x, weight}, NULL);
}
