/* What an open spike file has, in bytes, and what the values of an array mean. */
#include "bicross/data/spike_files.h"

#include <string.h>

bc_status bc_spike_reader_fetch(bc_error *err, bc_spike_reader *r, size_t first, size_t count, void *out) {
    return r->npz ? bc_npz_stream_read(err, &r->member, first, count, out)
                  : bc_file_part_read(err, &r->file, first, count, out);
}

/* A value of an array's type as the bits that a file has, in the file's order of bytes. */
static uint64_t bits_of(const bc_npy_header *array, int value) {
    uint64_t bits = (uint64_t)value;
    double f8 = value;
    float f4 = (float)value;
    if (array->type[1] == 'f' && array->element == 8)
        memcpy(&bits, &f8, sizeof f8);
    else if (array->type[1] == 'f' && array->element == 4)
        memcpy(&bits, &f4, sizeof f4); /* its other half is 0 */
    else if (array->type[1] == 'f')
        bits = value == 0 ? 0 : value == 1 ? 0x3c00 : 0x5bf8; /* of 0, 1 and 255 as halves */
    return array->swapped ? __builtin_bswap64(bits) >> (64 - 8 * array->element) : bits;
}

/* 0 with a sign, which floats have; else 0. */
static uint64_t minus_zero(const bc_npy_header *array) {
    uint64_t bits = array->type[1] == 'f' ? (uint64_t)1 << (8 * array->element - 1) : 0;
    return array->swapped ? __builtin_bswap64(bits) >> (64 - 8 * array->element) : bits;
}

/* Whether a byte can hold 255: not one with a sign. */
static bool holds_full(const bc_npy_header *array) {
    return strcmp(array->type, "|i1") != 0;
}

static double value_at(const bc_npy_header *array, const uint8_t *raw) {
    bc_npy one = {.count = 1, .data = raw};
    uint8_t swapped[8];
    float value = 0;
    memcpy(one.type, array->type, sizeof one.type);
    for (size_t i = 0; i < array->element; i++)
        swapped[i] = raw[array->element - 1 - i];
    if (array->swapped)
        one.data = swapped;
    bc_npy_floats(NULL, "", &one, &value);
    return (double)value;
}

static bc_status fail_value(bc_error *err, const bc_spike_reader *r, size_t at, const uint8_t *raw) {
    size_t row = r->steps[1], column = r->steps[2];
    return bc_fail(
        err, BC_E_FORMAT,
        "%s: expected spikes of 0 or 1 (or 0 or 255), found %g in frame %zu, row %zu, column %zu%s", r->path,
        value_at(&r->array, raw), at / r->steps[0] % (size_t)r->info.frames,
        at / row % (size_t)r->info.height, at / column % (size_t)r->info.width,
        r->ones && r->full ? ", beside others of 1 and 255" : "");
}

/* Most arrays are of bytes 0 and 1, which are what is wanted. */
static bool all_below_two(const uint8_t *bytes, size_t count) {
    uint8_t seen = 0;
    for (size_t i = 0; i < count; i++)
        seen |= bytes[i];
    return seen <= 1;
}

bc_status bc_spike_array_values(bc_error *err, bc_spike_reader *r, size_t first, size_t count,
                                const uint8_t *raw, uint8_t *out) {
    const size_t element = r->array.element;
    const uint64_t one = bits_of(&r->array, 1), full = bits_of(&r->array, 255), minus = minus_zero(&r->array);
    if (element == 1 && !r->full && all_below_two(raw, count)) {
        r->ones |= memchr(raw, 1, count) != NULL;
        memmove(out, raw, count);
        return BC_OK;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, raw + i * element, element);
        bool is_full = bits == full && holds_full(&r->array), none = bits == 0 || bits == minus;
        r->ones |= bits == one;
        r->full |= is_full;
        if ((!none && bits != one && !is_full) || (r->ones && r->full))
            return fail_value(err, r, first + i, raw + i * element);
        out[i] = !none;
    }
    return BC_OK;
}
