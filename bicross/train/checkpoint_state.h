/* checkpoint.ini: what a run's checkpoint, or its finished weights, are, beside the tensors themselves. */
#ifndef BC_BICROSS_TRAIN_CHECKPOINT_STATE_H
#define BC_BICROSS_TRAIN_CHECKPOINT_STATE_H

#include "bicross/train/stage.h"
#include "host/base/digest.h"

/* The files of a checkpoint, the one of a finished run, and what came before. */
typedef enum bc_part {
    BC_PART_STUDENT,
    BC_PART_TEACHER,
    BC_PART_HEADS,
    BC_PART_OPTIMISER,
    BC_PART_HEADS_OPTIMISER,
    BC_PART_WEIGHTS, /* weights.safetensors of a finished run */
    BC_PART_START,   /* the weights that it started from, which are not its own */
    BC_PART_SENSOR,  /* the file of augment.sensor, likewise */
    BC_PART_COUNT
} bc_part;
extern const char *const bc_part_names[BC_PART_COUNT];

/* What the bits of an update depend on beside data and configuration. */
typedef struct bc_run_device {
    char name[256], driver[128];
    uint64_t choices; /* hash of the measured choices and of the rules in force */
} bc_run_device;
bc_run_device bc_run_device_of(const bc_host *host);

/* Text of 256 ranks' shares. */
enum { BC_SHARES_TEXT = 2048 };

typedef struct bc_checkpoint_state {
    bc_stage stage;
    long step, steps;
    bool finished;
    float best, plateau_best, plateau_scale; /* bests may be infinite: nothing was validated yet */
    int plateau_bad;
    bc_run_device device;           /* of rank 0 */
    int ranks;                      /* that trained */
    uint64_t team;                  /* hash of all their devices, drivers and choices; 0: there was one */
    char shares[BC_SHARES_TEXT];    /* of a batch, in their order: "4,4"; empty: there was one */
    bc_digest parts[BC_PART_COUNT]; /* 0 bytes: there is no such file */
} bc_checkpoint_state;

/* *found is false when there is no such file. A file that cannot be read is BC_E_FILE; one with a value that no run has written is
 * BC_E_FORMAT and names it. */
bc_status bc_checkpoint_state_read(bc_error *err, const char *path, bc_checkpoint_state *out, bool *found);
bc_status bc_checkpoint_state_write(bc_error *err, const char *path, const bc_checkpoint_state *state);

#endif
