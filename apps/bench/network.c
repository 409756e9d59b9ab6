/* Whole networks: inference, and a training step of forward, backward and Adam. The gradients of both maps are given
 * instead of computed by a loss, and the rate is zero: all the work is done, and the weights stay finite. */
#include "apps/bench/bench.h"

#include "bicross/data/spikes.h"

/* What is touched at once comes first: the memory that is left is then known when the plan asks for its own. */
bc_status bench_network_open(bench *b, const bench_network_case *c, bench_network_run *out) {
    static const bc_optimiser_options adam = {
        .kind = BC_ADAM, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};
    BC_TRY(bench_describe(b->host, b->config, c, &out->described));
    bc_params *params = out->described.params;
    BC_TRY(bc_params_allocate(params));
    BC_TRY(bc_params_initialise(params, 1));
    if (c->training)
        BC_TRY(bc_optimiser_create(params, &adam, &out->optimiser));
    BC_TRY(bc_plan_create(out->described.graph, c->training ? BC_TRAIN : BC_INFER_FIXED, &out->plan));
    return bench_fill(b->host, out->described.input->data, true);
}

void bench_network_close(bench_network_run *n) {
    bc_optimiser_release(n->optimiser);
    bc_plan_release(n->plan);
    bench_describe_release(&n->described);
}

static bc_status run_inference(void *state) {
    return bc_plan_forward(((bench_network_run *)state)->plan);
}

bc_status bench_network_forward(bench_network_run *n) {
    bc_host *host = bc_graph_host(n->described.graph);
    bc_buffer depth = n->described.depth->grad, uncertainty = n->described.uncertainty->grad;
    BC_TRY(bc_plan_forward(n->plan));
    BC_TRY(bc_buffer_fill(host, depth, 0, depth.bytes, 1e-3f));
    return bc_buffer_fill(host, uncertainty, 0, uncertainty.bytes, 1e-3f);
}

static bc_status run_training(void *state) {
    static const float rate[BC_GROUP_COUNT];
    bench_network_run *n = state;
    BC_TRY(bench_network_forward(n));
    BC_TRY(bc_plan_backward(n->plan));
    return bc_optimiser_step(n->optimiser, rate);
}

/* Adam reads values, gradients and two moments, and writes all but the gradients. */
static double bound_of(const bench *b, const bench_network_run *n) {
    double bandwidth = bench_bytes_per_second(b);
    if (!(b->ceiling.flops > 0 && bandwidth > 0))
        return 0;
    double optimiser = n->optimiser ? 7.0 * (double)bc_params_vector(n->described.params).bytes : 0;
    return bc_plan_least_seconds(n->plan, b->ceiling.flops, bandwidth) + optimiser / bandwidth;
}

bc_status bench_network(bench *b, const bench_network_case *c, bench_row *row) {
    bench_network_run n = {0};
    bench_announce(b, row->name);
    bench_peak_restart(b->host);
    bc_status status = bench_network_open(b, c, &n);
    if (status == BC_OK) {
        row->operation = bc_preset_words[c->model];
        row->pass = c->training ? "training" : "inference";
        row->inputs[0] = (bc_shape){c->batch, c->height, c->width, c->frames};
        row->input_count = 1;
        row->output = n.described.depth->shape;
        row->images = c->batch;
        row->flops = bc_plan_cost(n.plan, false).flops + bc_plan_cost(n.plan, true).flops;
        row->plan_bytes = (double)bc_plan_bytes(n.plan);
        row->bound_seconds = bound_of(b, &n);
        status = bench_measure(b, row, c->training ? run_training : run_inference, &n);
    }
    bench_network_close(&n);
    return status;
}

bc_status bench_networks(bench *b) {
    static const bench_network_case cases[] = {
        {BC_TINY, 8, 64, 128, BC_SPIKE_FRAMES, false, 1},
        {BC_TINY, 8, 64, 128, BC_SPIKE_FRAMES, true, 1},
        {BC_HYBRID, 1, 384, 384, BC_SPIKE_FRAMES, false, 1},
        {BC_HYBRID, 1, 384, 384, BC_SPIKE_FRAMES, true, 1},
        {BC_HYBRID, 4, 384, 384, BC_SPIKE_FRAMES, false, 1},
        {BC_HYBRID, 8, 384, 384, BC_SPIKE_FRAMES, false, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bench_network_case *c = &cases[i];
        bench_row row = {.kind = "network"};
        snprintf(row.name, sizeof row.name, "network %s %dx%d batch %d %s", bc_preset_words[c->model],
                 c->height, c->width, c->batch, c->training ? "training" : "inference");
        if (bench_wants(b, row.name))
            BC_TRY(bench_left_out(b, row.name, bench_network(b, c, &row)));
    }
    return BC_OK;
}
