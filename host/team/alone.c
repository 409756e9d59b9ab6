/* Teams in a program that was built without MPI: every process is alone, and one that was not meant to be is told. */
#include "host/team/launcher.h"

#include <string.h>

struct bc_post {
    int nothing;
};

bc_status bc_team_open(bc_error *err, bc_team **out) {
    *out = NULL;
    int size = bc_launched_size();
    return size <= 1
               ? BC_OK
               : bc_fail(err, BC_E_ARGUMENT,
                         "this is one of %d processes that were started together, but the program was built "
                         "without MPI: install it (Debian: libopenmpi-dev) and build again, or start one",
                         size);
}

void bc_team_close(bc_team *team) {
    (void)team;
}

void bc_team_abort(bc_team *team, int exit_status) {
    (void)team;
    (void)exit_status;
}

const char *bc_team_library(void) {
    return "none";
}

int bc_team_rank(const bc_team *team) {
    (void)team;
    return 0;
}

int bc_team_size(const bc_team *team) {
    (void)team;
    return 1;
}

int bc_team_place(const bc_team *team) {
    (void)team;
    return 0;
}

int bc_team_places(const bc_team *team) {
    (void)team;
    return 1;
}

bc_status bc_team_wait(bc_team *team, bc_error *err) {
    (void)team;
    (void)err;
    return BC_OK;
}

bc_status bc_team_tell(bc_team *team, bc_error *err, void *data, size_t bytes) {
    (void)team;
    (void)err;
    (void)data;
    (void)bytes;
    return BC_OK;
}

bc_status bc_team_gather_parts(bc_team *team, bc_error *err, const void *mine, const size_t *bytes,
                               void *all) {
    (void)team;
    (void)err;
    memmove(all, mine, bytes[0]);
    return BC_OK;
}

static bc_status no_post(bc_error *err, bc_post **out) {
    *out = NULL;
    return bc_fail(err, BC_E_ARGUMENT, "an exchange needs a team of processes, and there is no MPI");
}

bc_status bc_team_post_parts(bc_team *team, bc_error *err, const void *data, const size_t *bounds,
                             void *pieces, bc_post **out) {
    (void)team;
    (void)data;
    (void)bounds;
    (void)pieces;
    return no_post(err, out);
}

bc_status bc_team_post_whole(bc_team *team, bc_error *err, void *data, const size_t *bounds, bc_post **out) {
    (void)team;
    (void)data;
    (void)bounds;
    return no_post(err, out);
}

bc_status bc_post_test(bc_error *err, bc_post **post, bool *done) {
    *done = false;
    return no_post(err, post);
}
