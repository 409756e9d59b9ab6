/* The processes of one job, each with an OpenCL device of its own, and what they tell each other (MPI).
 *
 * A team has ranks 0 to size-1. NULL is a process alone: rank 0 of 1, for which every function here is allowed and free. All ranks call the
 * same functions in the same order. Results are the same bits on every rank and in every run with as many ranks, whatever the timing: what is
 * added up is added in the order of the ranks, which MPI_Allreduce does not promise.
 *
 * A rank that fails says so and ends the whole job (bc_team_abort): the others wait for it in vain, and are ended by whoever started
 * them. So the functions here need not tell what another rank's failure was. */
#ifndef BC_HOST_TEAM_TEAM_H
#define BC_HOST_TEAM_TEAM_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct bc_team bc_team;

/* Joins the processes that were started together (mpirun, srun). *out is NULL where this one was started alone. BC_E_ARGUMENT where there
 * are several, but the program was built without MPI. Once in a process, and closed once; not after bc_team_abort. */
bc_status bc_team_open(bc_error *err, bc_team **out);
void bc_team_close(bc_team *team);
/* Ends all processes of the team, this one with `exit_status`. */
void bc_team_abort(bc_team *team, int exit_status);
/* What MPI the program was built with: "Open MPI 4.1.4", or "none". */
const char *bc_team_library(void);

int bc_team_rank(const bc_team *team);
int bc_team_size(const bc_team *team);
/* The same among the ranks of this machine. */
int bc_team_place(const bc_team *team);
int bc_team_places(const bc_team *team);

/* Waits until all ranks are here. */
bc_status bc_team_wait(bc_team *team, bc_error *err);
/* What rank 0 has, for all. */
bc_status bc_team_tell(bc_team *team, bc_error *err, void *data, size_t bytes);
/* What each rank has, one after the other: size * bytes bytes. */
bc_status bc_team_gather(bc_team *team, bc_error *err, const void *mine, size_t bytes, void *all);
/* Likewise of sizes that differ, bytes[0] to bytes[size-1], at most 2 GiB together. */
bc_status bc_team_gather_parts(bc_team *team, bc_error *err, const void *mine, const size_t *bytes,
                               void *all);
/* Whether the flag was set on any rank. */
bc_status bc_team_any(bc_team *team, bc_error *err, bool *flag);
/* Adds up numbers over the ranks, in the order of the ranks; all get the sums. */
typedef enum bc_number { BC_NUMBER_FLOAT, BC_NUMBER_DOUBLE, BC_NUMBER_WORD } bc_number; /* word: uint32_t */
size_t bc_number_bytes(bc_number kind);
bc_status bc_team_sum(bc_team *team, bc_error *err, bc_number kind, void *values, size_t count);
/* Whether all ranks have the same bytes. */
bc_status bc_team_same(bc_team *team, bc_error *err, const void *data, size_t bytes, bool *same);

/* --- exchanges that go on while something else is done --- */

/* One that was posted; each is waited for by bc_post_test, which releases it when it is done. */
typedef struct bc_post bc_post;
/* Part r of `data`, which goes from bounds[r] to bounds[r+1] (bytes, at most 2 GiB; size+1 bounds), goes to rank r; `pieces` receives this rank's part
 * as every rank has it, one after the other. All exchanges of one kind come in the same order on all ranks. */
bc_status bc_team_post_parts(bc_team *team, bc_error *err, const void *data, const size_t *bounds,
                             void *pieces, bc_post **out);
/* Part r of `data` is taken from rank r. */
bc_status bc_team_post_whole(bc_team *team, bc_error *err, void *data, const size_t *bounds, bc_post **out);
/* Whether it is done; then *post becomes NULL. */
bc_status bc_post_test(bc_error *err, bc_post **post, bool *done);

#endif
