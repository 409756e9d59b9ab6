/* The supervised runs: pretrain (RGB, source labels), neuromorphic (spikes, source labels) and supervised
 * (spikes, target labels): L_depth + L_unc (method.md 2.2, 2.3). */
#include "bicross/data/streams.h"
#include "bicross/train/trainer.h"

static bool reads_rgb(const bc_trainer *t) {
    return t->job->stage == BC_PRETRAIN;
}

static bc_dataset *data_of(const bc_trainer *t) {
    return t->job->stage == BC_SUPERVISED ? t->job->target : t->job->source;
}

static bc_status supervised_describe(bc_trainer *t) {
    bc_dataset *data = data_of(t);
    bool rgb = reads_rgb(t);
    int batch = t->share.count;
    BC_TRY(bc_config_model(t->err, t->config, rgb, &t->model));
    BC_TRY(bc_sampler_open(t->err, (uint32_t)t->config->seed, BC_STREAM_SUPERVISED, data->count,
                           t->stage->batch, data->name, &t->source_order));
    BC_TRY(bc_params_create(t->host, true, &t->student));

    t->source.label = bc_trainer_label(t, "label", data, batch);
    bc_value *x = rgb ? (t->source.rgb = bc_trainer_input(t, "rgb", batch, 3))
                      : (t->source.spikes = bc_trainer_input(t, "spikes", batch, BC_SPIKE_WORDS));
    bc_network net;
    BC_TRY(bc_network_build(t->graph, t->student, &t->model, x, true, &net));
    bc_trainer_supervise(t, net.depth, net.uncertainty, t->source.label, 1.0f);
    BC_TRY(bc_graph_status(t->graph));
    return bc_trainer_start(t, bc_train_start_file(t->job));
}

static bc_status supervised_feed(bc_trainer *t) {
    return bc_trainer_fill(t, data_of(t), &t->source_order, &t->source, 0, &t->augment);
}

const bc_stage_kind bc_supervised_kind = {.describe = supervised_describe, .feed = supervised_feed};
