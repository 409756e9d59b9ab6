/* Reading safetensors files: the whole file at once, everything checked before anything is used. */
#include "net/store/safetensors.h"

#include "host/base/file.h"
#include "net/store/safetensors_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether shape and type ask for just these bytes; a type that is not known may ask for any. */
static bool fits(const bc_tensor_entry *entry, size_t bytes) {
    size_t count, width = bc_dtype_bits(entry->dtype), bits;
    if (!bc_tensor_elements(entry, &count))
        return false;
    if (width == 0)
        return true;
    return !__builtin_mul_overflow(count, width, &bits) && bits % 8 == 0 && bits / 8 == bytes;
}

static bc_status check_entry(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *entry,
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

/* `sorted` by begin: the tensors cover the data, each byte once. */
static bc_status check_cover(bc_error *err, const bc_tensor_file *file, const bc_tensor_entry *const *sorted,
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

static bc_status check_entries(bc_error *err, bc_tensor_file *file, size_t data_bytes) {
    for (int i = 0; i < file->count; i++)
        BC_TRY(check_entry(err, file, &file->entries[i], data_bytes));
    const bc_tensor_entry **sorted = malloc(((size_t)file->count + 1) * sizeof *sorted);
    if (!sorted)
        return bc_fail(err, BC_E_MEMORY, "no host memory to check %s", file->path);
    for (int i = 0; i < file->count; i++)
        sorted[i] = &file->entries[i];
    qsort(sorted, (size_t)file->count, sizeof *sorted, by_begin);
    bc_status status = check_cover(err, file, sorted, data_bytes);
    free(sorted);
    BC_TRY(status);
    return bc_tensor_file_sort(err, file);
}

static bc_status read_header(bc_error *err, bc_tensor_file *file, size_t bytes) {
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

bc_status bc_safetensors_open(bc_error *err, const char *path, bc_tensor_file *out) {
    *out = (bc_tensor_file){0};
    size_t bytes;
    snprintf(out->path, sizeof out->path, "%s", path);
    BC_TRY(bc_file_read_within(err, path, BC_FILE_WEIGHTS, &out->bytes, &bytes));
    bc_status status = read_header(err, out, bytes);
    if (status != BC_OK)
        bc_tensor_file_close(out);
    return status;
}
