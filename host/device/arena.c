/* An arena: a few slabs of device memory, cut into views at places that the caller planned. */
#include "host/base/grow.h"
#include "host/device/internal.h"

#include <stdlib.h>

struct bc_arena {
    bc_host *host;
    bc_buffer slabs[BC_MAX_SLABS];
    int slab_count;
    size_t bytes;
    bc_buffer *views;
    int view_count, view_capacity;
};

static bc_status create_slabs(bc_arena *arena, int slab_count, const size_t *slab_bytes, const char *what,
                              const char *hint) {
    bc_host *host = arena->host;
    for (int i = 0; i < slab_count; i++)
        arena->bytes += slab_bytes[i];
    BC_TRY(bc_memory_check(host, arena->bytes, what, hint));
    for (int i = 0; i < slab_count; i++) {
        BC_TRY(bc_buffer_create(host, slab_bytes[i], what, &arena->slabs[i]));
        arena->slab_count++;
    }
    return BC_OK;
}

bc_status bc_arena_create(bc_host *host, int slab_count, const size_t *slab_bytes, const char *what,
                          const char *hint, bc_arena **out) {
    *out = NULL;
    if (slab_count < 0 || slab_count > BC_MAX_SLABS)
        return bc_fail(host->err, BC_E_MEMORY, "%s needs %d slabs of device memory; at most %d are possible",
                       what, slab_count, BC_MAX_SLABS);
    bc_arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        return bc_fail(host->err, BC_E_MEMORY, "no memory for the arena of %s", what);
    arena->host = host;
    bc_status status = create_slabs(arena, slab_count, slab_bytes, what, hint);
    if (status != BC_OK) {
        bc_arena_release(arena);
        return status;
    }
    *out = arena;
    return BC_OK;
}

bc_status bc_arena_view(bc_arena *arena, int slab, size_t offset, size_t bytes, bc_buffer *out) {
    *out = (bc_buffer){0};
    if (slab < 0 || slab >= arena->slab_count)
        return bc_fail(arena->host->err, BC_E_ARGUMENT, "the arena has %d slabs; slab %d was asked for",
                       arena->slab_count, slab);
    if (!bc_grow((void **)&arena->views, arena->view_count, &arena->view_capacity, sizeof *arena->views))
        return bc_fail(arena->host->err, BC_E_MEMORY, "no memory for a view of the arena");
    BC_TRY(bc_buffer_view(arena->host, arena->slabs[slab], offset, bytes, out));
    arena->views[arena->view_count++] = *out;
    return BC_OK;
}

void bc_arena_release(bc_arena *arena) {
    if (!arena)
        return;
    for (int i = 0; i < arena->view_count; i++)
        bc_buffer_release(&arena->views[i]);
    for (int i = 0; i < arena->slab_count; i++)
        bc_buffer_release(&arena->slabs[i]);
    free(arena->views);
    free(arena);
}

size_t bc_arena_bytes(const bc_arena *arena) {
    return arena->bytes;
}
