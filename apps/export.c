/* bicross export: a network with its weights for other programs. */
#include "apps/common/app.h"
#include "apps/weights.h"
#include "net/models/network_onnx.h"

typedef struct arguments {
    app_common common;
    app_network network;
    const char *onnx;
} arguments;

static bc_status write_network(bc_trained *n, const arguments *a) {
    bc_onnx_size size;
    int height = n->config.input_height, width = n->config.input_width;
    BC_TRY(bc_network_export(n->params, &n->model, height, width, a->onnx, &size));
    printf("wrote %s: %d nodes, %d tensors, %zu bytes, opset %d; %s (N,%d,%d,%d) to depth and uncertainty "
           "(N,%d,%d)\n",
           a->onnx, size.nodes, size.tensors, size.bytes, BC_ONNX_OPSET, bc_network_input_name(&n->model),
           n->model.input_channels, height, width, height, width);
    return BC_OK;
}

static bc_status export(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    bc_trained network;
    BC_TRY(app_network_config(err, &a->network, &config));
    BC_TRY(app_host(err, &a->common, NULL, false, &host));
    bc_status status = bc_trained_open(host, &config, a->network.weights, &network);
    if (status == BC_OK) {
        app_weights_print(a->common.volume, a->network.weights, &network);
        status = write_network(&network, a);
        bc_trained_close(&network);
    }
    app_host_close(&a->common, host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        APP_GROUP("Network"),
        APP_NETWORK_OPTIONS(a.network),
        APP_GROUP("Result"),
        {"onnx", APP_TEXT, &a.onnx, "FILE",
         "ONNX file; spikes (N,128,H,W) are 2 s - 1 of 128 frames s, depth (N,H,W) is in metres", true, 0, 0},
        APP_GROUP("General"),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_export, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, export(&err, &a));
}

const app_command app_export = {"export", "Write a network with its weights as an ONNX file.",
                                "bicross export --weights weights.safetensors --onnx network.onnx", run};
