/* The steps of motion against their references. */
#include "bicross/reference/motion_check.h"
#include "bicross/data/motion_steps.h"
#include "bicross/reference/motion.h"
#include "host/base/random.h"

#include <math.h>
#include <stdlib.h>

/* --- arrays on both sides --- */

typedef struct array {
    int count;
    bc_buffer device;
    double *host;
} array;

enum { A, B, FORWARD, BACKWARD, TERMS, RESULT, ARRAYS };

typedef struct bench {
    bc_host *device;
    int height, width;
    array arrays[ARRAYS];
    float *values; /* room for the largest */
} bench;

/* Numbers from `offset` to `offset` + `scale`. Flows are even enough for the way back to be found nearly. */
static bc_status fill(bench *t, int which, int count, float scale, float offset) {
    array *a = &t->arrays[which];
    bc_random random = {.seed = (uint32_t)which + 1, .stream = 9};
    size_t bytes = (size_t)count * sizeof *t->values;
    a->count = count;
    a->host = malloc((size_t)count * sizeof *a->host);
    if (!a->host)
        return bc_fail(bc_host_error(t->device), BC_E_MEMORY, "no memory to check motion");
    for (int i = 0; i < count; i++) {
        t->values[i] = offset + scale * bc_random_uniform(&random);
        a->host[i] = (double)t->values[i];
    }
    BC_TRY(bc_buffer_create(t->device, bytes, "check of motion", &a->device));
    return bc_buffer_write(t->device, a->device, 0, t->values, bytes);
}

static bc_status begin(bench *t) {
    int pixels = t->height * t->width;
    t->values = malloc((size_t)pixels * 4 * sizeof *t->values);
    if (!t->values)
        return bc_fail(bc_host_error(t->device), BC_E_MEMORY, "no memory to check motion");
    BC_TRY(fill(t, A, pixels, 1, 0));
    BC_TRY(fill(t, B, pixels, 1, 0));
    BC_TRY(fill(t, FORWARD, 2 * pixels, 1.6f, 0.7f));
    BC_TRY(fill(t, BACKWARD, 2 * pixels, 1.6f, -2.3f));
    BC_TRY(fill(t, TERMS, 4 * pixels, 1, 0));
    return fill(t, RESULT, 4 * pixels, 1, 7); /* which no step gives */
}

static void end(bench *t) {
    for (int i = 0; i < ARRAYS; i++) {
        bc_buffer_release(&t->arrays[i].device);
        free(t->arrays[i].host);
    }
    free(t->values);
}

/* All of the result: what a step leaves alone must be as it was. */
static bc_status compare(bench *t, double *difference) {
    const array *a = &t->arrays[RESULT];
    *difference = 0;
    BC_TRY(bc_buffer_read(t->device, a->device, 0, t->values, (size_t)a->count * sizeof *t->values));
    for (int i = 0; i < a->count; i++) {
        double apart = fabs((double)t->values[i] - a->host[i]);
        *difference = fmax(*difference, isnan(apart) ? INFINITY : apart);
    }
    return BC_OK;
}

/* --- steps --- */

static bc_status halve(bench *t) {
    bc_reference_motion_halve(t->arrays[RESULT].host, t->arrays[A].host, t->height, t->width);
    return bc_motion_halve(t->device, t->arrays[RESULT].device, t->arrays[A].device, t->height, t->width);
}

static bc_status twice(bench *t) {
    bc_reference_motion_double(t->arrays[RESULT].host, t->arrays[FORWARD].host, t->height, t->width);
    return bc_motion_double(t->device, t->arrays[RESULT].device, t->arrays[FORWARD].device, t->height,
                            t->width);
}

static bc_status terms(bench *t) {
    const array *r = t->arrays;
    bc_reference_motion_terms(r[RESULT].host, r[A].host, r[B].host, r[FORWARD].host, t->height, t->width);
    return bc_motion_terms(t->device, r[RESULT].device, r[A].device, r[B].device, r[FORWARD].device,
                           t->height, t->width);
}

static bc_status relax(bench *t) {
    const array *r = t->arrays;
    bc_reference_motion_relax(r[RESULT].host, r[FORWARD].host, r[TERMS].host, t->height, t->width);
    return bc_motion_relax(t->device, r[RESULT].device, r[FORWARD].device, r[TERMS].device, t->height,
                           t->width);
}

static bc_status median(bench *t) {
    bc_reference_motion_median(t->arrays[RESULT].host, t->arrays[FORWARD].host, t->height, t->width);
    return bc_motion_median(t->device, t->arrays[RESULT].device, t->arrays[FORWARD].device, t->height,
                            t->width);
}

/* Images 1 and 2 of 4, at 0.25 and 1. */
static bc_status blend(bench *t) {
    const array *r = t->arrays;
    long pixels = (long)t->height * t->width;
    bc_reference_pair plain = {r[A].host, r[B].host, r[FORWARD].host, r[BACKWARD].host};
    bc_motion_pair pair = {r[A].device, r[B].device, r[FORWARD].device, r[BACKWARD].device};
    bc_reference_motion_between(r[RESULT].host + pixels, &plain, t->height, t->width, 0.25);
    bc_reference_motion_between(r[RESULT].host + 2 * pixels, &plain, t->height, t->width, 1);
    return bc_motion_blend(t->device, r[RESULT].device, &pair, t->height, t->width, 1, 2, 0.25f, 0.75f);
}

static const struct {
    const char *name;
    bc_status (*run)(bench *t);
    double allowed;
} steps[BC_MOTION_CHECKS] = {{"halve", halve, 1e-6}, {"double", twice, 1e-5}, {"terms", terms, 1e-4},
                             {"relax", relax, 1e-4}, {"median", median, 0},   {"blend", blend, 1e-4}};

static bc_status check_step(bc_host *host, int height, int width, int step, bc_motion_check *out) {
    bench t = {.device = host, .height = height, .width = width};
    *out = (bc_motion_check){steps[step].name, INFINITY, steps[step].allowed};
    bc_status status = begin(&t);
    if (status == BC_OK)
        status = steps[step].run(&t);
    if (status == BC_OK)
        status = compare(&t, &out->difference);
    end(&t);
    return status;
}

bc_status bc_check_motion(bc_host *host, int height, int width, bc_motion_check checks[BC_MOTION_CHECKS]) {
    for (int i = 0; i < BC_MOTION_CHECKS; i++)
        BC_TRY(check_step(host, height, width, i, &checks[i]));
    return BC_OK;
}
