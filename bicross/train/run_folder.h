/* The folder of a run, and what it holds of an earlier one. */
#ifndef BC_BICROSS_TRAIN_RUN_FOLDER_H
#define BC_BICROSS_TRAIN_RUN_FOLDER_H

#include "bicross/train/train.h"

enum { BC_RUN_PATH = 1200 }; /* bytes of a path in a run's folder */

/* NAME in the job's folder. BC_E_ARGUMENT: the path is too long. */
bc_status bc_run_folder_path(bc_error *err, const bc_train_job *job, const char *name,
                             char path[BC_RUN_PATH]);

#endif
