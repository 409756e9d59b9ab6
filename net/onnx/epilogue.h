/* What follows a convolution or a product within its node. */
#ifndef BC_NET_ONNX_EPILOGUE_H
#define BC_NET_ONNX_EPILOGUE_H

#include "net/onnx/emit.h"

const char *bc_onnx_activate(bc_onnx_emission *e, const char *x, bc_activation activation);
/* x, activated, and with this input of the node in hand added where there is one. */
const char *bc_onnx_finish(bc_onnx_emission *e, bc_onnx_form form, const char *x, bc_activation activation,
                           int residual);

#endif
