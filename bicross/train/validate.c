/* Validation on held-out source samples. */
#include "bicross/train/validate.h"

#include "bicross/train/supervision.h"

#include <math.h>

void bc_validator_close(bc_validator *v) {
    bc_plan_release(v->plan);
    bc_graph_release(v->graph);
}

bc_status bc_validator_open(bc_trainer *t, bc_validator *v) {
    *v = (bc_validator){0};
    BC_TRY(bc_graph_create(t->host, &v->graph));
    const bc_config *c = t->config;
    bool rgb = t->job->stage == BC_PRETRAIN;
    bc_value *x = bc_graph_input(v->graph, rgb ? "rgb" : "spikes",
                                 (bc_shape){1, c->input_height, c->input_width, rgb ? 3 : BC_SPIKE_WORDS});
    *(rgb ? &v->batch.rgb : &v->batch.spikes) = x;
    v->batch.label = bc_graph_input(v->graph, "label", bc_label_shape(t->job->validation, 1));
    bc_network net;
    BC_TRY(bc_network_build(v->graph, t->student, &t->model, x, false, &net));
    bc_supervision s = bc_supervise(v->graph, c, net.depth, net.uncertainty, v->batch.label);
    bc_graph_loss(v->graph, s.sig, 1);
    bc_graph_loss(v->graph, s.uncertainty, 1);
    BC_TRY(bc_graph_status(v->graph));
    v->loss = s.sig;
    return bc_plan_create(v->graph, BC_INFER, &v->plan);
}

static bc_status validation_loss(bc_trainer *t, bc_validator *v, float *mean) {
    double sum = 0;
    int measured = 0;
    bc_dataset *data = t->job->validation;
    for (int i = 0; i < data->count; i++) {
        float loss;
        const bc_sample *sample;
        BC_TRY(bc_dataset_get(data, t->err, i, &sample));
        if (bc_labels_count(data, sample, bc_label_range_of(t->config)) == 0)
            continue;
        BC_TRY(bc_loader_fill(t->loader, data, &i, 1, 0, &v->batch, NULL, 0));
        BC_TRY(bc_plan_forward(v->plan));
        BC_TRY(bc_value_read(v->graph, v->loss, &loss));
        sum += loss;
        measured++;
    }
    *mean = (float)(sum / measured); /* some have labels: check_data */
    return isfinite(*mean) ? BC_OK
                           : bc_fail(t->err, BC_E_NUMERIC, "the validation loss of %s is %f at update %ld",
                                     bc_trainer_name(t), (double)*mean, t->step);
}

bc_status bc_validator_run(bc_trainer *t, bc_validator *v, bc_runlog *log) {
    float loss;
    BC_TRY(validation_loss(t, v, &loss));
    const char *name = "validation";
    BC_TRY(bc_runlog_write(log, t->err, t->step, 1, &name, &loss));
    bc_plateau_step(&t->plateau, loss);
    if (loss >= t->best)
        return BC_OK;
    t->best = loss;
    char path[BC_RUN_PATH];
    return bc_trainer_save_weights(t, BC_RUN_BEST, path);
}
