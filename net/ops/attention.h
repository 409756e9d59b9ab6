/* What the two forms of attention share (attention.c chooses). */
#ifndef BC_NET_OPS_ATTENTION_H
#define BC_NET_OPS_ATTENTION_H

#include "net/graph/graph.h"

enum { BC_ATTENTION_PRODUCTS = 4 }; /* at most, of a pass in the plain form */
typedef struct bc_attention_attributes {
    int heads;
    bc_gemm_provider providers[2][BC_ATTENTION_PRODUCTS]; /* forward, backward; chosen with the plan */
} bc_attention_attributes;

typedef struct bc_attention_size {
    int n, t, d, heads, head; /* samples, tokens, channels, heads, channels of a head */
    float scale;              /* of the scores: 1 / sqrt(head) */
} bc_attention_size;

bc_attention_size bc_attention_size_of(const bc_node *node);

extern const bc_op
    bc_attention_tiled_op; /* attention_tiled.c: scores in registers, lse (n, heads, t) saved */
extern const bc_op bc_attention_plain_op; /* attention_plain.c: probabilities (n, heads, t, t) saved */
/* The largest head that the tiled form takes on this host. */
int bc_attention_tiled_limit(const bc_host *host);

#endif
