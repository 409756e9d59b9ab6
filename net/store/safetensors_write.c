/* Writing safetensors files piece by piece, so that a large network never needs a second copy in host memory.
 */
#include "net/store/safetensors.h"

#include "host/base/file.h"
#include "host/base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bc_safetensors_writer {
    bc_file_writer file;
    size_t *sizes; /* elements of each tensor */
    int count, next;
};

static void write_string(FILE *stream, const char *text) {
    fputc('"', stream);
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code = 0;
        int bytes = bc_utf8_decode(text, left, &code);
        if (bytes == 0)
            fputs("\xEF\xBF\xBD", stream); /* U+FFFD: headers are UTF-8 */
        else if (code < 0x20)
            fprintf(stream, "\\u%04x", (unsigned)code);
        else
            fprintf(stream, "%s%.*s", code == '"' || code == '\\' ? "\\" : "", bytes, text);
        text += bytes ? bytes : 1;
        left -= bytes ? (size_t)bytes : 1;
    }
    fputc('"', stream);
}

static void write_metadata(FILE *stream, const bc_metadata *pairs, int count) {
    fputs("\"__metadata__\":{", stream);
    for (int i = 0; i < count; i++) {
        fputs(i ? "," : "", stream);
        write_string(stream, pairs[i].key);
        fputc(':', stream);
        write_string(stream, pairs[i].value);
    }
    fputc('}', stream);
}

/* The header's JSON text; `stream` grows in memory. */
static void write_header(FILE *stream, int count, const bc_tensor_entry *entries, const size_t *sizes,
                         const bc_metadata *pairs, int pair_count) {
    size_t offset = 0;
    fputc('{', stream);
    if (pair_count)
        write_metadata(stream, pairs, pair_count);
    for (int i = 0; i < count; i++) {
        fputs(i || pair_count ? "," : "", stream);
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
    return bc_fail(err, BC_E_FILE, "%s: writing failed: %s", w->file.path, strerror(errno));
}

static bc_status put_header(bc_error *err, bc_safetensors_writer *w, const bc_tensor_entry *entries,
                            const bc_metadata *pairs, int pair_count) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    if (!stream)
        return bc_fail(err, BC_E_MEMORY, "no host memory to write %s", w->file.path);
    write_header(stream, w->count, entries, w->sizes, pairs, pair_count);
    bc_status status = BC_OK;
    if (fclose(stream) != 0)
        status = bc_fail(err, BC_E_MEMORY, "no host memory to write %s", w->file.path);
    uint64_t length = bytes;
    if (status == BC_OK && bytes > BC_SAFETENSORS_HEADER)
        status = bc_fail(err, BC_E_ARGUMENT, "%s: the header would have %zu bytes, the format allows %d",
                         w->file.path, bytes, BC_SAFETENSORS_HEADER);
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
                                    const bc_tensor_entry *entries, const bc_metadata *pairs, int pair_count,
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
    status = put_header(err, w, entries, pairs, pair_count);
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

bc_status bc_safetensors_write_finite(bc_error *err, bc_safetensors_writer *w, const char *name,
                                      const float *data, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(data[i]))
            return bc_fail(err, BC_E_NUMERIC, "%s was not written: value %zu of %s is %f", w->file.path, i,
                           name, (double)data[i]);
    return bc_safetensors_write_next(err, w, data, count);
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
