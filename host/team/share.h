/* The part of a batch that one rank has. */
#ifndef BC_HOST_TEAM_SHARE_H
#define BC_HOST_TEAM_SHARE_H

#include "host/team/team.h"

/* Samples [first, first + count) of `whole`. All zero: there is no team, and the one process has all of whatever it has. */
typedef struct bc_share {
    bc_team *team;
    int first, count, whole;
    const int *counts; /* of all ranks; somebody else's memory */
} bc_share;

/* Of a batch that is shared: what the whole has where a share has `part`, of something that every sample has as much of. */
static inline double bc_share_whole(const bc_share *share, double part) {
    return share->team ? part * share->whole / share->count : part;
}

/* Divides `whole` samples in proportion to the speeds (positive), and gives each rank one at least: the largest remainders first, of equal
 * ones the lower rank. BC_E_ARGUMENT when there are fewer samples than ranks. */
bc_status bc_share_divide(bc_error *err, int whole, int ranks, const double *speeds, int *counts);
/* The share of the team's rank. */
bc_share bc_share_of(bc_team *team, const int *counts);

#endif
