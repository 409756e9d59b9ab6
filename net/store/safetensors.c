/* Reading safetensors files: the whole file at once, everything checked before anything is used. */
#include "net/store/safetensors.h"

#include "host/base/half.h"
#include "net/store/safetensors_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data is little-endian and copied as it is");

/* Bits of an element; 0 for a type that is not known. */
static size_t dtype_bits(const char *dtype) {
    static const struct {
        const char *name;
        size_t bits;
    } known[] = {{"F32", 32},        {"F16", 16},       {"BF16", 16},   {"F64", 64},    {"C64", 64},
                 {"I64", 64},        {"I32", 32},       {"I16", 16},    {"I8", 8},      {"U64", 64},
                 {"U32", 32},        {"U16", 16},       {"U8", 8},      {"BOOL", 8},    {"F8_E4M3", 8},
                 {"F8_E5M2", 8},     {"F8_E8M0", 8},    {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},
                 {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(dtype, known[i].name) == 0)
            return known[i].bits;
    return 0;
}

/* Whether shape and type ask for just these bytes; a type that is not known may ask for any. */
static bool fits(const bc_tensor_entry *entry, size_t bytes) {
    size_t count = 1, width = dtype_bits(entry->dtype), bits;
    for (int i = 0; i < entry->rank; i++)
        if (__builtin_mul_overflow(count, (size_t)entry->shape[i], &count))
            return false;
    if (width == 0)
        return true;
    return !__builtin_mul_overflow(count, width, &bits) && bits % 8 == 0 && bits / 8 == bytes;
}

static bc_status check_entry(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                             size_t data_bytes) {
    if (entry->begin > entry->end || entry->end > data_bytes)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: tensor %s claims bytes %zu to %zu, the file has %zu bytes of data (truncated?)",
                       file->path, entry->name, entry->begin, entry->end, data_bytes);
    if (!fits(entry, entry->end - entry->begin))
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

static void sort(bc_safetensors *file, int (*compare)(const void *, const void *)) {
    for (int i = 0; i < file->count; i++)
        file->by_name[i] = &file->entries[i];
    qsort(file->by_name, (size_t)file->count, sizeof *file->by_name, compare);
}

/* `sorted` by begin: the tensors cover the data, each byte once. */
static bc_status check_cover(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *const *sorted,
                             size_t data_bytes) {
    size_t covered = 0;
    for (int i = 0; i < file->count; covered = sorted[i++]->end) {
        const bc_tensor_entry *entry = sorted[i];
        if (entry->begin < covered)
            return bc_fail(err, BC_E_FORMAT, "%s: tensors %s and %s overlap", file->path, sorted[i - 1]->name,
                           entry->name);
        if (entry->begin > covered)
            return bc_fail(err, BC_E_FORMAT, "%s: no tensor owns the bytes %zu to %zu before tensor %s",
                           file->path, covered, entry->begin, entry->name);
    }
    if (covered != data_bytes)
        return bc_fail(err, BC_E_FORMAT, "%s: the tensors take %zu bytes of data, the file has %zu",
                       file->path, covered, data_bytes);
    return BC_OK;
}

static bc_status check_entries(bc_error *err, bc_safetensors *file, size_t data_bytes) {
    for (int i = 0; i < file->count; i++)
        BC_TRY(check_entry(err, file, &file->entries[i], data_bytes));
    file->by_name = malloc(((size_t)file->count + 1) * sizeof *file->by_name);
    if (!file->by_name)
        return bc_fail(err, BC_E_MEMORY, "no host memory to check %s", file->path);
    sort(file, by_begin);
    BC_TRY(check_cover(err, file, file->by_name, data_bytes));
    sort(file, by_name);
    for (int i = 1; i < file->count; i++)
        if (strcmp(file->by_name[i]->name, file->by_name[i - 1]->name) == 0)
            return bc_fail(err, BC_E_FORMAT, "%s: tensor %s occurs twice", file->path,
                           file->by_name[i]->name);
    return BC_OK;
}

static bc_status read_header(bc_error *err, bc_safetensors *file, size_t bytes) {
    uint64_t header;
    if (bytes < sizeof header)
        return bc_fail(err, BC_E_FORMAT, "%s is not a safetensors file: %zu bytes are too few", file->path,
                       bytes);
    memcpy(&header, file->bytes, sizeof header);
    if (header > BC_SAFETENSORS_HEADER || header > bytes - sizeof header)
        return bc_fail(
            err, BC_E_FORMAT,
            "%s: the header should be %llu bytes long, the file has %zu (not safetensors, or truncated)",
            file->path, (unsigned long long)header, bytes - sizeof header);
    file->data = file->bytes + sizeof header + header;
    BC_TRY(bc_safetensors_parse(err, (char *)file->bytes + sizeof header, header, file));
    return check_entries(err, file, bytes - sizeof header - header);
}

bc_status bc_safetensors_open(bc_error *err, const char *path, bc_safetensors *out) {
    *out = (bc_safetensors){0};
    size_t bytes;
    snprintf(out->path, sizeof out->path, "%s", path);
    BC_TRY(bc_file_read_within(err, path, BC_FILE_WEIGHTS, &out->bytes, &bytes));
    bc_status status = read_header(err, out, bytes);
    if (status != BC_OK)
        bc_safetensors_close(out);
    return status;
}

void bc_safetensors_close(bc_safetensors *file) {
    free(file->entries);
    free(file->by_name);
    free(file->sizes);
    free(file->metadata);
    free(file->bytes);
    *file = (bc_safetensors){0};
}

const bc_tensor_entry *bc_safetensors_find(const bc_safetensors *file, const char *name) {
    const bc_tensor_entry wanted = {.name = name}, *key = &wanted;
    if (file->count == 0)
        return NULL;
    const bc_tensor_entry **found =
        bsearch(&key, file->by_name, (size_t)file->count, sizeof *file->by_name, by_name);
    return found ? *found : NULL;
}

/* Bytes of "PREFIX." when `full` is PREFIX.name, else 0. */
static size_t prefix_of(const char *full, const char *name) {
    size_t whole = strlen(full), part = strlen(name);
    bool ends = whole > part + 1 && full[whole - part - 1] == '.' && strcmp(full + whole - part, name) == 0;
    return ends ? whole - part : 0;
}

static void strip(bc_safetensors *file, const char *prefix, size_t length) {
    int kept = 0;
    for (int i = 0; i < file->count; i++) {
        bc_tensor_entry entry = file->entries[i];
        if (strncmp(entry.name, prefix, length) != 0)
            continue;
        entry.name += length;
        file->entries[kept++] = entry;
    }
    file->count = kept;
    sort(file, by_name);
}

bc_status bc_safetensors_strip_prefix(bc_error *err, bc_safetensors *file, const char *name) {
    const char *found = NULL;
    if (bc_safetensors_find(file, name))
        return BC_OK;
    for (int i = 0; i < file->count; i++) {
        const char *full = file->entries[i].name;
        if (!prefix_of(full, name))
            continue;
        if (found)
            return bc_fail(err, BC_E_FORMAT, "%s holds several networks, expected one: it has %s and %s",
                           file->path, found, full);
        found = full;
    }
    if (found)
        strip(file, found, prefix_of(found, name));
    return BC_OK;
}

bc_status bc_safetensors_metadata(bc_error *err, const bc_safetensors *file, const char *key, char **value) {
    *value = NULL;
    for (int i = file->metadata_count - 1; i >= 0 && !*value; i--) {
        if (strcmp(file->metadata[i].key, key) != 0)
            continue;
        *value = strdup(file->metadata[i].value);
        if (!*value)
            return bc_fail(err, BC_E_MEMORY, "no host memory for the %s of %s", key, file->path);
    }
    return BC_OK;
}

static float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bc_status bc_safetensors_floats(bc_error *err, const bc_safetensors *file, const bc_tensor_entry *entry,
                                float *out, size_t count) {
    size_t width = dtype_bits(entry->dtype) / 8;
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
        out[i] = f64 ? (float)wide : f16 ? bc_float_of_half(word) : float_from_bits((uint32_t)word << 16);
    }
    return BC_OK;
}
