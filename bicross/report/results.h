/* results.json read back: of `demo`, with arms and seeds, or of `train` and `eval`, with one network's scores. */
#ifndef BC_BICROSS_REPORT_RESULTS_H
#define BC_BICROSS_REPORT_RESULTS_H

#include "bicross/formats/json_tree.h"
#include "bicross/train/scores_text.h"

enum { BC_RESULT_ARMS = 16 };

/* Of a network on a test split. What the file has not is NaN, an empty list, or 0 images. */
typedef struct bc_result_scores {
    double metrics[BC_METRICS], objects, far; /* the latter two AbsRel */
    int images;
    double sparsification_error, calibration_error;
    double by_uncertainty[BC_SPARSIFICATION_STEPS],
        by_error[BC_SPARSIFICATION_STEPS]; /* uncertainty_score.h */
    double pixels[BC_CALIBRATION_BINS], uncertainty[BC_CALIBRATION_BINS], error[BC_CALIBRATION_BINS];
    double *image_abs_rel; /* owned */
    int image_count;
} bc_result_scores;

typedef struct bc_result_seed {
    int seed;
    bc_result_scores target[BC_RESULT_ARMS],
        source[BC_RESULT_ARMS]; /* source: images 0 where it was not scored */
} bc_result_seed;

typedef struct bc_results {
    bc_json_tree tree; /* the texts are in it */
    const char *command, *version, *device, *driver, *scenario, *protocol, *model,
        *method; /* "" where not said */
    bool quick;
    int arm_count;
    const char *arms[BC_RESULT_ARMS];
    int seed_count;
    bc_result_seed *seeds;
} bc_results;

/* A file without scores has no arms. One network's scores are an arm called `network`, of seed 0 and scenario "".
 * BC_E_FORMAT, with the file, for what is no JSON, for too many arms, and for seeds that differ in them. */
bc_status bc_results_read(bc_error *err, const char *path, const char *network, bc_results *out);
void bc_results_release(bc_results *results);
/* The place of an arm; -1: there is none of that name. */
int bc_results_arm(const bc_results *results, const char *name);

#endif
