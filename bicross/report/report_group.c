/* Which results are repetitions of each other, and what they say together. */
#include "bicross/report/report_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool single(const bc_results *r) {
    return r->arm_count > 0 && !*r->scenario;
}

static bool same(const bc_results *a, const bc_results *b) {
    bool equal = strcmp(a->scenario, b->scenario) == 0 && strcmp(a->protocol, b->protocol) == 0 &&
                 strcmp(a->model, b->model) == 0 && strcmp(a->method, b->method) == 0 &&
                 a->quick == b->quick && a->arm_count == b->arm_count;
    for (int i = 0; i < a->arm_count && equal; i++)
        equal = strcmp(a->arms[i], b->arms[i]) == 0;
    return equal;
}

/* A network's scores become an arm of the first such folder's. */
static void join_singles(bc_report *r) {
    bc_results *first = NULL;
    for (int i = 0; i < r->count; i++) {
        bc_results *own = &r->folders[i].results;
        if (!single(own))
            continue;
        if (first && first->arm_count < BC_RESULT_ARMS) {
            first->arms[first->arm_count] = own->arms[0];
            first->seeds[0].target[first->arm_count++] = own->seeds[0].target[0];
            own->seeds[0].target[0] = (bc_result_scores){0}; /* its list of images has moved */
            own->arm_count = 0;
        } else if (!first) {
            first = own;
        }
    }
}

static bc_status add_seed(bc_report *r, bc_report_group *g, const bc_result_seed *seed, const char *folder) {
    for (int i = 0; i < g->count; i++)
        if (g->seeds[i]->seed == seed->seed)
            return bc_fail(r->err, BC_E_ARGUMENT,
                           "%s has seed %d, which another folder of the report has, too: give each once",
                           folder, seed->seed);
    const bc_result_seed **grown = realloc((void *)g->seeds, (size_t)(g->count + 1) * sizeof *grown);
    if (!grown)
        return bc_fail(r->err, BC_E_MEMORY, "no host memory for the seeds of %s", folder);
    g->seeds = grown;
    g->seeds[g->count++] = seed;
    return BC_OK;
}

static bc_report_group *group_of(bc_report *r, const bc_results *results) {
    for (int i = 0; i < r->group_count; i++)
        if (same(r->groups[i].about, results))
            return &r->groups[i];
    bc_report_group *g = &r->groups[r->group_count++];
    *g = (bc_report_group){.about = results};
    return g;
}

static bc_status make_room(bc_report *r, bc_report_group *g) {
    int most = g->count;
    for (int i = 0; i < g->count; i++)
        for (int arm = 0; arm < g->about->arm_count; arm++)
            if (g->seeds[i]->target[arm].image_count > most)
                most = g->seeds[i]->target[arm].image_count;
    g->work = malloc(((size_t)most + 1) * sizeof *g->work);
    return g->work ? BC_OK : bc_fail(r->err, BC_E_MEMORY, "no host memory to compare %d numbers", most);
}

bc_status bc_report_groups_make(bc_report *r) {
    r->groups = calloc((size_t)r->count + 1, sizeof *r->groups);
    if (!r->groups)
        return bc_fail(r->err, BC_E_MEMORY, "no host memory for the results of %d folders", r->count);
    join_singles(r);
    for (int i = 0; i < r->count; i++) {
        const bc_results *results = &r->folders[i].results;
        bc_report_group *g = results->arm_count ? group_of(r, results) : NULL;
        for (int s = 0; g && s < results->seed_count; s++)
            BC_TRY(add_seed(r, g, &results->seeds[s], r->folders[i].path));
    }
    for (int i = 0; i < r->group_count; i++)
        BC_TRY(make_room(r, &r->groups[i]));
    return BC_OK;
}

void bc_report_groups_release(bc_report *r) {
    for (int i = 0; i < r->group_count; i++) {
        free((void *)r->groups[i].seeds);
        free(r->groups[i].work);
    }
    free(r->groups);
    r->groups = NULL;
    r->group_count = 0;
}

/* --- what they say --- */

double bc_report_target_metric(const bc_result_seed *seed, int arm, int metric) {
    return seed->target[arm].metrics[metric];
}

bc_interval bc_report_over_seeds(const bc_report_group *g, bc_report_value value, int which, int arm,
                                 int other) {
    bc_interval none = {.mean = NAN, .low = NAN, .high = NAN};
    int count = 0;
    for (int i = 0; i < g->count; i++) {
        double x = value(g->seeds[i], arm, which) - (other >= 0 ? value(g->seeds[i], other, which) : 0);
        if (isfinite(x))
            g->work[count++] = x;
    }
    return count ? bc_interval_of_runs(g->work, count) : none;
}

/* Over the images that both have. */
static bc_interval over_images(const bc_report_group *g, const bc_result_scores *a,
                               const bc_result_scores *b) {
    bc_interval none = {.mean = NAN, .low = NAN, .high = NAN};
    int count = 0;
    if (b && b->image_count != a->image_count) /* other images: nothing can be paired */
        return none;
    for (int i = 0; i < a->image_count; i++) {
        double x = a->image_abs_rel[i] - (b ? b->image_abs_rel[i] : 0);
        if (isfinite(x))
            g->work[count++] = x;
    }
    return count ? bc_interval_of_images(g->work, count) : none;
}

bc_interval bc_report_abs_rel(const bc_report_group *g, int arm, int other, bool *images) {
    bc_interval seeds = bc_report_over_seeds(g, bc_report_target_metric, 0, arm, other);
    *images = false;
    if (g->count != 1)
        return seeds;
    const bc_result_seed *seed = g->seeds[0];
    bc_interval own = over_images(g, &seed->target[arm], other >= 0 ? &seed->target[other] : NULL);
    if (!bc_interval_known(&own))
        return seeds;
    *images = true;
    own.mean = seeds.mean; /* the same but for rounding, as it was scored */
    return own;
}
