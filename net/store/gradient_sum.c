#include "net/store/gradient_sum.h"

#include "host/base/clock.h"
#include "host/base/grow.h"
#include "host/team/sums.h"

#include <stdlib.h>
#include <time.h>

/* Floats: few enough that the first bucket is under way early, enough that the network's latency does not count. */
enum { BUCKET = 1 << 20 };

/* Consecutive floats of a store's gradients. */
typedef struct part {
    bc_buffer gradients;
    size_t first, count;
    int ready;     /* steps of backward until they are whole */
    int order;     /* in which they were found */
    float *values; /* on the host */
    bc_read read;
    double there, summed; /* when the values were, on the clock */
} part;

struct bc_gradient_sum {
    bc_team *team;
    bc_plan *plan;
    bc_host *host;
    part *parts; /* in the order in which they are ready */
    int count, capacity;
    bc_sums *sums;
    int asked, read,
        done; /* the first so many: are being read from the device; are on the host; are added up */
};

/* --- which parts --- */

static bc_status add_part(bc_gradient_sum *s, const bc_params *store, const bc_param *param, int ready) {
    if (!bc_grow((void **)&s->parts, s->count, &s->capacity, sizeof *s->parts))
        return bc_fail(bc_host_error(s->host), BC_E_MEMORY, "no host memory to add up gradients");
    s->parts[s->count] = (part){.gradients = bc_params_grad_vector(store),
                                .first = param->offset,
                                .count = param->count,
                                .ready = ready,
                                .order = s->count};
    s->count++;
    return BC_OK;
}

/* The parameters of one group, which lie in the order in which they were declared. What backward does not write stays out. */
static bc_status add_group(bc_gradient_sum *s, const bc_params *store, bc_group group) {
    bool apart = true; /* the next one does not follow the last part */
    for (int i = 0; i < bc_params_count(store); i++) {
        const bc_param *param = bc_params_at(store, i);
        if (param->spec.group != group)
            continue;
        int ready = bc_plan_gradient_ready(s->plan, &param->grad);
        if (ready == 0) {
            apart = true;
            continue;
        }
        part *last = apart ? NULL : &s->parts[s->count - 1];
        if (!last || last->count >= BUCKET) {
            BC_TRY(add_part(s, store, param, ready));
        } else {
            last->count = param->offset + param->count - last->first;
            last->ready = ready > last->ready ? ready : last->ready;
        }
        apart = false;
    }
    return BC_OK;
}

static int by_readiness(const void *left, const void *right) {
    const part *a = left, *b = right;
    return a->ready != b->ready ? (a->ready > b->ready) - (a->ready < b->ready)
                                : (a->order > b->order) - (a->order < b->order);
}

static bc_status open_sums(bc_gradient_sum *s, bool halves) {
    bc_bucket *buckets = malloc(((size_t)s->count + 1) * sizeof *buckets);
    bc_error *err = bc_host_error(s->host);
    bc_status status = buckets ? BC_OK : bc_fail(err, BC_E_MEMORY, "no host memory to add up gradients");
    for (int i = 0; i < s->count && status == BC_OK; i++) {
        part *p = &s->parts[i];
        p->values = malloc(p->count * sizeof *p->values);
        if (!p->values)
            status = bc_fail(err, BC_E_MEMORY, "no host memory for gradients of %zu bytes",
                             p->count * sizeof *p->values);
        buckets[i] = (bc_bucket){p->values, p->count};
    }
    if (status == BC_OK)
        status = bc_sums_create(s->team, err, buckets, s->count, halves, &s->sums);
    free(buckets);
    return status;
}

static bc_status create(bc_gradient_sum *s, bc_params *const *stores, int count, bool halves) {
    for (int i = 0; i < count; i++)
        for (int group = 0; stores[i] && group < BC_GROUP_BUFFERS; group++)
            BC_TRY(add_group(s, stores[i], (bc_group)group));
    qsort(s->parts, (size_t)s->count, sizeof *s->parts, by_readiness);
    return open_sums(s, halves);
}

bc_status bc_gradient_sum_create(bc_team *team, bc_plan *plan, bc_params *const *stores, int count,
                                 bool halves, bc_gradient_sum **out) {
    *out = NULL;
    if (!team)
        return BC_OK;
    bc_host *host = bc_params_host(stores[0]);
    bc_gradient_sum *s = calloc(1, sizeof *s);
    if (!s)
        return bc_fail(bc_host_error(host), BC_E_MEMORY, "no host memory to add up gradients");
    *s = (bc_gradient_sum){.team = team, .plan = plan, .host = host};
    bc_status status = create(s, stores, count, halves);
    if (status == BC_OK)
        *out = s;
    else
        bc_gradient_sum_release(s);
    return status;
}

void bc_gradient_sum_release(bc_gradient_sum *s) {
    if (!s)
        return;
    for (int i = 0; i < s->count; i++) {
        bc_read_release(&s->parts[i].read);
        free(s->parts[i].values);
    }
    bc_sums_release(s->sums);
    free(s->parts);
    free(s);
}

/* --- backward --- */

/* As far as it goes without waiting. */
static bc_status go_on(bc_gradient_sum *s) {
    while (s->read < s->asked) {
        bool there;
        BC_TRY(bc_read_done(s->host, &s->parts[s->read].read, &there));
        if (!there)
            break;
        s->parts[s->read].there = bc_seconds_now();
        BC_TRY(bc_sums_ready(s->sums, bc_host_error(s->host)));
        s->read++;
    }
    int before = s->done;
    BC_TRY(bc_sums_step(s->sums, bc_host_error(s->host), &s->done));
    for (int i = before; i < s->done; i++)
        s->parts[i].summed = bc_seconds_now();
    return BC_OK;
}

static bc_status ask_for(bc_gradient_sum *s, part *p) {
    return bc_buffer_read_later(s->host, p->gradients, p->first * sizeof(float), p->values,
                                p->count * sizeof(float), &p->read);
}

static bc_status write_back(bc_gradient_sum *s) {
    for (int i = 0; i < s->count; i++) {
        const part *p = &s->parts[i];
        BC_TRY(bc_buffer_write(s->host, p->gradients, p->first * sizeof(float), p->values,
                               p->count * sizeof(float)));
    }
    return BC_OK;
}

/* Each look costs the core time that a CPU's kernels want, so long as there are any. */
static void pause_between(const bc_gradient_sum *s) {
    enum { MICROSECOND = 1000, BESIDE_KERNELS = 1000, ALONE = 20 };
    const struct timespec moment = {.tv_nsec = MICROSECOND * (s->read < s->count ? BESIDE_KERNELS : ALONE)};
    nanosleep(&moment, NULL);
}

/* Without `backward` the gradients are those that the device has. */
static bc_status sum_up(bc_gradient_sum *s, bool backward) {
    int at = 0;
    bc_sums_begin(s->sums);
    s->asked = s->read = s->done = 0;
    for (; s->asked < s->count; s->asked++) {
        part *p = &s->parts[s->asked];
        if (backward)
            BC_TRY(bc_plan_backward_part(s->plan, at, p->ready));
        at = p->ready;
        BC_TRY(ask_for(s, p));
        BC_TRY(go_on(s));
    }
    if (backward)
        BC_TRY(bc_plan_backward_part(s->plan, at, bc_plan_backward_steps(s->plan)));
    while (s->done < s->count) {
        BC_TRY(go_on(s));
        pause_between(s);
    }
    return write_back(s);
}

bc_status bc_gradient_sum_backward(bc_gradient_sum *s) {
    return sum_up(s, true);
}

bc_status bc_gradient_sum_alone(bc_gradient_sum *s) {
    return sum_up(s, false);
}

int bc_gradient_sum_buckets(const bc_gradient_sum *s) {
    return s->count;
}

bc_gradient_bucket bc_gradient_sum_bucket(const bc_gradient_sum *s, int i) {
    const part *p = &s->parts[i];
    return (bc_gradient_bucket){p->count * sizeof(float), p->there, p->summed};
}
