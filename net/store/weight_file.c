/* Which format a file of weights has. */
#include "net/store/weight_file.h"

#include "host/base/file_part.h"
#include "host/base/path.h"
#include "net/store/safetensors.h"
#include "net/store/torch_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- what the first bytes say --- */

enum { HEAD = 64 };

static bc_status read_head(bc_error *err, const char *path, char head[HEAD], size_t *count) {
    bc_file_parts file;
    BC_TRY(bc_file_parts_open(err, path, &file));
    *count = file.bytes < HEAD - 1 ? file.bytes : HEAD - 1;
    bc_status status = bc_file_part_read(err, &file, 0, *count, head);
    bc_file_parts_close(&file);
    head[*count] = 0;
    return status;
}

static bool begins(const char *head, size_t count, const char *text, size_t length) {
    return count >= length && memcmp(head, text, length) == 0;
}

/* The number that PyTorch before 1.6 wrote first, as a pickle of its own. */
static const char old_torch[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/* A pickle's first bytes would be the length of a header of safetensors that is too long, unless zeros follow: those belong to the
 * length of a frame. */
static bool is_pickle(const char *head, size_t count) {
    bool protocol = count > 7 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5;
    return protocol && (head[2] == '\x95' || memcmp(head + 4, "\0\0\0", 4) != 0);
}

/* What the file is where it is no weights; NULL: perhaps it is. */
static const char *mistaken(const char *head, size_t count) {
    const char *text = head + strspn(head, " \t\r\n");
    if (begins(head, count, "version https://git-lfs", 23))
        return "a git-LFS pointer, expected the weights themselves: fetch them with git lfs pull";
    if (strncasecmp(text, "<!doctype", 9) == 0 || strncasecmp(text, "<html", 5) == 0)
        return "an HTML page, expected weights: the download gave a page instead";
    if (begins(head, count, old_torch, sizeof old_torch - 1))
        return "in PyTorch's format of before 1.6, expected its zip format: load it in PyTorch and "
               "torch.save it "
               "again";
    if (is_pickle(head, count))
        return "a bare pickle, expected a file of torch.save or safetensors";
    if (begins(head, count, "\x89HDF", 4))
        return "an HDF5 file, expected one of torch.save or safetensors";
    return NULL;
}

static bc_status open_any(bc_error *err, const char *path, bc_tensor_file *out) {
    char head[HEAD];
    size_t count;
    BC_TRY(read_head(err, path, head, &count));
    const char *mistake = mistaken(head, count);
    if (mistake)
        return bc_fail(err, BC_E_FORMAT, "%s is %s", path, mistake);
    bool zip = begins(head, count, "PK\3\4", 4) || begins(head, count, "PK\5\6", 4);
    return zip ? bc_torch_open(err, path, out) : bc_safetensors_open(err, path, out);
}

/* ":KEY" at the end of the path; NULL where it names a file as it is. */
static const char *key_of(const char *path) {
    const char *colon = strrchr(path, ':');
    return colon && colon[1] && !bc_file_exists(path) ? colon : NULL;
}

void bc_weight_file_name(const char *path, char file[BC_WEIGHT_FILE_NAME]) {
    const char *key = key_of(path);
    size_t length = key ? (size_t)(key - path) : strlen(path);
    snprintf(file, BC_WEIGHT_FILE_NAME, "%.*s",
             (int)(length < BC_WEIGHT_FILE_NAME ? length : BC_WEIGHT_FILE_NAME), path);
}

bc_status bc_weight_file_open(bc_error *err, const char *path, bc_tensor_file *out) {
    char file[BC_WEIGHT_FILE_NAME];
    const char *key = key_of(path);
    *out = (bc_tensor_file){0};
    bc_weight_file_name(path, file);
    BC_TRY(open_any(err, file, out));
    bc_status status = key ? bc_tensor_file_choose(err, out, key + 1) : BC_OK;
    if (status != BC_OK)
        bc_tensor_file_close(out);
    return status;
}

/* --- writing --- */

static bc_status write_floats(bc_error *err, bc_safetensors_writer *writer, const bc_tensor_file *file,
                              const bc_tensor_entry *entries, int count) {
    for (int i = 0; i < count; i++) {
        size_t elements;
        if (!bc_tensor_elements(&entries[i], &elements))
            return bc_fail(err, BC_E_FORMAT, "%s: tensor %s is too large", file->path, entries[i].name);
        float *values = malloc((elements + 1) * sizeof *values);
        if (!values)
            return bc_fail(err, BC_E_MEMORY, "no host memory for tensor %s", entries[i].name);
        bc_status status = bc_tensor_file_floats(err, file, &entries[i], values, elements);
        if (status == BC_OK)
            status = bc_safetensors_write_finite(err, writer, entries[i].name, values, elements);
        free(values);
        BC_TRY(status);
    }
    return BC_OK;
}

static bc_status write_safetensors(bc_error *err, const char *path, const bc_tensor_file *file,
                                   int *written) {
    bc_safetensors_writer *writer;
    bc_tensor_entry *floats = calloc((size_t)file->count + 1, sizeof *floats);
    if (!floats)
        return bc_fail(err, BC_E_MEMORY, "no host memory to write %s", path);
    for (int i = 0; i < file->count; i++)
        if (bc_dtype_is_float(file->entries[i].dtype))
            floats[(*written)++] = file->entries[i];
    bc_status status =
        bc_safetensors_write_open(err, path, *written, floats, file->metadata, file->metadata_count, &writer);
    if (status == BC_OK) {
        status = write_floats(err, writer, file, floats, *written);
        bc_status closed = bc_safetensors_write_close(err, writer, status == BC_OK);
        status = status == BC_OK ? closed : status;
    }
    free(floats);
    return status;
}

static bool is_torch(const char *path) {
    return bc_path_ends(path, BC_PT) || bc_path_ends(path, BC_PTH);
}

bc_status bc_weight_file_check_ending(bc_error *err, const char *path) {
    return bc_path_ends(path, BC_SAFETENSORS) || is_torch(path)
               ? BC_OK
               : bc_fail(err, BC_E_ARGUMENT, "%s: expected a file name that ends in %s, %s or %s", path,
                         BC_SAFETENSORS, BC_PT, BC_PTH);
}

bc_status bc_weight_file_write(bc_error *err, const char *path, const bc_tensor_file *file, int *written) {
    *written = 0;
    BC_TRY(bc_weight_file_check_ending(err, path));
    return (is_torch(path) ? bc_torch_write : write_safetensors)(err, path, file, written);
}
