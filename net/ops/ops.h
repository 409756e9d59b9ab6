/* Builders of all operations that the networks are made of. Each appends one node to the graph and returns its output
 * (NULL after a failure: see net/graph/graph.h). Shapes are (n,h,w,c), channels last. One file each in net/ops. */
#ifndef BC_NET_OPS_OPS_H
#define BC_NET_OPS_OPS_H

#include "net/graph/graph.h"

/* --- conv.c, weight_standard.c --- */
typedef struct bc_conv {
    int stride;
    int pad_top, pad_left, pad_bottom, pad_right; /* zeros */
} bc_conv;
/* The variants of bc_conv2d (bc_graph_prefer). Not asked for: in each pass the fastest. */
#define BC_CONV_DIRECT "direct" /* exact up to the order of sums */
#define BC_CONV_WINOGRAD                                                                                     \
    "winograd" /* 3x3 without stride: fewer multiplications, errors of about 1e-5 of the largest output */
/* Geometry with TensorFlow's SAME padding: total = max((ceil(n/s)-1)*s + k - n, 0), the smaller half before. */
bc_conv bc_conv_same(bc_shape x, int kernel_h, int kernel_w, int stride);
bc_conv bc_conv_symmetric(int stride, int pad);
/* y[n,oy,ox,co] = bias[co] + sum x[n, oy*s+ky-top, ox*s+kx-left, ci] w[ky,kx,ci,co].
 * weight (kh,kw,ci,co), bias (1,1,1,co) or NULL. Gradients for all three. */
bc_value *bc_conv2d(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry);
/* The same and what follows it, where nobody needs what lies between: an activation, or the sum with a residual of y's
 * shape (NULL: none), not both. The sums do not reach memory, but where backward needs them, for GELU: then this is two
 * nodes, and memory the same as in the plain form. */
typedef struct bc_epilogue {
    bc_activation activation;
    bc_value *residual;
} bc_epilogue;
bc_value *bc_conv2d_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_conv geometry,
                          bc_epilogue epilogue);
/* w^ = (w - mean) / sqrt(var + epsilon) over (kh,kw,ci) for each output channel, biased variance (method: StdConv2d). */
bc_value *bc_weight_standard(bc_graph *g, bc_value *weight, float epsilon);
/* --- spike_conv.c: bc_conv2d of packed spikes without unpacking them: bits (n,h,w,words), bit f%32 of word f/32 is frame f;
 * a set bit counts as +1, another as -1. weight (kh,kw,32*words,co). Gradients for weight and bias. */
bc_value *bc_spike_conv2d(bc_graph *g, bc_value *bits, bc_value *weight, bc_value *bias, bc_conv geometry);
/* --- spike_unpack.c: bits (n,h,w,words) -> (n,h,w,32*words) of -1 and +1. */
bc_value *bc_spike_unpack(bc_graph *g, bc_value *bits);
/* --- linear.c: y[r,:] = x[r,:] W + bias for every row r of (n,h,w); weight (1,1,in,out), bias (1,1,1,out) or NULL. */
bc_value *bc_linear(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias);
bc_value *bc_linear_fused(bc_graph *g, bc_value *x, bc_value *weight, bc_value *bias, bc_epilogue epilogue);

/* --- norm_group.c, norm_layer.c, norm_batch.c --- */
/* GroupNorm over (c/groups)*h*w, biased variance, affine; followed by ReLU when relu is set. gamma, beta (1,1,1,c). */
bc_value *bc_group_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, int groups, float epsilon,
                        bool relu);
bc_value *bc_layer_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta,
                        float epsilon); /* over c */
/* BatchNorm over (n,h,w) per channel. training: batch statistics (biased variance), and the running ones are updated in
 * forward: r <- (1-momentum) r + momentum * batch (unbiased variance); else the running ones are used.
 * mean, variance (1,1,1,c): external values without gradient. */
bc_value *bc_batch_norm(bc_graph *g, bc_value *x, bc_value *gamma, bc_value *beta, bc_value *mean,
                        bc_value *variance, float epsilon, float momentum, bool training);

/* --- activation.c --- */
bc_value *bc_relu(bc_graph *g, bc_value *x);
bc_value *bc_gelu(bc_graph *g, bc_value *x); /* exact: x/2 (1 + erf(x/sqrt 2)) */
bc_value *bc_sigmoid(bc_graph *g, bc_value *x);
bc_value *bc_clamp_min(bc_graph *g, bc_value *x, float low); /* no gradient where clamped */
bc_value *bc_gradient_reversal(bc_graph *g, bc_value *x,
                               float beta); /* identity; backward -beta * gradient */
/* depth = 1 / max(scale*raw + shift, floor). Gradient -scale*depth^2; where clamped 0, or, with pass_gradient, as if not
 * clamped but at the clamped depth (a small network that starts in the clamp can still leave it). */
bc_value *bc_inverse_depth(bc_graph *g, bc_value *raw, float scale, float shift, float floor,
                           bool pass_gradient);
/* --- combine.c --- */
bc_value *bc_add(bc_graph *g, bc_value *a, bc_value *b);            /* same shape */
bc_value *bc_scale_channels(bc_graph *g, bc_value *x, bc_value *s); /* x (n,h,w,c) * s (n,1,1,c) */
bc_value *bc_concat_channels(bc_graph *g, bc_value *a, bc_value *b);
bc_value *bc_slice_batch(bc_graph *g, bc_value *x, int first, int count);

/* --- whole_batch.c --- */
/* The samples of all ranks, where x has those of this one (bc_graph_share); x itself where there are no others. In backward each rank must have
 * the gradient of the whole, of which it takes its samples' part. */
bc_value *bc_whole_batch(bc_graph *g, bc_value *x);

/* --- pool.c --- */
bc_value *bc_max_pool(bc_graph *g, bc_value *x, int kernel,
                      bc_conv geometry);                         /* padding counts as -infinity */
bc_value *bc_average_pool(bc_graph *g, bc_value *x, int kernel); /* stride = kernel; sides divisible by it */
/* (n,h,w,c) -> (n,1,1,c). weight NULL: plain mean; else (n,h,w,1): sum(w x) / max(sum w, 1e-6); no gradient to weight. */
bc_value *bc_global_pool(bc_graph *g, bc_value *x, bc_value *weight);

/* --- resize.c --- */
typedef enum bc_resize_mode {
    BC_RESIZE_NEAREST,       /* src = min(floor(dst*in/out), in-1), rounded as in PyTorch (resample.h) */
    BC_RESIZE_BILINEAR,      /* src = max((dst+.5)*in/out-.5, 0), no antialias */
    BC_RESIZE_ALIGN_CORNERS, /* bilinear, src = dst*(in-1)/(out-1) */
    BC_RESIZE_BICUBIC,       /* Keys a = -0.75, src = (dst+.5)*in/out-.5, border clamped */
} bc_resize_mode;
bc_value *bc_resize(bc_graph *g, bc_value *x, int h, int w, bc_resize_mode mode);

/* --- token.c --- */
/* pos (1,1,1+gh*gw,c), row 0 the class token's: the grid part resized bilinearly to h x w -> (1,1,1+h*w,c). */
bc_value *bc_position_resize(bc_graph *g, bc_value *pos, int grid_h, int grid_w, int h, int w);
/* map (n,h,w,c), cls (1,1,1,c), pos (1,1,1+h*w,c) -> tokens (n,1,1+h*w,c) = [cls, map row by row] + pos. */
bc_value *bc_tokens(bc_graph *g, bc_value *map, bc_value *cls, bc_value *pos);
/* tokens (n,1,1+h*w,c) -> (n,h,w,2c): each grid token followed by the class token ("project" readout's input). */
bc_value *bc_readout(bc_graph *g, bc_value *tokens, int h, int w);
/* --- attention.c: qkv (n,1,t,3d), columns q|k|v, each head-major; softmax(q k^T / sqrt(d/heads)) v -> (n,1,t,d). ---
 * Tile by tile, so that memory grows with t; a head of more than 256 channels on a CPU, or 64 on a GPU, takes the plain
 * form, which stores the probabilities (n,heads,t,t) between batched products. bc_attention_plain always takes it: the
 * tiled form's reference. */
bc_value *bc_attention(bc_graph *g, bc_value *qkv, int heads);
bc_value *bc_attention_plain(bc_graph *g, bc_value *qkv, int heads);
/* --- softmax.c: log softmax over c. */
bc_value *bc_log_softmax(bc_graph *g, bc_value *x);

#endif
