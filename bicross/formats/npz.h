/* NPZ files: NPY arrays in a zip archive, as NumPy's savez, savez_compressed and load know them. */
#ifndef BC_BICROSS_FORMATS_NPZ_H
#define BC_BICROSS_FORMATS_NPZ_H

#include "bicross/formats/npy.h"
#include "host/base/archive.h"

#define BC_NPZ ".npz"

/* In bytes: the most of a file of small arrays, and of one array that is read or written at once. */
#define BC_NPZ_FILE ((size_t)256 << 20)
#define BC_NPZ_MEMBER ((size_t)64 << 20)

typedef struct bc_npz bc_npz;
/* Opens an archive of at most `limit` bytes, which are kept in memory; BC_E_FORMAT where it is none. Arrays are looked at one by one. */
bc_status bc_npz_open(bc_error *err, const char *path, size_t limit, bc_npz **out);
void bc_npz_close(bc_npz *npz);
/* Members, and the name of one without .npy; NULL where it is no array. */
enum { BC_NPZ_NAME = 256, BC_NPZ_LABEL = BC_ERROR_TEXT };
int bc_npz_count(const bc_npz *npz);
const char *bc_npz_name(const bc_npz *npz, int index, char name[BC_NPZ_NAME]);
/* The array NAME, which is the member NAME.npy, stored or deflated. BC_E_FORMAT names file and member: it is not there, larger than
 * BC_NPZ_MEMBER, damaged, or no array. `path` is the file's, for messages. */
bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out);

/* A member read part by part, for arrays of any size. Reading on is cheap; reading back starts over. */
typedef struct bc_npz_stream {
    bc_archive_stream bytes;  /* of the NPY file */
    char label[BC_NPZ_LABEL]; /* FILE, NAME.npy: for messages */
} bc_npz_stream;
bc_status bc_npz_stream_open(bc_error *err, const char *path, bc_npz *npz, const char *name,
                             bc_npz_stream *out);
bc_status bc_npz_stream_header(bc_error *err, bc_npz_stream *stream, bc_npy_header *out);
/* Bytes first .. first+count-1 of the unpacked NPY file. */
bc_status bc_npz_stream_read(bc_error *err, bc_npz_stream *stream, size_t first, size_t count, void *out);
void bc_npz_stream_close(bc_npz_stream *stream);

typedef struct bc_npz_member {
    const char *name; /* without .npy */
    bc_npy_array array;
} bc_npz_member;
/* Members are stored, with one date, so that equal arrays are equal bytes. */
bc_status bc_npz_write(bc_error *err, const char *path, const bc_npz_member *members, int count);

#endif
