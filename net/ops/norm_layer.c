/* LayerNorm (Ba, Kiros and Hinton 2016) over the channels. */
#include "cl_kernels/shared.h"
#include "net/ops/column_sum.h"
#include "net/ops/norm_channel.h"
#include "net/ops/ops.h"
#include "net/ops/vector.h"

/* Of rows, in the sums for gamma and beta: a CPU makes few large pieces. */
enum { CPU_CHUNKS = 32, GPU_CHUNKS = 128, SHORTEST_CHUNK = 8, GROUP = BC_NORM_LAYER_GROUP };

static bool on_cpu(const bc_node *node) {
    return bc_host_cpu_kernels(bc_graph_host(node->graph));
}

static int row_count(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return s.n * s.h * s.w;
}

static int chunk_rows(const bc_node *node) {
    int chunks = on_cpu(node) ? CPU_CHUNKS : GPU_CHUNKS;
    int rows = (row_count(node) + chunks - 1) / chunks;
    return rows > SHORTEST_CHUNK ? rows : SHORTEST_CHUNK;
}

static int chunk_count(const bc_node *node) {
    return (row_count(node) + chunk_rows(node) - 1) / chunk_rows(node);
}

static size_t norm_layer_saved_bytes(const bc_node *node) {
    return 2 * (size_t)row_count(node) * sizeof(float);
}

static size_t partial_count(const bc_node *node) {
    return 2 * (size_t)chunk_count(node) * node->inputs[0]->shape.c;
}

static size_t norm_layer_workspace_bytes(const bc_node *node, bool backward) {
    if (!backward)
        return 0;
    return partial_count(node) * sizeof(float) +
           bc_column_sum_workspace(1, chunk_count(node), node->inputs[0]->shape.c);
}

static bc_status norm_layer_forward(bc_node *node, bc_tape *tape) {
    const bc_layer_norm_attributes *attributes = node->attributes;
    const bc_value *x = node->inputs[0];
    bc_vector vector = bc_vector_for(bc_tape_host(tape), x->shape.c);
    int rows = row_count(node);
    double count = (double)rows * x->shape.c;
    bc_launch launch = {
        .source = on_cpu(node) ? "norm_layer.cl" : "norm_layer_gpu.cl",
        .kernel = "layer_norm",
        .defines = vector.define,
        .items = {(size_t)rows * (on_cpu(node) ? 1 : GROUP)},
        .group = {on_cpu(node) ? 8 : GROUP, 1, 1},
        .flops = 8 * count,
        .bytes = 8 * count,
        BC_ARGS(BC_BUFFER(node->output->data), BC_BUFFER(node->saved), BC_BUFFER(x->data),
                BC_BUFFER(node->inputs[1]->data), BC_BUFFER(node->inputs[2]->data), BC_INT(rows),
                BC_INT(x->shape.c), BC_FLOAT(attributes->epsilon)),
    };
    return bc_tape_launch(tape, &launch);
}

/* Sums one of the two arrays (chunks, c) in the workspace into a parameter's gradient. */
static bc_status record_parameter(const bc_node *node, bc_tape *tape, bc_value *parameter, int array) {
    if (!parameter->needs_grad)
        return BC_OK;
    int partial = (int)partial_count(node);
    bc_column_sum sum = {.out = parameter->grad,
                         .x = node->workspace,
                         .x_offset = array * partial / 2,
                         .batch = 1,
                         .rows = chunk_count(node),
                         .columns = parameter->shape.c,
                         .accumulate = bc_grad_accumulate(parameter)};
    return bc_tape_column_sum(tape, &sum, node->workspace, partial);
}

/* Both gradients' parts in one pass over x and dy. */
static bc_status record_gradients_cpu(bc_node *node, bc_tape *tape, bc_vector vector, bool parameters) {
    bc_value *x = node->inputs[0];
    int rows = row_count(node), accumulate = x->needs_grad ? bc_grad_accumulate(x) : 0;
    double count = (double)rows * x->shape.c;
    bc_launch launch = {
        .source = "norm_layer.cl",
        .kernel = "layer_norm_gradient",
        .defines = vector.define,
        .items = {(size_t)chunk_count(node)},
        .group = {1, 1, 1},
        .flops = 16 * count,
        .bytes = (accumulate ? 16 : 12) * count,
        BC_ARGS(BC_BUFFER(x->needs_grad ? x->grad : (bc_buffer){0}),
                BC_BUFFER(parameters ? node->workspace : (bc_buffer){0}), BC_BUFFER(node->output->grad),
                BC_BUFFER(x->data), BC_BUFFER(node->saved), BC_BUFFER(node->inputs[1]->data), BC_INT(rows),
                BC_INT(x->shape.c), BC_INT(chunk_rows(node)), BC_INT(chunk_count(node)), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status record_input_gradient_gpu(bc_node *node, bc_tape *tape, bc_vector vector) {
    bc_value *x = node->inputs[0];
    int rows = row_count(node), accumulate = bc_grad_accumulate(x);
    double count = (double)rows * x->shape.c;
    bc_launch launch = {
        .source = "norm_layer_gpu.cl",
        .kernel = "layer_norm_gradient",
        .defines = vector.define,
        .items = {(size_t)rows * GROUP},
        .group = {GROUP, 1, 1},
        .flops = 13 * count,
        .bytes = (accumulate ? 16 : 12) * count,
        BC_ARGS(BC_BUFFER(x->grad), BC_BUFFER(node->output->grad), BC_BUFFER(x->data), BC_BUFFER(node->saved),
                BC_BUFFER(node->inputs[1]->data), BC_INT(rows), BC_INT(x->shape.c), BC_INT(accumulate)),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status record_parameter_sums_gpu(const bc_node *node, bc_tape *tape, bc_vector vector) {
    const bc_value *x = node->inputs[0];
    double count = (double)row_count(node) * x->shape.c;
    bc_launch launch = {
        .source = "norm_layer_gpu.cl",
        .kernel = "layer_norm_partial",
        .defines = vector.define,
        .items = {(size_t)chunk_count(node) * (x->shape.c / vector.width)},
        .flops = 5 * count,
        .bytes = 8 * count,
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->output->grad), BC_BUFFER(x->data),
                BC_BUFFER(node->saved), BC_INT(row_count(node)), BC_INT(x->shape.c), BC_INT(chunk_rows(node)),
                BC_INT(chunk_count(node))),
    };
    return bc_tape_launch(tape, &launch);
}

static bc_status record_gradients_gpu(bc_node *node, bc_tape *tape, bc_vector vector, bool parameters) {
    if (parameters)
        BC_TRY(record_parameter_sums_gpu(node, tape, vector));
    return node->inputs[0]->needs_grad ? record_input_gradient_gpu(node, tape, vector) : BC_OK;
}

static bc_status norm_layer_backward(bc_node *node, bc_tape *tape) {
    bc_vector vector = bc_vector_for(bc_tape_host(tape), node->inputs[0]->shape.c);
    bool parameters = node->inputs[1]->needs_grad || node->inputs[2]->needs_grad;
    BC_TRY(on_cpu(node) ? record_gradients_cpu(node, tape, vector, parameters)
                        : record_gradients_gpu(node, tape, vector, parameters));
    if (!parameters)
        return BC_OK;
    BC_TRY(record_parameter(node, tape, node->inputs[2], 0));
    return record_parameter(node, tape, node->inputs[1], 1);
}

static bool norm_layer_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    return bc_norm_affine_fits(g, "layer_norm", inputs[0], inputs[1], inputs[2]) &&
           bc_shape_of_first(g, inputs, attributes, out);
}

#define LAYER_NORM(label_, rows_, c_)                                                                        \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {1, 1, rows_, c_}, .low = -2, .high = 3},                                       \
                   {.shape = {1, 1, 1, c_}, .low = 0.5f, .high = 1.5f},                                      \
                   {.shape = {1, 1, 1, c_}}},                                                                \
        .attributes = &(const bc_layer_norm_attributes){1e-3f}, .use = BC_CASE_TINY                          \
    }
static const bc_op_case layer_norm_cases[] = {
    LAYER_NORM("7 channels", 19, 7),
    LAYER_NORM("20 channels", 3, 20),
    LAYER_NORM("48 channels", 9, 48),
    {0},
};

const bc_op bc_layer_norm_op = {
    .name = "layer_norm",
    .input_count = 3,
    .attribute_bytes = sizeof(bc_layer_norm_attributes),
    .shape = norm_layer_shape,
    .backward_reads = BC_INPUT(0) | BC_INPUT(1),
    .saved_bytes = norm_layer_saved_bytes,
    .workspace_bytes = norm_layer_workspace_bytes,
    .forward = norm_layer_forward,
    .backward = norm_layer_backward,
    .rematerialise = norm_layer_forward,
    .cases = layer_norm_cases,
};

bc_value *bc_layer_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, float epsilon) {
    return bc_graph_node(g, &bc_layer_norm_op, (bc_value *[]){x, gamma, beta},
                         &(bc_layer_norm_attributes){epsilon});
}
