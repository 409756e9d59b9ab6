/* A described graph as an ONNX file. */
#ifndef BC_NET_ONNX_EXPORT_H
#define BC_NET_ONNX_EXPORT_H

#include "net/graph/graph.h"
#include "net/onnx/model.h"

/* What goes in or out: an input (1,h,w,c) becomes (N,c,h,w), and an output (1,h,w,1) (N,h,w). */
typedef struct bc_onnx_port {
    bc_value *value;
    const char *name, *doc; /* doc: what its numbers are */
} bc_onnx_port;

/* Writes what the outputs need of the graph, with the parameters' values. The graph has been described for one image and has no plan; none can
 * be made of it afterwards. BC_E_ARGUMENT names an operation that has no form in ONNX; BC_E_NUMERIC a parameter that is not finite. */
bc_status bc_onnx_export(bc_graph *graph, const char *name, int input_count, const bc_onnx_port *inputs,
                         int output_count, const bc_onnx_port *outputs, const char *path, bc_onnx_size *size);

#endif
