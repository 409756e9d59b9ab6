/* What the files of the losses share: checks of inputs, and the two-pass reductions of cl_kernels/losses.cl.
 */
#ifndef BC_BICROSS_LOSSES_COMMON_H
#define BC_BICROSS_LOSSES_COMMON_H

#include "net/graph/graph.h"

/* Partial sums of a reduction: enough work-items for a large device, and short enough sums for float
 * precision. */
enum { BC_PARTIALS = 1024 };

static const bc_shape bc_scalar_shape = {1, 1, 1, 1};

/* True when all inputs have the shape of the first, and that is small enough to be counted by an int. Otherwise fails the graph, naming
 * the operation. */
bool bc_same_shapes(bc_graph *g, const char *operation, int count, bc_value *const *inputs);

/* For cases: masks that keep 8 pixels of 11, all, none. */
#define BC_CASE_MASK                                                                                         \
    .values = (const float[]){1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1}, .value_count = 11, .frozen = true
#define BC_CASE_WHOLE_MASK .values = (const float[]){1}, .value_count = 1, .frozen = true
#define BC_CASE_NO_MASK .values = (const float[]){0}, .value_count = 1, .frozen = true

/* The vector width of a node's kernels, as a -D option, for runs of `length` elements. */
const char *bc_loss_vector(const bc_node *node, int length);

/* Elements of a value, as the kernels count them. */
int bc_element_count(const bc_value *value);

/* Partial sums of each quantity that a loss's second pass has: BC_PARTIALS of every rank. */
int bc_pooled_partials(const bc_node *node);
/* Records, between the passes, that the workspace's (quantities, BC_PARTIALS) become (quantities, bc_pooled_partials). */
bc_status bc_tape_pool_partials(bc_node *node, bc_tape *tape, int quantities);
/* Of the whole batch, where the node's own share of it has so many samples or pixels. */
int bc_pooled_count(const bc_node *node, int count);

/* Workspace bytes of a mean: as many partial sums and weights. */
size_t bc_mean_workspace(const bc_node *node, bool backward);
/* Saved bytes of a mean: the divisor. */
size_t bc_mean_saved(const bc_node *node);
/* Records the second pass: output = sum / (channels * max(weight, 1)), over the whole batch. The divisor goes to `divisor`, which
 * may be empty. `vector` is the first pass's: one program less. */
bc_status bc_tape_mean_finish(bc_node *node, bc_tape *tape, bc_buffer divisor, int channels,
                              const char *vector);
/* The same of what this rank has: of inputs that are whole already. */
bc_status bc_tape_own_mean_finish(bc_node *node, bc_tape *tape, bc_buffer divisor, int channels,
                                  const char *vector);

#endif
