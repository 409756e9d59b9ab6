/* Validation on held-out source samples, with batch 1: SigLoss, as training computes it. */
#ifndef BC_BICROSS_TRAIN_VALIDATE_H
#define BC_BICROSS_TRAIN_VALIDATE_H

#include "bicross/train/trainer.h"

/* A forward-only graph over the student. Not a bc_predictor: the losses are of the maps that training sees, at the label's size and
 * unclamped above, not of those that are pasted, clamped to dmax and scored. */
typedef struct bc_validator {
    bc_graph *graph;
    bc_plan *plan;
    bc_batch batch;
    bc_value *loss;
} bc_validator;
bc_status bc_validator_open(bc_trainer *t, bc_validator *v);
/* The mean over the samples that have labels: goes into the log and to the plateau; the lowest so far saves best.safetensors. */
bc_status bc_validator_run(bc_trainer *t, bc_validator *v, bc_runlog *log);
void bc_validator_close(bc_validator *v);

#endif
