/* What the files of training share: one trainer is one stage being run. A stage says what its graph is
 * (describe), how its inputs are filled (feed) and what follows an update (after); everything else is common
 * (train.c). */
#ifndef BC_BICROSS_TRAIN_TRAINER_H
#define BC_BICROSS_TRAIN_TRAINER_H

#include "bicross/data/sampler.h"
#include "bicross/train/run_folder.h"
#include "bicross/train/runlog.h"
#include "bicross/train/train.h"
#include "host/base/digest.h"
#include "net/store/gradient_sum.h"

/* A mask, of whose part in another the log tells. */
typedef struct bc_watch {
    const char *name;
    bc_value *kept, *of;
} bc_watch;
enum { BC_MAX_WATCHES = 2 };

typedef struct bc_trainer bc_trainer;

/* What a term's weight is multiplied by at update t->step. */
typedef float bc_course(const bc_trainer *t);

typedef struct bc_term {
    const char *name;
    bc_value *value;
    float weight;
    bc_course *course; /* NULL: the weight stays */
    float now;         /* the weight of the latest update */
} bc_term;

typedef struct bc_stage_kind {
    /* Declares parameters and losses, allocates the parameters and gives them their starting values. */
    bc_status (*describe)(bc_trainer *t);
    bc_status (*feed)(bc_trainer *t);   /* fills the inputs for update t->step */
    bc_status (*before)(bc_trainer *t); /* once, before the first update of a fresh start; may be NULL */
    bc_status (*after)(bc_trainer *t);  /* after each update; may be NULL */
} bc_stage_kind;

struct bc_trainer {
    bc_host *host;
    bc_error *err;
    const bc_train_job *job;
    bc_config own;           /* what the stage sees of the job's (bc_config_of_stage) */
    const bc_config *config; /* own */
    const bc_stage_config *stage;
    const bc_stage_kind *kind;
    bc_model model;        /* of the network that is trained */
    bc_start start;        /* what it started from */
    bc_digest start_file;  /* the file of it; 0 bytes: chance */
    bc_digest sensor_file; /* of augment.sensor; 0 bytes: not asked for */

    bc_share share; /* of each batch, that this rank has; alone: all of it */
    int *counts;    /* of all ranks; NULL: alone */
    bool mixed;     /* the ranks' devices differ: rank 0 makes the updates, so that all have the same bits */
    int ranks_then; /* that trained up to the checkpoint from which this goes on; 0: it does not */

    bc_params *student;
    bc_params
        *teacher; /* frozen: the RGB network of crossmodality, the moving average of crossdomain; else NULL */
    bc_params *heads; /* projection and domain heads, with an optimiser of their own; else NULL */
    bc_optimiser *optimiser, *heads_optimiser;

    bc_graph *graph;
    bc_plan *plan;
    bc_gradient_sum *gradients; /* of the plan, over the ranks; NULL: alone */
    bc_loader *loader;
    bc_sampler source_order, target_order;
    bc_sampler_walk source_walk, target_walk; /* along them, as far as samples are read ahead */
    bc_augment augment;
    bc_sensor sensor; /* of source spikes: a file's, or, in crossdomain, the target's; empty: not asked for */
    bc_batch source, target; /* what feed fills; its student in crossdomain sees both in one batch */
    bc_value *teacher_words,
        *mirrored_words; /* crossdomain: the target as it is, and mirrored; NULL: not wanted */
    bc_term terms[BC_MAX_TERMS];
    int term_count;
    bc_watch watches[BC_MAX_WATCHES];
    int watch_count;

    bc_plateau plateau;
    long step, steps, steps_per_epoch;
    const char *epoch; /* what an epoch is a pass over, in words */
    float best;        /* lowest AbsRel on validation so far */
};

extern const bc_stage_kind bc_supervised_kind; /* pretrain, neuromorphic, supervised */
extern const bc_stage_kind bc_crossmodality_kind;
extern const bc_stage_kind bc_crossdomain_kind; /* and control */

/* Adds a loss to the graph and to the log; course: of its weight, or NULL. NULL values (an earlier failure of the graph) are let through. */
void bc_trainer_term(bc_trainer *t, const char *name, bc_value *value, float weight, bc_course *course);
/* Gives the terms their weights of update t->step. */
void bc_trainer_weigh(bc_trainer *t);
/* Logs which share of the mask `of` the mask `kept` leaves. NULL values are let through. */
void bc_trainer_watch(bc_trainer *t, const char *name, bc_value *kept, bc_value *of);
/* What it is now; 0 of nothing. */
bc_status bc_trainer_watched(bc_trainer *t, const bc_watch *watch, float *share);
/* bc_supervise (supervision.h) as two terms. */
void bc_trainer_supervise(bc_trainer *t, bc_value *depth, bc_value *uncertainty, bc_value *label,
                          float weight);

/* An empty graph to train, which keeps activations as the configuration says. */
bc_status bc_trainer_graph(const bc_trainer *t, bc_graph **out);
bc_value *bc_trainer_input(bc_trainer *t, const char *name, int batch, int channels);
bc_value *bc_trainer_label(bc_trainer *t, const char *name, const bc_dataset *dataset, int batch);
/* Fills rows of the batch's values, from `row` on, with this rank's share of the batch of update t->step. */
bc_status bc_trainer_fill(bc_trainer *t, bc_dataset *dataset, bc_sampler *order, const bc_batch *batch,
                          int row, const bc_augment *augment);
/* Puts t->sensor onto spikes from now on. */
bc_status bc_trainer_use_sensor(bc_trainer *t);
/* Gives the student its starting values: drawn from the configuration's seed and, with a file, read from it
 * (bc_weights_start, the stem as the configuration says). */
bc_status bc_trainer_start(bc_trainer *t, const char *weights);
bc_status bc_trainer_make_heads(bc_trainer *t);  /* an empty store for heads */
bc_status bc_trainer_start_heads(bc_trainer *t); /* drawn, when there are any */

/* Of the schedule, for the current step. */
float bc_trainer_rate_scale(const bc_trainer *t);
/* Backward of the plan; gradients are those of the whole batch. */
bc_status bc_trainer_backward(bc_trainer *t);
/* The optimiser step of all stores with the rates of the current step. */
bc_status bc_trainer_update(bc_trainer *t);

/* The file that the stage starts from; NULL: chance. */
const char *bc_train_start_file(const bc_train_job *job);
/* For messages: the arm of a demo, or the stage. */
const char *bc_trainer_name(const bc_trainer *t);
/* The student with what the file says of itself (weights_info.h), as NAME in the job's folder; *path becomes the whole path. */
bc_status bc_trainer_save_weights(bc_trainer *t, const char *name, char path[BC_RUN_PATH]);

#endif
