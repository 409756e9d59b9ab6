/* Training: the six runs, each from its starting weights to a folder with weights, log, and checkpoints. */
#ifndef BC_BICROSS_TRAIN_TRAIN_H
#define BC_BICROSS_TRAIN_TRAIN_H

#include "bicross/data/dataset.h"
#include "bicross/train/evaluate.h"
#include "bicross/train/stage.h"
#include "bicross/train/weights.h"
#include "net/store/safetensors.h"

enum { BC_MAX_TERMS = 8 };

/* What an observer sees after an update. */
typedef struct bc_progress {
    const char *stage, *label; /* label: the arm of a demo, or the stage */
    long step, steps;
    int term_count;                       /* 0: the losses were not read after this update */
    const char *term_names[BC_MAX_TERMS]; /* "total" first */
    float terms[BC_MAX_TERMS];
    float rate;                            /* scratch learning rate */
    double steps_per_second, seconds_left; /* 0: not known yet */
} bc_progress;

/* What an observer sees before the first update. */
typedef struct bc_beginning {
    const char *label;
    const bc_dataset *source, *target; /* NULL where the stage reads none */
    const bc_model *model;
    int input_height, input_width, batch;
    size_t plan_bytes;                 /* activations and gradients, on the device */
    long step, steps, steps_per_epoch; /* step > 0: resumed after it */
    const char *epoch;                 /* what it is a pass over */
    const char *shares;                /* of a batch, of the ranks: "4,4"; empty: there is one */
    int ranks, ranks_then;             /* now, and up to `step` */
    const bc_start *start;             /* the file that the network started from, whole or in part */
    const char *method, *implied;      /* what the method sets in this stage; may be empty */
    const char *
        departures; /* of a configuration with method = code: settings that the released code has not; may be empty */
    const bc_dataset *validation; /* NULL: there is none */
    bool validates_on_target;     /* with its labels */
} bc_beginning;

typedef struct bc_observer {
    void *user;
    void (*started)(void *user, const bc_beginning *beginning); /* may be NULL */
    void (*progress)(void *user, const bc_progress *progress);  /* may be NULL */
    bool (*stop)(
        void *
            user); /* asked after each update; true: save a checkpoint and return BC_E_INTERRUPTED, unless it was the last */
} bc_observer;

/* Draws a validation sample and what is predicted of it, for the log: RGB, (h,w,3), malloc'ed. `learnt`: outside it nothing was learned. */
typedef bc_status (*bc_draw)(bc_error *err, const bc_evaluated *image, float dmax, bc_window learnt,
                             int *width, int *height, uint8_t **rgb);

typedef struct bc_train_job {
    bc_team *
        team; /* whose ranks train together, each with the same job; rank 0 alone writes. NULL: one process */
    bc_stage stage;
    const char *label; /* for progress and log; NULL: the stage's name */
    const bc_config *config;
    bc_dataset *source, *target; /* as the stage needs; labels of `target` are read by BC_SUPERVISED only */
    bc_dataset *validation;      /* held-out source samples, or what the configuration says; may be NULL */
    const char *folder;          /* created; receives what is listed below */
    const char *
        weights; /* crossmodality: the trained RGB network. Crossdomain and control: the network of crossmodality. Other stages: a start
                                    (weights.h); NULL: the configuration's, else chance */
    bool resume; /* continue from folder/checkpoint.* bit for bit; nothing is left to do when the run
                                    is finished; starts afresh when there is neither */
    bool overwrite; /* a fresh start may remove an earlier run's files */
    bool
        other_device; /* resuming may go on with another device, driver or measured choices: other last bits */
    const bc_observer *observer; /* may be NULL */
    bc_draw draw;                /* what TensorBoard gets to see of validation; may be NULL */
} bc_train_job;

#define BC_RUN_WEIGHTS "weights" BC_SAFETENSORS
#define BC_RUN_BEST "best" BC_SAFETENSORS
/* Files in `folder`: weights.safetensors (final), best.safetensors (lowest AbsRel on validation; when there is a
 * validation set), log.csv, events.out.tfevents.*, config.ini, checkpoint.ini (how far it is; size and hash of the files; stays), and,
 * while it runs, checkpoint-*.
 * A fresh start is BC_E_ARGUMENT where there are weights or a checkpoint, unless the job says `overwrite`: then they are removed.
 * Resuming is BC_E_ARGUMENT when the folder's config.ini differs in what the stage reads (all sections but those of the other
 * stages), or the weights or the sensor that the run began with, or device, driver or measured choices differ; BC_E_FORMAT when a file is not the one that was written.
 * A NaN or infinite loss, gradient or parameter is BC_E_NUMERIC and names stage, update and term; nothing is saved from it. */
/* With a team a batch is divided: `batch` samples are of all ranks together, and N ranks do what one does, to rounding; the same bits each time
 * for the same N and shares. */
bc_status bc_train(bc_host *host, const bc_train_job *job);

/* What bc_train refuses of a fresh start, to be asked for all stages before the first is trained. */
bc_status bc_train_check_folder(bc_error *err, const char *folder, bool overwrite);

#endif
