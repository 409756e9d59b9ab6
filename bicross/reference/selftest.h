/* Checking a device: every case of every operation in every way to compute it, against plain references; or the few that a driver is
 * tried with at its first use. */
#ifndef BC_BICROSS_REFERENCE_SELFTEST_H
#define BC_BICROSS_REFERENCE_SELFTEST_H

#include "bicross/reference/findings.h"

typedef struct bc_selftest {
    bool whole;
    int from;                /* checks are numbered: those before this one are left out, */
    const char *const *skip; /* and those of these operations in these ways, "attention/tiled" */
    int skip_count;
    /* Before a check, with no results yet, and after it. False: no more. */
    bool (*begin)(void *user, int number, const bc_finding *about);
    bool (*end)(void *user, int number, const bc_finding *found);
    void *user;
} bc_selftest;

/* The same checks have the same numbers on the same device. What fails is a finding; a status says that nothing could be checked.
 * BC_E_INTERRUPTED: begin or end wanted no more. */
bc_status bc_selftest_run(bc_host *host, const bc_selftest *job);

/* The cases of a first use, in pairs of an operation's name and a case's label; NULL ends them. */
extern const char *const bc_selftest_first[];

#endif
