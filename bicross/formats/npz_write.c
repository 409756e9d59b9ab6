/* Writing NPZ files: libzip writes into memory, files themselves are host/base/file.h's. */
#include "bicross/formats/npz_internal.h"

#include <stdlib.h>

/* Hands the bytes (malloc) to the archive, in any case. */
static bc_status add_bytes(bc_error *err, const char *label, zip_t *zip, const char *member, uint8_t *bytes,
                           size_t size) {
    enum { FIRST_DAY = 1 << 5 | 1 }; /* the first date that there is: 1980-01-01 */
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 1);
    if (!source)
        free(bytes);
    zip_int64_t index = source ? zip_file_add(zip, member, source, 0) : -1;
    if (source && index < 0)
        zip_source_free(source);
    if (index < 0 || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DAY, 0) != 0)
        return bc_npz_fail(err, label, "cannot be packed", zip_get_error(zip));
    return BC_OK;
}

static bc_status add_member(bc_error *err, const char *path, zip_t *zip, const bc_npz_member *member) {
    char label[BC_NPZ_LABEL], name[BC_NPZ_LABEL];
    uint8_t *bytes;
    size_t size;
    bc_npz_label(label, path, member->name);
    snprintf(name, sizeof name, "%s" BC_NPY, member->name);
    BC_TRY(bc_npy_encode(err, label, &member->array, &bytes, &size));
    if (size <= BC_NPZ_MEMBER)
        return add_bytes(err, label, zip, name, bytes, size);
    free(bytes);
    return bc_npz_fail_size(err, label, size);
}

/* Packs into `archive`, which stays the caller's. */
static bc_status pack(bc_error *err, const char *path, const bc_npz_member *members, int count,
                      zip_source_t *archive) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_keep(archive); /* the zip releases it once */
    zip_t *zip = zip_open_from_source(archive, ZIP_CREATE | ZIP_TRUNCATE, &reason);
    bc_status status = zip ? BC_OK : bc_npz_fail(err, path, "cannot be packed", &reason);
    if (!zip)
        zip_source_free(archive);
    zip_error_fini(&reason);
    for (int i = 0; i < count && status == BC_OK; i++)
        status = add_member(err, path, zip, &members[i]);
    if (status == BC_OK && zip_close(zip) == 0)
        return BC_OK;
    if (status == BC_OK)
        status = bc_npz_fail(err, path, "cannot be packed", zip_get_error(zip));
    if (zip)
        zip_discard(zip);
    return status;
}

static bc_status write_packed(bc_error *err, const char *path, zip_source_t *archive) {
    zip_stat_t info;
    if (zip_source_stat(archive, &info) != 0 || zip_source_open(archive) != 0)
        return bc_npz_fail(err, path, "cannot be packed", zip_source_error(archive));
    uint8_t *bytes = malloc(info.size);
    bc_status status = bytes ? BC_OK : bc_fail(err, BC_E_MEMORY, "%s: no memory to pack it", path);
    if (bytes && zip_source_read(archive, bytes, info.size) != (zip_int64_t)info.size)
        status = bc_npz_fail(err, path, "cannot be packed", zip_source_error(archive));
    zip_source_close(archive);
    if (status == BC_OK)
        status = bc_file_write(err, path, bytes, info.size);
    free(bytes);
    return status;
}

bc_status bc_npz_write(bc_error *err, const char *path, const bc_npz_member *members, int count) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, &reason);
    bc_status status = archive ? pack(err, path, members, count, archive)
                               : bc_npz_fail(err, path, "cannot be packed", &reason);
    zip_error_fini(&reason);
    if (status == BC_OK)
        status = write_packed(err, path, archive);
    zip_source_free(archive);
    return status;
}
