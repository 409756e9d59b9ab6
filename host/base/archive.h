/* Zip archives by way of libzip, which reads from memory and writes into it: files themselves are host/base/file.h's. Members are
 * stored or deflated; other methods may take memory as an archive says. */
#ifndef BC_HOST_BASE_ARCHIVE_H
#define BC_HOST_BASE_ARCHIVE_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- reading --- */

typedef struct bc_archive bc_archive;

typedef struct bc_archive_member {
    uint64_t index, size; /* bytes when it is unpacked, as the archive says */
    bool deflated;
} bc_archive_member;

/* Opens a file of at most `limit` bytes. BC_E_FORMAT where it is no archive: "PATH: `expected`: reason". */
bc_status bc_archive_open(bc_error *err, const char *path, size_t limit, const char *expected,
                          bc_archive **out);
void bc_archive_close(bc_archive *archive);

long bc_archive_count(const bc_archive *archive);
/* Name of a member, from 0 on; NULL where it has none. Belongs to the archive. */
const char *bc_archive_name(const bc_archive *archive, long index);
bool bc_archive_has(const bc_archive *archive, const char *name);
/* BC_E_FORMAT when it is not there, or neither stored nor deflated. `label` is what messages call the member. */
bc_status bc_archive_find(bc_error *err, const char *label, bc_archive *archive, const char *name,
                          bc_archive_member *out);

/* A whole member, with its checksum compared, into malloc'ed memory. The caller has seen to it that its size is one he wants. */
bc_status bc_archive_unpack(bc_error *err, const char *label, bc_archive *archive,
                            const bc_archive_member *member, uint8_t **out);
/* A member read part by part. Reading on is cheap; reading back starts over. */
typedef struct bc_archive_stream {
    bc_archive *archive;
    bc_archive_member member;
    struct zip_file *file;
    uint64_t at; /* bytes read or passed over */
    bool jumped; /* passed over without reading: the checksum is not known */
} bc_archive_stream;
bc_status bc_archive_stream_open(bc_error *err, const char *label, bc_archive *archive,
                                 const bc_archive_member *member, bc_archive_stream *out);
/* `count` bytes from `first` on, which the member must have. The checksum is compared where the last one is read after all others. */
bc_status bc_archive_stream_read(bc_error *err, const char *label, bc_archive_stream *stream, uint64_t first,
                                 size_t count, void *out);
void bc_archive_stream_close(bc_archive_stream *stream);
/* The same for one part. */
bc_status bc_archive_read(bc_error *err, const char *label, bc_archive *archive,
                          const bc_archive_member *member, uint64_t first, size_t count, void *out);

/* --- writing --- */

typedef struct bc_archive_item {
    const char *name;
    size_t size;
    const void *bytes; /* NULL: made when their turn comes, so that one item is in memory at a time */
    bc_status (*make)(bc_error *err, const void *user, void *bytes);
    const void *user;
} bc_archive_item;
/* Members are stored, with one date, so that equal items are equal bytes. */
bc_status bc_archive_write(bc_error *err, const char *path, const bc_archive_item *items, int count);

#endif
