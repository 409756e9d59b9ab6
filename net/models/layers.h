/* Layers: an operation together with its parameters. What the networks are put together from.
 *
 * A layer's parameters are named NAME.weight and NAME.bias as published; the name decides the group. Every layer passes NULL on,
 * so that networks read as straight expressions (net/graph/graph.h). */
#ifndef BC_NET_MODELS_LAYERS_H
#define BC_NET_MODELS_LAYERS_H

#include "net/models/model.h"

typedef struct bc_layers {
    bc_graph *graph;
    bc_params *params;
    const bc_model *model; /* NULL for layers outside a network */
    bool training;         /* batch statistics in BatchNorm */
} bc_layers;

enum { BC_NAME = 128 };
/* Writes a printf-formatted parameter or layer name into `out`, and returns `out`. */
const char *bc_name(char out[BC_NAME], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A new block of the network begins (bc_graph_block_begin), in models that are made for recomputation. */
static inline void bc_layer_block(const bc_layers *l) {
    if (l->model->recompute)
        bc_graph_block_begin(l->graph);
}

/* A parameter of this name: published shape (`rank` sides), layout and rule. */
bc_value *bc_layer_param(const bc_layers *l, const char *name, bc_param_layout layout, bc_init_rule init,
                         float init_value, int rank, int s0, int s1, int s2, int s3);
/* A vector of c elements, constant at first. */
bc_value *bc_layer_vector(const bc_layers *l, const char *name, int c, float value);

/* Convolution with PyTorch's default initialisation U(+-1/sqrt(fan_in)) of weight and bias, symmetric padding
 * kernel/2. */
bc_value *bc_layer_conv(const bc_layers *l, const char *name, bc_value *x, int out, int kernel, int stride,
                        bool bias);
bc_value *bc_layer_conv_fused(const bc_layers *l, const char *name, bc_value *x, int out, int kernel,
                              int stride, bool bias, bc_epilogue epilogue);
/* Weight-standardised convolution without bias, SAME padding (StdConv2dSame). Kaiming normal (fan out); a stem is drawn by
 * PyTorch's default, and has an epsilon of its own where it reads frames. Weight NAME.weight. */
bc_value *bc_layer_std_conv(const bc_layers *l, const char *name, bc_value *x, int out, int kernel,
                            int stride, bool stem);
/* A stem for packed spikes (n,h,w,words): 32 input channels a word. */
bc_value *bc_layer_spike_stem(const bc_layers *l, const char *name, bc_value *bits, int out, int kernel,
                              int stride);
/* Linear layer: U(+-1/sqrt(fan_in)) of weight and bias as PyTorch's default; `bias` false leaves it out. */
bc_value *bc_layer_linear(const bc_layers *l, const char *name, bc_value *x, int out, bool bias);
bc_value *bc_layer_linear_fused(const bc_layers *l, const char *name, bc_value *x, int out, bool bias,
                                bc_epilogue epilogue);
/* Linear layer as in ViT: weight truncated normal 0.02, bias 0. */
bc_value *bc_layer_vit_linear(const bc_layers *l, const char *name, bc_value *x, int out,
                              bc_epilogue epilogue);
/* What follows a layer in its node (net/ops/ops.h). */
static const bc_epilogue BC_THEN_NOTHING = {0}, BC_THEN_RELU = {BC_ACTIVATION_RELU, NULL},
                         BC_THEN_GELU = {BC_ACTIVATION_GELU, NULL};
static inline bc_epilogue bc_then_add(bc_value *residual) {
    return (bc_epilogue){.residual = residual};
}
/* GroupNorm with min(model->groups, c) groups, epsilon 1e-5. */
bc_value *bc_layer_group_norm(const bc_layers *l, const char *name, bc_value *x, bool relu);
bc_value *bc_layer_layer_norm(const bc_layers *l, const char *name, bc_value *x); /* epsilon 1e-6 */
/* BatchNorm, epsilon 1e-5, momentum 0.1; running statistics NAME.running_mean, NAME.running_var. */
bc_value *bc_layer_batch_norm(const bc_layers *l, const char *name, bc_value *x);

#endif
