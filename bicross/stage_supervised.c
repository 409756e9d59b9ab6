/* The supervised runs: pretrain (RGB, source labels), neuromorphic (spikes, source labels) and supervised
 * (spikes, target labels): L_depth + L_unc (method.md 2.2, 2.3). */
#include "bicross/trainer.h"

#include <string.h>

static bool reads_rgb(const bc_trainer *t) {
    return t->job->stage == BC_PRETRAIN;
}

static bc_dataset *data_of(const bc_trainer *t) {
    return t->job->stage == BC_SUPERVISED ? t->job->target : t->job->source;
}

/* The stem of the RGB network in `weights`, spread over the spike frames of the student. */
static bc_status inflate_stem(bc_trainer *t, const char *weights) {
    bc_model model;
    bc_network net;
    bc_graph *graph = NULL;
    bc_params *rgb = NULL;
    bc_status status = bc_config_model(t->err, t->config, true, &model);
    if (status == BC_OK && (status = bc_params_create(t->host, false, &rgb)) == BC_OK)
        status = bc_graph_create(t->host, &graph);
    if (status == BC_OK) {
        bc_shape shape = {1, t->config->input_height, t->config->input_width, 3};
        status = bc_network_build(graph, rgb, &model, bc_graph_input(graph, "rgb", shape), false, &net);
    }
    if (status == BC_OK && (status = bc_trainer_start(t, rgb, weights)) == BC_OK)
        status = bc_stem_inflate(t->student, rgb);
    bc_graph_release(graph);
    bc_params_release(rgb);
    return status;
}

/* From weights of its own kind, from an RGB network as run 2 does, from the configuration's file, or from
 * chance. */
static bc_status start(bc_trainer *t) {
    const bc_train_job *job = t->job;
    bool rgb = reads_rgb(t);
    const char *own = rgb ? job->rgb_weights : job->spike_weights;
    if (!own && !rgb && job->rgb_weights) {
        BC_TRY(bc_trainer_start(t, t->student, job->rgb_weights));
        bool inflated = strcmp(t->config->stem_init, "inflated") == 0;
        return inflated ? inflate_stem(t, job->rgb_weights) : BC_OK;
    }
    return bc_trainer_start(t, t->student, own ? own : t->config->init[0] ? t->config->init : NULL);
}

static bc_status describe(bc_trainer *t) {
    bc_dataset *data = data_of(t);
    bool rgb = reads_rgb(t);
    int batch = t->stage->batch;
    BC_TRY(bc_config_model(t->err, t->config, rgb, &t->model));
    BC_TRY(bc_sampler_open(t->err, (uint32_t)t->config->seed, 1, data->count, batch, data->name,
                           &t->source_order));
    BC_TRY(bc_params_create(t->host, true, &t->student));

    t->source.label = bc_trainer_label(t, "label", data, batch);
    bc_value *x;
    if (rgb) {
        x = t->source.rgb = bc_trainer_input(t, "rgb", batch, 3);
    } else {
        t->source.spikes = bc_trainer_input(t, "spikes", batch, BC_SPIKE_WORDS);
        x = bc_spike_unpack(t->graph, t->source.spikes);
    }
    bc_network net;
    BC_TRY(bc_network_build(t->graph, t->student, &t->model, x, true, &net));
    bc_trainer_supervise(t, net.depth, net.uncertainty, t->source.label, 1.0f);
    BC_TRY(bc_graph_status(t->graph));

    return start(t);
}

static bc_status feed(bc_trainer *t) {
    return bc_trainer_fill(t, data_of(t), &t->source_order, &t->source, 0, &t->augment);
}

const bc_stage_kind bc_supervised_kind = {.describe = describe, .feed = feed};
