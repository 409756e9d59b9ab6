/* Checkpoints: tensors in checkpoint-STEP.<part>.safetensors, then checkpoint.ini, which names STEP, holds the few numbers
 * beside them, and the size and hash of each file. checkpoint.ini is renamed into place last: it is the moment at which
 * the new checkpoint counts, and, at the end of a run, the moment at which the run is finished. */
#include "bicross/train/checkpoint.h"
#include "bicross/train/checkpoint_state.h"
#include "bicross/train/ranks.h"
#include "host/tuning/choices.h"

#include <stdio.h>
#include <string.h>

static bool has_part(const bc_trainer *t, bc_part p) {
    const void *owners[BC_PART_COUNT] = {t->student, t->teacher, t->heads, t->optimiser, t->heads_optimiser};
    return owners[p] != NULL;
}

static void part_name(long step, bc_part p, char name[64]) {
    snprintf(name, 64, "checkpoint-%ld.%s" BC_SAFETENSORS, step, bc_part_names[p]);
}

static bc_status part_path(const bc_trainer *t, long step, bc_part p, char path[BC_RUN_PATH]) {
    char name[64];
    part_name(step, p, name);
    return bc_run_folder_path(t->err, t->job, name, path);
}

static bc_status save_part(bc_trainer *t, bc_part p, const char *path) {
    switch (p) {
    case BC_PART_STUDENT:
        return bc_params_save(t->student, path, NULL, 0);
    case BC_PART_TEACHER:
        return bc_params_save(t->teacher, path, NULL, 0);
    case BC_PART_HEADS:
        return bc_params_save(t->heads, path, NULL, 0);
    case BC_PART_OPTIMISER:
        return bc_optimiser_save(t->optimiser, path);
    default:
        return bc_optimiser_save(t->heads_optimiser, path);
    }
}

static bc_status load_part(bc_trainer *t, bc_part p, const char *path) {
    switch (p) {
    case BC_PART_STUDENT:
        return bc_params_load(t->student, path);
    case BC_PART_TEACHER:
        return bc_params_load(t->teacher, path);
    case BC_PART_HEADS:
        return bc_params_load(t->heads, path);
    case BC_PART_OPTIMISER:
        return bc_optimiser_load(t->optimiser, path);
    default:
        return bc_optimiser_load(t->heads_optimiser, path);
    }
}

/* Whether a file has a name that bc_checkpoint_save gives: all others in the folder are somebody else's. */
static bool is_part(const char *name, long *step) {
    char own[64];
    if (sscanf(name, "checkpoint-%ld.", step) != 1)
        return false;
    for (int p = 0; p < BC_PART_WEIGHTS; p++) {
        part_name(*step, (bc_part)p, own);
        if (strcmp(name, own) == 0)
            return true;
    }
    return false;
}

/* Whether it holds tensors of a checkpoint, but that of step *keep. */
static bool is_other_part(const char *name, const void *keep) {
    long step;
    return is_part(name, &step) && step != *(const long *)keep;
}

/* Removes the tensors of all checkpoints but that of step `keep` (-1: of all). */
static bc_status remove_parts(bc_error *err, const bc_train_job *job, long keep) {
    return bc_file_remove_some(err, job->folder, is_other_part, &keep);
}

static bc_status state_of(const bc_trainer *t, bc_checkpoint_state *state) {
    bool same;
    *state =
        (bc_checkpoint_state){.stage = t->job->stage,
                              .step = t->step,
                              .steps = t->steps,
                              .best = t->best,
                              .plateau_best = t->plateau.best,
                              .plateau_bad = t->plateau.bad_epochs,
                              .plateau_scale = t->plateau.scale,
                              .device = bc_run_device_of(t->host),
                              .ranks = bc_team_size(t->job->team),
                              .parts = {[BC_PART_START] = t->start_file, [BC_PART_SENSOR] = t->sensor_file}};
    BC_TRY(bc_ranks_shares(t, state->shares));
    return bc_ranks_devices(t->job->team, t->host, &state->team, &same);
}

static bc_status write_state(bc_trainer *t, const bc_checkpoint_state *state) {
    char path[BC_RUN_PATH];
    BC_TRY(bc_run_folder_path(t->err, t->job, "checkpoint.ini", path));
    return bc_checkpoint_state_write(t->err, path, state);
}

/* The measured choices in force, so that a later --resume can have them again. */
static bc_status write_choices(bc_trainer *t) {
    char path[BC_RUN_PATH];
    if (!bc_host_tuning(t->host))
        return BC_OK;
    BC_TRY(bc_run_folder_path(t->err, t->job, "tuning.ini", path));
    return bc_tuning_snapshot(t->err, bc_host_tuning(t->host), path);
}

bc_status bc_checkpoint_save(bc_trainer *t) {
    bc_checkpoint_state state;
    BC_TRY(bc_ranks_check(t));
    BC_TRY(state_of(t, &state));
    if (!bc_ranks_first(t))
        return BC_OK;
    BC_TRY(write_choices(t));
    for (int p = 0; p < BC_PART_COUNT; p++) {
        char path[BC_RUN_PATH];
        BC_TRY(part_path(t, t->step, (bc_part)p, path));
        if (!has_part(t, (bc_part)p))
            continue;
        BC_TRY(save_part(t, (bc_part)p, path));
        BC_TRY(bc_digest_file(t->err, path, &state.parts[p]));
    }
    BC_TRY(write_state(t, &state));
    return remove_parts(t->err, t->job, t->step);
}

bc_status bc_checkpoint_finish(bc_trainer *t, const char *weights) {
    bc_checkpoint_state state;
    BC_TRY(state_of(t, &state));
    if (!bc_ranks_first(t))
        return BC_OK;
    state.finished = true;
    BC_TRY(bc_digest_file(t->err, weights, &state.parts[BC_PART_WEIGHTS]));
    BC_TRY(write_state(t, &state));
    return remove_parts(t->err, t->job, -1);
}

/* The files are looked at before any of them changes the trainer. */
static bc_status check_parts(bc_trainer *t, const bc_checkpoint_state *saved) {
    for (int p = 0; p < BC_PART_WEIGHTS; p++) {
        char path[BC_RUN_PATH];
        BC_TRY(part_path(t, saved->step, (bc_part)p, path));
        if (has_part(t, (bc_part)p))
            BC_TRY(bc_digest_check(t->err, path, saved->parts[p]));
    }
    return BC_OK;
}

static bc_status check_state(bc_trainer *t, const char *path, const bc_checkpoint_state *saved) {
    if (saved->stage != t->job->stage)
        return bc_fail(t->err, BC_E_FORMAT, "%s belongs to the stage %s, not %s", path,
                       bc_stage_name(saved->stage), bc_stage_name(t->job->stage));
    if (saved->steps != t->steps)
        return bc_fail(
            t->err, BC_E_ARGUMENT,
            "%s is of a run of %ld updates, now there would be %ld: the data are not the same any more", path,
            saved->steps, t->steps);
    return check_parts(t, saved);
}

bc_status bc_checkpoint_load(bc_trainer *t, bool *found) {
    char path[BC_RUN_PATH];
    bc_checkpoint_state saved;
    BC_TRY(bc_run_folder_path(t->err, t->job, "checkpoint.ini", path));
    BC_TRY(bc_checkpoint_state_read(t->err, path, &saved, found));
    if (!*found)
        return BC_OK;
    BC_TRY(check_state(t, path, &saved));
    for (int p = 0; p < BC_PART_COUNT; p++) {
        BC_TRY(part_path(t, saved.step, (bc_part)p, path));
        if (has_part(t, (bc_part)p))
            BC_TRY(load_part(t, (bc_part)p, path));
    }
    t->step = saved.step;
    t->ranks_then = saved.ranks;
    t->best = saved.best;
    t->plateau.best = saved.plateau_best;
    t->plateau.bad_epochs = saved.plateau_bad;
    t->plateau.scale = saved.plateau_scale;
    return BC_OK;
}

bc_status bc_checkpoint_remove_tensors(bc_error *err, const bc_train_job *job) {
    return remove_parts(err, job, -1);
}

bc_status bc_checkpoint_remove(bc_error *err, const bc_train_job *job) {
    char path[BC_RUN_PATH];
    BC_TRY(bc_run_folder_path(err, job, "checkpoint.ini", path));
    BC_TRY(bc_file_remove(err, path));
    return remove_parts(err, job, -1);
}
