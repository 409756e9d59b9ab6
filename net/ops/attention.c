/* Multi-head self-attention (Vaswani et al. 2017) on fused q|k|v rows: the builders, and which form they take. */
#include "net/ops/attention.h"
#include "net/ops/ops.h"

static bc_value *build(bc_graph *g, bc_value *qkv, int heads, bool plain) {
    if (!qkv)
        return bc_graph_fail(g, "attention needs an input");
    bc_shape s = qkv->shape;
    if (heads < 1 || s.h != 1 || s.c % 3 != 0 || (s.c / 3) % heads != 0)
        return bc_graph_fail(g, "attention with %d heads cannot divide tokens of %dx%dx%dx%d into q, k and v",
                             heads, s.n, s.h, s.w, s.c);
    bc_attention_attributes attributes = {.heads = heads};
    bool tiled = !plain && s.c / 3 / heads <= bc_attention_tiled_limit(bc_graph_host(g));
    if (!tiled &&
        !bc_graph_countable(g, "attention's map of probabilities", (bc_shape){s.n, heads, s.w, s.w}))
        return NULL;
    return bc_graph_node(g, tiled ? &bc_attention_tiled_op : &bc_attention_plain_op,
                         (bc_shape){s.n, 1, s.w, s.c / 3}, 1, &qkv, &attributes, sizeof attributes);
}

bc_value *bc_attention(bc_graph *g, bc_value *qkv, int heads) {
    return build(g, qkv, heads, false);
}

bc_value *bc_attention_plain(bc_graph *g, bc_value *qkv, int heads) {
    return build(g, qkv, heads, true);
}
