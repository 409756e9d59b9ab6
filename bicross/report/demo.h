/* The demo: all arms of one scenario on the built-in world, trained alike and scored on the held-out target split.
 *
 * Arms (method.md 1), all with the same augmentation and total number of updates:
 *   Pre_src      spike network trained on labelled source spikes
 *   MonoCross    crossmodality from the RGB network, with as many updates as both stages of BiCross
 *   Control      crossmodality, then crossdomain without its target terms: the source-only control
 *   BiCross      crossmodality, then crossdomain
 *   Supervised   from the RGB network, like crossmodality, with labels of the target: what labels would have been worth
 * Target labels are read for scoring only, once, after all training. */
#ifndef BC_BICROSS_REPORT_DEMO_H
#define BC_BICROSS_REPORT_DEMO_H

#include "bicross/train/evaluate.h"
#include "bicross/train/train.h"

enum { BC_ARM_PRE_SRC, BC_ARM_MONOCROSS, BC_ARM_CONTROL, BC_ARM_BICROSS, BC_ARM_SUPERVISED, BC_ARM_COUNT };
const char *bc_arm_name(int arm);

typedef struct bc_demo_result {
    int seeds;
    int first_seed;
    bc_scores *target; /* [seeds][BC_ARM_COUNT] on the target test split */
    bc_scores *source; /* [seeds][BC_ARM_COUNT] on unseen source scenes */
} bc_demo_result;
void bc_demo_result_release(bc_demo_result *result);

/* Settings at which a scenario trains in minutes on two CPU cores, over bc_config_defaults: the tiny model, 64 x 128 images,
 * cosine schedules (learning rates of apps/configs). */
bc_status bc_demo_config(bc_error *err, const char *scenario, bc_config *config);

typedef struct bc_demo_options {
    int seeds; /* config->seed and those after it */
    const char *folder;
    bool resume, overwrite, other_device; /* as of bc_train_job */
    const bc_observer *observer;          /* may be NULL */
} bc_demo_options;

/* Runs each seed in folder/seed-N/<arm>/; finished arms are skipped when `resume`. Writes folder/results.json, folder/table.txt,
 * folder/runs.txt (which logs below the folder belong to the table), pictures/ (PNG) for the first seed. Without `resume` and
 * `overwrite` a folder with results, weights or checkpoints is BC_E_ARGUMENT, before anything is changed. */
bc_status bc_demo_run(bc_host *host, const bc_config *config, const bc_demo_options *options,
                      bc_demo_result *result);
/* The table in the paper's form: AbsRel, SqRel, RMSE, RMSElog, delta1-3 for each arm; with several seeds mean +- standard deviation
 * and paired differences of AbsRel to BiCross with their standard error; malloc'ed. */
bc_status bc_demo_table(bc_error *err, const bc_config *config, const bc_demo_result *result, char **text);

#endif
