/* The losses of the method as graph operations (method.md 2), and the masks that go with them. Depth and labels in metres,
 * maps (n,h,w,1); masks are 0/1 floats of the same shape, without gradient. Losses are scalars (1,1,1,1).
 * A loss over an empty mask is 0 and sends no gradient. Sums are pooled over the whole batch, two-pass, deterministic. */
#ifndef BC_BICROSS_LOSSES_LOSSES_H
#define BC_BICROSS_LOSSES_LOSSES_H

#include "cl_kernels/shared.h"
#include "net/graph/graph.h"

/* Rows [top,bottom), columns [left,right) of the Garg crop for an image of this size (method.md 2.1). */
typedef struct bc_window {
    int top, bottom, left, right;
} bc_window;
bc_window bc_garg_window(int height, int width);

/* Metres: a label at or below it is none, and predictions are kept from going below it. */
#define BC_NEAREST 1e-3f

/* 1 where BC_NEAREST < y < dmax, inside the window (NULL: everywhere). */
bc_value *bc_valid_mask(bc_graph *g, bc_value *y, float dmax, const bc_window *window);
/* 1 where mask is 1 and u < t + 1e-8 (keep_below) or u > t (not keep_below), t the q-quantile of u over the mask, pooled over the
 * batch: ascending order, index int(q*n). Exact selection on the device, deterministic (method.md 2.8). */
bc_value *bc_quantile_mask(bc_graph *g, bc_value *u, bc_value *mask, float q, bool keep_below);
/* 1 where above <= y < below, likewise. */
bc_value *bc_range_mask(bc_graph *g, bc_value *y, float above, float below, const bc_window *window);
bc_value *bc_mask_and(bc_graph *g, bc_value *a, bc_value *b);
bc_value *bc_mask_or(bc_graph *g, bc_value *a, bc_value *b);
/* The mask, but all ones in a sample (of the batch) where it has none: something to average over in every sample. */
bc_value *bc_mask_or_all(bc_graph *g, bc_value *mask);

/* method.md 2.2: sqrt(var + 0.15 mean^2) of the log ratio; gradient to depth. Where the loss is rounding noise (below 1e-6) it sends
 * none: the gradient of a root does not fade with the error. */
bc_value *bc_sig_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask);
/* The same with another weight of the mean (0: free of scale), and smooth near zero: sqrt(var + w mean^2 + s^2) - s, whose gradient
 * fades below s. */
bc_value *bc_soft_sig_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask, float mean_weight,
                           float softness);
/* MiDaS's loss (method.md 2.2), in metres: each image's depth is brought to its label by the scale and shift of least squares; then half
 * the mean square of what is left, and half the mean, at each of four strides, of |difference of that| between neighbours. Means are over
 * the batch. Gradient to depth, through scale and shift too. An image whose depth does not vary over its mask has no scale, and no part. */
bc_value *bc_ssi_loss(bc_graph *g, bc_value *depth, bc_value *label, bc_value *mask);
/* BC_UNCERTAINTY_L1: mean |u - clamp(|d-y|/y, 0, 1)|; _L2: of its square; _L1LOG: mean of |d-y|/u + ln u, in metres, where below 0.1 u
 * counts as 0.1 and pays for the difference (cl_kernels/shared.h, method.md 2.3). Gradient to u and d. */
bc_value *bc_uncertainty_loss(bc_graph *g, bc_value *u, bc_value *depth, bc_value *label, bc_value *mask,
                              int form);
/* InfoNCE of projected vectors r, s (b,1,1,c): method.md 2.4; gradient to both. */
bc_value *bc_info_nce_loss(bc_graph *g, bc_value *r, bc_value *s);
/* Mean squared difference of features; mask NULL: over all elements (2.5), else (n,h,w,1): sum_i M_i |a_i-b_i|^2 / (C max(1, sum M))
 * (2.9). Gradient to both a and b where they need one. */
bc_value *bc_feature_loss(bc_graph *g, bc_value *a, bc_value *b, bc_value *mask);
/* How far distributions over channels, given by their logarithms, are from those that are wanted: sum_i M_i sum_c q (ln q - ln p) /
 * max(1, sum M), mask likewise. Gradient to log_p alone. */
bc_value *bc_divergence_loss(bc_graph *g, bc_value *log_p, bc_value *log_q, bc_value *mask);
/* -mean over rows of log_probabilities[row, label]; rows (n,1,1,classes); one label for all rows. */
bc_value *bc_nll_loss(bc_graph *g, bc_value *log_probabilities, int label);

#endif
