/* Writing safetensors files piece by piece, so that a large network never needs a second copy in host memory.
 */
#include "net/safetensors.h"

#include <stdlib.h>
#include <string.h>

struct bc_safetensors_writer {
    bc_file_writer file;
    size_t *sizes; /* elements of each tensor */
    int count, next;
};

static void write_string(FILE *stream, const char *text) {
    fputc('"', stream);
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20)
            fprintf(stream, "\\u%04x", *text);
        else if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else
            fputc(*text, stream);
    }
    fputc('"', stream);
}

/* The header's JSON text; `stream` grows in memory. */
static void write_header(FILE *stream, int count, const bc_tensor_entry *entries, const size_t *sizes,
                         const char *metadata) {
    size_t offset = 0;
    fputc('{', stream);
    if (metadata)
        fprintf(stream, "\"__metadata__\":%s", metadata);
    for (int i = 0; i < count; i++) {
        fputs(i || metadata ? "," : "", stream);
        write_string(stream, entries[i].name);
        fputs(":{\"dtype\":\"F32\",\"shape\":[", stream);
        for (int k = 0; k < entries[i].rank; k++)
            fprintf(stream, "%s%ld", k ? "," : "", entries[i].shape[k]);
        fprintf(stream, "],\"data_offsets\":[%zu,%zu]}", offset, offset + sizes[i] * sizeof(float));
        offset += sizes[i] * sizeof(float);
    }
    fputc('}', stream);
    while (ftell(stream) % 8) /* aligns the data */
        fputc(' ', stream);
}

static bc_status put(bc_error *err, bc_safetensors_writer *w, const void *data, size_t bytes) {
    if (bytes == 0 || fwrite(data, 1, bytes, w->file.stream) == bytes)
        return BC_OK;
    return bc_fail(err, BC_E_FILE, "%s: writing failed (is the disk full?)", w->file.path);
}

static bc_status put_header(bc_error *err, bc_safetensors_writer *w, const bc_tensor_entry *entries,
                            const char *metadata) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    if (!stream)
        return bc_fail(err, BC_E_MEMORY, "no host memory to write %s", w->file.path);
    write_header(stream, w->count, entries, w->sizes, metadata);
    bc_status status = BC_OK;
    if (fclose(stream) != 0)
        status = bc_fail(err, BC_E_MEMORY, "no host memory to write %s", w->file.path);
    uint64_t length = bytes;
    if (status == BC_OK)
        status = put(err, w, &length, sizeof length);
    if (status == BC_OK)
        status = put(err, w, text, bytes);
    free(text);
    return status;
}

static void release(bc_safetensors_writer *w) {
    free(w->sizes);
    free(w);
}

bc_status bc_safetensors_write_open(bc_error *err, const char *path, int count,
                                    const bc_tensor_entry *entries, const char *metadata_json,
                                    bc_safetensors_writer **out) {
    *out = NULL;
    bc_safetensors_writer *w = calloc(1, sizeof *w);
    size_t *sizes = calloc((size_t)count + 1, sizeof *sizes);
    if (!w || !sizes) {
        free(w);
        free(sizes);
        return bc_fail(err, BC_E_MEMORY, "no host memory to write %s", path);
    }
    w->sizes = sizes;
    w->count = count;
    for (int i = 0; i < count; i++) {
        sizes[i] = 1;
        for (int k = 0; k < entries[i].rank; k++)
            sizes[i] *= (size_t)entries[i].shape[k];
    }
    bc_status status = bc_file_writer_open(err, path, &w->file);
    if (status != BC_OK) {
        release(w);
        return status;
    }
    status = put_header(err, w, entries, metadata_json);
    if (status != BC_OK) {
        bc_file_writer_abandon(&w->file);
        release(w);
        return status;
    }
    *out = w;
    return BC_OK;
}

bc_status bc_safetensors_write_next(bc_error *err, bc_safetensors_writer *w, const float *data,
                                    size_t count) {
    if (w->next == w->count || w->sizes[w->next] != count)
        return bc_fail(err, BC_E_ARGUMENT, "%s: tensor %d of %d does not have %zu elements", w->file.path,
                       w->next, w->count, count);
    w->next++;
    return put(err, w, data, count * sizeof *data);
}

bc_status bc_safetensors_write_close(bc_error *err, bc_safetensors_writer *w, bool commit) {
    bc_status status = BC_OK;
    if (commit && w->next != w->count)
        status =
            bc_fail(err, BC_E_ARGUMENT, "%s: %d of %d tensors were written", w->file.path, w->next, w->count);
    if (commit && status == BC_OK)
        status = bc_file_writer_commit(err, &w->file);
    else
        bc_file_writer_abandon(&w->file);
    release(w);
    return status;
}
