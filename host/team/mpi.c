/* Teams by MPI: the only file that calls it. Each kind of posted exchange has a communicator of its own, since a communicator wants the same order
 * of collective calls on all ranks, and how far the exchanges are differs between them. */
#include "host/team/launcher.h"

#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bc_team {
    MPI_Comm all, parts, whole;
    int rank, size, place, places;
    int *counts; /* four lists of `size` numbers, for the calls that want them */
};

struct bc_post {
    MPI_Request request;
    int *counts; /* MPI reads them until it is done */
};

static bc_status check(bc_error *err, int code, const char *doing) {
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;
    if (code == MPI_SUCCESS)
        return BC_OK;
    MPI_Error_string(code, text, &length);
    return bc_fail(err, BC_E_DEVICE, "MPI: %s failed: %.400s", doing, text);
}

static bc_status fail_memory(bc_error *err) {
    return bc_fail(err, BC_E_MEMORY, "no memory to exchange what the ranks of this job have");
}

static bc_status find_place(bc_team *team, bc_error *err) {
    MPI_Comm machine;
    BC_TRY(check(err,
                 MPI_Comm_split_type(team->all, MPI_COMM_TYPE_SHARED, team->rank, MPI_INFO_NULL, &machine),
                 "finding the ranks of this machine"));
    MPI_Comm_rank(machine, &team->place);
    MPI_Comm_size(machine, &team->places);
    return check(err, MPI_Comm_free(&machine), "finding the ranks of this machine");
}

static bc_status join(bc_team *team, bc_error *err) {
    MPI_Comm *own[] = {&team->all, &team->parts, &team->whole};
    for (int i = 0; i < 3; i++) {
        BC_TRY(check(err, MPI_Comm_dup(MPI_COMM_WORLD, own[i]), "joining the ranks"));
        MPI_Comm_set_errhandler(*own[i], MPI_ERRORS_RETURN);
    }
    MPI_Comm_rank(team->all, &team->rank);
    MPI_Comm_size(team->all, &team->size);
    team->counts = calloc((size_t)team->size, 4 * sizeof *team->counts);
    return team->counts ? find_place(team, err) : fail_memory(err);
}

bc_status bc_team_open(bc_error *err, bc_team **out) {
    int given;
    *out = NULL;
    if (bc_launched_size() <= 1)
        return BC_OK;
    bc_team *team = calloc(1, sizeof *team);
    if (!team)
        return fail_memory(err);
    bc_status status = check(err, MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given), "starting");
    if (status == BC_OK)
        status = join(team, err);
    if (status == BC_OK)
        *out = team;
    else
        free(team);
    return status;
}

void bc_team_close(bc_team *team) {
    if (!team)
        return;
    MPI_Comm_free(&team->all);
    MPI_Comm_free(&team->parts);
    MPI_Comm_free(&team->whole);
    MPI_Finalize();
    free(team->counts);
    free(team);
}

void bc_team_abort(bc_team *team, int exit_status) {
    if (team)
        MPI_Abort(MPI_COMM_WORLD, exit_status);
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
const char *bc_team_library(void) {
#ifdef OMPI_MAJOR_VERSION
    return "Open MPI " TEXT(OMPI_MAJOR_VERSION) "." TEXT(OMPI_MINOR_VERSION) "." TEXT(OMPI_RELEASE_VERSION);
#else
    return "MPI " TEXT(MPI_VERSION) "." TEXT(MPI_SUBVERSION);
#endif
}

int bc_team_rank(const bc_team *team) {
    return team ? team->rank : 0;
}

int bc_team_size(const bc_team *team) {
    return team ? team->size : 1;
}

int bc_team_place(const bc_team *team) {
    return team ? team->place : 0;
}

int bc_team_places(const bc_team *team) {
    return team ? team->places : 1;
}

bc_status bc_team_wait(bc_team *team, bc_error *err) {
    return team ? check(err, MPI_Barrier(team->all), "waiting for the other ranks") : BC_OK;
}

bc_status bc_team_tell(bc_team *team, bc_error *err, void *data, size_t bytes) {
    enum { MOST = 1 << 28 }; /* a count is an int */
    for (size_t at = 0; team && at < bytes; at += MOST) {
        int count = (int)(bytes - at < MOST ? bytes - at : MOST);
        BC_TRY(check(err, MPI_Bcast((char *)data + at, count, MPI_BYTE, 0, team->all), "telling all ranks"));
    }
    return BC_OK;
}

bc_status bc_team_gather_parts(bc_team *team, bc_error *err, const void *mine, const size_t *bytes,
                               void *all) {
    size_t sum = 0;
    if (!team) {
        memmove(all, mine, bytes[0]);
        return BC_OK;
    }
    int *counts = team->counts, *starts = counts + team->size;
    for (int r = 0; r < team->size; r++) {
        if (bytes[r] > INT_MAX || sum > INT_MAX - bytes[r])
            return bc_fail(err, BC_E_ARGUMENT, "the ranks have more than 2 GiB to exchange at once");
        counts[r] = (int)bytes[r];
        starts[r] = (int)sum;
        sum += bytes[r];
    }
    return check(err,
                 MPI_Allgatherv(mine, counts[team->rank], MPI_BYTE, all, counts, starts, MPI_BYTE, team->all),
                 "gathering what the ranks have");
}

/* --- posted --- */

static bc_post *new_post(const bc_team *team) {
    bc_post *post = malloc(sizeof *post);
    int *counts = malloc((size_t)team->size * 4 * sizeof *counts);
    if (!post || !counts) {
        free(post);
        free(counts);
        return NULL;
    }
    *post = (bc_post){.counts = counts};
    return post;
}

static void release_post(bc_post **post) {
    if (*post)
        free((*post)->counts);
    free(*post);
    *post = NULL;
}

/* Sizes and places of the parts that the bounds make. */
static void part_list(const bc_team *team, const size_t *bounds, int *counts, int *starts) {
    for (int r = 0; r < team->size; r++) {
        counts[r] = (int)(bounds[r + 1] - bounds[r]);
        starts[r] = (int)bounds[r];
    }
}

static bc_status posted(bc_error *err, int code, bc_post *post, bc_post **out) {
    bc_status status = check(err, code, "posting a sum over the ranks");
    if (status != BC_OK)
        release_post(&post);
    *out = post;
    return status;
}

bc_status bc_team_post_parts(bc_team *team, bc_error *err, const void *data, const size_t *bounds,
                             void *pieces, bc_post **out) {
    bc_post *post = new_post(team);
    if (!post)
        return fail_memory(err);
    int *counts = post->counts, *starts = counts + team->size, *mine = starts + team->size,
        *at = mine + team->size;
    part_list(team, bounds, counts, starts);
    for (int r = 0; r < team->size; r++) {
        mine[r] = counts[team->rank];
        at[r] = r * counts[team->rank];
    }
    int code = MPI_Ialltoallv(data, counts, starts, MPI_BYTE, pieces, mine, at, MPI_BYTE, team->parts,
                              &post->request);
    return posted(err, code, post, out);
}

bc_status bc_team_post_whole(bc_team *team, bc_error *err, void *data, const size_t *bounds, bc_post **out) {
    bc_post *post = new_post(team);
    if (!post)
        return fail_memory(err);
    int *counts = post->counts, *starts = counts + team->size;
    part_list(team, bounds, counts, starts);
    int code = MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, counts, starts, MPI_BYTE,
                               team->whole, &post->request);
    return posted(err, code, post, out);
}

bc_status bc_post_test(bc_error *err, bc_post **post, bool *done) {
    int flag = 0;
    BC_TRY(check(err, MPI_Test(&(*post)->request, &flag, MPI_STATUS_IGNORE), "a sum over the ranks"));
    *done = flag;
    if (flag)
        release_post(post);
    return BC_OK;
}
