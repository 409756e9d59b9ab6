/* Passes of a network whose gradients several ranks add up: how much of that hides behind backward. Each rank has a batch of its own. */
#include "apps/bench/bench.h"

#include "apps/common/interrupt.h"
#include "bicross/data/spikes.h"
#include "host/base/clock.h"
#include "host/base/sort.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS = 5 };

/* What is measured: passes, sums, and both as an update has them. */
typedef enum work { PASSES, SUMS, TOGETHER, WORK_COUNT } work;

typedef struct shared_run {
    bench *b;
    bc_team *team;
    bench_network_run network;
    bc_gradient_sum *sum;
    double seconds[WORK_COUNT][ROUNDS];
} shared_run;

static bc_status run_work(shared_run *r, work what) {
    if (what != SUMS)
        BC_TRY(bench_network_forward(&r->network));
    if (what == PASSES)
        BC_TRY(bc_plan_backward(r->network.plan));
    else
        BC_TRY(what == SUMS ? bc_gradient_sum_alone(r->sum) : bc_gradient_sum_backward(r->sum));
    return bc_host_finish(r->b->host);
}

/* All begin at once; the slowest decides. */
static bc_status time_work(shared_run *r, work what, double *began, double *seconds) {
    bool stop = app_interrupted();
    double all[BENCH_MOST_RANKS];
    BC_TRY(bc_team_any(r->team, r->b->err, &stop));
    if (stop)
        return bc_fail(r->b->err, BC_E_INTERRUPTED, "interrupted: no file was written");
    BC_TRY(bc_team_wait(r->team, r->b->err));
    *began = bc_seconds_now();
    BC_TRY(run_work(r, what));
    *seconds = bc_seconds_now() - *began;
    BC_TRY(bc_team_gather(r->team, r->b->err, seconds, sizeof *seconds, all));
    for (int i = 0; i < bc_team_size(r->team); i++)
        *seconds = fmax(*seconds, all[i]);
    return BC_OK;
}

/* Of the pass that has just been made. */
static bc_status keep_buckets(shared_run *r, double began, bench_shared *out) {
    out->bucket_count = bc_gradient_sum_buckets(r->sum);
    out->buckets = malloc(((size_t)out->bucket_count + 1) * sizeof *out->buckets);
    if (!out->buckets)
        return bc_fail(r->b->err, BC_E_MEMORY, "no memory for the results");
    for (int i = 0; i < out->bucket_count; i++) {
        out->buckets[i] = bc_gradient_sum_bucket(r->sum, i);
        out->buckets[i].there -= began;
        out->buckets[i].summed -= began;
    }
    return BC_OK;
}

/* In turn, so that a slow phase of the machine meets them all. */
static bc_status measure(shared_run *r, bench_row *row) {
    double began, warm;
    for (int what = 0; what < WORK_COUNT; what++)
        BC_TRY(time_work(r, (work)what, &began, &warm));
    for (int round = 0; round < ROUNDS; round++)
        for (int what = 0; what < WORK_COUNT; what++)
            BC_TRY(time_work(r, (work)what, &began, &r->seconds[what][round]));
    BC_TRY(keep_buckets(r, began, &row->shared));
    for (int what = 0; what < WORK_COUNT; what++)
        bc_sort_ascending(r->seconds[what], ROUNDS);
    bench_shared *s = &row->shared;
    s->ranks = bc_team_size(r->team);
    s->pass_seconds = r->seconds[PASSES][ROUNDS / 2];
    s->sum_seconds = r->seconds[SUMS][ROUNDS / 2];
    row->seconds = r->seconds[TOGETHER][ROUNDS / 2];
    row->repetitions = ROUNDS;
    s->hidden = 1 - (row->seconds - s->pass_seconds) / s->sum_seconds;
    for (int i = 0; i < s->bucket_count; i++)
        s->bytes += (double)s->buckets[i].bytes;
    return BC_OK;
}

static bc_status measure_case(bench *b, bc_team *team, const bench_network_case *c, bench_row *row) {
    shared_run r = {.b = b, .team = team};
    bench_announce(b, row->name);
    bc_status status = bench_network_open(b, c, &r.network);
    if (status == BC_OK)
        status = bc_gradient_sum_create(team, r.network.plan, &r.network.described.params, 1,
                                        b->config->gradients == BC_STORAGE_HALF, &r.sum);
    if (status == BC_OK)
        status = measure(&r, row);
    bc_gradient_sum_release(r.sum);
    bench_network_close(&r.network);
    return status == BC_OK ? bench_add(b, row) : status;
}

bc_status bench_ranks(bench *b, bc_team *team) {
    static const bench_network_case cases[] = {
        {BC_TINY, 8, 64, 128, BC_SPIKE_FRAMES, true, 1},
        {BC_HYBRID, 1, 224, 224, BC_SPIKE_FRAMES, true, 1},
        {BC_HYBRID, 4, 224, 224, BC_SPIKE_FRAMES, true, 1},
        {BC_HYBRID, 8, 224, 224, BC_SPIKE_FRAMES, true, 1},
    };
    if (!team)
        return bc_fail(b->err, BC_E_ARGUMENT, "--ranks wants several: mpirun -np 2 bicross bench --ranks");
    if (bc_team_size(team) > BENCH_MOST_RANKS)
        return bc_fail(b->err, BC_E_ARGUMENT, "--ranks is for at most %d ranks", BENCH_MOST_RANKS);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bench_network_case *c = &cases[i];
        bench_row row = {.kind = "ranks", .operation = bc_preset_words[c->model], .pass = "training"};
        snprintf(row.name, sizeof row.name, "ranks %s %dx%d batch %d each", bc_preset_words[c->model],
                 c->height, c->width, c->batch);
        if (bench_wants(b, row.name))
            BC_TRY(measure_case(b, team, c, &row));
    }
    return BC_OK;
}
