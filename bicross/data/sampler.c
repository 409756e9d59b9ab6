#include "bicross/data/sampler.h"

#include "host/base/random.h"

#include <stdlib.h>

bc_status bc_sampler_open(bc_error *err, uint32_t seed, uint32_t stream, int count, int batch,
                          const char *name, bc_sampler *out) {
    *out = (bc_sampler){.seed = seed, .stream = stream, .count = count, .batch = batch, .epoch = -1};
    if (batch < 1 || batch > count)
        return bc_fail(err, BC_E_ARGUMENT,
                       "a batch of %d does not fit the %d samples of %s: set batch to %d or less", batch,
                       count, name, count);
    out->order = malloc((size_t)count * sizeof(int));
    return out->order ? BC_OK : bc_fail(err, BC_E_MEMORY, "no host memory to order %d samples", count);
}

void bc_sampler_close(bc_sampler *sampler) {
    free(sampler->order);
    sampler->order = NULL;
}

long bc_sampler_steps_per_epoch(const bc_sampler *sampler) {
    return sampler->count / sampler->batch;
}

const int *bc_sampler_batch(bc_sampler *sampler, long step) {
    long steps = bc_sampler_steps_per_epoch(sampler), epoch = step / steps;
    if (epoch != sampler->epoch) {
        bc_random random = {.seed = sampler->seed,
                            .stream = sampler->stream,
                            .index = (uint64_t)epoch * (uint64_t)sampler->count};
        bc_random_permutation(&random, sampler->count, sampler->order);
        sampler->epoch = epoch;
    }
    return sampler->order + (step % steps) * sampler->batch;
}

bc_status bc_sampler_walk_open(bc_error *err, const bc_sampler *sampler, long step, int first, int count,
                               bc_sampler_walk *out) {
    *out = (bc_sampler_walk){.order = *sampler, .first = first, .count = count, .at = step * count};
    out->order.epoch = -1;
    out->order.order = malloc((size_t)sampler->count * sizeof(int));
    return out->order.order ? BC_OK
                            : bc_fail(err, BC_E_MEMORY, "no host memory to order %d samples", sampler->count);
}

void bc_sampler_walk_close(bc_sampler_walk *walk) {
    bc_sampler_close(&walk->order);
}

int bc_sampler_walk_next(void *walk) {
    bc_sampler_walk *w = walk;
    long at = w->at++;
    return bc_sampler_batch(&w->order, at / w->count)[w->first + at % w->count];
}
