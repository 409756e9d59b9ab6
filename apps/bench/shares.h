/* Tables of shares: which part of the device's ceiling each case of `bicross bench` reached, kept so that later runs can be
 * compared with them. A file has one section, whose name says which devices it speaks for as in tuning files
 * (host/tuning/tuning.h), and a line a case, sorted by name:
 *
 *     # a comment
 *     [pthread-*avx512*, driver 3.*]
 *        93.10 %      11.4210 ms  hybrid conv2d(96x96x256, 3x3x256x256, none, none) forward
 */
#ifndef BC_APPS_BENCH_SHARES_H
#define BC_APPS_BENCH_SHARES_H

#include "apps/bench/bench.h"
#include "host/tuning/tuning.h"

typedef struct bench_share {
    char name[BENCH_NAME];
    double share;   /* of the ceiling: 1 is all of it */
    double seconds; /* of one run */
    int line;       /* of the file; 0: it was measured here */
} bench_share;

typedef struct bench_shares {
    char device[BC_TUNING_SECTION]; /* the section's name */
    bench_share *items;
    int count, capacity;
} bench_shares;

/* Reads a table, sorted. BC_E_FORMAT names the line that is damaged, and what was expected there. Release also after a failure. */
bc_status bench_shares_read(bc_error *err, const char *path, bench_shares *out);
/* Writes it so that no reader sees half of it; every line of `notes` becomes a comment. */
bc_status bench_shares_write(bc_error *err, const char *path, const bench_shares *shares, const char *notes);
bc_status bench_shares_add(bc_error *err, bench_shares *shares, const bench_share *share);
/* By name; finding wants it, writing and comparing, too. */
void bench_shares_sort(bench_shares *shares);
/* NULL: the table has no such case. */
const bench_share *bench_shares_find(const bench_shares *shares, const char *name);
void bench_shares_release(bench_shares *shares);

/* --- compare.c --- */
typedef enum bench_change {
    BENCH_FELL,
    BENCH_NEW,     /* not in the table */
    BENCH_MISSING, /* only in the table */
    BENCH_SHORT,   /* takes less than 0.1 ms: what is measured of it is not steady */
    BENCH_HELD,
} bench_change;

typedef struct bench_compared {
    bench_change change;
    const bench_share *before, *now; /* NULL: there is none */
} bench_compared;

/* Which cases a run measures; `only`: part of the name, or NULL. */
typedef struct bench_scope {
    const char *only;
    bool ops, networks;
} bench_scope;
bool bench_scope_has(const bench_scope *scope, const char *name);

/* The case reaches less than 0.85 of the share that it had, and takes longer, too, by as much: the share of what stays in a
 * cache falls without any harm where the ceiling of memory was measured to be higher. Cases that are too short never fell. */
bool bench_share_fell(const bench_share *before, const bench_share *now);
/* The ceiling that counts for this case was measured to be less than 0.85 of the table's: its share is too high by as much. */
bool bench_ceiling_fell(const bench_share *before, const bench_share *now);
/* Every case of `now`, and those of `before` that the scope has; both sorted. In the order of bench_change, and by name; those that
 * fell begin with the one that fell most. *out, which the caller frees, points into both tables. */
bc_status bench_compare(bc_error *err, const bench_shares *before, const bench_shares *now,
                        const bench_scope *scope, bench_compared **out, int *count);

#endif
