/* Weight files: every tensor is found under its name, and small ones are read. */
#include "net/store/safetensors.h"
#include "tests/fuzz/fuzz.h"

static const char path[] = "input.safetensors";

/* Elements, or 0 when there are too many to convert for every input. */
static size_t elements(const bc_tensor_entry *entry) {
    size_t count = 1;
    for (int i = 0; i < entry->rank; i++) {
        FUZZ_CHECK(entry->shape[i] >= 0, "%s has a side of %ld", entry->name, entry->shape[i]);
        if (__builtin_mul_overflow(count, (size_t)entry->shape[i], &count))
            return 0;
    }
    return count < 1 << 20 ? count : 0;
}

static void check_tensor(const bc_tensor_file *file, const bc_tensor_entry *entry) {
    bc_error err = {0};
    FUZZ_CHECK(bc_tensor_file_find(file, entry->name) == entry, "%s is not found", entry->name);
    fuzz_touch(file->data + entry->begin, entry->end - entry->begin);
    size_t count = elements(entry);
    float *values = malloc((count + 1) * sizeof *values);
    if (values && count && fuzz_good(bc_tensor_file_floats(&err, file, entry, values, count), &err))
        fuzz_touch(values, count * sizeof *values);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_write(path, data, size);
    bc_error err = {0};
    bc_tensor_file file;
    if (!fuzz_good(bc_safetensors_open(&err, path, &file), &err))
        return 0;
    for (int i = 0; i < file.count; i++)
        check_tensor(&file, &file.entries[i]);
    for (int i = 0; i < file.metadata_count; i++) {
        const bc_metadata *pair = &file.metadata[i];
        char *value;
        FUZZ_CHECK(bc_tensor_file_metadata(&err, &file, pair->key, &value) == BC_OK && value,
                   "a key has no value");
        free(value);
    }
    bc_tensor_file_close(&file);
    return 0;
}
