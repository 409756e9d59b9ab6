/* FNV-1a, 64 bits (Fowler, Noll, Vo): names to random streams, weights to fingerprints, keys to file names. */
#ifndef BC_HOST_BASE_HASH_H
#define BC_HOST_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define BC_FNV_START 0xcbf29ce484222325u

/* Continues `hash` (BC_FNV_START at first) over `bytes` bytes. */
static inline uint64_t bc_fnv1a(uint64_t hash, const void *data, size_t bytes) {
    const uint8_t *p = data;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u;
    return hash;
}

static inline uint64_t bc_hash(const void *data, size_t bytes) {
    return bc_fnv1a(BC_FNV_START, data, bytes);
}

#endif
