/* Reading safetensors files: the whole file at once, everything checked before anything is used. */
#include "net/safetensors.h"

#include "net/safetensors_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data is little-endian and copied as it is");

enum { MAX_HEADER = 100000000 }; /* bytes; the format's own limit */

static size_t dtype_bytes(const char *dtype) {
    static const struct {
        const char *name;
        size_t bytes;
    } known[] = {{"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F64", 8},     {"I64", 8},
                 {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U64", 8},     {"U32", 4},
                 {"U16", 2}, {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(dtype, known[i].name) == 0)
            return known[i].bytes;
    return 0;
}

/* Bytes that a shape asks for; false when that overflows. */
static bool wanted_bytes(const bc_tensor_entry *entry, size_t *out) {
    size_t bytes = dtype_bytes(entry->dtype);
    for (int i = 0; i < entry->rank; i++)
        if (__builtin_mul_overflow(bytes, (size_t)entry->shape[i], &bytes))
            return false;
    *out = bytes;
    return true;
}

static bc_status check_entry(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                             size_t data_bytes) {
    size_t wanted;
    if (!dtype_bytes(entry->dtype))
        return bc_fail(err, BC_E_FORMAT, "%s: tensor %s has the unknown type \"%s\"", file->path, entry->name,
                       entry->dtype);
    if (entry->begin > entry->end || entry->end > data_bytes)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: tensor %s claims bytes %zu to %zu, the file has %zu bytes of data (truncated?)",
                       file->path, entry->name, entry->begin, entry->end, data_bytes);
    if (!wanted_bytes(entry, &wanted) || wanted != entry->end - entry->begin)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: tensor %s has %zu bytes, which does not fit its shape and type %s", file->path,
                       entry->name, entry->end - entry->begin, entry->dtype);
    return BC_OK;
}

static int by_begin(const void *a, const void *b) {
    const bc_tensor_entry *x = *(const bc_tensor_entry *const *)a, *y = *(const bc_tensor_entry *const *)b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end; /* an empty tensor goes before the one at the same place */
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const bc_tensor_entry *const *)a)->name, (*(const bc_tensor_entry *const *)b)->name);
}

static bc_status check_sorted(bc_error *err, const bc_safetensors *file, const bc_tensor_entry **sorted) {
    qsort(sorted, (size_t)file->count, sizeof *sorted, by_begin);
    for (int i = 1; i < file->count; i++)
        if (sorted[i]->begin < sorted[i - 1]->end)
            return bc_fail(err, BC_E_FORMAT, "%s: tensors %s and %s overlap", file->path, sorted[i - 1]->name,
                           sorted[i]->name);
    qsort(sorted, (size_t)file->count, sizeof *sorted, by_name);
    for (int i = 1; i < file->count; i++)
        if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
            return bc_fail(err, BC_E_FORMAT, "%s: tensor %s occurs twice", file->path, sorted[i]->name);
    return BC_OK;
}

static bc_status check_entries(bc_error *err, const bc_safetensors *file, size_t data_bytes) {
    for (int i = 0; i < file->count; i++)
        BC_TRY(check_entry(err, file, &file->entries[i], data_bytes));
    const bc_tensor_entry **sorted = malloc(((size_t)file->count + 1) * sizeof *sorted);
    if (!sorted)
        return bc_fail(err, BC_E_MEMORY, "no host memory to check %s", file->path);
    for (int i = 0; i < file->count; i++)
        sorted[i] = &file->entries[i];
    bc_status status = check_sorted(err, file, sorted);
    free(sorted);
    return status;
}

static bc_status read_header(bc_error *err, bc_safetensors *file, size_t bytes) {
    uint64_t header;
    if (bytes < sizeof header)
        return bc_fail(err, BC_E_FORMAT, "%s is not a safetensors file: %zu bytes are too few", file->path,
                       bytes);
    memcpy(&header, file->bytes, sizeof header);
    if (header > MAX_HEADER || header > bytes - sizeof header)
        return bc_fail(
            err, BC_E_FORMAT,
            "%s: the header should be %llu bytes long, the file has %zu (not safetensors, or truncated)",
            file->path, (unsigned long long)header, bytes - sizeof header);
    file->data = file->bytes + sizeof header + header;
    BC_TRY(bc_safetensors_parse(err, (const char *)file->bytes + sizeof header, header, file));
    return check_entries(err, file, bytes - sizeof header - header);
}

bc_status bc_safetensors_open(bc_error *err, const char *path, bc_safetensors *out) {
    *out = (bc_safetensors){0};
    size_t bytes;
    snprintf(out->path, sizeof out->path, "%s", path);
    BC_TRY(bc_file_read(err, path, &out->bytes, &bytes));
    bc_status status = read_header(err, out, bytes);
    if (status != BC_OK)
        bc_safetensors_close(out);
    return status;
}

void bc_safetensors_close(bc_safetensors *file) {
    free(file->entries);
    free(file->metadata);
    free(file->bytes);
    *file = (bc_safetensors){0};
}

const bc_tensor_entry *bc_safetensors_find(const bc_safetensors *file, const char *name) {
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->entries[i].name, name) == 0)
            return &file->entries[i];
    return NULL;
}

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 31) /* infinity, NaN */
        return float_from_bits(sign | 0x7f800000u | fraction << 13);
    if (exponent) /* rebias from 15 to 127 */
        return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float small = (float)fraction * 0x1p-24f; /* zero and subnormal numbers */
    return sign ? -small : small;
}

bc_status bc_safetensors_floats(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                                float *out, size_t count) {
    size_t width = dtype_bytes(entry->dtype);
    const uint8_t *data = file->data + entry->begin;
    bool f32 = strcmp(entry->dtype, "F32") == 0, f64 = strcmp(entry->dtype, "F64") == 0;
    bool f16 = strcmp(entry->dtype, "F16") == 0, bf16 = strcmp(entry->dtype, "BF16") == 0;
    if (!f32 && !f64 && !f16 && !bf16)
        return bc_fail(err, BC_E_FORMAT, "%s: tensor %s is %s, expected F32, F16, BF16 or F64", file->path,
                       entry->name, entry->dtype);
    if (entry->end - entry->begin != count * width)
        return bc_fail(err, BC_E_FORMAT, "%s: tensor %s has %zu elements, expected %zu", file->path,
                       entry->name, (entry->end - entry->begin) / width, count);
    if (f32 && count)
        memcpy(out, data, count * sizeof *out);
    for (size_t i = 0; !f32 && i < count; i++) {
        uint16_t word = 0;
        double wide = 0;
        memcpy(f64 ? (void *)&wide : (void *)&word, data + i * width, width);
        out[i] = f64 ? (float)wide : f16 ? from_half(word) : float_from_bits((uint32_t)word << 16);
    }
    return BC_OK;
}
