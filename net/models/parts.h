/* The parts that net/models/model.c joins to a depth network. One file each. */
#ifndef BC_NET_MODELS_PARTS_H
#define BC_NET_MODELS_PARTS_H

#include "net/models/layers.h"

/* front_end.c: x (n,h,w,frames) -> what the stem sees: (n,h,w,frames) for plain and SE, (n,h,w,3) for the
 * UNets. */
bc_value *bc_front_end_layers(const bc_layers *l, bc_value *x);

/* resnet.c: ResNetV2 with weight-standardised convolutions. layers 1 and 2 at 1/4 and 1/8, `top` at 1/16. packed: x is
 * words of packed spikes. */
typedef struct bc_resnet {
    bc_value *layer1, *layer2, *top;
} bc_resnet;
bc_resnet bc_resnet_layers(const bc_layers *l, bc_value *x, bool packed);

/* vit.c: tokens (n,1,1+h*w,width) after blocks tap3 and tap4. */
typedef struct bc_vit {
    bc_value *tap3, *tap4;
} bc_vit;
bc_vit bc_vit_layers(const bc_layers *l, bc_value *map);

/* dpt.c: reassemble stages 3 and 4; then the decoder. */
bc_value *bc_reassemble(const bc_layers *l, const char *name, bc_value *tokens, int h, int w);
void bc_decode(const bc_layers *l, bc_network *net);
/* The first layer of an output head, which reads path_1. Those of both heads come before the rest of either, so that
 * backward needs path_1 and its gradient, large maps, only when it is done with the heads' full-size maps. */
bc_value *bc_head_start(const bc_layers *l, const char *name, bc_value *path1);
/* The rest of it: raw, (n,h,w,1). `last_bias`: initial value of the last bias, NULL for PyTorch's default. */
bc_value *bc_output_head(const bc_layers *l, const char *name, bc_value *x, const float *last_bias);

#endif
