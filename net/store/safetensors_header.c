/* The header of a safetensors file: one object whose members are
 *   "name": {"dtype": string, "shape": [integers], "data_offsets": [begin, end]}   and
 *   "__metadata__": {string: string, ...} or null.
 * As in the format's own library, other members of a tensor's object are passed over, and the last of two equal
 * metadata keys counts. */
#include "net/store/safetensors_header.h"

#include "net/store/json.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    bc_json json;
    bc_tensor_file *file;
    size_t size_count; /* of file->sizes */
    size_t entry_room, size_room, metadata_room;
    bool has_metadata;
} reader;

/* Makes room for one element more behind `count`. */
static bc_status grow(reader *r, void **array, size_t count, size_t *room, size_t element_bytes) {
    if (count < *room)
        return BC_OK;
    size_t wanted = *room ? 2 * *room : 64;
    void *wider = realloc(*array, wanted * element_bytes);
    if (!wider)
        return bc_fail(r->json.err, BC_E_MEMORY, "no host memory for the header of %s", r->file->path);
    *array = wider;
    *room = wanted;
    return BC_OK;
}

/* --- tensors --- */

static bc_status read_shape(reader *r, bc_tensor_entry *entry) {
    bc_tensor_file *file = r->file;
    BC_TRY(bc_json_expect(&r->json, '[', "'['"));
    if (bc_json_take(&r->json, ']'))
        return BC_OK;
    do {
        BC_TRY(grow(r, (void **)&file->sizes, r->size_count, &r->size_room, sizeof *file->sizes));
        BC_TRY(bc_json_integer(&r->json, &file->sizes[r->size_count++]));
        entry->rank++;
    } while (bc_json_take(&r->json, ','));
    return bc_json_expect(&r->json, ']', "']'");
}

static bc_status read_offsets(reader *r, bc_tensor_entry *entry) {
    static const char two[] = "two data offsets";
    long begin, end;
    BC_TRY(bc_json_expect(&r->json, '[', two));
    BC_TRY(bc_json_integer(&r->json, &begin));
    BC_TRY(bc_json_expect(&r->json, ',', two));
    BC_TRY(bc_json_integer(&r->json, &end));
    entry->begin = (size_t)begin;
    entry->end = (size_t)end;
    return bc_json_expect(&r->json, ']', two);
}

static bc_status read_property(reader *r, bc_tensor_entry *entry, unsigned *seen) {
    static const char *const names[] = {"dtype", "shape", "data_offsets"};
    const char *key;
    BC_TRY(bc_json_string(&r->json, &key));
    BC_TRY(bc_json_expect(&r->json, ':', "':'"));
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(key, names[i]) != 0)
            continue;
        if (*seen & 1u << i)
            return bc_json_fail(&r->json, "dtype, shape and data_offsets, once each");
        *seen |= 1u << i;
        return i == 0   ? bc_json_string(&r->json, &entry->dtype)
               : i == 1 ? read_shape(r, entry)
                        : read_offsets(r, entry);
    }
    return bc_json_skip(&r->json);
}

static bc_status read_entry(reader *r, bc_tensor_entry *entry) {
    unsigned seen = 0;
    BC_TRY(bc_json_expect(&r->json, '{', "'{'"));
    do {
        BC_TRY(read_property(r, entry, &seen));
    } while (bc_json_take(&r->json, ','));
    BC_TRY(bc_json_expect(&r->json, '}', "'}'"));
    return seen == 7 ? BC_OK : bc_json_fail(&r->json, "dtype, shape and data_offsets, once each");
}

/* --- metadata --- */

static bc_status read_pair(reader *r) {
    bc_tensor_file *file = r->file;
    bc_metadata pair = {0};
    BC_TRY(bc_json_string(&r->json, &pair.key));
    BC_TRY(bc_json_expect(&r->json, ':', "':'"));
    BC_TRY(bc_json_string(&r->json, &pair.value));
    BC_TRY(grow(r, (void **)&file->metadata, (size_t)file->metadata_count, &r->metadata_room, sizeof pair));
    file->metadata[file->metadata_count++] = pair;
    return BC_OK;
}

static bc_status read_metadata(reader *r) {
    if (r->has_metadata)
        return bc_json_fail(&r->json, "one __metadata__ only");
    r->has_metadata = true;
    if (bc_json_take_null(&r->json))
        return BC_OK;
    BC_TRY(bc_json_expect(&r->json, '{', "'{'"));
    if (bc_json_take(&r->json, '}'))
        return BC_OK;
    do {
        BC_TRY(read_pair(r));
    } while (bc_json_take(&r->json, ','));
    return bc_json_expect(&r->json, '}', "'}'");
}

/* --- the whole --- */

static bc_status read_member(reader *r) {
    bc_tensor_file *file = r->file;
    bc_tensor_entry entry = {0};
    BC_TRY(bc_json_string(&r->json, &entry.name));
    BC_TRY(bc_json_expect(&r->json, ':', "':'"));
    if (strcmp(entry.name, "__metadata__") == 0)
        return read_metadata(r);
    BC_TRY(read_entry(r, &entry));
    BC_TRY(grow(r, (void **)&file->entries, (size_t)file->count, &r->entry_room, sizeof entry));
    file->entries[file->count++] = entry;
    return BC_OK;
}

/* Shapes lie behind one another in file->sizes, which moves while it grows: found when it is complete. */
static void point_to_shapes(bc_tensor_file *file) {
    const long *next = file->sizes;
    for (int i = 0; i < file->count; i++) {
        file->entries[i].shape = next;
        next += file->entries[i].rank;
    }
}

bc_status bc_safetensors_parse(bc_error *err, char *text, size_t bytes, bc_tensor_file *file) {
    reader r = {
        .json = {.path = file->path,
                 .what = "header",
                 .before = 8,
                 .start = text,
                 .at = text,
                 .end = text + bytes,
                 .err = err},
        .file = file,
    };
    if (bytes == 0 || *text != '{') /* no blanks before it */
        return bc_json_fail(&r.json, "'{'");
    BC_TRY(bc_json_expect(&r.json, '{', "'{'"));
    if (!bc_json_take(&r.json, '}')) {
        do {
            BC_TRY(read_member(&r));
        } while (bc_json_take(&r.json, ','));
        BC_TRY(bc_json_expect(&r.json, '}', "'}'"));
    }
    if (!bc_json_at_end(&r.json))
        return bc_json_fail(&r.json, "the end of the header");
    point_to_shapes(file);
    return BC_OK;
}
