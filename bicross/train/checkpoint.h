/* Everything that the next update depends on, in files checkpoint-STEP.* of the job's folder; the last one written is
 * checkpoint.ini, which names them with their sizes and hashes, so that a kill at any moment leaves the old or the new
 * checkpoint, whole. */
#ifndef BC_BICROSS_TRAIN_CHECKPOINT_H
#define BC_BICROSS_TRAIN_CHECKPOINT_H

#include "bicross/train/trainer.h"

bc_status bc_checkpoint_save(bc_trainer *t);
/* Checks sizes and hashes of all files before anything is changed. *found is false when there is no checkpoint.ini. */
bc_status bc_checkpoint_load(bc_trainer *t, bool *found);
/* checkpoint.ini says from here on that the run is finished, and what its weights are; the tensors are removed. */
bc_status bc_checkpoint_finish(bc_trainer *t, const char *weights);
bc_status bc_checkpoint_remove(bc_error *err, const bc_train_job *job);
bc_status bc_checkpoint_remove_tensors(bc_error *err, const bc_train_job *job); /* all but checkpoint.ini */

#endif
