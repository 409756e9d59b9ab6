/* What follows from the few things that a team can do. */
#include "host/team/team.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bc_status fail_memory(bc_error *err, size_t bytes) {
    return bc_fail(err, BC_E_MEMORY, "no memory for %zu bytes of what the ranks of this job have", bytes);
}

bc_status bc_team_gather(bc_team *team, bc_error *err, const void *mine, size_t bytes, void *all) {
    int size = bc_team_size(team);
    size_t *sizes = malloc((size_t)size * sizeof *sizes);
    if (!sizes)
        return fail_memory(err, bytes);
    for (int r = 0; r < size; r++)
        sizes[r] = bytes;
    bc_status status = bc_team_gather_parts(team, err, mine, sizes, all);
    free(sizes);
    return status;
}

bc_status bc_team_any(bc_team *team, bc_error *err, bool *flag) {
    int size = bc_team_size(team);
    if (size == 1)
        return BC_OK;
    bool *all = malloc((size_t)size * sizeof *all);
    if (!all)
        return fail_memory(err, (size_t)size);
    bc_status status = bc_team_gather(team, err, flag, sizeof *flag, all);
    for (int r = 0; r < size && status == BC_OK; r++)
        *flag |= all[r];
    free(all);
    return status;
}

bc_status bc_team_same(bc_team *team, bc_error *err, const void *data, size_t bytes, bool *same) {
    size_t size = (size_t)bc_team_size(team);
    *same = true;
    if (size == 1)
        return BC_OK;
    char *all = malloc(size * bytes);
    if (!all)
        return fail_memory(err, size * bytes);
    bc_status status = bc_team_gather(team, err, data, bytes, all);
    for (size_t r = 1; r < size && status == BC_OK; r++)
        *same &= memcmp(all, all + r * bytes, bytes) == 0;
    free(all);
    return status;
}

size_t bc_number_bytes(bc_number kind) {
    return kind == BC_NUMBER_DOUBLE ? sizeof(double)
           : kind == BC_NUMBER_WORD ? sizeof(uint32_t)
                                    : sizeof(float);
}

static void add(bc_number kind, void *sum, const void *more, size_t count) {
    for (size_t i = 0; i < count; i++)
        switch (kind) {
        case BC_NUMBER_DOUBLE:
            ((double *)sum)[i] += ((const double *)more)[i];
            break;
        case BC_NUMBER_WORD:
            ((uint32_t *)sum)[i] += ((const uint32_t *)more)[i];
            break;
        default:
            ((float *)sum)[i] += ((const float *)more)[i];
        }
}

bc_status bc_team_sum(bc_team *team, bc_error *err, bc_number kind, void *values, size_t count) {
    size_t size = (size_t)bc_team_size(team), bytes = count * bc_number_bytes(kind);
    if (size == 1)
        return BC_OK;
    char *all = malloc(size * bytes);
    if (!all)
        return fail_memory(err, size * bytes);
    bc_status status = bc_team_gather(team, err, values, bytes, all);
    if (status == BC_OK)
        memcpy(values, all, bytes);
    for (size_t r = 1; r < size && status == BC_OK; r++)
        add(kind, values, all + r * bytes, count);
    free(all);
    return status;
}
