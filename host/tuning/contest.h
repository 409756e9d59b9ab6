/* Contests: several ways to do one piece of work, checked against each other and timed.
 *
 * All run on the same random numbers; the first variant is the reference, and one that is further from it than the tolerance is out.
 * Those left take turns (other users of the machine disturb all alike), 5 to 31 rounds or 0.15 s each, and the fastest round
 * counts. The rule's variant is replaced only by one that is 5 % faster. A contest takes memory for one set of inputs, output and
 * the largest scratch; it runs outside the caller's profile, and its failures are results. */
#ifndef BC_HOST_TUNING_CONTEST_H
#define BC_HOST_TUNING_CONTEST_H

#include "host/device/launch.h"
#include "host/tuning/tuning.h"

enum { BC_VARIANTS = 6 };

/* The buffers of one contest, shared by its variants. */
typedef struct bc_trial {
    bc_buffer inputs[2], output, workspace;
} bc_trial;

/* Several ways to do one piece of work on floats. */
typedef struct bc_contest {
    char key[BC_TUNING_KEY];
    int count, usual;                 /* variants; the one of the built-in rule */
    const char *choices[BC_VARIANTS]; /* the first is the reference */
    double tolerance;                 /* largest difference from it over its largest magnitude */
    size_t input_bytes[2], output_bytes;
    size_t (*workspace_bytes)(const void *work, int variant);
    bc_status (*record)(const void *work, int variant, bc_tape *tape, const bc_trial *trial);
    const void *work;
} bc_contest;

typedef struct bc_contest_result {
    const bc_contest *contest;
    int winner;
    double seconds[BC_VARIANTS];  /* of one run, the fastest seen; 0: not measured */
    char fault[BC_VARIANTS][200]; /* why it was left out; empty: it was not */
} bc_contest_result;

/* Runs the contest: each variant is checked against the reference, those that pass take turns until there are enough
 * repetitions. The rule's variant is replaced only by one that is clearly faster. Failures are results too: when the reference
 * fails nothing is measured. */
void bc_contest_run(bc_host *host, const bc_contest *work, bc_contest_result *result);

#endif
