#include "net/models/network_onnx.h"

#include "net/onnx/export.h"

static bool reads_images(const bc_model *model) {
    return model->input_channels == 3;
}

const char *bc_network_input_name(const bc_model *model) {
    return reads_images(model) ? "image" : "spikes";
}

static const char *input_doc(const bc_model *model) {
    if (!reads_images(model))
        return "128 successive frames of spikes, oldest first: +1 where a pixel fired, -1 where it did not; "
               "resized by nearest neighbour";
    return model->unit_rgb ? "red, green, blue, value / 255; resized bilinearly"
                           : "red, green, blue, value / 127.5 - 1; resized bilinearly";
}

static bc_status describe_and_export(bc_graph *graph, bc_params *params, const bc_model *model,
                                     bc_shape shape, const char *path, bc_onnx_size *size) {
    bc_network network;
    bc_value *x = bc_graph_input(graph, bc_network_input_name(model), shape);
    BC_TRY(bc_network_build(graph, params, model, x, false, &network));
    bc_onnx_port input = {x, bc_network_input_name(model), input_doc(model)};
    bc_onnx_port outputs[] = {
        {network.depth, "depth", "metres"},
        {network.uncertainty, "uncertainty", "relative error to expect"},
    };
    return bc_onnx_export(graph, model->name, 1, &input, 2, outputs, path, size);
}

bc_status bc_network_export(bc_params *params, const bc_model *model, int height, int width, const char *path,
                            bc_onnx_size *size) {
    bc_graph *graph;
    bc_shape shape = {1, height, width, model->input_channels};
    BC_TRY(bc_graph_create(bc_params_host(params), &graph));
    bc_status status = describe_and_export(graph, params, model, shape, path, size);
    bc_graph_release(graph);
    return status;
}
