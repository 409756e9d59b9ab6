/* What the launcher of a job says in the environment, before MPI is asked. */
#ifndef BC_HOST_TEAM_LAUNCHER_H
#define BC_HOST_TEAM_LAUNCHER_H

#include "host/team/team.h"

/* How many processes were started together; 1: this one alone. */
int bc_launched_size(void);

#endif
