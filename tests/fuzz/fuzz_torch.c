/* Weights of any format, first of all torch.save's: what was read has the same numbers after it was written and read again, and the
 * network in it has published names. */
#include "net/models/published.h"
#include "net/store/torch_file.h"
#include "net/store/weight_file.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.pt", copy[] = "again.pt";

/* malloc'ed; NULL where the tensor is no float, too large for every input, or damaged. */
static float *values_of(const bc_tensor_file *file, const bc_tensor_entry *entry, size_t *count) {
    bc_error err = {0};
    if (!bc_dtype_is_float(entry->dtype) || !bc_tensor_elements(entry, count) || *count >= 1 << 20)
        return NULL;
    float *values = malloc((*count + 1) * sizeof *values);
    if (values && fuzz_good(bc_tensor_file_floats(&err, file, entry, values, *count), &err))
        return values;
    free(values);
    return NULL;
}

static void check_same(const bc_tensor_file *file, const bc_tensor_file *again) {
    for (int i = 0; i < file->count; i++) {
        size_t count, other;
        const bc_tensor_entry *entry = &file->entries[i];
        float *values = values_of(file, entry, &count);
        if (!values)
            continue;
        const bc_tensor_entry *found = bc_tensor_file_find(again, entry->name);
        FUZZ_CHECK(found, "%s is not found", entry->name);
        float *twin = values_of(again, found, &other);
        FUZZ_CHECK(twin && count == other && memcmp(values, twin, count * sizeof *values) == 0,
                   "%s has other numbers", entry->name);
        free(values);
        free(twin);
    }
    FUZZ_CHECK(again->metadata_count == file->metadata_count, "%d metadata, not %d", again->metadata_count,
               file->metadata_count);
}

static size_t floats_of(const bc_tensor_file *file) {
    size_t sum = 0, count;
    for (int i = 0; i < file->count; i++)
        sum += bc_tensor_elements(&file->entries[i], &count) ? count : 1 << 20;
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bc_error err = {0};
    bc_tensor_file file, again;
    int written;
    fuzz_write(path, data, size);
    if (!fuzz_good(bc_weight_file_open(&err, path, &file), &err))
        return 0;
    if (fuzz_good(bc_published_names(&err, &file), &err) && floats_of(&file) < 1 << 20 &&
        fuzz_good(bc_weight_file_write(&err, copy, &file, &written), &err)) {
        FUZZ_CHECK(bc_weight_file_open(&err, copy, &again) == BC_OK, "not read again: %s", err.text);
        check_same(&file, &again);
        bc_tensor_file_close(&again);
    }
    bc_tensor_file_close(&file);
    return 0;
}
