/* Files of torch.save, written: the pickle of a dict of tensors, and a member for the numbers of each. */
#include "net/store/torch_file.h"

#include "net/store/torch_pickle.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT "archive/" /* as torch.save calls it where the file has no name */

/* One tensor of the file on its way. */
typedef struct piece {
    const bc_tensor_file *file;
    const bc_tensor_entry *entry;
    const char *path;
    size_t count;
    char member[64];
} piece;

typedef struct writer {
    bc_error *err;
    const char *path;
    const bc_tensor_file *file;
    piece *pieces;
    int count;
    bc_archive_item *items;
    char *pickle, *metadata;
    size_t pickle_size, metadata_size;
} writer;

/* --- the pickle, of protocol 2 --- */

static void put_little(FILE *out, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        fputc((int)(value >> 8 * i & 255), out);
}

static void put_text(FILE *out, const char *text) {
    size_t length = strlen(text);
    fputc('X', out); /* BINUNICODE */
    put_little(out, length, 4);
    fwrite(text, 1, length, out);
}

static void put_whole(FILE *out, size_t value) {
    fputs(value <= INT_MAX ? "J" : "\x8a\x08", out); /* BININT; LONG1 of 8 bytes */
    put_little(out, value, value <= INT_MAX ? 4 : 8);
}

/* From the last side on, each moves by what lies below it. Nothing does in an empty tensor, whose other sides may be of any size. */
static void put_shape_and_strides(FILE *out, const piece *p) {
    const bc_tensor_entry *entry = p->entry;
    fputc('(', out);
    for (int i = 0; i < entry->rank; i++)
        put_whole(out, (size_t)entry->shape[i]);
    fputs("t(", out);
    for (int i = 0; i < entry->rank; i++) {
        size_t stride = 1;
        for (int k = i + 1; p->count > 0 && k < entry->rank; k++)
            stride *= (size_t)entry->shape[k];
        put_whole(out, stride);
    }
    fputc('t', out);
}

/* _rebuild_tensor_v2(("storage", FloatStorage, key, "cpu", count), 0, shape, strides, False, OrderedDict()) */
static void put_tensor(FILE *out, int index, const piece *p) {
    char key[16];
    snprintf(key, sizeof key, "%d", index);
    put_text(out, p->entry->name);
    fputs("ctorch._utils\n_rebuild_tensor_v2\n((", out);
    put_text(out, "storage");
    fputs("ctorch\nFloatStorage\n", out);
    put_text(out, key);
    put_text(out, "cpu");
    put_whole(out, p->count);
    fputs("tQ", out);
    put_whole(out, 0);
    put_shape_and_strides(out, p);
    fputs("\x89"
          "ccollections\nOrderedDict\n)RtR",
          out);
}

static void put_pickle(FILE *out, const writer *w) {
    fputs("\x80\x02}(", out);
    for (int i = 0; i < w->count; i++)
        put_tensor(out, i, &w->pieces[i]);
    fputs("u.", out);
}

static void put_metadata(FILE *out, const writer *w) {
    for (int i = 0; i < w->file->metadata_count; i++) {
        const bc_metadata *pair = &w->file->metadata[i];
        fwrite(pair->key, 1, strlen(pair->key) + 1, out);
        fwrite(pair->value, 1, strlen(pair->value) + 1, out);
    }
}

static bc_status make_text(const writer *w, void (*put)(FILE *out, const writer *w), char **text,
                           size_t *size) {
    FILE *stream = open_memstream(text, size);
    if (stream)
        put(stream, w);
    if (!stream || ferror(stream) | fclose(stream))
        return bc_fail(w->err, BC_E_MEMORY, "no host memory to write %s", w->path);
    return BC_OK;
}

/* --- the archive --- */

/* What bc_torch_open would not take is not written. */
static bc_status check_piece(const writer *w, const piece *p) {
    if (w->count < BC_TORCH_TENSORS && p->entry->rank <= BC_TORCH_RANK &&
        strlen(p->entry->name) < BC_TORCH_NAME - 1)
        return BC_OK;
    return bc_fail(
        w->err, BC_E_ARGUMENT,
        "%s was not written: %.60s has %d sides and a name of %zu bytes, expected at most %d, %d, and %d "
        "tensors",
        w->path, p->entry->name, p->entry->rank, strlen(p->entry->name), BC_TORCH_RANK, BC_TORCH_NAME - 2,
        BC_TORCH_TENSORS);
}

static bc_status check_metadata(const writer *w) {
    return w->metadata_size <= BC_TORCH_METADATA_BYTES
               ? BC_OK
               : bc_fail(w->err, BC_E_ARGUMENT,
                         "%s was not written: its metadata have %zu bytes, expected at most %d", w->path,
                         w->metadata_size, BC_TORCH_METADATA_BYTES);
}

static bc_status make_floats(bc_error *err, const void *user, void *bytes) {
    const piece *p = user;
    float *values = bytes;
    BC_TRY(bc_tensor_file_floats(err, p->file, p->entry, values, p->count));
    for (size_t i = 0; i < p->count; i++)
        if (!isfinite(values[i]))
            return bc_fail(err, BC_E_NUMERIC, "%s was not written: value %zu of %s is %f", p->path, i,
                           p->entry->name, (double)values[i]);
    return BC_OK;
}

static bc_status list_pieces(writer *w) {
    for (int i = 0; i < w->file->count; i++) {
        const bc_tensor_entry *entry = &w->file->entries[i];
        piece *p = &w->pieces[w->count];
        if (!bc_dtype_is_float(entry->dtype))
            continue;
        *p = (piece){.file = w->file, .entry = entry, .path = w->path};
        BC_TRY(check_piece(w, p));
        if (!bc_tensor_elements(entry, &p->count))
            return bc_fail(w->err, BC_E_FORMAT, "%s: tensor %s is too large", w->file->path, entry->name);
        snprintf(p->member, sizeof p->member, ROOT "data/%d", w->count++);
    }
    return BC_OK;
}

static bc_status write(writer *w) {
    static const char little[] = "little", version[] = "3\n";
    int count = 0;
    BC_TRY(list_pieces(w));
    BC_TRY(make_text(w, put_pickle, &w->pickle, &w->pickle_size));
    BC_TRY(make_text(w, put_metadata, &w->metadata, &w->metadata_size));
    BC_TRY(check_metadata(w));
    w->items[count++] =
        (bc_archive_item){.name = ROOT "data.pkl", .size = w->pickle_size, .bytes = w->pickle};
    w->items[count++] = (bc_archive_item){.name = ROOT "byteorder", .size = 6, .bytes = little};
    if (w->file->metadata_count)
        w->items[count++] =
            (bc_archive_item){.name = ROOT BC_TORCH_METADATA, .size = w->metadata_size, .bytes = w->metadata};
    for (int i = 0; i < w->count; i++)
        w->items[count++] = (bc_archive_item){.name = w->pieces[i].member,
                                              .size = w->pieces[i].count * sizeof(float),
                                              .make = make_floats,
                                              .user = &w->pieces[i]};
    w->items[count++] = (bc_archive_item){.name = ROOT "version", .size = 2, .bytes = version};
    return bc_archive_write(w->err, w->path, w->items, count);
}

bc_status bc_torch_write(bc_error *err, const char *path, const bc_tensor_file *file, int *written) {
    enum { OTHERS = 4 }; /* members beside the tensors */
    writer w = {.err = err,
                .path = path,
                .file = file,
                .pieces = calloc((size_t)file->count + 1, sizeof *w.pieces),
                .items = calloc((size_t)file->count + OTHERS, sizeof *w.items)};
    bc_status status =
        w.pieces && w.items ? write(&w) : bc_fail(err, BC_E_MEMORY, "no host memory to write %s", path);
    *written = w.count;
    free(w.pieces);
    free(w.items);
    free(w.pickle);
    free(w.metadata);
    return status;
}
