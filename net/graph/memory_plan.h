/* Placing blocks of memory with known lifetimes: two blocks whose lifetimes do not overlap may share a place. */
#ifndef BC_NET_GRAPH_MEMORY_PLAN_H
#define BC_NET_GRAPH_MEMORY_PLAN_H

#include "host/device/buffer.h"

typedef struct bc_memory_block {
    size_t bytes, offset;
    int first, last; /* moments, both included */
    int slab;
    bc_buffer *target; /* receives the view */
} bc_memory_block;

typedef struct bc_memory_plan {
    bc_memory_block *blocks;
    int count, capacity;
    int entered; /* blocks whose targets are set */
    int slab_count;
    size_t slab_bytes[BC_MAX_SLABS];
} bc_memory_plan;

bc_status bc_memory_plan_add(bc_error *err, bc_memory_plan *plan, size_t bytes, int first, int last,
                             bc_buffer *target);
/* Gives every block a slab and an offset (multiples of `alignment`); no slab exceeds `limit` bytes. BC_E_MEMORY when a single
 * block is larger than that, or when BC_MAX_SLABS slabs do not hold them all. */
bc_status bc_memory_plan_place(bc_error *err, bc_memory_plan *plan, size_t alignment, size_t limit);
/* Sets the targets of the blocks that begin up to `moment` to their views of the arena, in the order in which they were
 * added, as far as one that begins later. Moments come in ascending order. */
bc_status bc_memory_plan_enter(bc_memory_plan *plan, bc_arena *arena, int moment);
void bc_memory_plan_release(bc_memory_plan *plan);

#endif
