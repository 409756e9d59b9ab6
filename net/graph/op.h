/* Operations, and the nodes that a graph makes of them.
 *
 * An operation is one object: its shape rule, its cost, the ways in which it can be computed, how it is recorded, and the cases that
 * show whether a device computes it rightly. A list of operations with their plain references (net/reference/operations.h) is what
 * tests, selftest, bench and the list of kernels go through. */
#ifndef BC_NET_GRAPH_OP_H
#define BC_NET_GRAPH_OP_H

#include "host/device/launch.h"

typedef struct bc_shape {
    int n, h, w, c;
} bc_shape;

size_t bc_shape_count(bc_shape s); /* elements */
static inline bool bc_shape_same(bc_shape a, bc_shape b) {
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

typedef struct bc_graph bc_graph;
typedef struct bc_node bc_node;

typedef struct bc_value {
    bc_shape shape;
    const char *name;  /* for messages and taps; may be NULL */
    bool needs_grad;   /* a trainable parameter lies upstream */
    bc_node *producer; /* NULL for inputs and parameters */
    bc_buffer data;    /* set by the plan (inputs, nodes) or by the parameter store */
    bc_buffer grad;    /* likewise, when needs_grad */
    bool grad_written; /* while backward is being recorded: a contribution is already there */
    bool keep;         /* data must survive until the next run (outputs, taps) */
    int id;            /* index in the graph */
} bc_value;

enum { BC_NODE_INPUTS = 8 };

/* Masks of inputs: bit i is input i. BC_OUTPUT, in what backward reads: the output's data. */
enum { BC_OUTPUT = 1 << 16 };
#define BC_INPUT(i) (1u << (i))

/* --- cases: what a device is checked with, and what is measured on it --- */

typedef struct bc_case_input {
    bc_shape shape;      /* n 0: an optional input that is left out */
    float low, high;     /* random numbers between; both 0: -1 and 1 */
    const float *values; /* instead of them: these, again and again */
    int value_count;
    bool bits;   /* instead of them: random words of spikes */
    bool frozen; /* no gradient is asked for */
} bc_case_input;

typedef enum bc_case_use {
    BC_CASE_CHECK, /* compared with the reference, gradients with differences of it: up to some thousand elements */
    BC_CASE_TINY, /* likewise, and small enough for an interpreter of kernels */
    BC_CASE_MEASURE, /* as networks have it: timed. The nodes of the built-in networks are timed without being named here */
} bc_case_use;

typedef struct bc_op_case {
    const char *label; /* NULL ends a list */
    bc_case_input inputs[BC_NODE_INPUTS];
    const void *attributes;
    bc_case_use use;
    double tolerance;      /* largest difference of the output over its largest magnitude; 0: 1e-5 */
    double grad_tolerance; /* likewise of each gradient; 0: 1e-4 */
    double step;           /* of the differences; 0: 1e-5 */
} bc_op_case;

/* --- operations --- */

/* One kind of operation. All functions but choose are pure, or record on a tape; none runs anything. */
typedef struct bc_op {
    const char *name;
    int input_count;
    unsigned optional;      /* mask of inputs that may be absent */
    size_t attribute_bytes; /* of the struct that says what differs from node to node; 0: none */
    /* The output's shape from the inputs' (absent ones are NULL) and the attributes. False: they do not fit, and the graph has
     * failed with a message. */
    bool (*shape)(bc_graph *graph, bc_value *const *inputs, const void *attributes, bc_shape *out);
    /* Multiplications and additions that a pass needs, as the plainest way computes it; NULL: so few that memory decides. */
    double (*flops)(const bc_node *node, bool backward);
    unsigned backward_reads; /* mask of inputs whose data backward reads, with BC_OUTPUT */
    /* Backward has read input 0 for the last time when it begins to write that input's gradient, which may take its place. */
    bool gradient_in_place;
    /* The ways to compute it that can be asked for, ended by NULL; `can` says where one applies. NULL: there is one. */
    const char *const *variants;
    /* The kind (host/tuning/left_out.h) that the variants are ways of, or that the operation itself, by this word, is a way of. NULL: nothing
     * else computes this. */
    const char *ways, *way;
    bool (*can)(const bc_node *node, const char *variant);
    /* Chooses how a pass is computed, among others by the node's variant, and keeps the answer in node->choices; called when a plan is
     * made, before anything is asked or recorded. Only here may work be measured. NULL: nothing is to be chosen. */
    void (*choose)(bc_node *node, bool backward);
    size_t choice_bytes;
    /* Bytes kept from forward to backward (statistics, arg-max); called only when the node needs a gradient... */
    size_t (*saved_bytes)(const bc_node *node);
    /* ...and bytes of scratch for one pass. NULL means none. */
    size_t (*workspace_bytes)(const bc_node *node, bool backward);
    bc_status (*forward)(bc_node *node, bc_tape *tape);
    /* What forward makes of these inputs alone (mask), its weights, can be made once for many runs where they stay as they are
     * (BC_INFER_FIXED): prepare leaves it in node->prepared, and forward then reads that and not these inputs. The bytes, 0: with
     * this choice nothing; not asked where no input is fixed. NULL: nothing ever. */
    unsigned prepares;
    size_t (*prepared_bytes)(const bc_node *node);
    bc_status (*prepare)(bc_node *node, bc_tape *tape);
    bc_status (*backward)(bc_node *node, bc_tape *tape); /* NULL: no gradient passes through */
    /* Records the output's data once more, from the inputs' and what was saved, at little cost: backward then calls it
     * instead of keeping a large output from forward on. NULL: outputs are kept, or, within a block, forward is recorded
     * once more; so an operation whose forward changes anything beside its outputs and what it saves must have one. */
    bc_status (*rematerialise)(bc_node *node, bc_tape *tape);
    const bc_op_case *cases;
} bc_op;

struct bc_node {
    const bc_op *op;
    bc_graph *graph;
    bc_value *inputs[BC_NODE_INPUTS]; /* NULL for an optional input that is absent */
    bc_value *output;
    const void *attributes; /* the operation's own struct, copied at description; freed with the graph */
    void *choices;          /* op->choice_bytes, zeros until chosen */
    const char *variant;    /* one of the operation's that was asked for; NULL: any */
    bc_buffer saved;        /* valid from forward to backward; empty when the node needs no gradient */
    bc_buffer workspace;    /* valid during one pass of this node */
    bc_buffer halved;       /* the output from forward to backward, where it is kept as halves */
    bool is_prepared;       /* once, before all runs; then there is: */
    bc_buffer prepared;     /* valid in all runs */
    int block;              /* see bc_graph_block_begin; 0: none */
    int id;
};

/* A shape rule: the output is like the first input. */
bool bc_shape_of_first(bc_graph *graph, bc_value *const *inputs, const void *attributes, bc_shape *out);

/* What a pass needs at least: op->flops, and each byte that it must read or write once. */
typedef struct bc_cost {
    double flops, bytes;
} bc_cost;
bc_cost bc_node_cost(const bc_node *node, bool backward);

#endif
