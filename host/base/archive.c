/* Zip archives, read. */
#include "host/base/archive.h"

#include "host/base/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zip.h>

struct bc_archive {
    zip_t *zip;
    uint8_t *bytes; /* of the file, which zip reads from */
};

static bc_status fail_zip(bc_error *err, const char *path, const char *what, zip_error_t *reason) {
    bool memory = zip_error_code_zip(reason) == ZIP_ER_MEMORY;
    return bc_fail(err, memory ? BC_E_MEMORY : BC_E_FORMAT, "%s: %s: %s", path, what,
                   zip_error_strerror(reason));
}

static bc_status open_bytes(bc_error *err, const char *path, const char *expected, size_t size,
                            bc_archive *archive) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(archive->bytes, size, 0, &reason);
    archive->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    bc_status status = archive->zip ? BC_OK : fail_zip(err, path, expected, &reason);
    if (!archive->zip)
        zip_source_free(source); /* else it is the archive's */
    zip_error_fini(&reason);
    return status;
}

bc_status bc_archive_open(bc_error *err, const char *path, size_t limit, const char *expected,
                          bc_archive **out) {
    size_t size;
    bc_archive *archive = calloc(1, sizeof *archive);
    *out = NULL;
    if (!archive)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open it", path);
    bc_status status = bc_file_read_within(err, path, limit, &archive->bytes, &size);
    if (status == BC_OK)
        status = open_bytes(err, path, expected, size, archive);
    if (status == BC_OK)
        *out = archive;
    else
        bc_archive_close(archive);
    return status;
}

void bc_archive_close(bc_archive *archive) {
    if (!archive)
        return;
    if (archive->zip)
        zip_discard(archive->zip);
    free(archive->bytes);
    free(archive);
}

long bc_archive_count(const bc_archive *archive) {
    return (long)zip_get_num_entries(archive->zip, 0);
}

const char *bc_archive_name(const bc_archive *archive, long index) {
    return zip_get_name(archive->zip, (zip_uint64_t)index, 0);
}

bool bc_archive_has(const bc_archive *archive, const char *name) {
    return zip_name_locate(archive->zip, name, 0) >= 0;
}

bc_status bc_archive_find(bc_error *err, const char *label, bc_archive *archive, const char *name,
                          bc_archive_member *out) {
    const zip_uint64_t wanted = ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    zip_stat_t found;
    zip_stat_init(&found);
    if (zip_name_locate(archive->zip, name, 0) < 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected such a member, found none among %ld", label,
                       bc_archive_count(archive));
    if (zip_stat(archive->zip, name, 0, &found) != 0 || (found.valid & wanted) != wanted)
        return fail_zip(err, label, "cannot be looked at", zip_get_error(archive->zip));
    if (found.comp_method != ZIP_CM_STORE && found.comp_method != ZIP_CM_DEFLATE)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a stored or deflated member, found zip's method %d",
                       label, found.comp_method);
    *out = (bc_archive_member){found.index, found.size, found.comp_method == ZIP_CM_DEFLATE};
    return BC_OK;
}

static bc_status open_member(bc_error *err, const char *label, bc_archive *archive,
                             const bc_archive_member *member, zip_file_t **out) {
    *out = zip_fopen_index(archive->zip, member->index, 0);
    return *out ? BC_OK : fail_zip(err, label, "cannot be unpacked", zip_get_error(archive->zip));
}

/* The read past the end shows a member that is longer than it says, and lets libzip compare the checksum. */
static bc_status read_all(bc_error *err, const char *label, zip_file_t *file, uint64_t size, uint8_t *bytes) {
    uint64_t done = 0;
    uint8_t beyond;
    zip_int64_t got = 0;
    while (done < size && (got = zip_fread(file, bytes + done, size - done)) > 0)
        done += (uint64_t)got;
    bool more = got >= 0 && done == size && (got = zip_fread(file, &beyond, 1)) > 0;
    if (got < 0)
        return fail_zip(err, label, "cannot be unpacked", zip_file_get_error(file));
    if (more || done != size)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %" PRIu64 " bytes when it is unpacked, found %s",
                       label, size, more ? "more" : "fewer");
    return BC_OK;
}

bc_status bc_archive_unpack(bc_error *err, const char *label, bc_archive *archive,
                            const bc_archive_member *member, uint8_t **out) {
    *out = malloc(member->size + 1);
    if (!*out)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to unpack it", label);
    bc_status status = bc_archive_read(err, label, archive, member, 0, member->size, *out);
    if (status != BC_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

/* Goes to byte `first`. */
static bc_status skip(bc_error *err, const char *label, zip_file_t *file, bool deflated, uint64_t first) {
    uint8_t part[4096];
    if (!deflated && zip_fseek(file, (zip_int64_t)first, SEEK_SET) != 0)
        return fail_zip(err, label, "cannot be read", zip_file_get_error(file));
    while (deflated && first > 0) {
        zip_int64_t got = zip_fread(file, part, first < sizeof part ? first : sizeof part);
        if (got <= 0)
            return fail_zip(err, label, "cannot be unpacked", zip_file_get_error(file));
        first -= (uint64_t)got;
    }
    return BC_OK;
}

static bc_status read_part(bc_error *err, const char *label, zip_file_t *file, size_t count, uint8_t *out) {
    for (size_t done = 0; done < count;) {
        zip_int64_t got = zip_fread(file, out + done, count - done);
        if (got <= 0)
            return bc_fail(err, BC_E_FORMAT, "%s: it ends %zu bytes too early", label, count - done);
        done += (size_t)got;
    }
    return BC_OK;
}

bc_status bc_archive_read(bc_error *err, const char *label, bc_archive *archive,
                          const bc_archive_member *member, uint64_t first, size_t count, void *out) {
    zip_file_t *file;
    if (first > member->size || count > member->size - first)
        return bc_fail(err, BC_E_FORMAT, "%s: it has %" PRIu64 " bytes, expected %zu from %" PRIu64 " on",
                       label, member->size, count, first);
    BC_TRY(open_member(err, label, archive, member, &file));
    bc_status status = BC_OK;
    if (count == member->size)
        status = read_all(err, label, file, count, out);
    else if ((status = skip(err, label, file, member->deflated, first)) == BC_OK)
        status = read_part(err, label, file, count, out);
    zip_fclose(file);
    return status;
}
