/* Checkpoints: tensors in checkpoint-STEP.<part>.safetensors, then checkpoint.ini, which names STEP and holds
 * the few numbers beside them. checkpoint.ini is renamed into place last: it is the moment at which the new
 * checkpoint counts. */
#include "bicross/trainer.h"

#include <dirent.h>
#include <fcntl.h>
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

static bc_status part_path(const bc_trainer *t, long step, part p, char path[BC_RUN_PATH]) {
    char name[64];
    snprintf(name, sizeof name, "checkpoint-%ld.%s.safetensors", step, part_names[p]);
    return bc_run_folder_path(t->err, t->job, name, path);
}

static bc_status state_path(bc_error *err, const bc_train_job *job, char path[BC_RUN_PATH]) {
    return bc_run_folder_path(err, job, "checkpoint.ini", path);
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
        return bc_params_load(t->student, path);
    case PART_TEACHER:
        return bc_params_load(t->teacher, path);
    case PART_HEADS:
        return bc_params_load(t->heads, path);
    case PART_OPTIMISER:
        return bc_optimiser_load(t->optimiser, path);
    default:
        return bc_optimiser_load(t->heads_optimiser, path);
    }
}

/* Removes the tensors of all checkpoints but that of step `keep` (-1: of all). */
static void remove_parts(const bc_train_job *job, long keep) {
    DIR *folder = opendir(job->folder);
    const struct dirent *entry;
    long step;
    while (folder && (entry = readdir(folder)) != NULL)
        if (sscanf(entry->d_name, "checkpoint-%ld.", &step) == 1 && step != keep)
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
}

typedef struct state {
    long step;
    float best, plateau_best, plateau_scale;
    int plateau_bad;
} state;

static const char state_format[] = "[checkpoint]\nstage = %s\nstep = %ld\nbest = %a\nplateau_best = %a\n"
                                   "plateau_bad = %d\nplateau_scale = %a\n";

static bc_status write_state(bc_trainer *t) {
    char path[BC_RUN_PATH], text[512];
    BC_TRY(state_path(t->err, t->job, path));
    int length =
        snprintf(text, sizeof text, state_format, bc_stage_name(t->job->stage), t->step, (double)t->best,
                 (double)t->plateau.best, t->plateau.bad_epochs, (double)t->plateau.scale);
    return bc_file_write(t->err, path, text, (size_t)length);
}

static bc_status read_state(bc_trainer *t, const char *path, state *out) {
    char stage[32];
    uint8_t *bytes;
    size_t size;
    BC_TRY(bc_file_read(t->err, path, &bytes, &size));
    int fields =
        sscanf((const char *)bytes,
               "[checkpoint] stage = %31s step = %ld best = %a plateau_best = %a plateau_bad = %d "
               "plateau_scale = %a",
               stage, &out->step, &out->best, &out->plateau_best, &out->plateau_bad, &out->plateau_scale);
    free(bytes);
    if (fields != 6)
        return bc_fail(t->err, BC_E_FORMAT,
                       "%s is not a checkpoint of this program: expected 6 entries, read %d", path,
                       fields < 0 ? 0 : fields);
    if (strcmp(stage, bc_stage_name(t->job->stage)) != 0)
        return bc_fail(t->err, BC_E_FORMAT, "%s belongs to the stage %s, not %s", path, stage,
                       bc_stage_name(t->job->stage));
    return BC_OK;
}

bc_status bc_checkpoint_save(bc_trainer *t) {
    for (int p = 0; p < PART_COUNT; p++) {
        char path[BC_RUN_PATH];
        BC_TRY(part_path(t, t->step, (part)p, path));
        if (has_part(t, (part)p))
            BC_TRY(save_part(t, (part)p, path));
    }
    BC_TRY(write_state(t));
    remove_parts(t->job, t->step);
    return BC_OK;
}

bc_status bc_checkpoint_load(bc_trainer *t, bool *found) {
    char path[BC_RUN_PATH];
    BC_TRY(state_path(t->err, t->job, path));
    *found = bc_file_exists(path);
    if (!*found)
        return BC_OK;
    state saved;
    BC_TRY(read_state(t, path, &saved));
    for (int p = 0; p < PART_COUNT; p++) {
        BC_TRY(part_path(t, saved.step, (part)p, path));
        if (has_part(t, (part)p))
            BC_TRY(load_part(t, (part)p, path));
    }
    t->step = saved.step;
    t->best = saved.best;
    t->plateau.best = saved.plateau_best;
    t->plateau.bad_epochs = saved.plateau_bad;
    t->plateau.scale = saved.plateau_scale;
    return BC_OK;
}

void bc_checkpoint_remove(const bc_train_job *job) {
    char path[BC_RUN_PATH];
    bc_error ignored = {0};
    if (state_path(&ignored, job, path) == BC_OK)
        unlink(path);
    remove_parts(job, -1);
}
