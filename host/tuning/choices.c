/* The choices of a host, kept beside the device. */
#include "host/tuning/choices.h"

#include "host/base/clock.h"
#include "host/base/file.h"
#include "host/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bc_choices {
    bc_gemm_provider gemm;
    bool gemm_given;
    bc_left_out left_out;
    bc_tuning *table;     /* NULL: rules built in decide */
    bool measuring;       /* what the table lacks is measured, */
    double measure_until; /* up to this moment of bc_seconds_now */
    int unmeasured;       /* classes that were asked for later */
    bc_tuning_observer observer;
} bc_choices;

static const char choices_key; /* under which a host keeps them */

static bc_choices *choices_of(const bc_host *host) {
    return bc_host_kept(host, &choices_key);
}

static void release(void *data) {
    bc_choices *c = data;
    bc_tuning_release(c->table);
    free(c);
}

const char *bc_clblast_version(void) {
    return BICROSS_CLBLAST_VERSION;
}

static bool has_clblast(void) {
    return strcmp(bc_clblast_version(), "none") != 0;
}

static bc_gemm_provider usual_gemm(const bc_host *host, const bc_left_out *left_out) {
    if (bc_host_cpu_kernels(host))
        return BC_GEMM_PANEL;
    bool own = bc_host_device(host)->kind == BC_CLASS_CPU || bc_is_left_out(left_out, "gemm", "clblast");
    return own ? BC_GEMM_LOCAL : BC_GEMM_CLBLAST;
}

/* A host that measures makes the file where there is none, and so finds out that it can. */
static bc_status open_table(bc_host *host, const bc_choices_options *options) {
    static const double seconds = 60; /* in all, for what is measured on the way */
    bc_choices *c = choices_of(host);
    bc_error *err = bc_host_error(host);
    const bc_device_info *device = bc_host_device(host);
    if (!options->tuning)
        return BC_OK;
    if (bc_file_exists(options->tuning) || !options->measure)
        BC_TRY(bc_tuning_read(err, options->tuning, device, &c->table));
    else
        BC_TRY(bc_tuning_create(err, options->tuning, device, &c->table));
    if (options->measure)
        BC_TRY(bc_tuning_write(err, c->table));
    c->measuring = options->measure;
    bc_tuning_observe(host, seconds, NULL);
    return BC_OK;
}

bc_status bc_choices_open(bc_host *host, const bc_choices_options *options) {
    if (options->gemm == BC_GEMM_CLBLAST && !has_clblast())
        return bc_fail(
            bc_host_error(host), BC_E_ARGUMENT,
            "device.gemm = clblast, but the program was built without CLBlast: install it (Debian: "
            "libclblast-dev) and build again, or choose auto, panel or local");
    bc_choices *c = calloc(1, sizeof *c);
    if (!c)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory for the choices of a device");
    c->gemm_given = options->gemm != BC_GEMM_AUTO;
    if (options->left_out)
        c->left_out = *options->left_out;
    if (!has_clblast())
        bc_leave_out(&c->left_out, "gemm", "clblast");
    c->gemm = c->gemm_given ? options->gemm : usual_gemm(host, &c->left_out);
    BC_TRY(bc_host_keep(host, &choices_key, c, release));
    return open_table(host, options);
}

bc_gemm_provider bc_host_gemm(const bc_host *host) {
    return choices_of(host)->gemm;
}

bool bc_host_gemm_given(const bc_host *host) {
    return choices_of(host)->gemm_given;
}

bool bc_host_leaves_out(const bc_host *host, const char *kind, const char *way) {
    return bc_is_left_out(&choices_of(host)->left_out, kind, way);
}

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

/* Sets a choice and, when it is `kept`, writes the file. What cannot be written is measured again next time. */
static void enter(bc_choices *c, const char *key, const char *choice, const char *note, bool kept) {
    bc_error ignored = {0};
    if (bc_tuning_set(&ignored, c->table, key, choice, note, kept) == BC_OK && kept)
        bc_tuning_write(&ignored, c->table);
}

int bc_contest_choose(bc_host *host, const bc_contest *contest) {
    bc_choices *c = choices_of(host);
    int choice = c->table ? known(c->table, contest) : contest->usual;
    if (choice >= 0)
        return choice;
    if (!c->measuring)
        return contest->usual;
    if (bc_seconds_now() >= c->measure_until) {
        c->unmeasured++;
        enter(c, contest->key, contest->choices[contest->usual], NULL, false);
        return contest->usual;
    }
    bc_contest_result result;
    char note[256];
    bc_contest_run(host, contest, &result);
    describe(&result, note);
    enter(c, contest->key, contest->choices[result.winner], note, result.seconds[result.winner] > 0);
    if (c->observer.measured)
        c->observer.measured(c->observer.user, &result);
    return result.winner;
}

void bc_tuning_observe(bc_host *host, double seconds, const bc_tuning_observer *observer) {
    bc_choices *c = choices_of(host);
    c->measure_until = bc_seconds_now() + seconds;
    c->observer = observer ? *observer : (bc_tuning_observer){0};
}

bc_tuning *bc_host_tuning(const bc_host *host) {
    return choices_of(host)->table;
}

void bc_host_tuning_text(const bc_host *host, char text[BC_TUNING_TEXT]) {
    bc_choices *c = choices_of(host);
    if (!c->table) {
        snprintf(text, BC_TUNING_TEXT, "none, the rules built in decide");
        return;
    }
    bc_tuning_describe(c->table, text);
    size_t length = strlen(text);
    if (c->measuring)
        snprintf(text + length, BC_TUNING_TEXT - length, "; what it lacks is measured and added");
}

/* The rules under the table: "kernels for CPUs, products by panel". */
enum { RULE_TEXT = 64 };
static void describe_rule(const bc_host *host, char text[RULE_TEXT]) {
    static const char *const providers[] = {
        [BC_GEMM_AUTO] = "auto",
        [BC_GEMM_PANEL] = "panel",
        [BC_GEMM_LOCAL] = "local",
        [BC_GEMM_CLBLAST] = "clblast",
    };
    snprintf(text, RULE_TEXT, "kernels for %s, products by %s", bc_host_cpu_kernels(host) ? "CPUs" : "GPUs",
             providers[bc_host_gemm(host)]);
}

/* A sum: the order in which they were found does not matter. */
static uint64_t left_out_hash(const bc_left_out *list) {
    uint64_t hash = 0;
    for (int i = 0; i < list->count; i++)
        hash += bc_hash(list->items[i].kind, strlen(list->items[i].kind)) * 31 +
                bc_hash(list->items[i].way, strlen(list->items[i].way));
    return hash;
}

uint64_t bc_host_tuning_hash(const bc_host *host) {
    char rule[RULE_TEXT];
    int count;
    describe_rule(host, rule);
    uint64_t hash = bc_hash(rule, strlen(rule)) + bc_tuning_hash(bc_host_tuning(host), &count) +
                    left_out_hash(&choices_of(host)->left_out);
    return hash ? hash : 1;
}

int bc_tuning_left_out(const bc_host *host) {
    return choices_of(host)->unmeasured;
}
