/* A trained network from a weight file. */
#include "apps/network.h"

#include "net/safetensors.h"

#include <string.h>

static const char stem_name[] = "pretrained.model.patch_embed.backbone.stem.conv.weight";

/* A stem with three input channels reads images, unless a front end makes them from spikes. */
static bc_status reads_rgb(bc_error *err, const char *path, bool *rgb) {
    bc_safetensors file;
    BC_TRY(bc_safetensors_open(err, path, &file));
    const bc_tensor_entry *stem = bc_safetensors_find(&file, stem_name);
    bool front_end = false;
    for (int i = 0; i < file.count; i++)
        front_end = front_end || strncmp(file.entries[i].name, "front.", 6) == 0;
    bc_status status = BC_OK;
    if (!stem || stem->rank != 4)
        status = bc_fail(err, BC_E_FORMAT, "%s holds no depth network: it has no tensor %s", path, stem_name);
    else
        *rgb = stem->shape[1] == 3 && !front_end;
    bc_safetensors_close(&file);
    return status;
}

/* Declares the parameters by describing the network once. */
static bc_status declare(bc_host *host, const bc_config *config, app_network *network) {
    bc_graph *graph;
    BC_TRY(bc_graph_create(host, &graph));
    bc_network taps;
    bc_value *x = bc_graph_input(
        graph, "input",
        (bc_shape){1, config->input_height, config->input_width, network->model.input_channels});
    bc_status status = bc_network_build(graph, network->params, &network->model, x, false, &taps);
    if (status == BC_OK)
        status = bc_graph_status(graph);
    bc_graph_release(graph);
    return status;
}

bc_status app_network_open(bc_host *host, const bc_config *config, const char *path, app_network *out) {
    bc_error *err = bc_host_error(host);
    *out = (app_network){0};
    BC_TRY(reads_rgb(err, path, &out->rgb));
    BC_TRY(bc_config_model(err, config, out->rgb, &out->model));
    BC_TRY(bc_params_create(host, false, &out->params));
    bc_status status = declare(host, config, out);
    if (status == BC_OK)
        status = bc_params_allocate(out->params);
    if (status == BC_OK)
        status = bc_params_load(out->params, path, NULL, NULL);
    if (status != BC_OK)
        app_network_close(out);
    return status;
}

void app_network_close(app_network *network) {
    bc_params_release(network->params);
    network->params = NULL;
}
