/* Files of named tensors: finding and choosing among names. */
#include "net/store/tensor_file.h"

#include <stdlib.h>
#include <string.h>

void bc_tensor_file_close(bc_tensor_file *file) {
    free(file->entries);
    free(file->by_name);
    free(file->sizes);
    free(file->metadata);
    free(file->names);
    free(file->bytes);
    free(file->members);
    bc_archive_close(file->archive);
    *file = (bc_tensor_file){0};
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const bc_tensor_entry *const *)a)->name, (*(const bc_tensor_entry *const *)b)->name);
}

static void sort(bc_tensor_file *file) {
    for (int i = 0; i < file->count; i++)
        file->by_name[i] = &file->entries[i];
    qsort(file->by_name, (size_t)file->count, sizeof *file->by_name, by_name);
}

bc_status bc_tensor_file_sort(bc_error *err, bc_tensor_file *file) {
    free(file->by_name);
    file->by_name = malloc(((size_t)file->count + 1) * sizeof *file->by_name);
    if (!file->by_name)
        return bc_fail(err, BC_E_MEMORY, "no host memory to sort the tensors of %s", file->path);
    sort(file);
    for (int i = 1; i < file->count; i++)
        if (strcmp(file->by_name[i]->name, file->by_name[i - 1]->name) == 0)
            return bc_fail(err, BC_E_FORMAT, "%s: tensor %s occurs twice", file->path,
                           file->by_name[i]->name);
    return BC_OK;
}

const bc_tensor_entry *bc_tensor_file_find(const bc_tensor_file *file, const char *name) {
    const bc_tensor_entry wanted = {.name = name}, *key = &wanted;
    if (file->count == 0)
        return NULL;
    const bc_tensor_entry **found =
        bsearch(&key, file->by_name, (size_t)file->count, sizeof *file->by_name, by_name);
    return found ? *found : NULL;
}

bc_status bc_tensor_file_metadata(bc_error *err, const bc_tensor_file *file, const char *key, char **value) {
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

/* --- prefixes --- */

/* Bytes of "PREFIX." when `full` is PREFIX.name, else 0. */
static size_t prefix_of(const char *full, const char *name) {
    size_t whole = strlen(full), part = strlen(name);
    bool ends = whole > part + 1 && full[whole - part - 1] == '.' && strcmp(full + whole - part, name) == 0;
    return ends ? whole - part : 0;
}

/* `prefix` ends in its dot. */
static void strip(bc_tensor_file *file, const char *prefix, size_t length) {
    int kept = 0;
    for (int i = 0; i < file->count; i++) {
        bc_tensor_entry entry = file->entries[i];
        if (strncmp(entry.name, prefix, length) != 0)
            continue;
        entry.name += length;
        file->entries[kept++] = entry;
    }
    file->count = kept;
    sort(file);
}

bc_status bc_tensor_file_strip_prefix(bc_error *err, bc_tensor_file *file, const char *name) {
    const char *found = NULL;
    if (bc_tensor_file_find(file, name))
        return BC_OK;
    for (int i = 0; i < file->count; i++) {
        const char *full = file->entries[i].name;
        if (!prefix_of(full, name))
            continue;
        if (found)
            return bc_fail(err, BC_E_FORMAT,
                           "%s holds several networks, expected one: it has %s and %s; choose as FILE:%.*s",
                           file->path, found, full, (int)prefix_of(found, name) - 1, found);
        found = full;
    }
    if (found)
        strip(file, found, prefix_of(found, name));
    return BC_OK;
}

bc_status bc_tensor_file_choose(bc_error *err, bc_tensor_file *file, const char *key) {
    size_t length = strlen(key);
    for (int i = 0; i < file->count; i++) {
        const char *full = file->entries[i].name;
        if (strncmp(full, key, length) == 0 && full[length] == '.') {
            strip(file, full, length + 1);
            return BC_OK;
        }
    }
    return bc_fail(err, BC_E_FORMAT, "%s has no tensor below %s, but %d others%s%s", file->path, key,
                   file->count, file->count ? ", the first of them " : "",
                   file->count ? file->entries[0].name : "");
}

bc_status bc_tensor_file_add_prefix(bc_error *err, bc_tensor_file *file, const char *prefix) {
    size_t bytes = 1, before = strlen(prefix);
    for (int i = 0; i < file->count; i++)
        bytes += before + strlen(file->entries[i].name) + 1;
    char *names = malloc(bytes), *next = names;
    if (!names)
        return bc_fail(err, BC_E_MEMORY, "no host memory for the names of %s", file->path);
    for (int i = 0; i < file->count; i++) {
        size_t length = strlen(file->entries[i].name) + 1;
        memcpy(next, prefix, before);
        memcpy(next + before, file->entries[i].name, length);
        file->entries[i].name = next;
        next += before + length;
    }
    free(file->names);
    file->names = names;
    return bc_tensor_file_sort(err, file);
}
