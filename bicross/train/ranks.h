/* What the ranks of a team agree about while they train a stage together. Alone, nothing has to be agreed about. */
#ifndef BC_BICROSS_TRAIN_RANKS_H
#define BC_BICROSS_TRAIN_RANKS_H

#include "bicross/train/checkpoint_state.h"
#include "bicross/train/trainer.h"

/* Whether this rank is the one that writes. */
bool bc_ranks_first(const bc_trainer *t);

/* Divides the stage's batch: t->share, and, with a team, t->counts, which becomes the trainer's to free. In equal parts, as fast as the ranks are
 * (`speed`: of this one, in samples a second; asked for where device.shares is measured), by given numbers, or, where as many ranks go on from
 * `before` (NULL: a fresh start), as there. */
bc_status bc_ranks_divide(bc_trainer *t, const bc_checkpoint_state *before, double speed);
/* Whether the speed decides. */
bool bc_ranks_want_speed(const bc_train_job *job, const bc_checkpoint_state *before);
/* "4,4"; empty without a team. BC_E_ARGUMENT: there are too many ranks for it. */
bc_status bc_ranks_shares(const bc_trainer *t, char text[BC_SHARES_TEXT]);

/* A hash of all ranks' devices, drivers and measured choices; 0 without a team. *same: they are one and the same. */
bc_status bc_ranks_devices(bc_team *team, const bc_host *host, uint64_t *hash, bool *same);

/* Where the ranks' devices differ, and so may their last bits: the values become those of rank 0. `params` may be NULL. */
bc_status bc_ranks_follow(bc_trainer *t, bc_params *params);
/* BC_E_NUMERIC when the ranks do not have the same weights any more. */
bc_status bc_ranks_check(bc_trainer *t);
/* Whether any rank was asked to stop. */
bc_status bc_ranks_stop(bc_trainer *t, bool *stop);

#endif
