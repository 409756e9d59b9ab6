/* NPZ files: arrays as members of a zip archive (host/base/archive.h). */
#include "bicross/formats/npz.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* FILE, NAME.npy: what messages call a member. */
static void label_of(char label[BC_NPZ_LABEL], const char *path, const char *name) {
    snprintf(label, BC_NPZ_LABEL, "%.900s, %s" BC_NPY, path, name);
}

static bc_status fail_size(bc_error *err, const char *label, uint64_t size) {
    return bc_fail(err, BC_E_FORMAT,
                   "%s: it has %.1f MiB, expected at most %.0f MiB in an array of an NPZ file", label,
                   (double)size / 0x1p20, (double)BC_NPZ_MEMBER / 0x1p20);
}

/* --- reading --- */

struct bc_npz {
    bc_archive *archive;
};

bc_status bc_npz_open(bc_error *err, const char *path, size_t limit, bc_npz **out) {
    bc_npz *npz = calloc(1, sizeof *npz);
    *out = NULL;
    if (!npz)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open it", path);
    bc_status status =
        bc_archive_open(err, path, limit, "expected an NPZ file, which is a zip archive", &npz->archive);
    if (status == BC_OK)
        *out = npz;
    else
        free(npz);
    return status;
}

void bc_npz_close(bc_npz *npz) {
    if (!npz)
        return;
    bc_archive_close(npz->archive);
    free(npz);
}

int bc_npz_count(const bc_npz *npz) {
    long count = bc_archive_count(npz->archive);
    return count > INT_MAX ? INT_MAX : (int)count;
}

const char *bc_npz_name(const bc_npz *npz, int index, char name[BC_NPZ_NAME]) {
    const char *member = bc_archive_name(npz->archive, index);
    size_t length = member ? strlen(member) : 0, ending = strlen(BC_NPY);
    if (length <= ending || length - ending >= BC_NPZ_NAME || strcmp(member + length - ending, BC_NPY) != 0)
        return NULL;
    memcpy(name, member, length - ending);
    name[length - ending] = 0;
    return name;
}

bc_status bc_npz_stream_open(bc_error *err, const char *path, bc_npz *npz, const char *name,
                             bc_npz_stream *out) {
    char member[BC_NPZ_LABEL];
    bc_archive_member found;
    *out = (bc_npz_stream){0};
    label_of(out->label, path, name);
    snprintf(member, sizeof member, "%s" BC_NPY, name);
    BC_TRY(bc_archive_find(err, out->label, npz->archive, member, &found));
    return bc_archive_stream_open(err, out->label, npz->archive, &found, &out->bytes);
}

void bc_npz_stream_close(bc_npz_stream *s) {
    bc_archive_stream_close(&s->bytes);
    *s = (bc_npz_stream){0};
}

bc_status bc_npz_stream_read(bc_error *err, bc_npz_stream *s, size_t first, size_t count, void *out) {
    return bc_archive_stream_read(err, s->label, &s->bytes, first, count, out);
}

bc_status bc_npz_stream_header(bc_error *err, bc_npz_stream *s, bc_npy_header *out) {
    size_t size = s->bytes.member.size, have = size < BC_NPY_HEADER_MOST ? size : BC_NPY_HEADER_MOST;
    uint8_t *bytes = malloc(have + 1);
    if (!bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its header", s->label);
    bc_status status = bc_npz_stream_read(err, s, 0, have, bytes);
    if (status == BC_OK)
        status = bc_npy_header_parse(err, s->label, bytes, have, size, out);
    free(bytes);
    return status;
}

bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out) {
    char label[BC_NPZ_LABEL], member[BC_NPZ_LABEL];
    uint8_t *bytes;
    bc_archive_member found;
    *out = (bc_npy){0};
    label_of(label, path, name);
    snprintf(member, sizeof member, "%s" BC_NPY, name);
    BC_TRY(bc_archive_find(err, label, npz->archive, member, &found));
    if (found.size > BC_NPZ_MEMBER)
        return fail_size(err, label, found.size);
    BC_TRY(bc_archive_unpack(err, label, npz->archive, &found, &bytes));
    return bc_npy_decode(err, label, bytes, found.size, out);
}

/* --- writing --- */

typedef struct packed {
    char name[BC_NPZ_LABEL];
    uint8_t *bytes;
} packed;

static bc_status encode(bc_error *err, const char *path, const bc_npz_member *member, packed *out,
                        bc_archive_item *item) {
    char label[BC_NPZ_LABEL];
    label_of(label, path, member->name);
    snprintf(out->name, BC_NPZ_LABEL, "%s" BC_NPY, member->name);
    BC_TRY(bc_npy_encode(err, label, &member->array, &out->bytes, &item->size));
    item->name = out->name;
    item->bytes = out->bytes;
    return item->size <= BC_NPZ_MEMBER ? BC_OK : fail_size(err, label, item->size);
}

bc_status bc_npz_write(bc_error *err, const char *path, const bc_npz_member *members, int count) {
    bc_archive_item *items = calloc((size_t)count + 1, sizeof *items);
    packed *all = calloc((size_t)count + 1, sizeof *all);
    bc_status status = items && all ? BC_OK : bc_fail(err, BC_E_MEMORY, "%s: no memory to pack it", path);
    for (int i = 0; i < count && status == BC_OK; i++)
        status = encode(err, path, &members[i], &all[i], &items[i]);
    if (status == BC_OK)
        status = bc_archive_write(err, path, items, count);
    for (int i = 0; all && i < count; i++)
        free(all[i].bytes);
    free(items);
    free(all);
    return status;
}
