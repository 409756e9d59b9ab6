#include "host/team/steps.h"

#include <stdlib.h>
#include <string.h>

static bc_status fail_memory(bc_tape *tape) {
    return bc_fail(bc_host_error(bc_tape_host(tape)), BC_E_MEMORY,
                   "no host memory for what the ranks exchange");
}

/* --- rows --- */

typedef struct gathering {
    bc_team *team;
    bc_buffer buffer;
    size_t offset, rows, row_bytes;
    char memory[]; /* of this rank, of all ranks, and of all in the order of the rows */
} gathering;

static bc_status run_gathering(bc_host *host, void *state) {
    gathering *g = state;
    size_t ranks = (size_t)bc_team_size(g->team), bytes = g->rows * g->row_bytes;
    char *mine = g->memory, *all = mine + bytes, *ordered = all + ranks * bytes;
    BC_TRY(bc_buffer_read(host, g->buffer, g->offset, mine, bytes));
    BC_TRY(bc_team_gather(g->team, bc_host_error(host), mine, bytes, all));
    for (size_t row = 0; row < g->rows; row++)
        for (size_t r = 0; r < ranks; r++)
            memcpy(ordered + (row * ranks + r) * g->row_bytes, all + (r * g->rows + row) * g->row_bytes,
                   g->row_bytes);
    return bc_buffer_write(host, g->buffer, g->offset, ordered, ranks * bytes);
}

bc_status bc_tape_gather(bc_tape *tape, bc_team *team, bc_buffer buffer, size_t offset, size_t rows,
                         size_t row_bytes) {
    size_t ranks = (size_t)bc_team_size(team), bytes = rows * row_bytes;
    if (!team)
        return BC_OK;
    gathering *g = malloc(sizeof *g + (1 + 2 * ranks) * bytes);
    if (!g)
        return fail_memory(tape);
    *g = (gathering){.team = team, .buffer = buffer, .offset = offset, .rows = rows, .row_bytes = row_bytes};
    return bc_tape_call(tape, "gather over ranks", 0, (double)(1 + ranks) * (double)bytes, run_gathering, g);
}

/* --- parts of sizes that differ --- */

typedef struct joining {
    bc_team *team;
    bc_buffer buffer;
    size_t sum;     /* of all sizes */
    size_t bytes[]; /* of the ranks; behind them memory for the rank's own part, and for all */
} joining;

static bc_status run_joining(bc_host *host, void *state) {
    joining *j = state;
    int ranks = bc_team_size(j->team), rank = bc_team_rank(j->team);
    char *mine = (char *)(j->bytes + ranks), *all = mine + j->bytes[rank];
    BC_TRY(bc_buffer_read(host, j->buffer, 0, mine, j->bytes[rank]));
    BC_TRY(bc_team_gather_parts(j->team, bc_host_error(host), mine, j->bytes, all));
    return bc_buffer_write(host, j->buffer, 0, all, j->sum);
}

bc_status bc_tape_gather_parts(bc_tape *tape, bc_team *team, bc_buffer buffer, const size_t *bytes) {
    size_t ranks = (size_t)bc_team_size(team), sum = 0;
    if (!team)
        return BC_OK;
    for (size_t r = 0; r < ranks; r++)
        sum += bytes[r];
    joining *j = malloc(sizeof *j + ranks * sizeof *bytes + bytes[bc_team_rank(team)] + sum);
    if (!j)
        return fail_memory(tape);
    *j = (joining){.team = team, .buffer = buffer, .sum = sum};
    memcpy(j->bytes, bytes, ranks * sizeof *bytes);
    return bc_tape_call(tape, "gather over ranks", 0, 2.0 * (double)sum, run_joining, j);
}

/* --- sums --- */

typedef struct summing {
    bc_team *team;
    bc_buffer buffer;
    size_t offset, count;
    bc_number kind;
    double values[]; /* of any kind */
} summing;

static bc_status run_summing(bc_host *host, void *state) {
    summing *s = state;
    size_t number = bc_number_bytes(s->kind), bytes = s->count * number, offset = s->offset * number;
    BC_TRY(bc_buffer_read(host, s->buffer, offset, s->values, bytes));
    BC_TRY(bc_team_sum(s->team, bc_host_error(host), s->kind, s->values, s->count));
    return bc_buffer_write(host, s->buffer, offset, s->values, bytes);
}

bc_status bc_tape_sum(bc_tape *tape, bc_team *team, bc_buffer buffer, size_t offset, size_t count,
                      bc_number kind) {
    if (!team)
        return BC_OK;
    summing *s = malloc(sizeof *s + count * sizeof(double));
    if (!s)
        return fail_memory(tape);
    *s = (summing){.team = team, .buffer = buffer, .offset = offset, .count = count, .kind = kind};
    return bc_tape_call(tape, "sum over ranks", (double)count, 2.0 * (double)(count * bc_number_bytes(kind)),
                        run_summing, s);
}
