/* What follows the sums of linear layers and convolutions: only for linear.c, conv.c and spike_conv.c. */
#ifndef BC_NET_OPS_EPILOGUE_H
#define BC_NET_OPS_EPILOGUE_H

#include "net/ops/attributes.h"

/* Whether outputs of this shape can have the epilogue; if not, the graph has failed. `weight` is named then; residual may be NULL. */
bool bc_epilogue_fits(bc_graph *g, const bc_value *weight, bc_activation activation, const bc_value *residual,
                      bc_shape shape);
/* In backward, before all else: the gradient of y becomes that of the sums, in place. */
bc_status bc_tape_relu_gradient(bc_tape *tape, const bc_value *y);
/* In backward: the bias' gradient, sums over y's rows. bias may be NULL. bc_bias_gradient_workspace: bytes of scratch that it needs. */
size_t bc_bias_gradient_workspace(const bc_value *bias, const bc_value *y);
bc_status bc_tape_bias_gradient(bc_tape *tape, bc_value *bias, const bc_value *y, bc_buffer workspace);
/* In backward, after all else (the residual's gradient may lie where an input was): adds y's gradient to the residual's. */
bc_status bc_tape_residual_gradient(bc_tape *tape, bc_value *residual, const bc_value *y);

#endif
