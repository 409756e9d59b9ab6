/* Multi-head self-attention (Vaswani et al. 2017) on fused q|k|v rows: the builders, and which form they take. */
#include "net/ops/attention.h"

#include "host/tuning/choices.h"

bc_value *bc_attention(bc_graph *g, bc_value *qkv, int heads) {
    const bc_host *host = bc_graph_host(g);
    bool tiled = qkv && heads > 0 && qkv->shape.c / 3 / heads <= bc_attention_tiled_limit(host) &&
                 !bc_host_leaves_out(host, bc_attention_tiled_op.ways, bc_attention_tiled_op.way);
    return tiled ? bc_graph_node(g, &bc_attention_tiled_op, &qkv, &(bc_attention_attributes){heads})
                 : bc_attention_plain(g, qkv, heads);
}

bc_value *bc_attention_plain(bc_graph *g, bc_value *qkv, int heads) {
    return bc_graph_node(g, &bc_attention_plain_op, &qkv, &(bc_attention_attributes){heads});
}
