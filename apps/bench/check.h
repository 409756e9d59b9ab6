/* `bicross bench --check` and `--keep`: a run compared with a table of shares, or kept as one. */
#ifndef BC_APPS_BENCH_CHECK_H
#define BC_APPS_BENCH_CHECK_H

#include "apps/bench/shares.h"

typedef struct bench_check {
    const char *check; /* a table, or a folder in which *.txt are tables; NULL: nothing is compared */
    const char *keep;  /* the table that is written; NULL: none is. Not both */
    bench_scope scope;
    char path[1024];     /* of the table */
    bench_shares before; /* what it holds */
} bench_check;

/* Before anything is measured: reads the table, in a folder the one that speaks for this device. A table of other devices is
 * warned of on stderr when it is compared with, and not written over (BC_E_ARGUMENT). */
bc_status bench_check_open(bench *b, bench_check *c);
/* Marks the rows that are to be measured again, and returns their number: those that seem to have fallen, as a shared machine has slow
 * phases; all when they are to be kept, because what was too low then would hide a fall later. */
int bench_check_mark(bench *b, const bench_check *c);
/* At the end: prints the comparison, and fails with its verdict when a case fell; or writes the table, in which cases that this
 * run was not asked to measure stay as they are. */
bc_status bench_check_finish(bench *b, const bench_check *c);
void bench_check_release(bench_check *c);

#endif
