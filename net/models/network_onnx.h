/* A depth network as an ONNX file. */
#ifndef BC_NET_MODELS_NETWORK_ONNX_H
#define BC_NET_MODELS_NETWORK_ONNX_H

#include "net/models/model.h"
#include "net/onnx/model.h"

/* What goes in, called "image" where it has three channels and else "spikes", is (N,channels,height,width); what comes out, "depth" in metres and
 * "uncertainty", (N,height,width): what bc_network_build computes, before anything is clamped, pasted or resized. The sides are
 * multiples of 32, and fixed; N is free. */
bc_status bc_network_export(bc_params *params, const bc_model *model, int height, int width, const char *path,
                            bc_onnx_size *size);
const char *bc_network_input_name(const bc_model *model);

#endif
