/* Contests: the same work done in several ways, each checked against the first, then timed in turns. */
#include "host/tuning/contest.h"

#include "host/base/clock.h"
#include "host/base/difference.h"
#include "host/base/random.h"
#include "host/device/profile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_ROUNDS = 5, MOST_ROUNDS = 31, MOST_RUNS = 500 };
static const double sample_seconds =
    1e-3; /* short work is run several times between two looks at the clock */
static const double variant_seconds = 0.15; /* timing one variant, warmed up */
static const double hopeless = 3;           /* times the fastest: not timed any further */
static const double clear_gain = 1.05;      /* a variant must be faster than the rule's by this */

typedef struct contender {
    bc_tape *tape; /* NULL: out of the contest */
    int runs, count;
    double samples[MOST_ROUNDS];
} contender;

typedef struct contest {
    bc_host *host;
    const bc_contest *work;
    bc_contest_result *result;
    bc_trial trial;
    float *expected, *got;
    contender contenders[BC_VARIANTS];
} contest;

/* Numbers in [-1, 1). */
static bc_status fill(bc_host *host, bc_buffer buffer, size_t bytes, uint32_t stream) {
    float *values = malloc(bytes ? bytes : 1);
    if (!values)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for numbers to measure with");
    bc_random random = {.seed = 1, .stream = stream};
    for (size_t i = 0; i < bytes / sizeof *values; i++)
        values[i] = 2 * bc_random_uniform(&random) - 1;
    bc_status status = bc_buffer_write(host, buffer, 0, values, bytes);
    free(values);
    return status;
}

static bc_status allocate(contest *c) {
    const bc_contest *w = c->work;
    size_t workspace = 0;
    for (int i = 0; i < w->count; i++) {
        size_t bytes = w->workspace_bytes(w->work, i);
        workspace = bytes > workspace ? bytes : workspace;
    }
    for (uint32_t i = 0; i < 2; i++) {
        BC_TRY(bc_buffer_create(c->host, w->input_bytes[i], "an input to measure with", &c->trial.inputs[i]));
        BC_TRY(fill(c->host, c->trial.inputs[i], w->input_bytes[i], i));
    }
    BC_TRY(bc_buffer_create(c->host, w->output_bytes, "an output to measure with", &c->trial.output));
    BC_TRY(bc_buffer_create(c->host, workspace, "scratch to measure with", &c->trial.workspace));
    c->expected = malloc(w->output_bytes);
    c->got = malloc(w->output_bytes);
    return c->expected && c->got
               ? BC_OK
               : bc_fail(bc_host_error(c->host), BC_E_MEMORY, "no memory to compare results");
}

static void release(contest *c) {
    for (int i = 0; i < BC_VARIANTS; i++)
        bc_tape_release(c->contenders[i].tape);
    bc_buffer_release(&c->trial.inputs[0]);
    bc_buffer_release(&c->trial.inputs[1]);
    bc_buffer_release(&c->trial.output);
    bc_buffer_release(&c->trial.workspace);
    free(c->expected);
    free(c->got);
}

/* Records variant i and runs it once, on an output that holds zeros. */
static bc_status first_run(contest *c, int i, float *output) {
    contender *variant = &c->contenders[i];
    size_t bytes = c->work->output_bytes;
    BC_TRY(bc_tape_create(c->host, &variant->tape));
    BC_TRY(c->work->record(c->work->work, i, variant->tape, &c->trial));
    BC_TRY(bc_buffer_fill(c->host, c->trial.output, 0, bytes, 0));
    BC_TRY(bc_tape_run(variant->tape));
    return bc_buffer_read(c->host, c->trial.output, 0, output, bytes);
}

/* Takes the variant out of the contest. */
static void disqualify(contest *c, int i, const char *format, double value) {
    char *fault = c->result->fault[i];
    int length = snprintf(fault, sizeof c->result->fault[i], format, value);
    bc_error *err = bc_host_error(c->host);
    if (err->text[0])
        snprintf(fault + length, sizeof c->result->fault[i] - (size_t)length, ": %.150s", err->text);
    bc_error_clear(err); /* it is a result, not a failure of the caller's */
    bc_tape_release(c->contenders[i].tape);
    c->contenders[i].tape = NULL;
}

static void check(contest *c, int i) {
    if (first_run(c, i, i ? c->got : c->expected) != BC_OK) {
        disqualify(c, i, "failed", 0);
        return;
    }
    double off =
        bc_largest_difference(i ? c->got : c->expected, c->expected, c->work->output_bytes / sizeof(float));
    if (!(off <= c->work->tolerance))
        disqualify(c, i, "wrong by %.1e of the largest value", off);
}

/* --- timing --- */

static void take_sample(contest *c, int i) {
    contender *v = &c->contenders[i];
    double start = bc_seconds_now();
    for (int run = 0; run < v->runs; run++)
        if (bc_tape_run(v->tape) != BC_OK) {
            disqualify(c, i, "failed", 0);
            return;
        }
    if (bc_host_finish(c->host) != BC_OK)
        disqualify(c, i, "failed", 0);
    else
        v->samples[v->count++] = (bc_seconds_now() - start) / v->runs;
}

/* The fastest sample counts: whoever else uses the machine can only slow work down. */
static void note_fastest(contest *c, int i) {
    const contender *v = &c->contenders[i];
    double fastest = v->samples[0];
    for (int sample = 1; sample < v->count; sample++)
        fastest = fmin(fastest, v->samples[sample]);
    c->result->seconds[i] = fastest;
}

/* The better of two runs says how often to repeat, and who has no chance. */
static void first_look(contest *c, int i) {
    contender *v = &c->contenders[i];
    v->runs = 1;
    for (int run = 0; run < 2 && v->tape; run++)
        take_sample(c, i);
    if (!v->tape)
        return;
    v->samples[0] = fmin(v->samples[0], v->samples[1]);
    v->count = 1;
}

/* Takes those out who have no chance; returns how many are left. */
static int look(contest *c) {
    double fastest = INFINITY;
    int left = 0;
    for (int i = 0; i < c->work->count; i++) {
        first_look(c, i);
        if (c->contenders[i].tape)
            fastest = fmin(fastest, c->contenders[i].samples[0]);
    }
    for (int i = 0; i < c->work->count; i++) {
        contender *v = &c->contenders[i];
        if (!v->tape)
            continue;
        v->runs = (int)fmin(MOST_RUNS, fmax(1, ceil(sample_seconds / v->samples[0])));
        if (v->samples[0] > hopeless * fastest && v->samples[0] > sample_seconds) {
            note_fastest(c, i);
            bc_tape_release(v->tape);
            v->tape = NULL;
        } else {
            v->count = 0;
            left++;
        }
    }
    return left;
}

static void time_all(contest *c) {
    int left = look(c);
    double start = bc_seconds_now();
    for (int round = 0; left > 0 && round < MOST_ROUNDS; round++) {
        if (round >= FEWEST_ROUNDS && bc_seconds_now() - start > left * variant_seconds)
            break;
        for (int i = 0; i < c->work->count; i++)
            if (c->contenders[i].tape)
                take_sample(c, i);
    }
    for (int i = 0; i < c->work->count; i++)
        if (c->contenders[i].tape)
            note_fastest(c, i);
}

static int winner_of(const bc_contest_result *result) {
    int count = result->contest->count, usual = result->contest->usual, best = -1;
    for (int i = 0; i < count; i++)
        if (!result->fault[i][0] && result->seconds[i] > 0 &&
            (best < 0 || result->seconds[i] < result->seconds[best]))
            best = i;
    bool close = best >= 0 && !result->fault[usual][0] && result->seconds[usual] > 0 &&
                 result->seconds[usual] < clear_gain * result->seconds[best];
    return best < 0 || close ? usual : best;
}

void bc_contest_run(bc_host *host, const bc_contest *work, bc_contest_result *result) {
    *result = (bc_contest_result){.contest = work, .winner = work->usual};
    contest c = {.host = host, .work = work, .result = result};
    bool profiling = bc_profile_switch(host, false);
    if (allocate(&c) == BC_OK)
        check(&c, 0);
    else
        disqualify(&c, 0, "not measured", 0);
    if (c.contenders[0].tape) {
        for (int i = 1; i < work->count; i++)
            check(&c, i);
        time_all(&c);
        result->winner = winner_of(result);
    }
    release(&c);
    bc_profile_switch(host, profiling);
}
