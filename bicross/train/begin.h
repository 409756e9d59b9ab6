/* How a run begins or goes on in its folder. */
#ifndef BC_BICROSS_TRAIN_BEGIN_H
#define BC_BICROSS_TRAIN_BEGIN_H

#include "bicross/train/checkpoint_state.h"
#include "bicross/train/train.h"

/* Removes what an earlier run left, if the job allows it, and writes config.ini, which says whose weights and checkpoints these are. */
bc_status bc_run_begin(bc_error *err, const bc_train_job *job);
/* Refuses to continue a run of another configuration, from other weights, with another sensor, or, unless the job allows it, on
 * another device. *begun: there is a checkpoint, whose state becomes *state. *finished: its final weights are there, and are what they should be. */
bc_status bc_run_resume(bc_host *host, const bc_train_job *job, bc_checkpoint_state *state, bool *begun,
                        bool *finished);

#endif
