#include "net/graph/memory_plan.h"

#include "host/base/divide.h"
#include "host/base/grow.h"

#include <stdint.h>
#include <stdlib.h>

bc_status bc_memory_plan_add(bc_error *err, bc_memory_plan *plan, size_t bytes, int first, int last,
                             bc_buffer *target) {
    if (!bc_grow((void **)&plan->blocks, plan->count, &plan->capacity, sizeof *plan->blocks))
        return bc_fail(err, BC_E_MEMORY, "no host memory to plan a graph");
    plan->blocks[plan->count++] =
        (bc_memory_block){.bytes = bytes, .first = first, .last = last, .slab = -1, .target = target};
    return BC_OK;
}

static bool overlap(const bc_memory_block *a, const bc_memory_block *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The power of two that a size reaches. */
static int size_class(size_t bytes) {
    int power = 0;
    while (bytes >>= 1)
        power++;
    return power;
}

/* Larger blocks first, and of about equal ones those that live longer, as short ones fit between them later. */
static int placed_first(const void *a, const void *b) {
    const bc_memory_block *x = *(bc_memory_block *const *)a, *y = *(bc_memory_block *const *)b;
    int size = size_class(y->bytes) - size_class(x->bytes),
        life = (y->last - y->first) - (x->last - x->first);
    if (size || life)
        return size ? size : life;
    return x < y ? -1 : x > y; /* stable: the same graph is always placed the same way */
}

/* Lowest offset in `slab` where `block` collides with none of the placed blocks that live at the same time. */
static size_t lowest_place(bc_memory_block *const *placed, int count, const bc_memory_block *block,
                           int slab) {
    size_t place = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            const bc_memory_block *other = placed[i];
            if (other->slab == slab && overlap(block, other) && place < other->offset + other->bytes &&
                other->offset < place + block->bytes) {
                place = other->offset + other->bytes;
                moved = true;
            }
        }
    }
    return place;
}

static bc_status fail_to_place(bc_error *err, const bc_memory_block *block, size_t limit) {
    const double mebibyte = 1048576.0;
    if (block->bytes > limit)
        return bc_fail(err, BC_E_MEMORY,
                       "a single tensor of %.1f MiB exceeds the device's largest allocation of %.1f MiB",
                       (double)block->bytes / mebibyte, (double)limit / mebibyte);
    return bc_fail(err, BC_E_MEMORY,
                   "a graph needs more than %d allocations of %.1f MiB, the device's largest: a smaller "
                   "batch or network input takes less",
                   BC_MAX_SLABS, (double)limit / mebibyte);
}

static bc_status place_block(bc_error *err, bc_memory_plan *plan, bc_memory_block *const *placed, int count,
                             bc_memory_block *block, size_t limit) {
    for (int slab = 0; slab < BC_MAX_SLABS; slab++) {
        size_t place = slab < plan->slab_count ? lowest_place(placed, count, block, slab) : 0;
        if (place + block->bytes > limit)
            continue;
        block->slab = slab;
        block->offset = place;
        if (slab == plan->slab_count)
            plan->slab_bytes[plan->slab_count++] = 0;
        if (place + block->bytes > plan->slab_bytes[slab])
            plan->slab_bytes[slab] = place + block->bytes;
        return BC_OK;
    }
    return fail_to_place(err, block, limit);
}

bc_status bc_memory_plan_place(bc_error *err, bc_memory_plan *plan, size_t alignment, size_t limit) {
    limit = limit / alignment * alignment;
    bc_memory_block **order = malloc(((size_t)plan->count + 1) * sizeof(bc_memory_block *));
    if (!order)
        return bc_fail(err, BC_E_MEMORY, "no host memory to plan a graph");
    for (int i = 0; i < plan->count; i++) {
        plan->blocks[i].bytes = bc_round_up(plan->blocks[i].bytes, alignment);
        order[i] = &plan->blocks[i];
    }
    qsort(order, (size_t)plan->count, sizeof(bc_memory_block *), placed_first);
    bc_status status = BC_OK;
    for (int i = 0; i < plan->count && status == BC_OK; i++)
        status = place_block(err, plan, order, i, order[i], limit);
    free(order);
    return status;
}

bc_status bc_memory_plan_enter(bc_memory_plan *plan, bc_arena *arena, int moment) {
    for (; plan->entered < plan->count && plan->blocks[plan->entered].first <= moment; plan->entered++) {
        const bc_memory_block *block = &plan->blocks[plan->entered];
        BC_TRY(bc_arena_view(arena, block->slab, block->offset, block->bytes, block->target));
    }
    return BC_OK;
}

void bc_memory_plan_release(bc_memory_plan *plan) {
    free(plan->blocks);
    *plan = (bc_memory_plan){0};
}
