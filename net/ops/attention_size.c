/* What both forms of attention are: their shape rule, sizes and cost. */
#include "net/ops/attention.h"

#include <math.h>

bc_attention_size bc_attention_size_of(const bc_node *node) {
    const bc_attention_attributes *attributes = node->attributes;
    bc_shape s = node->output->shape;
    int heads = attributes->heads, head = s.c / heads;
    return (bc_attention_size){
        .n = s.n, .t = s.w, .d = s.c, .heads = heads, .head = head, .scale = 1.0f / sqrtf((float)head)};
}

bool bc_attention_shape(bc_graph *g, bc_value *const *inputs, const void *attributes, bc_shape *out) {
    int heads = ((const bc_attention_attributes *)attributes)->heads;
    bc_shape s = inputs[0]->shape;
    if (heads < 1 || s.h != 1 || s.c % 3 != 0 || (s.c / 3) % heads != 0)
        return bc_graph_fail(g, "attention with %d heads cannot divide tokens of %dx%dx%dx%d into q, k and v",
                             heads, s.n, s.h, s.w, s.c);
    *out = (bc_shape){s.n, 1, s.w, s.c / 3};
    return true;
}

double bc_attention_flops(const bc_node *node, bool backward) {
    bc_attention_size s = bc_attention_size_of(node);
    return (backward ? 4 : 2) * 2.0 * s.n * s.t * s.t * s.d;
}
