/* Attention by batched products straight from the fused q|k|v rows: no copies of heads. The probabilities
 * (n, heads, t, t) are kept for backward. */
#include "host/base/divide.h"
#include "net/ops/attention.h"
#include "net/ops/vector.h"

/* One matrix for every sample and head, inside a buffer. */
typedef struct matrices {
    bc_buffer buffer;
    int offset, row, stride[2];
} matrices;

enum { Q, K, V };

static matrices part_of_qkv(bc_attention_size s, bc_buffer qkv, int part) {
    return (matrices){qkv, part * s.d, 3 * s.d, {s.t * 3 * s.d, s.head}};
}

static matrices output_rows(bc_attention_size s, bc_buffer out) {
    return (matrices){out, 0, s.d, {s.t * s.d, s.head}};
}

static matrices score_rows(bc_attention_size s, bc_buffer buffer, int offset) {
    return (matrices){buffer, offset, s.t, {s.heads * s.t * s.t, s.t * s.t}};
}

/* c = alpha op(a) op(b) + beta c for every sample and head; `columns` of c, `inner` terms in each sum. */
static bc_gemm product(bc_attention_size s, int columns, int inner, matrices a, bool transpose_a, matrices b,
                       bool transpose_b, matrices c, float alpha, float beta) {
    return (bc_gemm){
        .m = s.t,
        .n = columns,
        .k = inner,
        .transpose_a = transpose_a,
        .transpose_b = transpose_b,
        .a = a.buffer,
        .b = b.buffer,
        .c = c.buffer,
        .a_offset = a.offset,
        .b_offset = b.offset,
        .c_offset = c.offset,
        .lda = a.row,
        .ldb = b.row,
        .ldc = c.row,
        .outer = s.n,
        .inner = s.heads,
        .a_stride = {a.stride[0], a.stride[1]},
        .b_stride = {b.stride[0], b.stride[1]},
        .c_stride = {c.stride[0], c.stride[1]},
        .alpha = alpha,
        .beta = beta,
    };
}

enum { MOST_PRODUCTS = 4 }; /* of a pass */

/* How each product is computed, forward and backward. */
typedef struct plain_choices {
    const bc_gemm_way *ways[2][MOST_PRODUCTS];
} plain_choices;

static void take_ways(const bc_node *node, bool backward, int count, bc_gemm *list) {
    const plain_choices *choices = node->choices;
    for (int i = 0; i < count; i++)
        list[i].way = choices->ways[backward][i];
}

enum { SCORES, OUT, FORWARD_PRODUCTS };

/* `p`: where the scores, then the probabilities lie. */
static void forward_products(const bc_node *node, matrices p, bc_gemm list[FORWARD_PRODUCTS]) {
    bc_attention_size s = bc_attention_size_of(node);
    bc_buffer qkv = node->inputs[0]->data;
    matrices q = part_of_qkv(s, qkv, Q), k = part_of_qkv(s, qkv, K), v = part_of_qkv(s, qkv, V);
    matrices out = output_rows(s, node->output->data);
    list[SCORES] = product(s, s.t, s.head, q, false, k, true, p, s.scale, 0);
    list[OUT] = product(s, s.head, s.t, p, false, v, false, out, 1, 0);
    take_ways(node, false, FORWARD_PRODUCTS, list);
}

enum { P_GRADIENT, V_GRADIENT, Q_GRADIENT, K_GRADIENT, BACKWARD_PRODUCTS };

/* `dp`: where the gradient of the probabilities, then that of the scores lies. */
static void backward_products(const bc_node *node, matrices dp, float beta, bc_gemm list[BACKWARD_PRODUCTS]) {
    bc_attention_size s = bc_attention_size_of(node);
    bc_buffer qkv = node->inputs[0]->data, grad = node->inputs[0]->grad;
    matrices q = part_of_qkv(s, qkv, Q), k = part_of_qkv(s, qkv, K), v = part_of_qkv(s, qkv, V);
    matrices dq = part_of_qkv(s, grad, Q), dk = part_of_qkv(s, grad, K), dv = part_of_qkv(s, grad, V);
    matrices p = score_rows(s, node->saved, 0), dout = output_rows(s, node->output->grad);
    list[P_GRADIENT] = product(s, s.t, s.head, dout, false, v, true, dp, 1, 0);
    list[V_GRADIENT] = product(s, s.head, s.t, p, true, dout, false, dv, 1, beta);
    list[Q_GRADIENT] = product(s, s.head, s.t, dp, false, k, false, dq, s.scale, beta);
    list[K_GRADIENT] = product(s, s.head, s.t, dp, true, q, false, dk, s.scale, beta);
    take_ways(node, true, BACKWARD_PRODUCTS, list);
}

static size_t score_count(bc_attention_size s) {
    return (size_t)s.n * s.heads * s.t * s.t;
}

/* The products of a pass, in their order, as far as sizes go; returns how many. */
static int products_of(const bc_node *node, bool backward, bc_gemm list[MOST_PRODUCTS]) {
    matrices scores = score_rows(bc_attention_size_of(node), (bc_buffer){0}, 0);
    if (backward)
        backward_products(node, scores, 1, list);
    else
        forward_products(node, scores, list);
    return backward ? BACKWARD_PRODUCTS : FORWARD_PRODUCTS;
}

static void attention_plain_choose(bc_node *node, bool backward) {
    plain_choices *choices = node->choices;
    bc_gemm list[MOST_PRODUCTS];
    int count = products_of(node, backward, list);
    for (int i = 0; i < count; i++)
        choices->ways[backward][i] = bc_gemm_choose(bc_graph_host(node->graph), &list[i]);
}

/* Floats at the start of the workspace that the products of a pass share; the scores come after them. */
static size_t product_scratch(const bc_node *node, bool backward) {
    bc_gemm list[MOST_PRODUCTS];
    int count = products_of(node, backward, list);
    size_t most = 0;
    for (int i = 0; i < count; i++) {
        size_t bytes = bc_gemm_workspace(bc_graph_host(node->graph), &list[i]);
        most = bytes > most ? bytes : most;
    }
    return bc_round_up(most, 64) / sizeof(float);
}

static size_t attention_plain_saved_bytes(const bc_node *node) {
    return score_count(bc_attention_size_of(node)) * sizeof(float);
}

static size_t attention_plain_workspace_bytes(const bc_node *node, bool backward) {
    return (product_scratch(node, backward) + score_count(bc_attention_size_of(node))) * sizeof(float);
}

static bc_status attention_plain_forward(bc_node *node, bc_tape *tape) {
    bc_attention_size s = bc_attention_size_of(node);
    matrices p = node->saved.mem ? score_rows(s, node->saved, 0)
                                 : score_rows(s, node->workspace, (int)product_scratch(node, false));
    bc_gemm list[FORWARD_PRODUCTS];
    forward_products(node, p, list);
    BC_TRY(bc_tape_gemm(tape, &list[SCORES], node->workspace));
    bc_launch softmax = {
        .source = "softmax.cl",
        .kernel = "softmax",
        .defines = bc_vector_for(bc_tape_host(tape), 16).define,
        .items = {(size_t)s.n * s.heads * s.t},
        .flops = 13 * (double)score_count(s),
        .bytes = 8 * (double)score_count(s),
        BC_ARGS(BC_BUFFER(p.buffer), BC_INT(p.offset), BC_INT(s.n * s.heads * s.t), BC_INT(s.t)),
    };
    BC_TRY(bc_tape_launch(tape, &softmax));
    return bc_tape_gemm(tape, &list[OUT], node->workspace);
}

static bc_status attention_plain_backward(bc_node *node, bc_tape *tape) {
    bc_attention_size s = bc_attention_size_of(node);
    matrices dp = score_rows(s, node->workspace, (int)product_scratch(node, true));
    bc_gemm list[BACKWARD_PRODUCTS];
    backward_products(node, dp, bc_grad_accumulate(node->inputs[0]) ? 1 : 0, list);
    BC_TRY(bc_tape_gemm(tape, &list[P_GRADIENT], node->workspace));
    bc_launch softmax = {
        .source = "softmax.cl",
        .kernel = "softmax_gradient",
        .defines = bc_vector_for(bc_tape_host(tape), 16).define,
        .items = {(size_t)s.n * s.heads * s.t},
        .flops = 4 * (double)score_count(s),
        .bytes = 12 * (double)score_count(s),
        BC_ARGS(BC_BUFFER(node->workspace), BC_BUFFER(node->saved), BC_INT(dp.offset),
                BC_INT(s.n * s.heads * s.t), BC_INT(s.t)),
    };
    BC_TRY(bc_tape_launch(tape, &softmax));
    for (int i = V_GRADIENT; i < BACKWARD_PRODUCTS; i++)
        BC_TRY(bc_tape_gemm(tape, &list[i], node->workspace));
    return BC_OK;
}

static bool attention_plain_shape(bc_graph *g, bc_value *const *inputs, const void *attributes,
                                  bc_shape *out) {
    int heads = ((const bc_attention_attributes *)attributes)->heads;
    return bc_attention_shape(g, inputs, attributes, out) &&
           bc_graph_countable(g, "attention's map of probabilities",
                              (bc_shape){out->n, heads, out->w, out->w});
}

static const bc_op_case attention_plain_cases[] = {
    BC_ATTENTION_CASES,
    BC_ATTENTION_CASE("a head larger than any tile", BC_CASE_TINY, 1, 1, 3, 260, 0.2f),
    {0},
};

const bc_op bc_attention_plain_op = {
    .name = "attention_plain",
    .input_count = 1,
    .attribute_bytes = sizeof(bc_attention_attributes),
    .shape = attention_plain_shape,
    .flops = bc_attention_flops,
    .backward_reads = BC_INPUT(0),
    .ways = "attention",
    .way = "plain",
    .choose = attention_plain_choose,
    .choice_bytes = sizeof(plain_choices),
    .saved_bytes = attention_plain_saved_bytes,
    .workspace_bytes = attention_plain_workspace_bytes,
    .forward = attention_plain_forward,
    .backward = attention_plain_backward,
    .cases = attention_plain_cases,
};
