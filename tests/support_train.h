/* Training at a tiny size, for the suites that train. */
#ifndef BC_TESTS_SUPPORT_TRAIN_H
#define BC_TESTS_SUPPORT_TRAIN_H

#include "bicross/train/train.h"
#include "tests/support.h"

enum { HEIGHT = 32, WIDTH = 64, SAMPLES = 6 };

/* Slanted planes under random light: enough to learn something from. */
bc_dataset *toy(bool labelled);
bc_status toy_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out);
/* Its samples with labels far beyond dmax: nothing would be learned, and validation would be perfect. */
bc_status far_load(bc_dataset *dataset, bc_error *err, int index, bc_sample *out);

typedef struct fixture {
    bc_config config;
    bc_dataset *source, *target;
    char folder[256];
} fixture;
void open_fixture(fixture *f, const char *name);
void close_fixture(fixture *f);
bc_train_job job_of(fixture *f, bc_stage stage);
void in_folder(const fixture *f, const char *name, char path[400]);
/* Trains a stage from `weights` into its own folder and returns the path of its weights. */
void train(fixture *f, const char *folder, bc_stage stage, const char *weights, char path[400]);

/* That the job fails with this status and a message that has both words. */
void refuse(const bc_train_job *job, bc_status expected, const char *first, const char *second);

void assert_same_file(const char *a, const char *b, bool same);
/* The header says how the network was trained; this compares what came out. */
void assert_same_tensors(const char *a, const char *b, bool same);
/* What the log has for `name` after this update; NAN: nothing. */
float logged(const fixture *f, const char *name, long step);
/* That the logged total is the weighted sum of the logged terms. */
void expect_total(const fixture *f, long step, const char *const names[], const float weights[], int count);

#endif
