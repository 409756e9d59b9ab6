/* What an NPY file says of itself before its elements. */
#ifndef BC_BICROSS_FORMATS_NPY_HEADER_H
#define BC_BICROSS_FORMATS_NPY_HEADER_H

#include "host/base/file_part.h"

enum { BC_NPY_RANK = 8, BC_NPY_HEADER_MOST = 12 + (1 << 16) }; /* bytes before the elements */

typedef struct bc_npy_header {
    char type[8]; /* numpy's, of the elements once they are in this machine's byte order: "|u1", "<f2", ... */
    size_t element; /* bytes of one */
    bool swapped;   /* the file's elements are big-endian */
    bool fortran;   /* the first index runs fastest */
    int rank;
    long shape[BC_NPY_RANK];
    size_t count; /* of elements */
    size_t start; /* of the first, in bytes */
} bc_npy_header;

/* Formats 1 to 3, either byte order, either order of the indices. Checks that a file of `size` bytes, of which the first `have` are
 * given, is as long as it says. BC_E_FORMAT names `path`. */
bc_status bc_npy_header_parse(bc_error *err, const char *path, const uint8_t *bytes, size_t have, size_t size,
                              bc_npy_header *out);
bc_status bc_npy_header_read(bc_error *err, const bc_file_parts *file, bc_npy_header *out);
/* Bytes of an element of this type in this machine's byte order ("|u1", "<f4"); 0: not supported. */
size_t bc_npy_type_bytes(const char *type);
/* BC_E_FORMAT: lists the types that are. */
bc_status bc_npy_type_fail(bc_error *err, const char *path, const char *type);

#endif
