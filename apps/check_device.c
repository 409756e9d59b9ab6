/* The parent's side: starts the child that checks, listens, and starts another one behind the check that ended or stopped it. */
#include "apps/check_device.h"

#include "apps/check_line.h"
#include "apps/child.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_LOST = 16 }; /* children; a driver that takes more is not worth the time */

typedef struct checking {
    bc_error *err;
    const app_checking *job;
    const char *kernels;
    bc_findings *findings;
    int first; /* finding of the operation that is being checked */
    int next;  /* check to go on from */
    bool open; /* a check has begun, and not ended: */
    bc_finding about;
    char skip[MOST_LOST][64];
    int lost;
} checking;

static void finish_operation(checking *c) {
    if (c->job->done && c->first < c->findings->count)
        c->job->done(c->job->user, c->findings, c->first);
    c->first = c->findings->count;
}

/* Findings of an operation follow each other. */
static bc_status add(checking *c, const bc_finding *found) {
    const bc_finding *last = &c->findings->items[c->findings->count - 1];
    if (c->findings->count > c->first && strcmp(last->operation, found->operation) != 0)
        finish_operation(c);
    return bc_findings_add(c->err, c->findings, found);
}

static bc_status take(checking *c, char *text, bool *ended) {
    check_line line;
    if (!check_line_parse(text, &line))
        return bc_fail(c->err, BC_E_FORMAT, "the process that checks said '%.80s'", text);
    *ended = line.kind == CHECK_DONE;
    if (*ended)
        return BC_OK;
    c->open = line.kind == CHECK_BEGINS;
    c->about = line.finding;
    c->next = line.number + 1;
    return c->open ? BC_OK : add(c, &line.finding);
}

static bc_status start(const checking *c, app_child *child) {
    char device[16], from[16];
    const char *words[APP_CHILD_ARGUMENTS] = {"selftest", "--device",  device,    "--from",
                                              from,       "--kernels", c->kernels};
    int count = 7;
    snprintf(device, sizeof device, "%d", c->job->device->index);
    snprintf(from, sizeof from, "%d", c->next);
    if (!c->job->whole)
        words[count++] = "--short";
    for (int i = 0; i < c->lost; i++) {
        words[count++] = "--skip";
        words[count++] = c->skip[i];
    }
    return app_child_start(c->err, words, child);
}

/* The check that was being made when the child was lost is wrong, and its way is not tried again. */
static bc_status note_lost(checking *c, bool late, const char *how) {
    bc_check check = {0};
    if (!c->open || c->lost == MOST_LOST)
        return bc_fail(c->err, BC_E_OPENCL, "the process that checks the device ended %s%s", how,
                       c->open ? ", as others before it" : "");
    if (late)
        snprintf(check.fault, sizeof check.fault, "did not end within %d s", c->job->seconds);
    else
        snprintf(check.fault, sizeof check.fault, "ended the process %s", how);
    bc_finding_note(&c->about, "a check", &check);
    snprintf(c->about.fault, sizeof c->about.fault, "%.190s", check.fault);
    snprintf(c->skip[c->lost++], sizeof c->skip[0], "%s/%s", c->about.operation, c->about.way);
    c->open = false;
    return add(c, &c->about);
}

/* Listens until the child is done, or lost. */
static bc_status follow(checking *c, app_child *child, bool *done) {
    char line[APP_LINE], how[80];
    app_heard heard;
    bc_status status = BC_OK;
    *done = false;
    while ((heard = app_child_hear(child, c->job->seconds, line)) == APP_HEARD_LINE && !*done &&
           status == BC_OK)
        status = take(c, line, done);
    app_child_end(child, how);
    BC_TRY(status);
    if (heard == APP_HEARD_INTERRUPT)
        return bc_fail(c->err, BC_E_INTERRUPTED, "interrupted");
    return *done ? BC_OK : note_lost(c, heard == APP_HEARD_NOTHING, how);
}

bc_status app_check_device(bc_error *err, const app_checking *job, const char *kernels, bc_findings *out) {
    checking c = {.err = err, .job = job, .kernels = kernels, .findings = out, .first = out->count};
    app_child child;
    out->whole = job->whole;
    for (bool done = false; !done;) {
        BC_TRY(start(&c, &child));
        BC_TRY(follow(&c, &child, &done));
    }
    finish_operation(&c);
    return BC_OK;
}
