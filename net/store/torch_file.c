/* Files of torch.save, read. */
#include "net/store/torch_file.h"

#include "host/base/file.h"
#include "net/store/torch_pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    bc_error *err;
    bc_tensor_file *file;
    char root[256]; /* folder in the archive */
    /* what the tensors take, counted before it is filled */
    size_t count, name_bytes, size_count, floats;
    char *next_name;
    long *next_size;
} reader;

enum { LABEL = BC_ERROR_TEXT };

static void label_of(char label[LABEL], const reader *r, const char *member) {
    snprintf(label, LABEL, "%.600s, %.200s/%.200s", r->file->path, r->root, member);
}

/* --- members --- */

static bool has(const reader *r, const char *member) {
    char name[512];
    snprintf(name, sizeof name, "%s/%s", r->root, member);
    return bc_archive_has(r->file->archive, name);
}

/* A member of at most `limit` bytes. */
static bc_status unpack(reader *r, const char *member, size_t limit, uint8_t **bytes, size_t *size) {
    char label[LABEL], name[512];
    bc_archive_member found;
    label_of(label, r, member);
    snprintf(name, sizeof name, "%s/%s", r->root, member);
    BC_TRY(bc_archive_find(r->err, label, r->file->archive, name, &found));
    if (found.size > limit)
        return bc_fail(r->err, BC_E_FORMAT, "%s: it has %.1f MiB, expected at most %.0f", label,
                       (double)found.size / 0x1p20, (double)limit / 0x1p20);
    *size = found.size;
    return bc_archive_unpack(r->err, label, r->file->archive, &found, bytes);
}

/* ROOT/data.pkl says where everything is. */
static bc_status find_root(reader *r) {
    static const char wanted[] = "/data.pkl";
    const bc_archive *archive = r->file->archive;
    for (long i = 0; i < bc_archive_count(archive); i++) {
        const char *name = bc_archive_name(archive, i);
        size_t length = name ? strlen(name) : 0, end = sizeof wanted - 1;
        if (length <= end || strcmp(name + length - end, wanted) != 0 || length - end >= sizeof r->root)
            continue;
        snprintf(r->root, sizeof r->root, "%.*s", (int)(length - end), name);
        return has(r, "constants.pkl") ? bc_fail(r->err, BC_E_FORMAT,
                                                 "%s is a TorchScript program, expected weights: save the "
                                                 "module's state_dict() with torch.save",
                                                 r->file->path)
                                       : BC_OK;
    }
    return bc_fail(r->err, BC_E_FORMAT,
                   "%s is a zip archive, but none of torch.save: no member ends in %s among %ld",
                   r->file->path, wanted, bc_archive_count(archive));
}

static bc_status check_byte_order(reader *r) {
    uint8_t *text;
    size_t size;
    if (!has(r, "byteorder")) /* as before PyTorch 2.1 */
        return BC_OK;
    BC_TRY(unpack(r, "byteorder", 64, &text, &size));
    bool little = size == 6 && memcmp(text, "little", 6) == 0;
    free(text);
    return little ? BC_OK
                  : bc_fail(r->err, BC_E_FORMAT,
                            "%s: its numbers are not little-endian, as they are expected", r->file->path);
}

/* --- metadata --- */

static bc_status read_metadata(reader *r) {
    bc_tensor_file *file = r->file;
    size_t size, zeros = 0;
    if (!has(r, BC_TORCH_METADATA))
        return BC_OK;
    BC_TRY(unpack(r, BC_TORCH_METADATA, BC_TORCH_METADATA_BYTES, &file->bytes, &size));
    for (size_t i = 0; i < size; i++)
        zeros += file->bytes[i] == 0;
    if (zeros % 2 || (size && file->bytes[size - 1]))
        return bc_fail(r->err, BC_E_FORMAT, "%s: its member %s is damaged", file->path, BC_TORCH_METADATA);
    file->metadata = calloc(zeros / 2 + 1, sizeof *file->metadata);
    if (!file->metadata)
        return bc_fail(r->err, BC_E_MEMORY, "no host memory for the metadata of %s", file->path);
    for (const char *text = (const char *)file->bytes; file->metadata_count < (int)(zeros / 2);) {
        bc_metadata *pair = &file->metadata[file->metadata_count++];
        pair->key = text;
        pair->value = text + strlen(text) + 1;
        text = pair->value + strlen(pair->value) + 1;
    }
    return BC_OK;
}

/* --- tensors --- */

static bc_status count_tensor(void *user, const bc_torch_tensor *t) {
    reader *r = user;
    size_t bytes = 4;
    if (r->count++ == BC_TORCH_TENSORS)
        return bc_fail(r->err, BC_E_FORMAT, "%s: it has more than %d tensors", r->file->path,
                       BC_TORCH_TENSORS);
    r->name_bytes += strlen(t->name) + 1;
    r->size_count += 2 * (size_t)t->rank;
    for (int i = 0; i < t->rank; i++)
        bytes *= (size_t)t->shape[i]; /* at most the elements of a storage, which may not be there */
    if (__builtin_add_overflow(r->floats, bytes, &r->floats) || r->floats > BC_FILE_WEIGHTS)
        return bc_fail(r->err, BC_E_FORMAT, "%s: up to %.100s its tensors take more than %zu GiB as floats",
                       r->file->path, t->name, BC_FILE_WEIGHTS >> 30);
    return BC_OK;
}

/* The member with the tensor's storage, which must have just the bytes that the pickle says. */
static bc_status find_storage(reader *r, const bc_torch_tensor *t, bc_archive_member *out) {
    char label[LABEL], name[BC_TORCH_KEY + 512];
    size_t bytes, width = bc_dtype_bits(t->dtype) / 8;
    snprintf(name, sizeof name, "%s/data/%s", r->root, t->storage);
    snprintf(label, sizeof label, "%.400s, %.200s (tensor %.300s)", r->file->path, name, t->name);
    BC_TRY(bc_archive_find(r->err, label, r->file->archive, name, out));
    if (__builtin_mul_overflow(t->elements, width, &bytes) || bytes != out->size)
        return bc_fail(r->err, BC_E_FORMAT, "%s: it has %llu bytes, expected %zu elements of %zu", label,
                       (unsigned long long)out->size, t->elements, width);
    if (out->deflated && t->first > 0)
        return bc_fail(r->err, BC_E_FORMAT, "%s: it is compressed, expected it stored where tensors share it",
                       label);
    return BC_OK;
}

static const long *keep_sizes(reader *r, int rank, const long *sizes) {
    long *kept = r->next_size;
    for (int i = 0; i < rank; i++)
        *r->next_size++ = sizes[i];
    return kept;
}

static bc_status take_tensor(void *user, const bc_torch_tensor *t) {
    reader *r = user;
    bc_tensor_file *file = r->file;
    size_t width = bc_dtype_bits(t->dtype) / 8, length = strlen(t->name) + 1;
    BC_TRY(find_storage(r, t, &file->members[file->count]));
    bc_tensor_entry entry = {.name = r->next_name,
                             .dtype = t->dtype,
                             .rank = t->rank,
                             .shape = keep_sizes(r, t->rank, t->shape),
                             .begin = t->first * width,
                             .end = (t->first + t->span) * width,
                             .member = file->count};
    if (t->gaps)
        entry.strides = keep_sizes(r, t->rank, t->strides);
    memcpy(r->next_name, t->name, length);
    r->next_name += length;
    file->entries[file->count++] = entry;
    return BC_OK;
}

static bc_status list_tensors(reader *r, const char *label, const bc_pickle *pickle) {
    bc_tensor_file *file = r->file;
    BC_TRY(bc_torch_walk(r->err, label, pickle, count_tensor, r));
    file->entries = calloc(r->count + 1, sizeof *file->entries);
    file->members = calloc(r->count + 1, sizeof *file->members);
    file->names = r->next_name = malloc(r->name_bytes + 1);
    file->sizes = r->next_size = malloc((r->size_count + 1) * sizeof *file->sizes);
    if (!file->entries || !file->members || !file->names || !file->sizes)
        return bc_fail(r->err, BC_E_MEMORY, "no host memory to list the tensors of %s", file->path);
    BC_TRY(bc_torch_walk(r->err, label, pickle, take_tensor, r));
    return bc_tensor_file_sort(r->err, file);
}

static bc_status read_pickle(reader *r) {
    char label[LABEL];
    uint8_t *bytes;
    size_t size;
    bc_pickle pickle;
    label_of(label, r, "data.pkl");
    BC_TRY(unpack(r, "data.pkl", BC_PICKLE_BYTES_MOST, &bytes, &size));
    bc_status status =
        bc_pickle_read(r->err, label, bytes, size, bc_torch_globals, bc_torch_global_count, &pickle);
    if (status == BC_OK) {
        status = list_tensors(r, label, &pickle);
        bc_pickle_release(&pickle);
    }
    free(bytes);
    return status;
}

static bc_status read(reader *r) {
    BC_TRY(find_root(r));
    BC_TRY(check_byte_order(r));
    BC_TRY(read_metadata(r));
    return read_pickle(r);
}

bc_status bc_torch_open(bc_error *err, const char *path, bc_tensor_file *out) {
    *out = (bc_tensor_file){0};
    snprintf(out->path, sizeof out->path, "%s", path);
    BC_TRY(bc_archive_open(err, path, BC_FILE_WEIGHTS,
                           "expected a file of torch.save, which is a zip archive", &out->archive));
    reader r = {.err = err, .file = out};
    bc_status status = read(&r);
    if (status != BC_OK)
        bc_tensor_file_close(out);
    return status;
}
