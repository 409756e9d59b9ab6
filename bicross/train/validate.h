/* Validation, with batch 1, of maps as they are scored: pasted into the whole image and clamped to dmax (predictor.h), as the released code
 * validates. On held-out source samples, or, where the configuration says so, on the labelled target. */
#ifndef BC_BICROSS_TRAIN_VALIDATE_H
#define BC_BICROSS_TRAIN_VALIDATE_H

#include "bicross/train/predictor.h"
#include "bicross/train/trainer.h"

typedef struct bc_validator {
    bc_trainer *trainer;
    bc_predictor predictor;
    bc_value *label, *loss, *sums; /* of its graph */
    float *visible;                /* the label where the network sees something, 0 elsewhere */
    size_t pixels;                 /* that it has room for */
    int pictures;                  /* of the run's share up to which one was logged */
} bc_validator;
bc_status bc_validator_open(bc_trainer *t, bc_validator *v);
/* Up to 20 times a run the first sample is drawn into the log, where the job says how. The loss of depth, for the plateau, and AbsRel: the means over the samples that have labels. Both go into the log; the lowest AbsRel so far saves
 * best.safetensors. */
bc_status bc_validator_run(bc_validator *v, bc_runlog *log);
void bc_validator_close(bc_validator *v);

#endif
