/* Weight standardisation (Qiao et al. 2019, as in timm's StdConv2d): every output channel's weights get mean
 * 0 and variance 1. */
#include "net/ops/attributes.h"
#include "net/ops/column_sum.h"
#include "net/ops/vector.h"

typedef struct sizes {
    int rows, columns, slices;
} sizes;

static sizes sizes_of(const bc_node *node) {
    enum { SLICE_ROWS = 128, MAX_SLICES = 64 };
    bc_shape w = node->inputs[0]->shape;
    sizes s = {.rows = w.n * w.h * w.w, .columns = w.c};
    s.slices = (s.rows + SLICE_ROWS - 1) / SLICE_ROWS;
    s.slices = s.slices < MAX_SLICES ? s.slices : MAX_SLICES;
    return s;
}

/* Two numbers a column: mean and 1/sigma, or the sums of the gradient. */
static size_t pair_bytes(const bc_node *node) {
    return 2 * (size_t)node->inputs[0]->shape.c * sizeof(float);
}

/* One pair for the whole, then one for each slice. */
static size_t standard_workspace(const bc_node *node, bool backward) {
    (void)backward;
    return pair_bytes(node) * (1 + (size_t)sizes_of(node).slices);
}

/* A kernel whose work-items each handle a vector of columns of `rows` rows, or loop over their share of all
 * rows (`slices` shares). */
static bc_status record(bc_tape *tape, const sizes *s, bc_launch *launch, const char *kernel, int lines,
                        bool loops, double flops, double floats) {
    const bc_host *host = bc_tape_host(tape);
    bc_vector vector = bc_vector_for(host, s->columns);
    launch->source = "weight_standard.cl";
    launch->kernel = kernel;
    launch->defines = vector.define;
    launch->items[0] = (size_t)lines * (s->columns / vector.width);
    launch->group[0] = loops && bc_host_cpu_kernels(host) ? 4 : 64;
    launch->group[1] = launch->group[2] = 1;
    launch->flops = flops;
    launch->bytes = floats * sizeof(float);
    return bc_tape_launch(tape, launch);
}

static bc_status record_apply(bc_node *node, bc_tape *tape, bc_buffer statistics) {
    sizes s = sizes_of(node);
    double count = (double)s.rows * s.columns;
    bc_launch apply = {BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->inputs[0]->data),
                               BC_BUFFER(statistics), BC_INT(s.rows), BC_INT(s.columns))};
    return record(tape, &s, &apply, "standard_apply", s.rows, false, 2 * count, 2 * count);
}

static bc_status standard_rematerialise(bc_node *node, bc_tape *tape) {
    return record_apply(node, tape, node->saved);
}

static bc_status standard_forward(bc_node *node, bc_tape *tape) {
    sizes s = sizes_of(node);
    double count = (double)s.rows * s.columns, partials = 2.0 * s.slices * s.columns;
    float epsilon = ((const bc_weight_standard_attributes *)node->attributes)->epsilon;
    bc_buffer w = node->inputs[0]->data, space = node->workspace;
    bc_buffer statistics = node->saved.mem ? node->saved : space;
    bc_launch sums = {BC_ARGS(BC_BUFFER(space), BC_BUFFER(w), BC_INT(2 * s.columns), BC_INT(s.rows),
                              BC_INT(s.columns), BC_INT(s.slices))};
    bc_launch finish = {BC_ARGS(BC_BUFFER(statistics), BC_BUFFER(space), BC_INT(2 * s.columns),
                                BC_INT(s.rows), BC_INT(s.columns), BC_INT(s.slices), BC_FLOAT(epsilon))};
    BC_TRY(record(tape, &s, &sums, "standard_partial", s.slices, true, 4 * count, count + partials));
    BC_TRY(record(tape, &s, &finish, "standard_finish", 1, true, 4 * partials, partials));
    return record_apply(node, tape, statistics);
}

static bc_status standard_backward(bc_node *node, bc_tape *tape) {
    sizes s = sizes_of(node);
    double count = (double)s.rows * s.columns, partials = 2.0 * s.slices * s.columns;
    bc_value *weight = node->inputs[0];
    bc_buffer w = weight->data, g = node->output->grad, statistics = node->saved, space = node->workspace;
    bc_launch partial = {BC_ARGS(BC_BUFFER(space), BC_BUFFER(g), BC_BUFFER(w), BC_BUFFER(statistics),
                                 BC_INT(2 * s.columns), BC_INT(s.rows), BC_INT(s.columns), BC_INT(s.slices))};
    bc_column_sum total = {.out = space,
                           .x = space,
                           .x_offset = 2 * s.columns,
                           .batch = 1,
                           .rows = s.slices,
                           .columns = 2 * s.columns};
    bc_launch apply = {BC_ARGS(BC_BUFFER(weight->grad), BC_BUFFER(g), BC_BUFFER(w), BC_BUFFER(statistics),
                               BC_BUFFER(space), BC_INT(s.rows), BC_INT(s.columns),
                               BC_INT(bc_grad_accumulate(weight)))};
    BC_TRY(record(tape, &s, &partial, "standard_gradient_partial", s.slices, true, 5 * count,
                  2 * count + partials));
    BC_TRY(bc_tape_column_sum(tape, &total, (bc_buffer){0}, 0));
    return record(tape, &s, &apply, "standard_gradient_apply", s.rows, false, 6 * count, 3 * count);
}

static bool standard_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    float epsilon = ((const bc_weight_standard_attributes *)attributes)->epsilon;
    if (!(epsilon >= 0))
        return bc_graph_fail(g, "weight_standard: epsilon of weight %s is %g, expected 0 or more",
                             inputs[0]->name ? inputs[0]->name : "?", (double)epsilon);
    return bc_shape_of_first(g, inputs, attributes, out);
}

/* A mean far from 0. */
#define WEIGHT_STANDARD(label_, ...)                                                                         \
    {                                                                                                        \
        .label = (label_), .inputs = {{.shape = {__VA_ARGS__}, .low = 2, .high = 3}},                        \
        .attributes = &(const bc_weight_standard_attributes){1e-3f}, .use = BC_CASE_TINY                     \
    }
static const bc_op_case weight_standard_cases[] = {
    WEIGHT_STANDARD("3x3", 3, 3, 2, 5),
    WEIGHT_STANDARD("1x1, 16 outputs", 1, 1, 8, 16),
    WEIGHT_STANDARD("5x5, 3 slices", 5, 5, 13, 3),
    WEIGHT_STANDARD("1x1, 4 outputs", 1, 1, 4, 4),
    {0},
};

const bc_op bc_weight_standard_op = {
    .name = "weight_standard",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_weight_standard_attributes),
    .shape = standard_shape,
    .backward_reads = BC_INPUT(0),
    .saved_bytes = pair_bytes,
    .workspace_bytes = standard_workspace,
    .forward = standard_forward,
    .backward = standard_backward,
    .rematerialise = standard_rematerialise,
    .cases = weight_standard_cases,
};

bc_value *bc_weight_standard(bc_graph *g, bc_value *weight, float epsilon) {
    return bc_graph_node(g, &bc_weight_standard_op, &weight, &(bc_weight_standard_attributes){epsilon});
}
