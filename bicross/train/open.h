/* Opening and closing the trainer of a stage. */
#ifndef BC_BICROSS_TRAIN_OPEN_H
#define BC_BICROSS_TRAIN_OPEN_H

#include "bicross/train/checkpoint_state.h"
#include "bicross/train/trainer.h"

/* `before`: the checkpoint from which the run goes on, or NULL. The trainer stays where it is; closed also after a failure. */
bc_status bc_trainer_open(bc_trainer *t, bc_host *host, const bc_train_job *job,
                          const bc_checkpoint_state *before);
void bc_trainer_close(bc_trainer *t);

#endif
