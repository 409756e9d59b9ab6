/* Checkpoints: tensors in checkpoint-STEP.<part>.safetensors, then checkpoint.ini, which names STEP and holds
 * the few numbers beside them. checkpoint.ini is renamed into place last: it is the moment at which the new
 * checkpoint counts. */
#include "bicross/trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum part {
    PART_STUDENT,
    PART_TEACHER,
    PART_HEADS,
    PART_OPTIMISER,
    PART_HEADS_OPTIMISER,
    PART_COUNT
} part;
static const char *const part_names[PART_COUNT] = {"student", "teacher", "heads", "optimiser",
                                                   "heads-optimiser"};

static bool has_part(const bc_trainer *t, part p) {
    const void *owners[PART_COUNT] = {t->student, t->teacher, t->heads, t->optimiser, t->heads_optimiser};
    return owners[p] != NULL;
}

static void part_path(const bc_trainer *t, long step, part p, char path[1300]) {
    snprintf(path, 1300, "%s/checkpoint-%ld.%s.safetensors", t->job->folder, step, part_names[p]);
}

static void state_path(const bc_trainer *t, char path[1300]) {
    snprintf(path, 1300, "%s/checkpoint.ini", t->job->folder);
}

static bc_status save_part(bc_trainer *t, part p, const char *path) {
    switch (p) {
    case PART_STUDENT:
        return bc_params_save(t->student, path);
    case PART_TEACHER:
        return bc_params_save(t->teacher, path);
    case PART_HEADS:
        return bc_params_save(t->heads, path);
    case PART_OPTIMISER:
        return bc_optimiser_save(t->optimiser, path);
    default:
        return bc_optimiser_save(t->heads_optimiser, path);
    }
}

static bc_status load_part(bc_trainer *t, part p, const char *path) {
    switch (p) {
    case PART_STUDENT:
        return bc_params_load(t->student, path, NULL, NULL);
    case PART_TEACHER:
        return bc_params_load(t->teacher, path, NULL, NULL);
    case PART_HEADS:
        return bc_params_load(t->heads, path, NULL, NULL);
    case PART_OPTIMISER:
        return bc_optimiser_load(t->optimiser, path);
    default:
        return bc_optimiser_load(t->heads_optimiser, path);
    }
}

/* A hash of everything in the configuration that changes what an update computes. */
static bc_status config_key(const bc_trainer *t, uint64_t *key) {
    bc_config copy = *t->config;
    copy.out[0] = copy.device[0] = '\0';
    char *text;
    BC_TRY(bc_config_text(t->err, &copy, &text));
    *key = UINT64_C(0xcbf29ce484222325);
    for (const char *c = text; *c; c++)
        *key = (*key ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    free(text);
    return BC_OK;
}

static void remove_parts(const bc_trainer *t, long step) {
    for (int p = 0; p < PART_COUNT; p++) {
        char path[1300];
        part_path(t, step, (part)p, path);
        unlink(path);
    }
}

typedef struct state {
    long step;
    uint64_t config;
    float best, plateau_best, plateau_scale;
    int plateau_bad;
} state;

static const char state_format[] = "[checkpoint]\nstage = %s\nstep = %ld\nconfiguration = %016" PRIx64
                                   "\nbest = %a\nplateau_best = %a\nplateau_bad = %d\nplateau_scale = %a\n";

static bc_status write_state(bc_trainer *t) {
    char path[1300], text[512];
    uint64_t key;
    state_path(t, path);
    BC_TRY(config_key(t, &key));
    int length =
        snprintf(text, sizeof text, state_format, bc_stage_name(t->job->stage), t->step, key, (double)t->best,
                 (double)t->plateau.best, t->plateau.bad_epochs, (double)t->plateau.scale);
    return bc_file_write(t->err, path, text, (size_t)length);
}

static bc_status read_state(bc_trainer *t, state *out) {
    char path[1300], stage[32];
    uint8_t *bytes;
    size_t size;
    state_path(t, path);
    BC_TRY(bc_file_read(t->err, path, &bytes, &size));
    int fields = sscanf((const char *)bytes,
                        "[checkpoint] stage = %31s step = %ld configuration = %" SCNx64
                        " best = %a plateau_best = %a plateau_bad = %d plateau_scale = %a",
                        stage, &out->step, &out->config, &out->best, &out->plateau_best, &out->plateau_bad,
                        &out->plateau_scale);
    free(bytes);
    if (fields != 7)
        return bc_fail(t->err, BC_E_FORMAT,
                       "%s is not a checkpoint of this program: expected 7 entries, read %d", path,
                       fields < 0 ? 0 : fields);
    if (strcmp(stage, bc_stage_name(t->job->stage)) != 0)
        return bc_fail(t->err, BC_E_FORMAT, "%s belongs to the stage %s, not %s", path, stage,
                       bc_stage_name(t->job->stage));
    return BC_OK;
}

/* The step of the checkpoint that is there, or -1. */
static long previous_step(bc_trainer *t) {
    char path[1300];
    state_path(t, path);
    bc_error quiet = {0}, *err = t->err;
    state old = {.step = -1};
    t->err = &quiet;
    if (!bc_file_exists(path) || read_state(t, &old) != BC_OK)
        old.step = -1;
    t->err = err;
    return old.step;
}

bc_status bc_checkpoint_save(bc_trainer *t) {
    long old = previous_step(t);
    for (int p = 0; p < PART_COUNT; p++) {
        char path[1300];
        part_path(t, t->step, (part)p, path);
        if (has_part(t, (part)p))
            BC_TRY(save_part(t, (part)p, path));
    }
    BC_TRY(write_state(t));
    if (old >= 0 && old != t->step)
        remove_parts(t, old);
    return BC_OK;
}

bc_status bc_checkpoint_load(bc_trainer *t, bool *found) {
    char path[1300];
    state_path(t, path);
    *found = bc_file_exists(path);
    if (!*found)
        return BC_OK;
    state saved;
    uint64_t key;
    BC_TRY(read_state(t, &saved));
    BC_TRY(config_key(t, &key));
    if (saved.config != key)
        return bc_fail(
            t->err, BC_E_ARGUMENT,
            "%s was made with another configuration: continue with %s/config.ini, or start without --resume",
            path, t->job->folder);
    for (int p = 0; p < PART_COUNT; p++) {
        char file[1300];
        part_path(t, saved.step, (part)p, file);
        if (has_part(t, (part)p))
            BC_TRY(load_part(t, (part)p, file));
    }
    t->step = saved.step;
    t->best = saved.best;
    t->plateau.best = saved.plateau_best;
    t->plateau.bad_epochs = saved.plateau_bad;
    t->plateau.scale = saved.plateau_scale;
    return BC_OK;
}

void bc_checkpoint_remove(const bc_trainer *t) {
    char path[1300];
    bc_trainer copy = *t;
    long step = previous_step(&copy);
    state_path(t, path);
    unlink(path);
    if (step >= 0)
        remove_parts(t, step);
}
