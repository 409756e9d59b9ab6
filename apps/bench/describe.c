/* Describing a network for `bicross bench`: nothing is allocated on the device before bc_params_allocate. */
#include "apps/bench/bench.h"

#include "bicross/train/weights.h"

/* So that parameters grow with the square, and attention keeps the channels of a head. */
static void widen(bc_model *m, int times) {
    int *channels[] = {&m->stem,  &m->mid[0],   &m->mid[1],  &m->mid[2], &m->width,
                       &m->heads, &m->features, &m->head[0], &m->head[1]};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        *channels[i] *= times;
}

/* The model that the configuration describes, but of this case's preset, frames and width. */
static bc_status choose_model(bc_error *err, const bc_config *config, const bench_network_case *c,
                              bc_model *out) {
    bc_config changed = *config;
    changed.preset = c->model;
    BC_TRY(bc_config_model(err, &changed, false, out));
    out->input_channels = c->frames;
    widen(out, c->widening);
    return BC_OK;
}

static bc_status describe(bc_host *host, const bc_config *config, const bench_network_case *c,
                          bench_described *out) {
    bc_model model;
    bc_network network;
    BC_TRY(choose_model(bc_host_error(host), config, c, &model));
    BC_TRY(bc_params_create(host, c->training, &out->params));
    BC_TRY(bc_graph_create(host, &out->graph));
    out->input =
        bc_graph_input(out->graph, "spikes", (bc_shape){c->batch, c->height, c->width, c->frames / 32});
    BC_TRY(bc_network_build(out->graph, out->params, &model, out->input, c->training, &network));
    out->depth = bc_graph_keep(out->graph, network.depth);
    out->uncertainty = bc_graph_keep(out->graph, network.uncertainty);
    if (c->training) {
        bc_graph_root(out->graph, out->depth);
        bc_graph_root(out->graph, out->uncertainty);
    }
    return bc_graph_status(out->graph);
}

bc_status bench_describe(bc_host *host, const bc_config *config, const bench_network_case *c,
                         bench_described *out) {
    *out = (bench_described){0};
    return describe(host, config, c, out);
}

void bench_describe_release(bench_described *d) {
    bc_graph_release(d->graph);
    bc_params_release(d->params);
    *d = (bench_described){0};
}
