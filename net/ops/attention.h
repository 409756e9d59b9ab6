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

/* A case of either form, on numbers between -range and range; last what else there is to say of its input. */
#define BC_ATTENTION_CASE(label_, use_, heads_, n_, t_, d_, range_, ...)                                     \
    {                                                                                                        \
        .label = (label_),                                                                                   \
        .inputs = {{.shape = {n_, 1, t_, 3 * (d_)}, .low = -(range_), .high = (range_), __VA_ARGS__}},       \
        .attributes = &(const bc_attention_attributes){heads_}, .use = (use_)                                \
    }
/* Heads of 5 channels are less than any vector, those of 16 a whole one. Without anything trainable nothing is saved. */
#define BC_ATTENTION_CASES                                                                                   \
    BC_ATTENTION_CASE("one token", BC_CASE_TINY, 2, 2, 1, 10, 2),                                            \
        BC_ATTENTION_CASE("a block of queries and one more", BC_CASE_TINY, 1, 1, 33, 5, 2),                  \
        BC_ATTENTION_CASE("inference", BC_CASE_TINY, 2, 2, 5, 10, 2, .frozen = true),                        \
        BC_ATTENTION_CASE("3 samples, 2 heads", BC_CASE_CHECK, 2, 3, 7, 10, 2),                              \
        BC_ATTENTION_CASE("rows of one vector and a tail", BC_CASE_CHECK, 2, 2, 17, 32, 2),                  \
        BC_ATTENTION_CASE("tiles of keys and a tail", BC_CASE_CHECK, 2, 1, 77, 10, 2)

#endif
