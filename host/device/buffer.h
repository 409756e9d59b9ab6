/* Device memory: buffers of their own, and an arena of a few slabs cut into sub-buffers. All sizes are bytes. */
#ifndef BC_HOST_DEVICE_BUFFER_H
#define BC_HOST_DEVICE_BUFFER_H

#include "host/device/host.h"

typedef struct bc_buffer {
    cl_mem mem; /* NULL: no buffer; kernels receive a null pointer */
    size_t bytes;
} bc_buffer;

/* BC_E_MEMORY when `what` cannot have so many: "WHAT: 2.6 GiB needed, LIMIT has 1.1 GiB left: HINT" (hint may be NULL). */
bc_status bc_memory_check(bc_host *host, size_t bytes, const char *what, const char *hint);

/* Allocates device memory. `what` names it in the message when it does not fit. bytes 0 gives a small dummy buffer. */
bc_status bc_buffer_create(bc_host *host, size_t bytes, const char *what, bc_buffer *out);
/* A view of part of `parent`; `offset` must be a multiple of bc_buffer_alignment. The view does not outlive it. */
bc_status bc_buffer_view(bc_host *host, bc_buffer parent, size_t offset, size_t bytes, bc_buffer *out);
void bc_buffer_release(bc_buffer *buffer); /* for both kinds; empty is allowed */

size_t bc_buffer_alignment(const bc_host *host); /* bytes, a power of two, at least 128 */

/* Blocking copies between host and device, from byte `offset` of the buffer. */
bc_status bc_buffer_write(bc_host *host, bc_buffer buffer, size_t offset, const void *data, size_t bytes);
bc_status bc_buffer_read(bc_host *host, bc_buffer buffer, size_t offset, void *data, size_t bytes);
/* Enqueues such a copy, which is done when bc_read_done says so; `data` must be there until then. */
typedef struct bc_read {
    cl_event event; /* NULL: there is none under way */
} bc_read;
bc_status bc_buffer_read_later(bc_host *host, bc_buffer buffer, size_t offset, void *data, size_t bytes,
                               bc_read *out);
/* Whether it is done, which is said once. */
bc_status bc_read_done(bc_host *host, bc_read *read, bool *done);
void bc_read_release(bc_read *read); /* waits for one that is under way */
/* An enqueued fill (a 32-bit pattern: floats or words). */
bc_status bc_buffer_fill(bc_host *host, bc_buffer buffer, size_t offset, size_t bytes, float value);

/* An arena owns slabs, each at most the device's largest allocation, and hands out views at planned places. */
typedef struct bc_arena bc_arena;
enum { BC_MAX_SLABS = 64 };
/* Creates slabs of the given sizes. The total is checked before the first is made, as by bc_memory_check. */
bc_status bc_arena_create(bc_host *host, int slab_count, const size_t *slab_bytes, const char *what,
                          const char *hint, bc_arena **out);
bc_status bc_arena_view(bc_arena *arena, int slab, size_t offset, size_t bytes,
                        bc_buffer *out); /* owned by the arena */
void bc_arena_release(bc_arena *arena);
size_t bc_arena_bytes(const bc_arena *arena);

#endif
