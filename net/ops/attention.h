/* What the two forms of attention share (attention.c chooses). */
#ifndef BC_NET_OPS_ATTENTION_H
#define BC_NET_OPS_ATTENTION_H

#include "net/ops/attributes.h"

typedef struct bc_attention_size {
    int n, t, d, heads, head; /* samples, tokens, channels, heads, channels of a head */
    float scale;              /* of the scores: 1 / sqrt(head) */
} bc_attention_size;

bc_attention_size bc_attention_size_of(const bc_node *node);

/* The shape rule of both. */
bool bc_attention_shape(bc_graph *graph, bc_value *const *inputs, const void *attributes, bc_shape *out);
/* The cost of both: the scores and what they weigh are two products in forward, and four in backward. */
double bc_attention_flops(const bc_node *node, bool backward);

/* The largest head that the tiled form takes on this host. */
int bc_attention_tiled_limit(const bc_host *host);

#endif
