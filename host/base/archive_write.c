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

/* --- items that are made in their turn --- */

typedef struct made {
    const bc_archive_item *item;
    bc_error *err;
    bc_status *status; /* of the making */
    uint8_t *bytes;    /* while zip reads them */
    size_t done;
} made;

static zip_int64_t open_made(made *m) {
    m->done = 0;
    m->bytes = malloc(m->item->size + 1);
    *m->status = m->bytes ? m->item->make(m->err, m->item->user, m->bytes)
                          : bc_fail(m->err, BC_E_MEMORY, "no host memory to pack %s", m->item->name);
    return *m->status == BC_OK ? 0 : -1;
}

static zip_int64_t read_made(made *m, void *data, zip_uint64_t length) {
    size_t left = m->item->size - m->done, count = length < left ? length : left;
    memcpy(data, m->bytes + m->done, count);
    m->done += count;
    return (zip_int64_t)count;
}

static zip_int64_t stat_made(const made *m, zip_stat_t *out) {
    zip_stat_init(out);
    out->size = m->item->size;
    out->valid = ZIP_STAT_SIZE;
    return sizeof *out;
}

/* What libzip asks of a source. */
static zip_int64_t serve(void *user, void *data, zip_uint64_t length, zip_source_cmd_t command) {
    made *m = user;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        return open_made(m);
    case ZIP_SOURCE_READ:
        return read_made(m, data, length);
    case ZIP_SOURCE_STAT:
        return stat_made(m, data);
    case ZIP_SOURCE_CLOSE:
        free(m->bytes);
        m->bytes = NULL;
        return 0;
    case ZIP_SOURCE_ERROR:
        memcpy(data, (int[]){ZIP_ER_READ, 0}, 2 * sizeof(int));
        return 2 * sizeof(int);
    case ZIP_SOURCE_FREE:
        free(m->bytes);
        free(m);
        return 0;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    default:
        return -1;
    }
}

static zip_source_t *source_of(bc_error *err, zip_t *zip, const bc_archive_item *item, bc_status *status) {
    if (item->bytes)
        return zip_source_buffer(zip, item->bytes, item->size, 0);
    made *m = calloc(1, sizeof *m);
    zip_source_t *source = NULL;
    if (m) {
        *m = (made){.item = item, .err = err, .status = status};
        source = zip_source_function(zip, serve, m);
    }
    if (!m)
        *status = bc_fail(err, BC_E_MEMORY, "no host memory to pack %s", item->name);
    if (!source)
        free(m);
    return source;
}

/* --- the archive --- */

static bc_status add(bc_error *err, const char *path, zip_t *zip, const bc_archive_item *item,
                     bc_status *making) {
    enum { FIRST_DAY = 1 << 5 | 1 }; /* the first date that there is: 1980-01-01 */
    zip_source_t *source = source_of(err, zip, item, making);
    zip_int64_t index = source ? zip_file_add(zip, item->name, source, 0) : -1;
    if (source && index < 0)
        zip_source_free(source);
    if (*making != BC_OK)
        return *making;
    if (index < 0 || zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DAY, 0) != 0)
        return fail_pack(err, path, item->name, zip_get_error(zip));
    return BC_OK;
}

/* Packs into `archive`, which stays the caller's. */
static bc_status pack(bc_error *err, const char *path, const bc_archive_item *items, int count,
                      zip_source_t *archive) {
    zip_error_t reason;
    bc_status making = BC_OK;
    zip_error_init(&reason);
    zip_source_keep(archive); /* the zip releases it once */
    zip_t *zip = zip_open_from_source(archive, ZIP_CREATE | ZIP_TRUNCATE, &reason);
    bc_status status = zip ? BC_OK : fail_pack(err, path, NULL, &reason);
    if (!zip)
        zip_source_free(archive);
    zip_error_fini(&reason);
    for (int i = 0; i < count && status == BC_OK; i++)
        status = add(err, path, zip, &items[i], &making);
    if (status == BC_OK && zip_close(zip) == 0)
        return BC_OK;
    if (status == BC_OK)
        status = making != BC_OK ? making : fail_pack(err, path, NULL, zip_get_error(zip));
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
