/* Large sums over the ranks, bucket by bucket, while the buckets that come later are still being made.
 *
 * Each rank adds up its part of a bucket, in the order of the ranks, and then all take every part from the rank that has it: as many bytes as a ring
 * would move, and a result that does not depend on the timing. Buckets become ready, and are added, in one order on all ranks. */
#ifndef BC_HOST_TEAM_SUMS_H
#define BC_HOST_TEAM_SUMS_H

#include "host/team/team.h"

typedef struct bc_bucket {
    float *values; /* the caller's: what the rank has, then the sum */
    size_t count;
} bc_bucket;

typedef struct bc_sums bc_sums;
/* `team` is not NULL; the buckets are copied, their values stay the caller's. With `halves` numbers travel in 16 bits, each part of a bucket with a
 * factor of its own: half the bytes, and sums whose parts, and which themselves, are rounded by 2^-11 of themselves, or by 2^-39 of the part's
 * largest. */
bc_status bc_sums_create(bc_team *team, bc_error *err, const bc_bucket *buckets, int count, bool halves,
                         bc_sums **out);
void bc_sums_release(bc_sums *sums); /* NULL is allowed; not while sums are under way */
/* A new round, of which no bucket is ready yet. */
void bc_sums_begin(bc_sums *sums);
/* The values of the next bucket are there, and must not be touched until it is done. */
bc_status bc_sums_ready(bc_sums *sums, bc_error *err);
/* Goes on as far as that is possible without waiting. *done: the first so many buckets are added up. */
bc_status bc_sums_step(bc_sums *sums, bc_error *err, int *done);

#endif
