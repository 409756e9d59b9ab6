/* The numbers of a tensor in a file, as floats. */
#include "net/store/tensor_file.h"

#include "host/base/half.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data is little-endian and copied as it is");

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_f32(const uint8_t *data) {
    float value;
    memcpy(&value, data, sizeof value);
    return value;
}

static float from_f64(const uint8_t *data) {
    double value;
    memcpy(&value, data, sizeof value);
    return (float)value;
}

static float from_bf16(const uint8_t *data) {
    uint16_t word;
    memcpy(&word, data, sizeof word);
    return float_from_bits((uint32_t)word << 16);
}

static float from_f16(const uint8_t *data) {
    uint16_t half;
    memcpy(&half, data, sizeof half);
    return bc_float_of_half(half);
}

typedef struct dtype {
    const char *name;
    size_t bits;
    float (*to_float)(const uint8_t *data); /* NULL: it is no float of a network */
} dtype;

static const dtype *dtype_named(const char *name) {
    static const dtype known[] = {
        {"F32", 32, from_f32},    {"F16", 16, from_f16},    {"BF16", 16, from_bf16}, {"F64", 64, from_f64},
        {"C64", 64, NULL},        {"I64", 64, NULL},        {"I32", 32, NULL},       {"I16", 16, NULL},
        {"I8", 8, NULL},          {"U64", 64, NULL},        {"U32", 32, NULL},       {"U16", 16, NULL},
        {"U8", 8, NULL},          {"BOOL", 8, NULL},        {"F8_E4M3", 8, NULL},    {"F8_E5M2", 8, NULL},
        {"F8_E8M0", 8, NULL},     {"F6_E2M3", 6, NULL},     {"F6_E3M2", 6, NULL},    {"F4", 4, NULL},
        {"F8_E4M3FNUZ", 8, NULL}, {"F8_E5M2FNUZ", 8, NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0)
            return &known[i];
    return NULL;
}

size_t bc_dtype_bits(const char *name) {
    const dtype *found = dtype_named(name);
    return found ? found->bits : 0;
}

bool bc_dtype_is_float(const char *name) {
    const dtype *found = dtype_named(name);
    return found && found->to_float;
}

bool bc_tensor_elements(const bc_tensor_entry *entry, size_t *count) {
    *count = 1;
    for (int i = 0; i < entry->rank; i++)
        if (__builtin_mul_overflow(*count, (size_t)entry->shape[i], count))
            return false;
    return true;
}

/* Elements between the first and that with index `i`, the last side's index moving first. */
static size_t place(const bc_tensor_entry *entry, size_t i) {
    size_t at = 0;
    if (!entry->strides)
        return i;
    for (int k = entry->rank - 1; k >= 0; k--) {
        at += i % (size_t)entry->shape[k] * (size_t)entry->strides[k];
        i /= (size_t)entry->shape[k];
    }
    return at;
}

/* The tensor's bytes: where they are, or in *copy (malloc). */
static bc_status fetch(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                       const uint8_t **bytes, uint8_t **copy) {
    size_t size = entry->end - entry->begin;
    *copy = NULL;
    if (file->data) {
        *bytes = file->data + entry->begin;
        return BC_OK;
    }
    *bytes = *copy = malloc(size + 1);
    if (!*copy)
        return bc_fail(err, BC_E_MEMORY, "no host memory to read tensor %s of %s", entry->name, file->path);
    char label[BC_ERROR_TEXT];
    snprintf(label, sizeof label, "%.600s, tensor %.300s", file->path, entry->name);
    bc_status status =
        bc_archive_read(err, label, file->archive, &file->members[entry->member], entry->begin, size, *copy);
    if (status != BC_OK)
        free(*copy);
    return status;
}

bc_status bc_tensor_file_floats(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
                                float *out, size_t count) {
    const dtype *type = dtype_named(entry->dtype);
    size_t elements;
    const uint8_t *bytes;
    uint8_t *copy;
    if (!type || !type->to_float)
        return bc_fail(err, BC_E_FORMAT, "%s: tensor %s is %s, expected F32, F16, BF16 or F64", file->path,
                       entry->name, entry->dtype);
    if (!bc_tensor_elements(entry, &elements) || elements != count)
        return bc_fail(err, BC_E_FORMAT, "%s: tensor %s has %zu elements, expected %zu", file->path,
                       entry->name, elements, count);
    if (count == 0)
        return BC_OK;
    BC_TRY(fetch(err, file, entry, &bytes, &copy));
    if (!entry->strides && type->to_float == from_f32)
        memcpy(out, bytes, count * sizeof *out);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = type->to_float(bytes + place(entry, i) * (type->bits / 8));
    free(copy);
    return BC_OK;
}
