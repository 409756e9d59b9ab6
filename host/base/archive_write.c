/* Zip archives, written. */
#include "host/base/archive.h"

#include "host/base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

static bc_status fail_pack(bc_error *err, const char *path, const char *name, zip_error_t *reason) {
    bool memory = zip_error_code_zip(reason) == ZIP_ER_MEMORY;
    return bc_fail(err, memory ? BC_E_MEMORY : BC_E_FORMAT, "%s%s%s: cannot be packed: %s", path,
                   name ? ", " : "", name ? name : "", zip_error_strerror(reason));
}

static bc_status add(bc_error *err, const char *path, zip_t *zip, const bc_archive_item *item) {
    enum { FIRST_DAY = 1 << 5 | 1 }; /* the first date that there is: 1980-01-01 */
    zip_source_t *source = zip_source_buffer(zip, item->bytes, item->size, 0);
    zip_int64_t index = source ? zip_file_add(zip, item->name, source, 0) : -1;
    if (source && index < 0)
        zip_source_free(source);
    if (index < 0 || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DAY, 0) != 0)
        return fail_pack(err, path, item->name, zip_get_error(zip));
    return BC_OK;
}

/* Packs into `archive`, which stays the caller's. */
static bc_status pack(bc_error *err, const char *path, const bc_archive_item *items, int count,
                      zip_source_t *archive) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_keep(archive); /* the zip releases it once */
    zip_t *zip = zip_open_from_source(archive, ZIP_CREATE | ZIP_TRUNCATE, &reason);
    bc_status status = zip ? BC_OK : fail_pack(err, path, NULL, &reason);
    if (!zip)
        zip_source_free(archive);
    zip_error_fini(&reason);
    for (int i = 0; i < count && status == BC_OK; i++)
        status = add(err, path, zip, &items[i]);
    if (status == BC_OK && zip_close(zip) == 0)
        return BC_OK;
    if (status == BC_OK)
        status = fail_pack(err, path, NULL, zip_get_error(zip));
    if (zip)
        zip_discard(zip);
    return status;
}

/* Piece by piece: a large archive is in memory once. */
static bc_status copy_out(bc_error *err, const char *path, zip_source_t *archive, FILE *stream) {
    enum { PIECE = 1 << 20 };
    uint8_t *piece = malloc(PIECE);
    bc_status status = piece ? BC_OK : bc_fail(err, BC_E_MEMORY, "%s: no memory to write it", path);
    while (status == BC_OK) {
        zip_int64_t got = zip_source_read(archive, piece, PIECE);
        if (got == 0)
            break;
        if (got < 0)
            status = fail_pack(err, path, NULL, zip_source_error(archive));
        else if (fwrite(piece, 1, (size_t)got, stream) != (size_t)got)
            status = bc_fail(err, BC_E_FILE, "%s: writing failed: %s", path, strerror(errno));
    }
    free(piece);
    return status;
}

static bc_status write_packed(bc_error *err, const char *path, zip_source_t *archive) {
    bc_file_writer writer;
    if (zip_source_open(archive) != 0)
        return fail_pack(err, path, NULL, zip_source_error(archive));
    bc_status status = bc_file_writer_open(err, path, &writer);
    if (status == BC_OK) {
        status = copy_out(err, path, archive, writer.stream);
        if (status == BC_OK)
            status = bc_file_writer_commit(err, &writer);
        else
            bc_file_writer_abandon(&writer);
    }
    zip_source_close(archive);
    return status;
}

bc_status bc_archive_write(bc_error *err, const char *path, const bc_archive_item *items, int count) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, &reason);
    bc_status status = archive ? pack(err, path, items, count, archive) : fail_pack(err, path, NULL, &reason);
    zip_error_fini(&reason);
    if (status == BC_OK)
        status = write_packed(err, path, archive);
    zip_source_free(archive);
    return status;
}
