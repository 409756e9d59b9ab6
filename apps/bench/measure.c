/* Measuring one case of `bicross bench`, and the line that is printed for it. */
#include "apps/bench/bench.h"

#include "apps/common/interrupt.h"
#include "host/base/clock.h"
#include "host/base/grow.h"
#include "host/base/random.h"
#include "host/base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_SAMPLES = 3, MOST_SAMPLES = 25, MOST_RUNS = 1000 };
static const double sample_seconds =
    2e-3;                                /* short work is run several times between two looks at the clock */
static const double case_seconds = 0.08; /* enough samples were taken after this */

/* The row of this name, where it is to be measured again; else NULL. */
static bench_row *marked_row(const bench *b, const char *name) {
    for (int i = 0; b->again && i < b->row_count; i++)
        if (b->rows[i].again && strcmp(b->rows[i].name, name) == 0)
            return &b->rows[i];
    return NULL;
}

bool bench_wants(const bench *b, const char *name) {
    if (b->only && !strcasestr(name, b->only))
        return false;
    if (b->again && !marked_row(b, name))
        return false;
    if (b->list)
        puts(name);
    return !b->list;
}

static void clear_line(const bench *b) {
    if (b->columns)
        fputs("\r\033[K", stderr);
}

void bench_announce(const bench *b, const char *name) {
    clear_line(b);
    if (b->columns) {
        enum { AROUND = sizeof "measuring  ...^C" };
        fprintf(stderr, "measuring %.*s ...", b->columns > AROUND ? b->columns - AROUND : 0, name);
        fflush(stderr);
    }
}

static bc_status time_runs(bench *b, int runs, bc_status (*run)(void *state), void *state, double *seconds) {
    if (app_interrupted())
        return bc_fail(b->err, BC_E_INTERRUPTED, "interrupted: no file was written");
    double start = bc_seconds_now();
    for (int i = 0; i < runs; i++)
        BC_TRY(run(state));
    BC_TRY(bc_host_finish(b->host));
    *seconds = (bc_seconds_now() - start) / runs;
    return BC_OK;
}

bc_status bench_measure(bench *b, bench_row *row, bc_status (*run)(void *state), void *state) {
    double samples[MOST_SAMPLES], once = sample_seconds, total = 0;
    bench_announce(b, row->name);
    BC_TRY(time_runs(b, 1, run, state, &once)); /* compiles */
    BC_TRY(time_runs(b, 1, run, state, &once));
    int runs = (int)fmin(MOST_RUNS, fmax(1, ceil(sample_seconds / once)));
    int count = 0;
    if (runs == 1) {
        samples[count++] = once;
        total = once;
    }
    while (count < FEWEST_SAMPLES || (count < MOST_SAMPLES && total < case_seconds)) {
        BC_TRY(time_runs(b, runs, run, state, &samples[count]));
        total += runs * samples[count++];
    }
    bc_sort_ascending(samples, count);
    row->seconds = samples[count / 2];
    row->repetitions = runs * count;
    if (row->images > 0)
        row->process_bytes = bench_peak_bytes();
    return bench_add(b, row);
}

double bench_bytes_per_second(const bench *b) {
    return fmax(b->ceiling.copied_bytes, b->ceiling.read_bytes);
}

double bench_least_seconds(const bench *b, const bench_row *row, bool *memory) {
    const bench_ceiling *c = &b->ceiling;
    double compute = c->flops > 0 ? row->flops / c->flops : 0;
    double fastest = bench_bytes_per_second(b), moving = fastest > 0 ? row->bytes / fastest : 0;
    *memory = moving > compute;
    return fmax(compute, moving);
}

static void print_row(const bench *b, const bench_row *row) {
    bool memory;
    double least = bench_least_seconds(b, row, &memory), rate = 1e-9 / row->seconds;
    printf("%11.3f ms ", 1e3 * row->seconds);
    if (row->flops > 0)
        printf("%8.1f GFLOP/s ", row->flops * rate);
    else
        printf("%17s", "");
    if (row->bytes > 0)
        printf("%7.1f GB/s ", row->bytes * rate);
    if (least > 0)
        printf("%5.0f %% of %-7s", 100 * least / row->seconds, memory ? "memory" : "compute");
    printf(" %s", row->name);
    if (row->uses > 1)
        printf(" (%d times)", row->uses);
    if (row->bound_seconds > 0)
        printf(", %.0f %% of its bound", 100 * row->bound_seconds / row->seconds);
    if (row->images > 0)
        printf(" (%.2f images/s, plan %.0f MiB, process %.0f MiB)", row->images / row->seconds,
               row->plan_bytes / 1048576, row->process_bytes / 1048576);
    if (row->shared.ranks > 0)
        printf(" on %d ranks: passes %.3f s, sums of %.1f MB %.3f s, %.0f %% of these hidden",
               row->shared.ranks, row->shared.pass_seconds, row->shared.bytes / 1e6, row->shared.sum_seconds,
               100 * row->shared.hidden);
    putchar('\n');
    fflush(stdout);
}

bc_status bench_add(bench *b, const bench_row *row) {
    bench_row *known = marked_row(b, row->name);
    if (!known && !bc_grow((void **)&b->rows, b->row_count, &b->row_capacity, sizeof *b->rows))
        return bc_fail(b->err, BC_E_MEMORY, "no memory for the results");
    if (!known)
        b->rows[b->row_count++] = *row;
    else if (row->seconds < known->seconds)
        *known = *row;
    clear_line(b);
    print_row(b, row);
    return BC_OK;
}

bc_status bench_left_out(const bench *b, const char *name, bc_status status) {
    if (status != BC_E_MEMORY)
        return status;
    clear_line(b);
    printf("left out: %s: %s\n", name, b->err->text);
    bc_error_clear(b->err);
    return BC_OK;
}

bc_status bench_fill(bc_host *host, bc_buffer buffer, bool spikes) {
    enum { PATTERN = 1 << 16 };
    union {
        float number;
        uint32_t word;
    } *pattern = malloc(PATTERN * sizeof *pattern);
    if (!pattern)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for numbers to measure with");
    bc_random random = {.seed = 1};
    for (int i = 0; i < PATTERN; i++)
        if (spikes) {
            uint32_t half = bc_random_bits(&random);
            pattern[i].word = half & bc_random_bits(&random); /* a quarter of the bits */
        } else
            pattern[i].number = 1 - bc_random_uniform(&random);
    bc_status status = BC_OK;
    size_t piece = PATTERN * sizeof *pattern;
    for (size_t at = 0; at < buffer.bytes && status == BC_OK; at += piece)
        status =
            bc_buffer_write(host, buffer, at, pattern, buffer.bytes - at < piece ? buffer.bytes - at : piece);
    free(pattern);
    return status;
}

void bench_release(bench *b) {
    for (int i = 0; i < b->row_count; i++)
        free(b->rows[i].shared.buckets);
    free(b->rows);
    b->rows = NULL;
    b->row_count = b->row_capacity = 0;
}
