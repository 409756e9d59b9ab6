#include "host/team/sums.h"

#include "host/base/half.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One bucket on its way. */
typedef struct lane {
    bc_bucket bucket;
    size_t *bounds; /* of the ranks' parts: size + 1 */
    size_t *places; /* of the same in `data`, in bytes */
    void *data;     /* what travels: the bucket's values, or all parts packed */
    void *pieces;   /* this rank's part as every rank has it */
    bc_post *post;  /* the exchange that is going on */
    bool added;     /* this rank's part is */
} lane;

struct bc_sums {
    bc_team *team;
    bool halves;
    lane *lanes;
    int count;
    int ready, sent,
        done; /* the first so many: have their values; are being taken from the ranks that added them; are there */
};

/* --- halves --- */

/* A part is packed as a factor (the bits of a float), and as many halves as it has values. */
enum { HEADER = sizeof(float) / sizeof(uint16_t) };

/* The power of two that takes the largest value to the top of what halves hold, so that the smallest ones count; 1 where something is not a
 * number, which stays none. */
static float factor_for(const float *values, size_t count) {
    enum { TOP = 14 };
    float most = 0;
    for (size_t i = 0; i < count; i++) {
        float size = fabsf(values[i]);
        most = size > most || isnan(size) ? size : most;
        if (!isfinite(most))
            return 1;
    }
    return most >= 0x1p-100f ? ldexpf(1, TOP - ilogbf(most)) : 1;
}

static void pack(const float *values, size_t count, uint16_t *out) {
    float factor = factor_for(values, count);
    memcpy(out, &factor, sizeof factor);
    bc_halves_of_floats(values, count, factor, out + HEADER);
}

/* Values [at, at + count) of a part. */
static void unpack(const uint16_t *packed, size_t at, size_t count, float *values) {
    float factor;
    memcpy(&factor, packed, sizeof factor);
    bc_floats_of_halves(packed + HEADER + at, count, factor, values);
}

/* --- lanes --- */

static size_t part_count(const lane *l, int r) {
    return l->bounds[r + 1] - l->bounds[r];
}

static uint16_t *packed_part(const lane *l, int r) {
    return (uint16_t *)((char *)l->data + l->places[r]);
}

static void lay_out(const bc_sums *s, lane *l) {
    size_t size = (size_t)bc_team_size(s->team);
    for (size_t r = 0; r <= size; r++)
        l->bounds[r] = l->bucket.count / size * r + l->bucket.count % size * r / size;
    l->places[0] = 0;
    for (size_t r = 0; r < size; r++) {
        size_t count = part_count(l, (int)r);
        l->places[r + 1] =
            l->places[r] + (s->halves ? (HEADER + count) * sizeof(uint16_t) : count * sizeof(float));
    }
}

static bc_status open_lane(const bc_sums *s, bc_error *err, lane *l) {
    size_t size = (size_t)bc_team_size(s->team), rank = (size_t)bc_team_rank(s->team);
    l->bounds = malloc((size + 1) * sizeof *l->bounds);
    l->places = malloc((size + 1) * sizeof *l->places);
    if (l->bucket.count > INT_MAX / (2 * sizeof(float)))
        return bc_fail(err, BC_E_ARGUMENT, "%zu numbers are too many to be added up over the ranks at once",
                       l->bucket.count);
    if (l->bounds && l->places) {
        lay_out(s, l);
        l->data = s->halves ? malloc(l->places[size] + 1) : l->bucket.values;
        l->pieces = malloc(size * (l->places[rank + 1] - l->places[rank]) + 1);
    }
    return l->data && l->pieces
               ? BC_OK
               : bc_fail(err, BC_E_MEMORY, "no host memory to add up %zu numbers over the ranks",
                         l->bucket.count);
}

static void close_lane(const bc_sums *s, lane *l) {
    if (s->halves)
        free(l->data);
    free(l->bounds);
    free(l->places);
    free(l->pieces);
}

bc_status bc_sums_create(bc_team *team, bc_error *err, const bc_bucket *buckets, int count, bool halves,
                         bc_sums **out) {
    *out = NULL;
    bc_sums *s = calloc(1, sizeof *s);
    lane *lanes = calloc((size_t)count + 1, sizeof *lanes);
    if (!s || !lanes) {
        free(s);
        free(lanes);
        return bc_fail(err, BC_E_MEMORY, "no host memory for sums over the ranks");
    }
    *s = (bc_sums){.team = team, .halves = halves, .lanes = lanes, .count = count};
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
    for (int i = 0; i < s->count; i++)
        close_lane(s, &s->lanes[i]);
    free(s->lanes);
    free(s);
}

/* --- a round --- */

void bc_sums_begin(bc_sums *s) {
    s->ready = s->sent = s->done = 0;
}

bc_status bc_sums_ready(bc_sums *s, bc_error *err) {
    lane *l = &s->lanes[s->ready++];
    l->added = false;
    for (int r = 0; s->halves && r < bc_team_size(s->team); r++)
        pack(l->bucket.values + l->bounds[r], part_count(l, r), packed_part(l, r));
    return bc_team_post_parts(s->team, err, l->data, l->places, l->pieces, &l->post);
}

static void add_floats(const bc_sums *s, lane *l, float *sum, size_t count) {
    const float *pieces = l->pieces;
    int size = bc_team_size(s->team);
    for (size_t i = 0; i < count; i++) {
        float total = pieces[i];
        for (int r = 1; r < size; r++)
            total += pieces[(size_t)r * count + i];
        sum[i] = total;
    }
}

/* In blocks, so that what is unpacked stays near. */
static void add_halves(const bc_sums *s, lane *l, float *sum, size_t count) {
    enum { BLOCK = 1024 };
    float block[BLOCK];
    for (int r = 0; r < bc_team_size(s->team); r++) {
        const uint16_t *piece = (const uint16_t *)l->pieces + (size_t)r * (HEADER + count);
        for (size_t at = 0; at < count; at += BLOCK) {
            size_t n = count - at < BLOCK ? count - at : BLOCK;
            unpack(piece, at, n, block);
            for (size_t i = 0; i < n; i++)
                sum[at + i] = r ? sum[at + i] + block[i] : block[i];
        }
    }
}

/* All take this rank's part as it travels, this rank itself too, so that they have the same bits. */
static void add_pieces(const bc_sums *s, lane *l) {
    int rank = bc_team_rank(s->team);
    float *sum = l->bucket.values + l->bounds[rank];
    if (s->halves) {
        add_halves(s, l, sum, part_count(l, rank));
        pack(sum, part_count(l, rank), packed_part(l, rank));
    } else {
        add_floats(s, l, sum, part_count(l, rank));
    }
    l->added = true;
}

static void unpack_all(const bc_sums *s, lane *l) {
    for (int r = 0; s->halves && r < bc_team_size(s->team); r++)
        unpack(packed_part(l, r), 0, part_count(l, r), l->bucket.values + l->bounds[r]);
}

/* The exchange that a bucket waits for; what follows the first one is this rank's addition. */
static bc_status go_on(bc_sums *s, bc_error *err, lane *l) {
    bool done;
    if (!l->post)
        return BC_OK;
    BC_TRY(bc_post_test(err, &l->post, &done));
    if (done && !l->added)
        add_pieces(s, l);
    else if (done)
        unpack_all(s, l);
    return BC_OK;
}

bc_status bc_sums_step(bc_sums *s, bc_error *err, int *done) {
    for (int i = s->done; i < s->ready; i++)
        BC_TRY(go_on(s, err, &s->lanes[i]));
    while (s->sent < s->ready && s->lanes[s->sent].added) {
        lane *l = &s->lanes[s->sent++];
        BC_TRY(bc_team_post_whole(s->team, err, l->data, l->places, &l->post));
    }
    while (s->done < s->sent && !s->lanes[s->done].post)
        s->done++;
    *done = s->done;
    return BC_OK;
}
