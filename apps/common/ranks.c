#include "apps/common/ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- streams --- */

static bc_status silence(bc_error *err, app_ranks *ranks) {
    fflush(NULL);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (int i = 0; i < 2 && nowhere >= 0; i++) {
        ranks->streams[i] = fcntl(STDOUT_FILENO + i, F_DUPFD_CLOEXEC, 3);
        if (ranks->streams[i] < 0 || dup2(nowhere, STDOUT_FILENO + i) < 0)
            break;
    }
    bool done = nowhere >= 0 && ranks->streams[1] >= 0;
    if (nowhere >= 0)
        close(nowhere);
    return done
               ? BC_OK
               : bc_fail(err, BC_E_FILE, "cannot redirect standard output to /dev/null: %s", strerror(errno));
}

static void restore(app_ranks *ranks) {
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        if (ranks->streams[i] < 0)
            continue;
        dup2(ranks->streams[i], STDOUT_FILENO + i);
        close(ranks->streams[i]);
        ranks->streams[i] = -1;
    }
}

/* --- joining and leaving --- */

/* PoCL gives every process threads on all cores, and would bind those of all ranks to the same ones. What the user has set stays. */
static void divide_cores(const bc_team *team) {
    long threads = sysconf(_SC_NPROCESSORS_ONLN) / bc_team_places(team);
    char text[24];
    if (bc_team_places(team) == 1)
        return;
    snprintf(text, sizeof text, "%ld", threads > 1 ? threads : 1);
    setenv("POCL_MAX_PTHREAD_COUNT", text, 0);
    setenv("POCL_AFFINITY", "0", 0);
}

bc_status app_ranks_open(bc_error *err, app_ranks *ranks) {
    BC_TRY(bc_team_open(err, &ranks->team));
    divide_cores(ranks->team);
    return bc_team_rank(ranks->team) > 0 ? silence(err, ranks) : BC_OK;
}

int app_ranks_exit(app_ranks *ranks, const bc_error *err, bc_status status) {
    enum { SECONDS = 2 };
    int rank = bc_team_rank(ranks->team);
    bool stopped = status == BC_E_INTERRUPTED;
    bc_error own = {0};
    if (status != BC_OK && !stopped && rank > 0) {
        sleep(
            SECONDS); /* most failures are everybody's, and then rank 0 has ended them all by now: one sentence is enough */
        restore(ranks);
        bc_fail(&own, status, "rank %d of %d: %s", rank, bc_team_size(ranks->team), err->text);
    }
    int exit_status = stopped && rank > 0 ? 0 : app_exit(own.text[0] ? &own : err, status);
    fflush(NULL);
    if (status != BC_OK && !stopped)
        bc_team_abort(ranks->team, exit_status);
    bc_team_close(ranks->team);
    restore(ranks);
    return exit_status;
}
