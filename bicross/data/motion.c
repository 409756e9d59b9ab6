/* Finding motion from coarse to fine. */
#include "bicross/data/motion.h"
#include "bicross/data/motion_steps.h"
#include "host/base/divide.h"

#include <stdlib.h>

enum { LEVELS = 16 }; /* a side of 2^31 has fewer than 32, of which the last three are not made */

typedef struct level {
    int height, width;
    bc_buffer images[2];
} level;

struct bc_motion {
    bc_host *host;
    int height, width, count;
    level levels[LEVELS]; /* the finest first */
    bc_buffer flows[2];   /* from image 0 to 1, and back */
    bc_buffer work[2], terms;
};

static bc_status make_levels(bc_motion *m) {
    int height = m->height, width = m->width;
    bool more = true;
    for (; more && m->count < LEVELS; height = (height + 1) / 2, width = (width + 1) / 2) {
        level *l = &m->levels[m->count++];
        *l = (level){.height = height, .width = width};
        size_t bytes = (size_t)height * (size_t)width * sizeof(float);
        for (int i = 0; i < 2; i++)
            BC_TRY(bc_buffer_create(m->host, bytes, "images to find motion in", &l->images[i]));
        more = height >= 2 * BC_MOTION_LEAST_SIDE && width >= 2 * BC_MOTION_LEAST_SIDE;
    }
    return BC_OK;
}

static bc_status make_flows(bc_motion *m) {
    size_t bytes = (size_t)m->height * (size_t)m->width * sizeof(cl_float2);
    for (int i = 0; i < 2; i++) {
        BC_TRY(bc_buffer_create(m->host, bytes, "motion", &m->flows[i]));
        BC_TRY(bc_buffer_create(m->host, bytes, "work on motion", &m->work[i]));
    }
    return bc_buffer_create(m->host, 2 * bytes, "terms of motion", &m->terms);
}

bc_status bc_motion_create(bc_host *host, int height, int width, bc_motion **out) {
    *out = NULL;
    if (height < 1 || width < 1 || !bc_product_fits(height, width, 4, 1))
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "motion: expected images that kernels can count the pixels of, found %d x %d", width,
                       height);
    bc_motion *m = calloc(1, sizeof *m);
    if (!m)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no memory to find motion");
    *m = (bc_motion){.host = host, .height = height, .width = width};
    bc_status status = make_levels(m);
    if (status == BC_OK)
        status = make_flows(m);
    if (status == BC_OK)
        *out = m;
    else
        bc_motion_release(m);
    return status;
}

void bc_motion_release(bc_motion *m) {
    if (!m)
        return;
    for (int i = 0; i < 2; i++) {
        for (int l = 0; l < m->count; l++)
            bc_buffer_release(&m->levels[l].images[i]);
        bc_buffer_release(&m->flows[i]);
        bc_buffer_release(&m->work[i]);
    }
    bc_buffer_release(&m->terms);
    free(m);
}

/* --- finding --- */

static bc_status take_image(bc_motion *m, int which, const float *image) {
    size_t bytes = (size_t)m->height * (size_t)m->width * sizeof *image;
    BC_TRY(bc_buffer_write(m->host, m->levels[0].images[which], 0, image, bytes));
    for (int i = 1; i < m->count; i++) {
        const level *fine = &m->levels[i - 1];
        BC_TRY(bc_motion_halve(m->host, m->levels[i].images[which], fine->images[which], fine->height,
                               fine->width));
    }
    return BC_OK;
}

static void swap_work(bc_motion *m) {
    bc_buffer first = m->work[0];
    m->work[0] = m->work[1];
    m->work[1] = first;
}

/* A warp: from the flow in work[0] to a better one in `out`; work[1] is overwritten. */
static bc_status warp(bc_motion *m, const level *l, int from, bc_buffer out) {
    BC_TRY(bc_motion_terms(m->host, m->terms, l->images[from], l->images[1 - from], m->work[0], l->height,
                           l->width));
    for (int i = 0; i < BC_MOTION_RELAXATIONS; i++) {
        BC_TRY(bc_motion_relax(m->host, m->work[1], m->work[0], m->terms, l->height, l->width));
        swap_work(m);
    }
    return bc_motion_median(m->host, out, m->work[0], l->height, l->width);
}

/* The flow from image `from` to the other one. */
static bc_status find_flow(bc_motion *m, int from) {
    BC_TRY(bc_buffer_fill(m->host, m->work[0], 0, m->work[0].bytes, 0));
    for (int i = m->count - 1; i >= 0; i--) {
        const level *l = &m->levels[i];
        if (i < m->count - 1) {
            BC_TRY(bc_motion_double(m->host, m->work[1], m->work[0], l->height, l->width));
            swap_work(m);
        }
        for (int k = 1; k <= BC_MOTION_WARPS; k++) {
            bool last = i == 0 && k == BC_MOTION_WARPS;
            BC_TRY(warp(m, l, from, last ? m->flows[from] : m->work[1]));
            swap_work(m);
        }
    }
    return BC_OK;
}

bc_status bc_motion_find(bc_motion *m, const float *a, const float *b) {
    BC_TRY(take_image(m, 0, a));
    BC_TRY(take_image(m, 1, b));
    BC_TRY(find_flow(m, 0));
    return find_flow(m, 1);
}

/* --- what follows from it --- */

bc_status bc_motion_between(bc_motion *m, bc_buffer out, int place, int count, float time, float step) {
    const level *finest = &m->levels[0];
    bc_motion_pair pair = {finest->images[0], finest->images[1], m->flows[0], m->flows[1]};
    return bc_motion_blend(m->host, out, &pair, m->height, m->width, place, count, time, step);
}

bc_status bc_motion_flow(bc_motion *m, float *flow) {
    return bc_buffer_read(m->host, m->flows[0], 0, flow, m->flows[0].bytes);
}
