/* NPY arrays in memory: read whole, brought into C order and this machine's byte order, converted. */
#include "bicross/formats/npy.h"

#include "host/base/half.h"

#include <stdlib.h>
#include <string.h>

/* --- reading --- */

static void swap_bytes(uint8_t *data, size_t count, size_t element) {
    for (size_t i = 0; i < count; i++)
        for (size_t low = 0, high = element - 1; low < high; low++, high--) {
            uint8_t *first = data + i * element + low, *second = data + i * element + high, byte = *first;
            *first = *second;
            *second = byte;
        }
}

/* Counts up one index of an array in C order; `at` is where its element is in Fortran order. */
static void step(const bc_npy *npy, long index[BC_NPY_RANK], size_t *at) {
    for (int i = npy->rank - 1; i >= 0; i--) {
        size_t stride = 1;
        for (int k = 0; k < i; k++)
            stride *= (size_t)npy->shape[k];
        *at += stride;
        if (++index[i] < npy->shape[i])
            return;
        *at -= stride * (size_t)npy->shape[i];
        index[i] = 0;
    }
}

/* From Fortran order to C order, in memory of its own. */
static bc_status reorder(bc_error *err, const char *path, size_t element, bc_npy *npy) {
    long index[BC_NPY_RANK] = {0};
    size_t at = 0;
    uint8_t *ordered = malloc(npy->count * element + 1);
    if (!ordered)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to order its %zu elements", path, npy->count);
    for (size_t i = 0; i < npy->count; i++, step(npy, index, &at))
        memcpy(ordered + i * element, npy->data + at * element, element);
    free(npy->bytes);
    npy->bytes = ordered;
    npy->data = ordered;
    return BC_OK;
}

bc_status bc_npy_decode(bc_error *err, const char *path, uint8_t *bytes, size_t size, bc_npy *out) {
    bc_npy_header header;
    *out = (bc_npy){.bytes = bytes};
    bc_status status = bc_npy_header_parse(err, path, bytes, size, size, &header);
    if (status == BC_OK) {
        memcpy(out->type, header.type, sizeof out->type);
        memcpy(out->shape, header.shape, sizeof out->shape);
        out->rank = header.rank;
        out->count = header.count;
        out->data = bytes + header.start;
        if (header.swapped)
            swap_bytes(bytes + header.start, out->count, header.element);
        if (header.fortran && out->rank > 1 && out->count > 0)
            status = reorder(err, path, header.element, out);
    }
    if (status != BC_OK)
        bc_npy_close(out);
    return status;
}

bc_status bc_npy_open(bc_error *err, const char *path, bc_npy *out) {
    uint8_t *bytes;
    size_t size;
    *out = (bc_npy){0};
    BC_TRY(bc_file_read_within(err, path, BC_FILE_STREAM, &bytes, &size));
    return bc_npy_decode(err, path, bytes, size, out);
}

void bc_npy_close(bc_npy *npy) {
    free(npy->bytes);
    *npy = (bc_npy){0};
}

/* --- converting --- */

/* Elements are copied out one by one: data need not be aligned. */
#define CONVERT(type)                                                                                        \
    for (size_t i = 0; i < count; i++) {                                                                     \
        type element;                                                                                        \
        memcpy(&element, npy->data + (first + i) * sizeof element, sizeof element);                          \
        out[i] = (float)element;                                                                             \
    }

bc_status bc_npy_part(bc_error *err, const char *path, const bc_npy *npy, size_t first, size_t count,
                      float *out) {
    switch (npy->type[1] << 8 | npy->type[2]) {
    case 'b' << 8 | '1':
    case 'u' << 8 | '1':
        CONVERT(uint8_t) break;
    case 'i' << 8 | '1':
        CONVERT(int8_t) break;
    case 'u' << 8 | '2':
        CONVERT(uint16_t) break;
    case 'i' << 8 | '2':
        CONVERT(int16_t) break;
    case 'u' << 8 | '4':
        CONVERT(uint32_t) break;
    case 'i' << 8 | '4':
        CONVERT(int32_t) break;
    case 'u' << 8 | '8':
        CONVERT(uint64_t) break;
    case 'i' << 8 | '8':
        CONVERT(int64_t) break;
    case 'f' << 8 | '2':
        for (size_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, npy->data + (first + i) * sizeof half, sizeof half);
            out[i] = bc_float_of_half(half);
        }
        break;
    case 'f' << 8 | '4':
        CONVERT(float) break;
    case 'f' << 8 | '8':
        CONVERT(double) break;
    default:
        return bc_npy_type_fail(err, path, npy->type);
    }
    return BC_OK;
}

bc_status bc_npy_floats(bc_error *err, const char *path, const bc_npy *npy, float *out) {
    return bc_npy_part(err, path, npy, 0, npy->count, out);
}
