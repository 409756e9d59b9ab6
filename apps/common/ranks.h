/* Commands that several processes run together, as mpirun starts them (docs/cluster.md). */
#ifndef BC_APPS_COMMON_RANKS_H
#define BC_APPS_COMMON_RANKS_H

#include "apps/common/app.h"

typedef struct app_ranks {
    bc_team *team; /* NULL: this process runs alone */
    int streams
        [2]; /* where standard output and error went before they were silenced; -1: they are as they were */
} app_ranks;
#define APP_RANKS_ALONE                                                                                      \
    {                                                                                                        \
        .streams = { -1, -1 }                                                                                \
    }

/* Joins the ranks. From now on rank 0 alone is heard; a CPU's cores are divided among the ranks of this machine. */
bc_status app_ranks_open(bc_error *err, app_ranks *ranks);
/* app_exit, and what the other ranks need: where one fails it says so, and all end. Closes the team. */
int app_ranks_exit(app_ranks *ranks, const bc_error *err, bc_status status);

#endif
