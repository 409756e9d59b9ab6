/* Describing a network for `bicross bench`: nothing is allocated on the device before bc_params_allocate. */
#include "apps/bench.h"

#include "bicross/spike_device.h"
#include "net/model.h"

static bc_status describe(bc_host *host, const bench_network_case *c, bench_described *out) {
    bc_model model;
    bc_network network;
    BC_TRY(bc_model_preset(bc_host_error(host), c->model, "outdoor", c->frames, &model));
    BC_TRY(bc_params_create(host, c->training, &out->params));
    BC_TRY(bc_graph_create(host, &out->graph));
    int channels = c->packed ? BC_SPIKE_WORDS : c->frames;
    out->input = bc_graph_input(out->graph, "spikes", (bc_shape){c->batch, c->height, c->width, channels});
    bc_value *x = c->packed ? bc_spike_unpack(out->graph, out->input) : out->input;
    BC_TRY(bc_network_build(out->graph, out->params, &model, x, c->training, &network));
    out->depth = bc_graph_keep(out->graph, network.depth);
    out->uncertainty = bc_graph_keep(out->graph, network.uncertainty);
    if (c->training) {
        bc_graph_root(out->graph, out->depth);
        bc_graph_root(out->graph, out->uncertainty);
    }
    return bc_graph_status(out->graph);
}

bc_status bench_describe(bc_host *host, const bench_network_case *c, bench_described *out) {
    *out = (bench_described){0};
    return describe(host, c, out);
}

void bench_describe_release(bench_described *d) {
    bc_graph_release(d->graph);
    bc_params_release(d->params);
    *d = (bench_described){0};
}
