/* What TensorBoard is told of a run beside its losses. */
#ifndef BC_BICROSS_TRAIN_LOG_SETTINGS_H
#define BC_BICROSS_TRAIN_LOG_SETTINGS_H

#include "bicross/train/trainer.h"

/* The whole configuration as text, and as hyper-parameters the stage's name, its section, and what differs from the defaults. */
bc_status bc_trainer_log_settings(bc_trainer *t, bc_runlog *log);

#endif
