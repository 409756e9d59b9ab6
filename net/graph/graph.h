/* A graph of operations on channels-last tensors: described once, planned once, run many times.
 *
 * Describing: builder functions (net/ops/ops.h, and loss operations in bicross/) append nodes and return the output value.
 * They return NULL after a failure and accept NULL inputs, and the graph keeps the first error, so that building code
 * reads as straight expressions; bc_plan_create reports what went wrong.
 *
 * Values: float32 (or 32-bit words) of shape (n,h,w,c), channels last. Feature maps (n,h,w,c); tokens (n,1,t,c); vectors
 * (n,1,1,c); scalars (1,1,1,1). Parameters are values too: convolution weights (kh,kw,in,out), linear weights
 * (1,1,in,out), vectors (1,1,1,c): the published layouts are transposed at load and save (net/store/params.h). */
#ifndef BC_NET_GRAPH_GRAPH_H
#define BC_NET_GRAPH_GRAPH_H

#include "host/device/launch.h"
#include "host/gemm/gemm.h"

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

enum { BC_NODE_INPUTS = 8, BC_NODE_OUTPUTS = 2 };

/* What backward reads besides the gradients of the outputs: bit i = input i's data; BC_READS_OUTPUT = outputs' data. */
enum { BC_READS_OUTPUT = 1 << 16 };
#define BC_READS_INPUT(i) (1 << (i))

/* One kind of operation. All functions record on a tape; none runs anything. */
typedef struct bc_op {
    const char *name;
    unsigned backward_reads;
    /* Backward has read input 0 for the last time when it begins to write that input's gradient, which may take its place. */
    bool gradient_in_place;
    /* Bytes kept from forward to backward (statistics, arg-max); called only when the node needs a gradient... */
    size_t (*saved_bytes)(const bc_node *node);
    /* ...and bytes of scratch for one pass. NULL means none. */
    size_t (*workspace_bytes)(const bc_node *node, bool backward);
    bc_status (*forward)(bc_node *node, bc_tape *tape);
    bc_status (*backward)(bc_node *node, bc_tape *tape); /* NULL: no gradient passes through */
    /* Records the output's data once more, from the inputs' and what was saved, at little cost: backward then calls it
     * instead of keeping a large output from forward on. NULL: outputs are kept, or, within a block, forward is recorded
     * once more; so an operation whose forward changes anything beside its outputs and what it saves must have one. */
    bc_status (*again)(bc_node *node, bc_tape *tape);
} bc_op;

struct bc_node {
    const bc_op *op;
    bc_graph *graph;
    bc_value *inputs[BC_NODE_INPUTS]; /* NULL for an optional input that is absent */
    int input_count;
    bc_value *outputs[BC_NODE_OUTPUTS];
    int output_count;
    void *attributes; /* the operation's own struct, copied at description; freed with the graph */
    size_t attribute_bytes;
    bc_buffer saved;     /* valid from forward to backward; empty when the node needs no gradient */
    bc_buffer workspace; /* valid during one pass of this node */
    int block;           /* see bc_graph_block_begin; 0: none */
    int id;
};

bc_status bc_graph_create(bc_host *host, bc_graph **out);
void bc_graph_release(bc_graph *graph);
bc_host *bc_graph_host(const bc_graph *graph);
bc_status bc_graph_status(const bc_graph *graph);
/* False, and the graph fails, when such a tensor would have a side of 0 or more elements than an int counts, which is what
 * kernels index with. */
bool bc_graph_countable(bc_graph *graph, const char *name, bc_shape shape);
/* Marks the graph as failed (first failure wins) and returns NULL, for builder functions. */
bc_value *bc_graph_fail(bc_graph *graph, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An input: persistent memory that the caller fills before each run (bc_value_write, or a kernel). */
bc_value *bc_graph_input(bc_graph *graph, const char *name, bc_shape shape);
/* A value over memory that somebody else owns (a parameter). `data` and `grad` point at the owner's buffers, which must
 * stay where they are and be allocated before bc_plan_create; grad NULL: no gradient is wanted. */
bc_value *bc_graph_external(bc_graph *graph, const char *name, bc_shape shape, const bc_buffer *data,
                            const bc_buffer *grad);

/* Appends a node with one output of the given shape. inputs: `count` values, entries may be NULL when optional (a NULL that
 * comes from an earlier failure is caught because the graph has already failed). attributes: copied, may be NULL.
 * The output needs a gradient when op->backward is set and some input needs one. */
bc_value *bc_graph_node(bc_graph *graph, const bc_op *op, bc_shape shape, int count, bc_value *const *inputs,
                        const void *attributes, size_t attribute_bytes);
/* The same with two outputs; returns the node. */
bc_node *bc_graph_node2(bc_graph *graph, const bc_op *op, bc_shape first, bc_shape second, int count,
                        bc_value *const *inputs, const void *attributes, size_t attribute_bytes);

/* Nodes appended from here on belong to a new block, until the next one begins or the block ends. A training plan keeps
 * of a block only what crosses its border, and makes the rest a second time when backward comes to it: the same bits, in
 * less memory, for another forward. Only the block with which backward begins is kept whole. */
void bc_graph_block_begin(bc_graph *graph);
void bc_graph_block_end(bc_graph *graph);

/* Keeps a value's data until the next run, so that it can be read. Returns its argument. */
bc_value *bc_graph_keep(bc_graph *graph, bc_value *value);
/* Declares a scalar value (1,1,1,1) as a term of the total loss. */
void bc_graph_loss(bc_graph *graph, bc_value *scalar, float weight);

/* Declares any value as a root of backward whose gradient the caller supplies (bc_value_write_grad) before it runs. */
void bc_graph_root(bc_graph *graph, bc_value *value);

/* While backward is recorded: 0 when this is the first contribution to v's gradient (write it), 1 when there is one
 * already (add to it); marks it as written. Call once per contribution, in recording order. */
int bc_grad_accumulate(bc_value *v);

typedef struct bc_plan bc_plan;
typedef enum bc_plan_mode { BC_INFER, BC_TRAIN } bc_plan_mode;

/* Computes lifetimes, places every value in an arena (memory is reused once nothing reads it any more), records the forward
 * tape and, for BC_TRAIN, the backward tape. Only what a kept value, a loss or a root of backward depends on is computed.
 * One plan per graph; it must be released before the graph.
 * BC_E_MEMORY names the bytes needed and the bytes there. */
bc_status bc_plan_create(bc_graph *graph, bc_plan_mode mode, bc_plan **out);
void bc_plan_release(bc_plan *plan);
bc_status bc_plan_forward(bc_plan *plan);
bc_status
bc_plan_backward(bc_plan *plan); /* after forward; writes parameters' gradients (does not add to old ones) */
size_t bc_plan_bytes(const bc_plan *plan); /* arena bytes */
void bc_plan_cost(const bc_plan *plan, double *forward_flops, double *backward_flops);

/* Copies between host and a value's data (whole value). The value must be an input or kept. */
bc_status bc_value_write(bc_graph *graph, bc_value *value, const void *data);
bc_status bc_value_read(bc_graph *graph, const bc_value *value, void *data);
bc_status bc_value_write_grad(bc_graph *graph, bc_value *value, const float *data);
bc_status bc_value_read_grad(bc_graph *graph, const bc_value *value, float *data);

#endif
