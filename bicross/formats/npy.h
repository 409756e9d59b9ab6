/* NPY files, whole: of any byte order and order of indices when they are read, C order and little-endian in memory and when they are
 * written. */
#ifndef BC_BICROSS_FORMATS_NPY_H
#define BC_BICROSS_FORMATS_NPY_H

#include "bicross/formats/npy_header.h"

#define BC_NPY ".npy"

typedef struct bc_npy {
    char type[8]; /* numpy's: "|u1", "|b1", "<f2", "<f4", "<f8", "<i4", "<u2", ... */
    int rank;
    long shape[BC_NPY_RANK];
    size_t count;
    uint8_t *bytes; /* what holds the elements, owned */
    const uint8_t *data;
} bc_npy;

/* Checks magic, header, type, order and that the file is as long as it says. */
bc_status bc_npy_open(bc_error *err, const char *path, bc_npy *out);
/* The same for a file in memory, called `path` in messages. The bytes (malloc) are the array's from now on, and gone on failure. */
bc_status bc_npy_decode(bc_error *err, const char *path, uint8_t *bytes, size_t size, bc_npy *out);
void bc_npy_close(bc_npy *npy);
/* Any supported type converted to float; `out` has npy->count elements. */
bc_status bc_npy_floats(bc_error *err, const char *path, const bc_npy *npy, float *out);
/* The same for `count` elements from `first` on. */
bc_status bc_npy_part(bc_error *err, const char *path, const bc_npy *npy, size_t first, size_t count,
                      float *out);
bc_status bc_npy_write(bc_error *err, const char *path, const char *type, int rank, const long *shape,
                       const void *data);

/* An array to write: numpy's type, sizes, elements. */
typedef struct bc_npy_array {
    const char *type;
    int rank;
    const long *shape;
    const void *data;
} bc_npy_array;
/* The bytes of the file that bc_npy_write would write, malloc'ed. */
bc_status bc_npy_encode(bc_error *err, const char *path, const bc_npy_array *array, uint8_t **bytes,
                        size_t *size);

#endif
