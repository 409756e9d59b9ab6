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

#include "host/gemm/gemm.h"
#include "host/team/share.h"
#include "net/graph/op.h"

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

/* Appends a node. inputs: op->input_count values; attributes: op->attribute_bytes, copied. NULL when a required input is NULL
 * or the operation's shape rule refuses. The output needs a gradient when op->backward is set and some input
 * needs one. */
bc_value *bc_graph_node(bc_graph *graph, const bc_op *op, bc_value *const *inputs, const void *attributes);

/* The batch of this graph is one rank's share of a batch. What is formed over the batch (sums of losses, quantiles, batch statistics) is formed over
 * the whole one, in every rank; so the gradients of parameters add up, over the ranks, to those of the whole batch. Before the first node. */
void bc_graph_share(bc_graph *graph, const bc_share *share);
const bc_share *bc_graph_share_of(const bc_graph *graph);

/* Nodes appended from here on are computed in the variant of this name where their operation has it; NULL, as at first: in any. */
void bc_graph_prefer(bc_graph *graph, const char *variant);

/* Nodes appended from here on belong to a new block, until the next one begins or the block ends. A training plan keeps
 * of a block only what crosses its border, and makes the rest a second time when backward comes to it: the same bits, in
 * less memory, for another forward. Only the block with which backward begins is kept whole. */
void bc_graph_block_begin(bc_graph *graph);
void bc_graph_block_end(bc_graph *graph);

/* A training plan keeps outputs that wait for backward as halves, which takes half of the memory: gradients are formed from values that
 * were rounded (and beyond 65504 are cut off); forward computes the same bits. */
void bc_graph_halve(bc_graph *graph);

/* Keeps a value's data until the next run, so that it can be read. Returns its argument. */
bc_value *bc_graph_keep(bc_graph *graph, bc_value *value);
/* Declares a scalar value (1,1,1,1) as a term of the total loss. */
void bc_graph_loss(bc_graph *graph, bc_value *scalar, float weight);
/* Another weight for such a term, from the next backward on; also when a plan has been made. */
void bc_graph_loss_weight(bc_graph *graph, bc_value *loss, float weight);

/* Declares any value as a root of backward whose gradient the caller supplies (bc_value_write_grad) before it runs. */
void bc_graph_root(bc_graph *graph, bc_value *value);

/* While backward is recorded: 0 when this is the first contribution to v's gradient (write it), 1 when there is one
 * already (add to it); marks it as written. Call once per contribution, in recording order. */
int bc_grad_accumulate(bc_value *v);

typedef struct bc_plan bc_plan;
typedef enum bc_plan_mode {
    BC_INFER,
    BC_INFER_FIXED, /* external values (parameters) stay as they are from now on: what depends on them alone is computed now */
    BC_TRAIN,
} bc_plan_mode;

/* Computes lifetimes, places every value in an arena (memory is reused once nothing reads it any more), records the forward
 * tape and, for BC_TRAIN, the backward tape. Only what a kept value, a loss or a root of backward depends on is computed.
 * One plan per graph; it must be released before the graph.
 * BC_E_MEMORY names the bytes needed and the bytes there. */
bc_status bc_plan_create(bc_graph *graph, bc_plan_mode mode, bc_plan **out);
void bc_plan_release(bc_plan *plan);
bc_status bc_plan_forward(bc_plan *plan);
bc_status
bc_plan_backward(bc_plan *plan); /* after forward; writes parameters' gradients (does not add to old ones) */
/* Backward in parts, one after the other: of its steps those from `from` up to `to`. */
int bc_plan_backward_steps(const bc_plan *plan);
bc_status bc_plan_backward_part(bc_plan *plan, int from, int to);
/* How many steps of backward it takes until the gradient of the external value with this place is whole; 0: none writes it. */
int bc_plan_gradient_ready(const bc_plan *plan, const bc_buffer *grad);
size_t bc_plan_bytes(const bc_plan *plan); /* arena bytes */
/* Of these, what waits for backward when forward is done; the rest is what single steps need at a time. */
size_t bc_plan_waiting_bytes(const bc_plan *plan);
/* What the nodes of a run's pass cost together (bc_node_cost); what backward recomputes to save memory is not counted. */
bc_cost bc_plan_cost(const bc_plan *plan, bool backward);

/* The least time for a run of all passes: of each node the longer one of the arithmetic that was recorded (Winograd's method has less
 * than bc_plan_cost counts) and of the bytes that it must move. What backward recomputes to save memory is not counted. */
double bc_plan_least_seconds(const bc_plan *plan, double flops_per_second, double bytes_per_second);

/* Copies between host and a value's data (whole value). The value must be an input or kept. */
bc_status bc_value_write(bc_graph *graph, bc_value *value, const void *data);
bc_status bc_value_read(bc_graph *graph, const bc_value *value, void *data);
bc_status bc_value_write_grad(bc_graph *graph, bc_value *value, const float *data);
bc_status bc_value_read_grad(bc_graph *graph, const bc_value *value, float *data);

#endif
