#include "bicross/train/gradients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bc_status norm_of(bc_trainer *t, float *host, float *norm) {
    bc_buffer all = bc_params_grad_vector(t->student);
    BC_TRY(bc_buffer_read(t->host, all, 0, host, all.bytes));
    double sum = 0;
    for (size_t i = 0; i < all.bytes / sizeof *host; i++)
        sum += (double)host[i] * (double)host[i];
    *norm = (float)sqrt(sum);
    return BC_OK;
}

static bc_status measure(bc_trainer *t, float *host, float norms[BC_MAX_TERMS]) {
    for (int i = 0; i < t->term_count; i++) {
        for (int k = 0; k < t->term_count; k++)
            bc_graph_loss_weight(t->graph, t->terms[k].value, k == i ? t->terms[k].now : 0);
        BC_TRY(bc_plan_forward(t->plan));
        BC_TRY(bc_trainer_backward(t));
        BC_TRY(norm_of(t, host, &norms[i]));
    }
    return BC_OK;
}

static bc_status log_norms(bc_trainer *t, bc_runlog *log, const float norms[BC_MAX_TERMS]) {
    char names[BC_MAX_TERMS][64];
    const char *list[BC_MAX_TERMS];
    for (int i = 0; i < t->term_count; i++) {
        snprintf(names[i], sizeof names[i], "gradient_%s", t->terms[i].name);
        list[i] = names[i];
    }
    return bc_runlog_write(log, t->err, t->step, t->term_count, list, norms);
}

/* BatchNorm's running statistics are parameters that forward changes: they are put back. */
static bc_status measure_and_restore(bc_trainer *t, float *host, float *values, float norms[BC_MAX_TERMS]) {
    bc_buffer all = bc_params_vector(t->student);
    BC_TRY(bc_buffer_read(t->host, all, 0, values, all.bytes));
    BC_TRY(measure(t, host, norms));
    for (int i = 0; i < t->term_count; i++)
        bc_graph_loss_weight(t->graph, t->terms[i].value, t->terms[i].now);
    return bc_buffer_write(t->host, all, 0, values, all.bytes);
}

bc_status bc_trainer_log_gradients(bc_trainer *t, bc_runlog *log) {
    float norms[BC_MAX_TERMS];
    float *host = malloc(bc_params_grad_vector(t->student).bytes),
          *values = malloc(bc_params_vector(t->student).bytes);
    bc_status status = host && values ? measure_and_restore(t, host, values, norms)
                                      : bc_fail(t->err, BC_E_MEMORY, "no host memory to measure gradients");
    free(host);
    free(values);
    return status == BC_OK ? log_norms(t, log, norms) : status;
}
