/* The order in which samples are seen: a new permutation each epoch, the last incomplete batch dropped. A pure function of
 * (seed, stream, step), so that a resumed run sees the same samples. */
#ifndef BC_BICROSS_DATA_SAMPLER_H
#define BC_BICROSS_DATA_SAMPLER_H

#include "host/base/status.h"

#include <stdint.h>

typedef struct bc_sampler {
    uint32_t seed, stream; /* one of bicross/data/streams.h */
    int count, batch;
    long epoch; /* of `order`; -1: none yet */
    int *order;
} bc_sampler;

/* BC_E_ARGUMENT when the batch is larger than the data set; `name` names it. */
bc_status bc_sampler_open(bc_error *err, uint32_t seed, uint32_t stream, int count, int batch,
                          const char *name, bc_sampler *out);
void bc_sampler_close(bc_sampler *sampler);
long bc_sampler_steps_per_epoch(const bc_sampler *sampler);
/* The `batch` indices of this step; valid until the next call. */
const int *bc_sampler_batch(bc_sampler *sampler, long step);

/* The same order sample by sample, far ahead of the steps: with memory of its own. */
typedef struct bc_sampler_walk {
    bc_sampler order;
    int first, count; /* of each batch, what is passed */
    long at;          /* samples that were */
} bc_sampler_walk;
/* From the batch of `step` on, samples [first, first + count) of every batch. */
bc_status bc_sampler_walk_open(bc_error *err, const bc_sampler *sampler, long step, int first, int count,
                               bc_sampler_walk *out);
void bc_sampler_walk_close(bc_sampler_walk *walk);
/* The next index, of the walk that `walk` points to (a bc_read_plan). */
int bc_sampler_walk_next(void *walk);

#endif
