/* The folder of a run: whose weights and checkpoints it holds is said by its config.ini. A fresh start removes
 * the earlier run's files first and writes config.ini before anything of its own, so that a kill at any moment
 * never leaves the files of two runs side by side. */
#include "bicross/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bc_status bc_run_folder_path(bc_error *err, const bc_train_job *job, const char *name,
                             char path[BC_RUN_PATH]) {
    int length = snprintf(path, BC_RUN_PATH, "%s/%s", job->folder, name);
    return length < BC_RUN_PATH ? BC_OK : bc_fail(err, BC_E_ARGUMENT, "the path %s is too long", job->folder);
}

bc_status bc_run_folder_begin(bc_error *err, const bc_train_job *job) {
    static const char *const outcomes[] = {"weights.safetensors", "best.safetensors"};
    char path[BC_RUN_PATH], *text;
    bc_checkpoint_remove(job);
    for (int i = 0; i < 2; i++) {
        BC_TRY(bc_run_folder_path(err, job, outcomes[i], path));
        unlink(path);
    }
    BC_TRY(bc_run_folder_path(err, job, "config.ini", path));
    BC_TRY(bc_config_text(err, job->config, &text));
    bc_status status = bc_file_write(err, path, text, strlen(text));
    free(text);
    return status;
}

/* The line is the head of a section that only another stage reads. */
static bool heads_another_stage(const char *line, bc_stage stage) {
    for (int i = 0; i < BC_STAGE_COUNT; i++) {
        const char *name = bc_stage_name((bc_stage)i);
        size_t length = strlen(name);
        if (i != (int)stage && strncmp(line + 1, name, length) == 0 && line[1 + length] == ']')
            return true;
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

/* Where a run is written, the name of its device, and what is made again (to the same bits) may differ. */
static bc_status comparable_text(bc_error *err, const bc_config *config, char **text) {
    bc_config copy = *config;
    copy.out[0] = copy.device[0] = copy.recompute[0] = '\0';
    return bc_config_text(err, &copy, text);
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

bc_status bc_run_folder_resume(bc_error *err, const bc_train_job *job, bool *finished) {
    char weights[BC_RUN_PATH], checkpoint[BC_RUN_PATH];
    BC_TRY(bc_run_folder_path(err, job, "weights.safetensors", weights));
    BC_TRY(bc_run_folder_path(err, job, "checkpoint.ini", checkpoint));
    *finished = bc_file_exists(weights);
    return *finished || bc_file_exists(checkpoint) ? same_configuration(err, job) : BC_OK;
}
