/* The demo: all arms of one scenario on the built-in world, trained alike and scored on the held-out target split.
 * The arms are in demo_arms.h.
 * Target labels are read for scoring only, once, after all training. */
#ifndef BC_BICROSS_REPORT_DEMO_H
#define BC_BICROSS_REPORT_DEMO_H

#include "bicross/report/demo_arms.h"
#include "bicross/train/evaluate.h"

typedef struct bc_demo_result {
    int seeds;
    int first_seed;
    bc_scores *target; /* [seeds][BC_ARM_COUNT] on the target test split */
    bc_scores *source; /* [seeds][BC_ARM_COUNT] on unseen source scenes */
    int images;        /* of the target test split */
    float *
        abs_rel; /* [seeds][BC_ARM_COUNT][images], on the target; NaN where an image has no label that counts */
} bc_demo_result;
void bc_demo_result_release(bc_demo_result *result);

/* The augmentation of all arms: what anyone would do (flip, gain, contrast), or what knows the target's kind of noise (flip, fixed pattern,
 * dark spikes, thinning) and so gives the arms without the target what only adaptation should know. */
typedef enum bc_protocol { BC_PROTOCOL_GENERIC, BC_PROTOCOL_SENSOR } bc_protocol;
extern const char *const bc_protocol_words[];

/* Settings at which objects are learned in a quarter of an hour on two CPU cores, over bc_config_defaults: the tiny model, 64 x 128
 * images, cosine schedules (learning rates of apps/configs). `quick`: a fourth of it, which learns little more than the road's slope, so that
 * what the second phase is worth does not show. */
bc_status bc_demo_config(bc_error *err, const char *scenario, bc_protocol protocol, bool quick,
                         bc_config *config);

typedef struct bc_demo_options {
    int seeds; /* config->seed and those after it */
    bc_protocol protocol;
    bool quick; /* these two as in bc_demo_config: the results say how they came about */
    const char *folder;
    bool resume, overwrite, other_device; /* as of bc_train_job */
    const bc_observer *observer;          /* may be NULL */
} bc_demo_options;

/* Runs each seed in folder/seed-N/<arm>/; finished arms are skipped when `resume`. Writes folder/results.json, folder/table.txt,
 * folder/runs.txt (which logs below the folder belong to the table), pictures/ (PNG) for the first seed. Without `resume` and
 * `overwrite` a folder with results, weights or checkpoints is BC_E_ARGUMENT, before anything is changed. */
bc_status bc_demo_run(bc_host *host, const bc_config *config, const bc_demo_options *options,
                      bc_demo_result *result);
/* The table in the paper's form: AbsRel, SqRel, RMSE, RMSElog, delta1-3 for each arm; AbsRel on objects and far pixels, and what the
 * uncertainty is worth; differences that matter. With several seeds mean +- standard deviation, and of the paired differences their
 * standard error; malloc'ed. */
bc_status bc_demo_table(bc_error *err, const bc_config *config, const bc_demo_result *result, char **text);

#endif
