/* NPZ files: arrays as members of a zip archive (host/base/archive.h). */
#include "bicross/formats/npz.h"

#include "host/base/archive.h"

#include <stdlib.h>

/* FILE, NAME.npy: what messages call a member. */
enum { LABEL = BC_ERROR_TEXT };
static void label_of(char label[LABEL], const char *path, const char *name) {
    snprintf(label, LABEL, "%.900s, %s" BC_NPY, path, name);
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

bc_status bc_npz_open(bc_error *err, const char *path, bc_npz **out) {
    bc_npz *npz = calloc(1, sizeof *npz);
    *out = NULL;
    if (!npz)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open it", path);
    bc_status status = bc_archive_open(err, path, BC_NPZ_FILE, "expected an NPZ file, which is a zip archive",
                                       &npz->archive);
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

bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out) {
    char label[LABEL], member[LABEL];
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
    char name[LABEL];
    uint8_t *bytes;
} packed;

static bc_status encode(bc_error *err, const char *path, const bc_npz_member *member, packed *out,
                        bc_archive_item *item) {
    char label[LABEL];
    label_of(label, path, member->name);
    snprintf(out->name, LABEL, "%s" BC_NPY, member->name);
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
