/* How much each loss term has to say: the norm of the gradient that it alone sends to the student's parameters. */
#ifndef BC_BICROSS_TRAIN_GRADIENTS_H
#define BC_BICROSS_TRAIN_GRADIENTS_H

#include "bicross/train/trainer.h"

/* Of the batch that was fed, with the weights of now: logs gradient_TERM for every term. A forward and backward each; what is
 * trained stays as it was. */
bc_status bc_trainer_log_gradients(bc_trainer *t, bc_runlog *log);

#endif
