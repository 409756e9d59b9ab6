/* NPZ files: NPY arrays in a zip archive, as NumPy's savez, savez_compressed and load know them. */
#ifndef BC_BICROSS_FORMATS_NPZ_H
#define BC_BICROSS_FORMATS_NPZ_H

#include "bicross/formats/npy.h"

#define BC_NPZ ".npz"

/* The most that is read and written, in bytes: of a file, and of one array when it is unpacked. */
#define BC_NPZ_FILE ((size_t)256 << 20)
#define BC_NPZ_MEMBER ((size_t)64 << 20)

typedef struct bc_npz bc_npz;
/* Opens the archive; BC_E_FORMAT where it is none. Arrays are looked at one by one. */
bc_status bc_npz_open(bc_error *err, const char *path, bc_npz **out);
void bc_npz_close(bc_npz *npz);
/* The array NAME, which is the member NAME.npy, stored or deflated. BC_E_FORMAT names file and member: it is not there, larger than
 * BC_NPZ_MEMBER, damaged, or no array. `path` is the file's, for messages. */
bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out);

typedef struct bc_npz_member {
    const char *name; /* without .npy */
    bc_npy_array array;
} bc_npz_member;
/* Members are stored, with one date, so that equal arrays are equal bytes. */
bc_status bc_npz_write(bc_error *err, const char *path, const bc_npz_member *members, int count);

#endif
