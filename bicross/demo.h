/* The demo: all arms of one scenario on the built-in world, trained alike and scored on the held-out target split.
 *
 * Arms (method.md 1; learning.md "Therefore, in every table"), all with the same augmentation and total number of updates:
 *   Pre_src      spike network trained on labelled source spikes
 *   MonoCross    run 2 from the RGB network (then the same number of further updates on source spikes as BiCross' run 3)
 *   Control      run 2, then source-only updates instead of run 3's target terms
 *   BiCross      run 2, then run 3
 *   Supervised   trained with target labels
 * Target labels are read for scoring only, once, after all training. */
#ifndef BC_BICROSS_DEMO_H
#define BC_BICROSS_DEMO_H

#include "bicross/train.h"

enum { BC_ARM_PRE_SRC, BC_ARM_MONOCROSS, BC_ARM_CONTROL, BC_ARM_BICROSS, BC_ARM_SUPERVISED, BC_ARM_COUNT };
const char *bc_arm_name(int arm);

typedef struct bc_demo_result {
    int seeds;
    bc_metrics *target; /* [seeds][BC_ARM_COUNT] on the target test split */
    bc_metrics *source; /* [seeds][BC_ARM_COUNT] on unseen source scenes */
} bc_demo_result;
void bc_demo_result_release(bc_demo_result *result);

/* Runs seeds config->seed .. +seeds-1 in folder/seed-N/<arm>/; finished arms are skipped when `resume`. Writes
 * folder/results.json, folder/table.txt, pictures/ (PNG) for the first seed. */
bc_status bc_demo_run(bc_host *host, const bc_config *config, int seeds, const char *folder, bool resume,
                      const bc_observer *observer, bc_demo_result *result);
/* The table in the paper's form: AbsRel, SqRel, RMSE, RMSElog, delta1-3 for each arm; with several seeds mean +- standard deviation
 * and paired differences of AbsRel to BiCross with their standard error; malloc'ed. */
bc_status bc_demo_table(bc_error *err, const bc_config *config, const bc_demo_result *result, char **text);

#endif
