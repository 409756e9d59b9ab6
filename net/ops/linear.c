/* Fully connected layers, which are also the 1x1 convolutions without stride: one GEMM over the rows (n,h,w).
 */
#include "net/ops/cases.h"
#include "net/ops/epilogue.h"

enum { FORWARD, DATA, WEIGHT, PRODUCTS };

/* How each product is computed. */
typedef struct linear_choices {
    const bc_gemm_way *ways[PRODUCTS];
} linear_choices;

static bc_activation activation_of(const bc_node *node) {
    return ((const bc_linear_attributes *)node->attributes)->activation;
}

static const bc_gemm_way *way_of(const bc_node *node, int product) {
    return ((const linear_choices *)node->choices)->ways[product];
}

static int row_count(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return s.n * s.h * s.w;
}

/* y = activation(x W + bias) + residual */
static bc_gemm forward_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2],
                   *residual = node->inputs[3], *y = node->output;
    int in = weight->shape.w, out = weight->shape.c;
    return (bc_gemm){.m = row_count(node),
                     .n = out,
                     .k = in,
                     .a = x->data,
                     .lda = in,
                     .b = weight->data,
                     .ldb = out,
                     .c = y->data,
                     .ldc = out,
                     .bias = bias ? bias->data : (bc_buffer){0},
                     .residual = residual ? residual->data : (bc_buffer){0},
                     .activation = activation_of(node),
                     .alpha = 1,
                     .way = way_of(node, FORWARD)};
}

/* dx = dy W^T */
static bc_gemm data_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->output;
    int in = weight->shape.w, out = weight->shape.c;
    return (bc_gemm){.m = row_count(node),
                     .n = in,
                     .k = out,
                     .a = y->grad,
                     .lda = out,
                     .b = weight->data,
                     .ldb = out,
                     .transpose_b = true,
                     .c = x->grad,
                     .ldc = in,
                     .alpha = 1,
                     .way = way_of(node, DATA)};
}

/* dW = x^T dy */
static bc_gemm weight_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->output;
    int in = weight->shape.w, out = weight->shape.c;
    return (bc_gemm){.m = in,
                     .n = out,
                     .k = row_count(node),
                     .a = x->data,
                     .lda = in,
                     .transpose_a = true,
                     .b = y->grad,
                     .ldb = out,
                     .c = weight->grad,
                     .ldc = out,
                     .alpha = 1,
                     .way = way_of(node, WEIGHT)};
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static const bc_gemm_way *way_for(const bc_node *node, const bc_gemm *product) {
    return node->variant ? bc_gemm_way_named(node->variant)
                         : bc_gemm_choose(bc_graph_host(node->graph), product);
}

static bool linear_can(const bc_node *node, const char *variant) {
    return bc_gemm_has_way(bc_graph_host(node->graph), bc_gemm_way_named(variant));
}

static void linear_choose(bc_node *node, bool backward) {
    const bc_gemm_way **ways = ((linear_choices *)node->choices)->ways;
    bc_gemm forward = forward_product(node), data = data_product(node), weight = weight_product(node);
    if (!backward)
        ways[FORWARD] = way_for(node, &forward);
    if (backward && node->inputs[0]->needs_grad)
        ways[DATA] = way_for(node, &data);
    if (backward && node->inputs[1]->needs_grad)
        ways[WEIGHT] = way_for(node, &weight);
}

static size_t linear_workspace(const bc_node *node, bool backward) {
    bc_host *host = bc_graph_host(node->graph);
    if (!backward) {
        bc_gemm product = forward_product(node);
        return bc_gemm_workspace(host, &product);
    }
    size_t bytes = 0;
    if (node->inputs[0]->needs_grad) {
        bc_gemm product = data_product(node);
        bytes = larger(bytes, bc_gemm_workspace(host, &product));
    }
    if (node->inputs[1]->needs_grad) {
        bc_gemm product = weight_product(node);
        bytes = larger(bytes, bc_gemm_workspace(host, &product));
    }
    return larger(bytes, bc_bias_gradient_workspace(node->inputs[2], node->output));
}

static bc_status linear_forward(bc_node *node, bc_tape *tape) {
    bc_gemm product = forward_product(node);
    return bc_tape_gemm(tape, &product, node->workspace);
}

static bc_status linear_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *weight = node->inputs[1];
    if (activation_of(node) == BC_ACTIVATION_RELU)
        BC_TRY(bc_tape_relu_gradient(tape, node->output));
    if (x->needs_grad) {
        bc_gemm product = data_product(node);
        product.beta = (float)bc_grad_accumulate(x);
        BC_TRY(bc_tape_gemm(tape, &product, node->workspace));
    }
    if (weight->needs_grad) {
        bc_gemm product = weight_product(node);
        product.beta = (float)bc_grad_accumulate(weight);
        BC_TRY(bc_tape_gemm(tape, &product, node->workspace));
    }
    BC_TRY(bc_tape_bias_gradient(tape, node->inputs[2], node->output, node->workspace));
    return bc_tape_residual_gradient(tape, node->inputs[3], node->output);
}

static bool linear_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    const bc_value *weight = inputs[1], *bias = inputs[2];
    bc_shape s = inputs[0]->shape, w = weight->shape;
    const char *name = weight->name ? weight->name : "?";
    if (w.n != 1 || w.h != 1 || w.w != s.c)
        return bc_graph_fail(
            g, "linear: weight %s is (%d,%d,%d,%d), expected (1,1,%d,out) for an input with %d channels",
            name, w.n, w.h, w.w, w.c, s.c, s.c);
    if (bias && !bc_shape_same(bias->shape, (bc_shape){1, 1, 1, w.c}))
        return bc_graph_fail(g, "linear: bias of weight %s is (%d,%d,%d,%d), expected (1,1,1,%d)", name,
                             bias->shape.n, bias->shape.h, bias->shape.w, bias->shape.c, w.c);
    *out = (bc_shape){s.n, s.h, s.w, w.c};
    return bc_epilogue_fits(g, weight, ((const bc_linear_attributes *)attributes)->activation, inputs[3],
                            *out);
}

static double linear_flops(const bc_node *node, bool backward) {
    bc_shape w = node->inputs[1]->shape;
    int products = backward ? node->inputs[0]->needs_grad + node->inputs[1]->needs_grad : 1;
    return 2.0 * products * row_count(node) * w.w * w.c;
}

#define BIAS(count) IN(1, 1, 1, count)
/* x, weight, bias, residual. The differences' step: a sum may lie close to ReLU's kink. */
#define CASE(label_, activation_, ...)                                                                       \
    {                                                                                                        \
        .label = (label_), .inputs = {__VA_ARGS__},                                                          \
        .attributes = &(const bc_linear_attributes){BC_ACTIVATION_##activation_}, .use = BC_CASE_TINY,       \
        .step = 1e-7                                                                                         \
    }

/* Nothing but a residual takes a gradient. */
#define FROZEN_CASE(label_, activation_, n_, h_, w_, in_, out_, ...)                                         \
    CASE(label_, activation_, FROZEN(n_, h_, w_, in_),                                                       \
         {.shape = {1, 1, in_, out_}, .low = -0.5f, .high = 0.5f, .frozen = true}, FROZEN(1, 1, 1, out_),    \
         __VA_ARGS__)

static const bc_op_case linear_cases[] = {
    CASE("one row", NONE, IN(1, 1, 1, 3), IN(1, 1, 3, 2), BIAS(2)),
    CASE("tokens", NONE, IN(2, 1, 5, 7), IN(1, 1, 7, 9), BIAS(9)),
    CASE("a map", NONE, IN(2, 3, 4, 5), IN(1, 1, 5, 3)),
    CASE("a map, bias", NONE, IN(2, 3, 5, 4), IN(1, 1, 4, 3), BIAS(3)),
    CASE("one output", NONE, IN(1, 4, 5, 8), IN(1, 1, 8, 1), BIAS(1)),
    CASE("more columns than a panel", NONE, IN(1, 1, 3, 17), IN(1, 1, 17, 35), BIAS(35)),
    CASE("a fixed input", NONE, FROZEN(1, 2, 3, 4), IN(1, 1, 4, 5), BIAS(5)),
    CASE("fixed weights", NONE, IN(1, 2, 3, 4), FROZEN(1, 1, 4, 5), BIAS(5)),
    CASE("more rows than a slice of the column sum", NONE, FROZEN(1, 20, 30, 2), IN(1, 1, 2, 3), BIAS(3)),
    CASE("residual", NONE, IN(2, 1, 5, 7), HALF(1, 1, 7, 9), BIAS(9), IN(2, 1, 5, 9)),
    FROZEN_CASE("frozen, residual, more than tiles", NONE, 1, 1, 67, 9, 85, IN(1, 1, 67, 85)),
    FROZEN_CASE("frozen, residual, long sums", NONE, 1, 1, 2, 523, 35, IN(1, 1, 2, 35)),
    FROZEN_CASE("frozen, GELU, more than tiles", GELU, 1, 1, 67, 9, 85),
    FROZEN_CASE("frozen, GELU, long sums", GELU, 1, 1, 2, 523, 35),
    {0},
};

static const bc_op_case linear_relu_cases[] = {
    CASE("ReLU", RELU, IN(2, 1, 5, 7), HALF(1, 1, 7, 9), BIAS(9)),
    CASE("wide rows", RELU, IN(1, 1, 3, 5), HALF(1, 1, 5, 67), BIAS(67)),
    FROZEN_CASE("frozen, whole tiles", RELU, 1, 2, 8, 12, 64),
    FROZEN_CASE("frozen, long sums", RELU, 1, 1, 2, 523, 35),
    {0},
};

#define LINEAR(name_, reads_, cases_)                                                                        \
    {                                                                                                        \
        .name = (name_), .input_count = 4, .optional = BC_INPUT(2) | BC_INPUT(3),                            \
        .attribute_bytes = sizeof(bc_linear_attributes), .shape = linear_shape, .flops = linear_flops,       \
        .backward_reads = BC_INPUT(0) | BC_INPUT(1) | (reads_), .variants = bc_tuning_gemm_words,            \
        .ways = "gemm", .can = linear_can, .choose = linear_choose, .choice_bytes = sizeof(linear_choices),  \
        .workspace_bytes = linear_workspace, .forward = linear_forward, .backward = linear_backward,         \
        .cases = (cases_),                                                                                   \
    }
const bc_op bc_linear_op = LINEAR("linear", 0, linear_cases);
const bc_op bc_linear_relu_op = LINEAR("linear_relu", BC_OUTPUT, linear_relu_cases);

static bool wants_gradient(const bc_value *x, const bc_value *weight, const bc_value *bias) {
    return x->needs_grad || weight->needs_grad || (bias && bias->needs_grad);
}

bc_value *bc_linear_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_epilogue epilogue) {
    if (epilogue.activation == BC_ACTIVATION_GELU && !epilogue.residual && x && weight &&
        wants_gradient(x, weight, bias))
        return bc_gelu(g, bc_linear(g, x, weight, bias));
    return bc_graph_node(g, epilogue.activation == BC_ACTIVATION_RELU ? &bc_linear_relu_op : &bc_linear_op,
                         (bc_value *[]){x, weight, bias, epilogue.residual},
                         &(bc_linear_attributes){epilogue.activation});
}

bc_value *bc_linear(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias) {
    return bc_linear_fused(g, x, weight, bias, (bc_epilogue){0});
}
