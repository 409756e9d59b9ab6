/* What each operation becomes in ONNX: a function for each, which adds nodes for the node in hand and names its output. */
#ifndef BC_NET_ONNX_EMITTERS_H
#define BC_NET_ONNX_EMITTERS_H

#include "net/onnx/emit.h"

typedef void bc_onnx_emitter(bc_onnx_emission *e);

/* maps.c */
bc_onnx_emitter bc_onnx_conv, bc_onnx_group_norm, bc_onnx_batch_norm, bc_onnx_max_pool, bc_onnx_global_pool,
    bc_onnx_resize, bc_onnx_scale_channels, bc_onnx_concat_channels;
/* tokens.c */
bc_onnx_emitter bc_onnx_layer_norm, bc_onnx_tokens, bc_onnx_readout, bc_onnx_attention;
/* either.c */
bc_onnx_emitter bc_onnx_linear, bc_onnx_relu, bc_onnx_gelu, bc_onnx_sigmoid, bc_onnx_sum,
    bc_onnx_inverse_depth;

#endif
