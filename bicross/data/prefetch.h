/* Samples read by background threads before they are asked for.
 *
 * A queue of samples in the order in which they will be wanted. One thread, the owner, puts what it will want at its end (expect) and
 * takes it in that order (take); the threads read what stands nearest to the front. Nothing depends on how many threads there are, or
 * on which is faster, but time: what was not begun when it is asked for is read by the owner itself, and a sample that cannot be read
 * fails when it is taken, with the message of whoever read it.
 *
 * Who owns what: samples that were read and not yet taken are the queue's, which one mutex guards; what was taken is the owner's. Only
 * `read` is called by other threads, several at once.
 * Bounds: BC_PREFETCH_SAMPLES samples; and no thread begins another one when those that were read, and those being read at the size of the
 * largest so far, would have more than BC_PREFETCH_BYTES. */
#ifndef BC_BICROSS_DATA_PREFETCH_H
#define BC_BICROSS_DATA_PREFETCH_H

#include "bicross/data/sample.h"

enum { BC_PREFETCH_SAMPLES = 32 };
#define BC_PREFETCH_BYTES ((size_t)256 << 20)

typedef struct bc_prefetch bc_prefetch;
/* Reads sample `index` into memory that the sample owns. */
typedef bc_status bc_prefetch_read(const void *from, bc_error *err, int index, bc_sample *out);

/* As many threads as pay: one a core, at most four. */
int bc_prefetch_threads(void);
/* Starts `threads` threads, or as many as the system grants. */
bc_status bc_prefetch_open(bc_error *err, bc_prefetch_read *read, const void *from, int threads,
                           bc_prefetch **out);
/* Waits for what is being read just now, and drops all that was read and not taken. */
void bc_prefetch_close(bc_prefetch *p);

/* Whether one more can be expected. */
bool bc_prefetch_has_room(bc_prefetch *p);
/* Sample `index` will be wanted after all that were expected before. `kept`: the owner has it, and it only takes its place in the
 * order. Without room it is forgotten. */
void bc_prefetch_expect(bc_prefetch *p, int index, bool kept);
/* The owner wants this sample, and none of those that were expected before it any more. *taken: *out is the sample, if need be after
 * waiting for it, or its failure is returned. Otherwise no thread has it, and the owner is to read it. */
bc_status bc_prefetch_take(bc_prefetch *p, bc_error *err, int index, bc_sample *out, bool *taken);
/* The owner wanted this sample, and had it: drops it where it is the first in the queue. */
void bc_prefetch_pass(bc_prefetch *p, int index);

#endif
