/* Fully connected layers, which are also the 1x1 convolutions without stride: one GEMM over the rows (n,h,w).
 */
#include "net/ops/epilogue.h"

enum { FORWARD, DATA, WEIGHT, PRODUCTS };

typedef struct linear_attributes {
    bc_activation activation;
    bc_gemm_provider providers[PRODUCTS]; /* chosen with the plan */
} linear_attributes;

static const linear_attributes *attributes_of(const bc_node *node) {
    return node->attributes;
}

static int row_count(const bc_node *node) {
    bc_shape s = node->inputs[0]->shape;
    return s.n * s.h * s.w;
}

/* y = activation(x W + bias) + residual */
static bc_gemm forward_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2],
                   *residual = node->inputs[3], *y = node->outputs[0];
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
                     .activation = attributes_of(node)->activation,
                     .alpha = 1,
                     .provider = attributes_of(node)->providers[FORWARD]};
}

/* dx = dy W^T */
static bc_gemm data_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->outputs[0];
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
                     .provider = attributes_of(node)->providers[DATA]};
}

/* dW = x^T dy */
static bc_gemm weight_product(const bc_node *node) {
    const bc_value *x = node->inputs[0], *weight = node->inputs[1], *y = node->outputs[0];
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
                     .provider = attributes_of(node)->providers[WEIGHT]};
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static void linear_choose(bc_node *node, bool backward) {
    bc_gemm_provider *providers = ((linear_attributes *)node->attributes)->providers;
    bc_host *host = bc_graph_host(node->graph);
    bc_gemm forward = forward_product(node), data = data_product(node), weight = weight_product(node);
    if (!backward)
        providers[FORWARD] = bc_gemm_choose(host, &forward);
    if (backward && node->inputs[0]->needs_grad)
        providers[DATA] = bc_gemm_choose(host, &data);
    if (backward && node->inputs[1]->needs_grad)
        providers[WEIGHT] = bc_gemm_choose(host, &weight);
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
    return larger(bytes, bc_bias_gradient_workspace(node->inputs[2], node->outputs[0]));
}

static bc_status linear_forward(bc_node *node, bc_tape *tape) {
    bc_gemm product = forward_product(node);
    return bc_tape_gemm(tape, &product, node->workspace);
}

static bc_status linear_backward(bc_node *node, bc_tape *tape) {
    bc_value *x = node->inputs[0], *weight = node->inputs[1];
    if (attributes_of(node)->activation == BC_ACTIVATION_RELU)
        BC_TRY(bc_tape_relu_gradient(tape, node->outputs[0]));
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
    BC_TRY(bc_tape_bias_gradient(tape, node->inputs[2], node->outputs[0], node->workspace));
    return bc_tape_residual_gradient(tape, node->inputs[3], node->outputs[0]);
}

static const bc_op linear_op = {
    .name = "linear",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1),
    .choose = linear_choose,
    .workspace_bytes = linear_workspace,
    .forward = linear_forward,
    .backward = linear_backward,
};

static const bc_op linear_relu_op = {
    .name = "linear_relu",
    .backward_reads = BC_READS_INPUT(0) | BC_READS_INPUT(1) | BC_READS_OUTPUT,
    .choose = linear_choose,
    .workspace_bytes = linear_workspace,
    .forward = linear_forward,
    .backward = linear_backward,
};

static bool wants_gradient(const bc_value *x, const bc_value *weight, const bc_value *bias) {
    return x->needs_grad || weight->needs_grad || (bias && bias->needs_grad);
}

bc_value *bc_linear_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_epilogue epilogue) {
    if (!x || !weight)
        return NULL;
    bc_shape s = x->shape, w = weight->shape;
    const char *name = weight->name ? weight->name : "?";
    if (w.n != 1 || w.h != 1 || w.w != s.c)
        return bc_graph_fail(
            g, "linear: weight %s is (%d,%d,%d,%d), expected (1,1,%d,out) for an input with %d channels",
            name, w.n, w.h, w.w, w.c, s.c, s.c);
    if (bias && !bc_shape_same(bias->shape, (bc_shape){1, 1, 1, w.c}))
        return bc_graph_fail(g, "linear: bias of weight %s is (%d,%d,%d,%d), expected (1,1,1,%d)", name,
                             bias->shape.n, bias->shape.h, bias->shape.w, bias->shape.c, w.c);
    bc_shape y = {s.n, s.h, s.w, w.c};
    if (!bc_epilogue_fits(g, name, &epilogue, y))
        return NULL;
    if (epilogue.activation == BC_ACTIVATION_GELU && wants_gradient(x, weight, bias))
        return bc_gelu(g, bc_linear(g, x, weight, bias));
    bc_value *inputs[] = {x, weight, bias, epilogue.residual};
    linear_attributes attributes = {.activation = epilogue.activation};
    return bc_graph_node(g, epilogue.activation == BC_ACTIVATION_RELU ? &linear_relu_op : &linear_op, y, 4,
                         inputs, &attributes, sizeof attributes);
}

bc_value *bc_linear(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias) {
    return bc_linear_fused(g, x, weight, bias, (bc_epilogue){0});
}
