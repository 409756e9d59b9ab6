/* The two orders of a convolution's weights. */
#ifndef BC_NET_OPS_WEIGHT_LAYOUT_H
#define BC_NET_OPS_WEIGHT_LAYOUT_H

#include "net/graph/op.h"

/* From the order that others publish, (out,in,kh,kw), to the device's, (kh,kw,in,out), whose shape is given; and back. */
void bc_weight_to_device(bc_shape device, const float *published, float *out);
void bc_weight_to_published(bc_shape device, const float *weight, float *out);

#endif
