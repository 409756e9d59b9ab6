/* The folder of a run: whose weights and checkpoints it holds is said by its config.ini. A fresh start refuses where an earlier
 * run would be lost. When it may, it removes that run's files first and writes config.ini before anything of its own, so
 * that a kill at any moment never leaves the files of two runs side by side. */
#include "bicross/train/begin.h"

#include "bicross/train/checkpoint.h"
#include "bicross/train/checkpoint_state.h"
#include "bicross/train/ranks.h"
#include "net/store/weight_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bc_status write_config(bc_error *err, const bc_train_job *job) {
    char path[BC_RUN_PATH], *text;
    BC_TRY(bc_run_folder_path(err, job, "config.ini", path));
    BC_TRY(bc_config_text(err, job->config, &text));
    bc_status status = bc_file_write(err, path, text, strlen(text));
    free(text);
    return status;
}

bc_status bc_run_begin(bc_error *err, const bc_train_job *job) {
    static const char *const outcomes[] = {BC_RUN_WEIGHTS, BC_RUN_BEST};
    char path[BC_RUN_PATH];
    BC_TRY(bc_train_check_folder(err, job->folder, job->overwrite));
    BC_TRY(bc_checkpoint_remove(err, job));
    for (int i = 0; i < 2; i++) {
        BC_TRY(bc_run_folder_path(err, job, outcomes[i], path));
        BC_TRY(bc_file_remove(err, path));
    }
    BC_TRY(bc_runlog_remove(err, job->folder));
    return write_config(err, job);
}

/* --- continuing --- */

/* The line is the head of a section that only another stage reads. */
static bool heads_another_stage(const char *line, bc_stage stage) {
    for (int i = 0; i < BC_STAGE_COUNT; i++) {
        const char *section = bc_stage_section((bc_stage)i);
        size_t length = strlen(section);
        if (strncmp(line + 1, section, length) == 0 && line[1 + length] == ']')
            return strcmp(section, bc_stage_section(stage)) != 0;
    }
    return false;
}

/* Compares two configurations' texts, which have the same lines but for the values. */
static bc_status compare(bc_error *err, const bc_train_job *job, const char *before, const char *now) {
    const char *section = before;
    bool other = false;
    for (;;) {
        int old_length = (int)strcspn(before, "\n"), length = (int)strcspn(now, "\n");
        if (*before == '[') {
            section = before;
            other = heads_another_stage(before, job->stage);
        }
        if (!other && (old_length != length || memcmp(before, now, (size_t)length) != 0))
            return bc_fail(err, BC_E_ARGUMENT,
                           "%s holds a run with another configuration: %.*s was '%.*s' there, now '%.*s'; "
                           "continue with %s/config.ini, or start without --resume",
                           job->folder, (int)strcspn(section, "\n"), section, old_length, before, length, now,
                           job->folder);
        if (!before[old_length] || !now[length])
            return BC_OK;
        before += old_length + 1;
        now += length + 1;
    }
}

/* Of the device, what it is and does counts, not the words that chose it (same_device). */
static bc_status comparable_text(bc_error *err, const bc_config *config, char **text) {
    bc_config essence = bc_config_essence(config);
    return bc_config_text(err, &essence, text);
}

static bc_status same_configuration(bc_error *err, const bc_train_job *job) {
    char path[BC_RUN_PATH], *before, *now;
    bc_config saved;
    bc_config_defaults(&saved);
    BC_TRY(bc_run_folder_path(err, job, "config.ini", path));
    BC_TRY(bc_config_read(err, path, &saved));
    BC_TRY(comparable_text(err, &saved, &before));
    bc_status status = comparable_text(err, job->config, &now);
    if (status == BC_OK) {
        status = compare(err, job, before, now);
        free(now);
    }
    free(before);
    return status;
}

static bc_status same_device(bc_error *err, const bc_train_job *job, const bc_run_device *then,
                             const bc_run_device *now) {
    if (strcmp(then->name, now->name) != 0 || strcmp(then->driver, now->driver) != 0)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "%s was trained on %s (driver %s), now it would be %s (driver %s), with other bits: take "
            "that device again, or say --other-device",
            job->folder, then->name, then->driver, now->name, now->driver);
    if (then->choices == now->choices)
        return BC_OK;
    char snapshot[BC_RUN_PATH];
    bool kept;
    BC_TRY(bc_run_folder_path(err, job, "tuning.ini", snapshot));
    BC_TRY(bc_file_present(err, snapshot, &kept));
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s was trained with other measured choices (hash %016" PRIx64 ", now %016" PRIx64
        "), and today's give other bits: continue with --set device.tuning=%s, or say --other-device",
        job->folder, then->choices, now->choices, kept ? snapshot : "off");
}

/* Whether a file that the run was given is what it was then. Where it is gone, who needs it to go on will say so. */
static bc_status is_as_it_was(bc_error *err, const char *path, bc_digest then, bool *same) {
    bool there = false;
    bc_digest now;
    *same = true;
    if (path && path[0] && then.bytes)
        BC_TRY(bc_file_present(err, path, &there));
    if (!there)
        return BC_OK;
    BC_TRY(bc_digest_file(err, path, &now));
    *same = now.bytes == then.bytes && now.hash == then.hash;
    return BC_OK;
}

/* Weights that were trained anew meanwhile must not get successors that know the old ones; nor may one run have two sensors. */
static bc_status same_files(bc_error *err, const bc_train_job *job, const bc_checkpoint_state *state) {
    const char *start = bc_train_start_file(job), *sensor = job->config->sensor;
    char file[BC_WEIGHT_FILE_NAME];
    bool same;
    bc_weight_file_name(start ? start : "", file);
    BC_TRY(is_as_it_was(err, file, state->parts[BC_PART_START], &same));
    if (!same)
        return bc_fail(
            err, BC_E_ARGUMENT,
            "%s was begun from other weights than %s holds now: --overwrite trains it again from these",
            job->folder, start);
    BC_TRY(is_as_it_was(err, sensor, state->parts[BC_PART_SENSOR], &same));
    if (same)
        return BC_OK;
    return bc_fail(
        err, BC_E_ARGUMENT,
        "%s was begun with another sensor than %s (augment.sensor) holds now: --overwrite trains it "
        "again with this one",
        job->folder, sensor);
}

/* A finished run is believed when its weights are those that it wrote, and open as the network of this stage. `state` is NULL
 * when there is no checkpoint.ini (versions before 0.2 removed it). */
static bc_status check_finished(bc_host *host, const bc_train_job *job, const bc_checkpoint_state *state) {
    bc_error *err = bc_host_error(host);
    char path[BC_RUN_PATH];
    bc_trained network;
    BC_TRY(bc_run_folder_path(err, job, BC_RUN_WEIGHTS, path));
    if (state)
        BC_TRY(bc_digest_check(err, path, state->parts[BC_PART_WEIGHTS]));
    BC_TRY(bc_trained_open(host, job->config, path, &network));
    bool rgb = network.rgb, wanted = job->stage == BC_PRETRAIN;
    bc_trained_close(&network);
    if (rgb == wanted)
        return BC_OK;
    return bc_fail(err, BC_E_FORMAT,
                   "%s holds a network that reads %s, the stage %s trains one that reads %s", path,
                   rgb ? "pictures" : "spikes", bc_stage_name(job->stage), wanted ? "pictures" : "spikes");
}

/* The device of rank 0, which made the updates where they differed; and, where as many ranks go on, all their devices. */
static bc_status same_devices(bc_host *host, const bc_train_job *job, const bc_checkpoint_state *state) {
    bc_error *err = bc_host_error(host);
    bc_run_device now = bc_run_device_of(host);
    uint64_t hash;
    bool same;
    if (bc_team_rank(job->team) == 0)
        BC_TRY(same_device(err, job, &state->device, &now));
    BC_TRY(bc_ranks_devices(job->team, host, &hash, &same));
    if (state->ranks != bc_team_size(job->team) || state->team == hash)
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT,
                   "%s was trained by %d ranks with other devices, drivers or measured choices than now, "
                   "with other bits: take the same again, or say --other-device",
                   job->folder, state->ranks);
}

bc_status bc_run_resume(bc_host *host, const bc_train_job *job, bc_checkpoint_state *state, bool *begun,
                        bool *finished) {
    bc_error *err = bc_host_error(host);
    char weights[BC_RUN_PATH], path[BC_RUN_PATH];
    bool has_weights;
    *finished = false;
    BC_TRY(bc_run_folder_path(err, job, BC_RUN_WEIGHTS, weights));
    BC_TRY(bc_run_folder_path(err, job, "checkpoint.ini", path));
    BC_TRY(bc_file_present(err, weights, &has_weights));
    BC_TRY(bc_checkpoint_state_read(err, path, state, begun));
    if (!*begun && !has_weights)
        return BC_OK;
    BC_TRY(same_configuration(err, job));
    BC_TRY(same_files(err, job, state));
    *finished = *begun ? state->finished : true;
    if (*finished)
        return check_finished(host, job, *begun ? state : NULL);
    return job->other_device ? BC_OK : same_devices(host, job, state);
}
