/* Normalisation with statistics per sample and group of channels: what GroupNorm and BatchNorm share. A node
 * that uses it has the inputs x, gamma, beta (and the running mean and variance) and bc_norm_attributes. */
#ifndef BC_NET_OPS_NORM_CHANNEL_H
#define BC_NET_OPS_NORM_CHANNEL_H

#include "net/ops/attributes.h"

/* The functions of a bc_op. */
size_t bc_norm_channel_saved(const bc_node *node);
size_t bc_norm_channel_workspace(const bc_node *node, bool backward);
bc_status bc_norm_channel_forward(bc_node *node, bc_tape *tape);
bc_status bc_norm_channel_apply(bc_node *node, bc_tape *tape); /* the output again, by the saved statistics */
bc_status bc_norm_channel_backward(bc_node *node, bc_tape *tape);

/* Backward reads x, gamma and beta. */
enum { BC_NORM_CHANNEL_READS = BC_INPUT(0) | BC_INPUT(1) | BC_INPUT(2) };

/* True when gamma and beta are vectors of x's channels; otherwise the graph fails. */
bool bc_norm_affine_fits(bc_graph *graph, const char *operation, const bc_value *x, const bc_value *gamma,
                         const bc_value *beta);

#endif
