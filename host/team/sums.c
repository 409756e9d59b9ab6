#include "host/team/sums.h"

#include <stdlib.h>

/* One bucket on its way. */
typedef struct lane {
    bc_bucket bucket;
    size_t *bounds; /* of the ranks' parts: size + 1 */
    float *pieces;  /* this rank's part as every rank has it */
    bc_post *post;  /* the exchange that is going on */
    bool added;     /* this rank's part is */
} lane;

struct bc_sums {
    bc_team *team;
    lane *lanes;
    int count;
    int ready, sent,
        done; /* the first so many: have their values; are being taken from the ranks that added them; are there */
};

static bc_status open_lane(const bc_sums *s, bc_error *err, lane *l) {
    size_t size = (size_t)bc_team_size(s->team), rank = (size_t)bc_team_rank(s->team);
    l->bounds = malloc((size + 1) * sizeof *l->bounds);
    for (size_t r = 0; l->bounds && r <= size; r++)
        l->bounds[r] = l->bucket.count / size * r + l->bucket.count % size * r / size;
    if (l->bounds)
        l->pieces = malloc((size * (l->bounds[rank + 1] - l->bounds[rank]) + 1) * sizeof *l->pieces);
    return l->pieces ? BC_OK
                     : bc_fail(err, BC_E_MEMORY, "no host memory to add up %zu numbers over the ranks",
                               l->bucket.count);
}

bc_status bc_sums_create(bc_team *team, bc_error *err, const bc_bucket *buckets, int count, bc_sums **out) {
    *out = NULL;
    bc_sums *s = calloc(1, sizeof *s);
    lane *lanes = calloc((size_t)count + 1, sizeof *lanes);
    if (!s || !lanes) {
        free(s);
        free(lanes);
        return bc_fail(err, BC_E_MEMORY, "no host memory for sums over the ranks");
    }
    *s = (bc_sums){.team = team, .lanes = lanes, .count = count};
    bc_status status = BC_OK;
    for (int i = 0; i < count && status == BC_OK; i++) {
        lanes[i].bucket = buckets[i];
        status = open_lane(s, err, &lanes[i]);
    }
    if (status == BC_OK)
        *out = s;
    else
        bc_sums_release(s);
    return status;
}

void bc_sums_release(bc_sums *s) {
    if (!s)
        return;
    for (int i = 0; i < s->count; i++) {
        free(s->lanes[i].bounds);
        free(s->lanes[i].pieces);
    }
    free(s->lanes);
    free(s);
}

void bc_sums_begin(bc_sums *s) {
    s->ready = s->sent = s->done = 0;
}

bc_status bc_sums_ready(bc_sums *s, bc_error *err) {
    lane *l = &s->lanes[s->ready++];
    l->added = false;
    return bc_team_post_parts(s->team, err, l->bucket.values, l->bounds, l->pieces, &l->post);
}

static void add_pieces(const bc_sums *s, lane *l) {
    int size = bc_team_size(s->team), rank = bc_team_rank(s->team);
    size_t count = l->bounds[rank + 1] - l->bounds[rank];
    float *sum = l->bucket.values + l->bounds[rank];
    for (size_t i = 0; i < count; i++) {
        float total = l->pieces[i];
        for (int r = 1; r < size; r++)
            total += l->pieces[(size_t)r * count + i];
        sum[i] = total;
    }
    l->added = true;
}

/* The exchange that a bucket waits for; what follows the first one is this rank's addition. */
static bc_status go_on(bc_sums *s, bc_error *err, lane *l) {
    bool done;
    if (!l->post)
        return BC_OK;
    BC_TRY(bc_post_test(err, &l->post, &done));
    if (done && !l->added)
        add_pieces(s, l);
    return BC_OK;
}

bc_status bc_sums_step(bc_sums *s, bc_error *err, int *done) {
    for (int i = s->done; i < s->ready; i++)
        BC_TRY(go_on(s, err, &s->lanes[i]));
    while (s->sent < s->ready && s->lanes[s->sent].added) {
        lane *l = &s->lanes[s->sent++];
        BC_TRY(bc_team_post_whole(s->team, err, l->bucket.values, l->bounds, &l->post));
    }
    while (s->done < s->sent && !s->lanes[s->done].post)
        s->done++;
    *done = s->done;
    return BC_OK;
}
