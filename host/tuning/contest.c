/* Contests: the same work done in several ways, each checked against the first, then timed in turns. */
#include "host/base/clock.h"
#include "host/device/internal.h"
#include "host/base/random.h"

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
        return bc_fail(host->err, BC_E_MEMORY, "no memory for numbers to measure with");
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
    return c->expected && c->got ? BC_OK : bc_fail(c->host->err, BC_E_MEMORY, "no memory to compare results");
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

double bc_largest_difference(const float *got, const float *expected, size_t count) {
    double largest = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(got[i]))
            return INFINITY;
        largest = fmax(largest, fabs(expected[i]));
        most = fmax(most, fabs((double)got[i] - expected[i]));
    }
    return largest > 0 ? most / largest : most > 0 ? INFINITY : 0;
}

/* Takes the variant out of the contest. */
static void disqualify(contest *c, int i, const char *format, double value) {
    char *fault = c->result->fault[i];
    int length = snprintf(fault, sizeof c->result->fault[i], format, value);
    if (c->host->err->text[0])
        snprintf(fault + length, sizeof c->result->fault[i] - (size_t)length, ": %.150s", c->host->err->text);
    bc_error_clear(c->host->err);
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
    bc_error here = {0}, *err = host->err; /* what goes wrong here is no failure of the caller's */
    bool profiling = host->profiling;
    host->err = &here;
    host->profiling = false;
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
    host->err = err;
    host->profiling = profiling;
}

/* --- choosing --- */

/* "winograd 2.910 ms, direct 7.661 ms": the comment in the file. */
static void describe(const bc_contest_result *result, char text[256]) {
    int length = 0;
    text[0] = 0;
    for (int i = 0; i < result->contest->count && length < 200; i++) {
        length += snprintf(text + length, 256 - (size_t)length, "%s%s ", i ? ", " : "",
                           result->contest->choices[i]);
        length += result->seconds[i] > 0
                      ? snprintf(text + length, 256 - (size_t)length, "%.3f ms", 1e3 * result->seconds[i])
                      : snprintf(text + length, 256 - (size_t)length, "left out");
    }
}

/* The table's choice among the variants, or -1. */
static int known(const bc_tuning *tuning, const bc_contest *contest) {
    const char *choice = bc_tuning_find(tuning, contest->key);
    for (int i = 0; choice && i < contest->count; i++)
        if (strcmp(choice, contest->choices[i]) == 0)
            return i;
    return -1;
}

bool bc_tuning_enter(bc_host *host, const char *key, const char *choice, const char *note, bool kept) {
    bc_error ignored = {0}; /* then the class is measured again next time */
    return bc_tuning_set(&ignored, host->tuning, key, choice, note, kept) == BC_OK &&
           (!kept || bc_tuning_write(&ignored, host->tuning) == BC_OK);
}

int bc_contest_choose(bc_host *host, const bc_contest *contest) {
    int choice = host->tuning ? known(host->tuning, contest) : contest->usual;
    if (choice >= 0)
        return choice;
    if (!host->measuring)
        return contest->usual;
    if (bc_seconds_now() >= host->measure_until) {
        host->left_out++;
        bc_tuning_enter(host, contest->key, contest->choices[contest->usual], NULL, false);
        return contest->usual;
    }
    bc_contest_result result;
    char note[256];
    bc_contest_run(host, contest, &result);
    describe(&result, note);
    bc_tuning_enter(host, contest->key, contest->choices[result.winner], note,
                    result.seconds[result.winner] > 0);
    if (host->observer.measured)
        host->observer.measured(host->observer.user, &result);
    return result.winner;
}

void bc_tuning_observe(bc_host *host, double seconds, const bc_tuning_observer *observer) {
    host->measure_until = bc_seconds_now() + seconds;
    host->observer = observer ? *observer : (bc_tuning_observer){0};
}

bc_tuning *bc_host_tuning(const bc_host *host) {
    return host->tuning;
}

void bc_host_tuning_text(const bc_host *host, char text[BC_TUNING_TEXT]) {
    if (!host->tuning) {
        snprintf(text, BC_TUNING_TEXT, "none, the rules built in decide");
        return;
    }
    bc_tuning_describe(host->tuning, text);
    size_t length = strlen(text);
    if (host->measuring)
        snprintf(text + length, BC_TUNING_TEXT - length, "; what it lacks is measured and added");
}

void bc_host_rule_text(const bc_host *host, char text[BC_RULE_TEXT]) {
    static const char *const providers[] = {
        [BC_GEMM_AUTO] = "auto",
        [BC_GEMM_PANEL] = "panel",
        [BC_GEMM_LOCAL] = "local",
        [BC_GEMM_CLBLAST] = "clblast",
    };
    snprintf(text, BC_RULE_TEXT, "kernels for %s, products by %s", host->cpu_kernels ? "CPUs" : "GPUs",
             providers[host->gemm]);
}

uint64_t bc_host_tuning_hash(const bc_host *host) {
    char rule[BC_RULE_TEXT];
    int count;
    bc_host_rule_text(host, rule);
    uint64_t hash = bc_hash(rule, strlen(rule)) + bc_tuning_hash(host->tuning, &count);
    return hash ? hash : 1;
}

int bc_tuning_left_out(const bc_host *host) {
    return host->left_out;
}
