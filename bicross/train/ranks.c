#include "bicross/train/ranks.h"

#include "host/team/share.h"

#include <stdlib.h>
#include <string.h>

bool bc_ranks_first(const bc_trainer *t) {
    return bc_team_rank(t->job->team) == 0;
}

/* --- shares --- */

/* Numbers separated by commas, one a rank; false: it is something else. */
static bool read_numbers(const char *text, int ranks, double *numbers) {
    for (int r = 0; r < ranks; r++) {
        char *end;
        numbers[r] = strtod(text, &end);
        if (end == text || !(numbers[r] > 0 && numbers[r] < 1e9) || *end != (r + 1 < ranks ? ',' : '\0'))
            return false;
        text = end + 1;
    }
    return true;
}

static bool goes_on(const bc_team *team, const bc_checkpoint_state *before) {
    return before && !before->finished && before->ranks == bc_team_size(team);
}

bool bc_ranks_want_speed(const bc_train_job *job, const bc_checkpoint_state *before) {
    return job->team && !goes_on(job->team, before) && strcmp(job->config->shares, "measured") == 0;
}

static bc_status find_speeds(const bc_trainer *t, const bc_checkpoint_state *before, double speed,
                             double *speeds) {
    int ranks = bc_team_size(t->job->team);
    const char *wanted = t->config->shares;
    if (goes_on(t->job->team, before))
        return read_numbers(before->shares, ranks, speeds)
                   ? BC_OK
                   : bc_fail(t->err, BC_E_FORMAT,
                             "%s/checkpoint.ini is not a checkpoint of this program: shares should be %d "
                             "numbers, found '%.60s'",
                             t->job->folder, ranks, before->shares);
    if (bc_ranks_want_speed(t->job, before))
        return bc_team_gather(t->job->team, t->err, &speed, sizeof speed, speeds);
    for (int r = 0; r < ranks; r++)
        speeds[r] = 1;
    if (strcmp(wanted, "equal") == 0 || read_numbers(wanted, ranks, speeds))
        return BC_OK;
    return bc_fail(t->err, BC_E_ARGUMENT,
                   "device.shares must be equal, measured, or %d positive numbers, one a rank, such as 3,1; "
                   "not '%.60s'",
                   ranks, wanted);
}

bc_status bc_ranks_divide(bc_trainer *t, const bc_checkpoint_state *before, double speed) {
    bc_team *team = t->job->team;
    int ranks = bc_team_size(team), batch = t->stage->batch;
    t->share = (bc_share){.count = batch, .whole = batch};
    if (!team)
        return BC_OK;
    double *speeds = malloc((size_t)ranks * sizeof *speeds);
    t->counts = calloc((size_t)ranks, sizeof *t->counts);
    bc_status status = speeds && t->counts
                           ? find_speeds(t, before, speed, speeds)
                           : bc_fail(t->err, BC_E_MEMORY, "no host memory for the shares of %d ranks", ranks);
    if (status == BC_OK)
        status = bc_share_divide(t->err, batch, ranks, speeds, t->counts);
    if (status == BC_OK)
        t->share = bc_share_of(team, t->counts);
    free(speeds);
    return status;
}

bc_status bc_ranks_shares(const bc_trainer *t, char text[BC_SHARES_TEXT]) {
    int used = 0, ranks = t->counts ? bc_team_size(t->job->team) : 0;
    text[0] = '\0';
    for (int r = 0; r < ranks; r++) {
        used += snprintf(text + used, BC_SHARES_TEXT - (size_t)used, "%s%d", r ? "," : "", t->counts[r]);
        if (used >= BC_SHARES_TEXT || ranks > 256)
            return bc_fail(t->err, BC_E_ARGUMENT, "%d ranks are more than the 256 that a run can have",
                           ranks);
    }
    return BC_OK;
}

/* --- devices --- */

bc_status bc_ranks_devices(bc_team *team, const bc_host *host, uint64_t *hash, bool *same) {
    bc_error *err = bc_host_error(host);
    bc_run_device mine = bc_run_device_of(host);
    size_t ranks = (size_t)bc_team_size(team);
    *hash = 0;
    *same = true;
    if (!team)
        return BC_OK;
    bc_run_device *all = malloc(ranks * sizeof *all);
    if (!all)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the devices of %zu ranks", ranks);
    bc_status status = bc_team_gather(team, err, &mine, sizeof mine, all);
    for (size_t r = 1; r < ranks && status == BC_OK; r++)
        *same &= memcmp(&all[0], &all[r], sizeof mine) == 0;
    if (status == BC_OK)
        *hash = bc_digest_text(all, ranks * sizeof *all);
    free(all);
    return status;
}

/* --- weights --- */

/* All values, on the host. */
static bc_status read_values(const bc_trainer *t, const bc_params *params, void **values, size_t *bytes) {
    bc_buffer all = bc_params_vector(params);
    *bytes = all.bytes;
    *values = malloc(all.bytes);
    if (!*values)
        return bc_fail(t->err, BC_E_MEMORY, "no host memory for %zu bytes of weights", all.bytes);
    return bc_buffer_read(t->host, all, 0, *values, all.bytes);
}

bc_status bc_ranks_follow(bc_trainer *t, bc_params *params) {
    void *values = NULL;
    size_t bytes;
    if (!t->mixed || !params)
        return BC_OK;
    bc_status status = read_values(t, params, &values, &bytes);
    if (status == BC_OK)
        status = bc_team_tell(t->share.team, t->err, values, bytes);
    if (status == BC_OK && !bc_ranks_first(t))
        status = bc_buffer_write(t->host, bc_params_vector(params), 0, values, bytes);
    free(values);
    return status;
}

static bc_status hash_of(const bc_trainer *t, const bc_params *params, uint64_t *hash) {
    void *values = NULL;
    size_t bytes;
    *hash = 0;
    if (!params)
        return BC_OK;
    bc_status status = read_values(t, params, &values, &bytes);
    if (status == BC_OK)
        *hash = bc_digest_text(values, bytes);
    free(values);
    return status;
}

bc_status bc_ranks_check(bc_trainer *t) {
    const bc_params *all[] = {t->student, t->heads, t->teacher};
    uint64_t hashes[3];
    bool same;
    if (!t->share.team)
        return BC_OK;
    for (int i = 0; i < 3; i++)
        BC_TRY(hash_of(t, all[i], &hashes[i]));
    BC_TRY(bc_team_same(t->share.team, t->err, hashes, sizeof hashes, &same));
    return same ? BC_OK
                : bc_fail(t->err, BC_E_NUMERIC,
                          "%s: after update %ld the ranks do not have the same weights: a device or a driver "
                          "does not compute the same twice; nothing of it is saved",
                          t->job->folder, t->step);
}

bc_status bc_ranks_stop(bc_trainer *t, bool *stop) {
    const bc_observer *o = t->job->observer;
    *stop = o && o->stop && o->stop(o->user);
    return bc_team_any(t->share.team, t->err, stop);
}
