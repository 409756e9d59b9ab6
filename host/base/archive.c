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

/* --- a member, unpacked from its beginning on --- */

static bc_status start(bc_error *err, const char *label, bc_archive_stream *s) {
    if (s->file)
        zip_fclose(s->file);
    s->at = 0;
    s->jumped = false;
    s->file = zip_fopen_index(s->archive->zip, s->member.index, 0);
    return s->file ? BC_OK : fail_zip(err, label, "cannot be unpacked", zip_get_error(s->archive->zip));
}

bc_status bc_archive_stream_open(bc_error *err, const char *label, bc_archive *archive,
                                 const bc_archive_member *member, bc_archive_stream *out) {
    *out = (bc_archive_stream){.archive = archive, .member = *member};
    return start(err, label, out);
}

void bc_archive_stream_close(bc_archive_stream *s) {
    if (s->file)
        zip_fclose(s->file);
    *s = (bc_archive_stream){0};
}

static bc_status take(bc_error *err, const char *label, bc_archive_stream *s, uint64_t count, uint8_t *out) {
    while (count > 0) {
        zip_int64_t got = zip_fread(s->file, out, count);
        if (got < 0)
            return fail_zip(err, label, "cannot be unpacked", zip_file_get_error(s->file));
        if (got == 0)
            return bc_fail(err, BC_E_FORMAT,
                           "%s: expected %" PRIu64 " bytes when it is unpacked, found fewer", label,
                           s->member.size);
        out += got;
        count -= (uint64_t)got;
        s->at += (uint64_t)got;
    }
    return BC_OK;
}

/* Reads over what lies between, unless that is much and need not be unpacked. */
static bc_status skip(bc_error *err, const char *label, bc_archive_stream *s, uint64_t count) {
    enum { MUCH = 1 << 20 };
    uint8_t passed[4096];
    if (!s->member.deflated && count > MUCH) {
        if (zip_fseek(s->file, (zip_int64_t)(s->at + count), SEEK_SET) != 0)
            return fail_zip(err, label, "cannot be read", zip_file_get_error(s->file));
        s->at += count;
        s->jumped = true;
        return BC_OK;
    }
    while (count > 0) {
        uint64_t part = count < sizeof passed ? count : sizeof passed;
        BC_TRY(take(err, label, s, part, passed));
        count -= part;
    }
    return BC_OK;
}

/* A read past the end shows a member that is longer than it says, and lets libzip compare the checksum. */
static bc_status check_end(bc_error *err, const char *label, bc_archive_stream *s) {
    uint8_t beyond;
    zip_int64_t got = zip_fread(s->file, &beyond, 1);
    if (got < 0)
        return fail_zip(err, label, "cannot be unpacked", zip_file_get_error(s->file));
    return got == 0
               ? BC_OK
               : bc_fail(err, BC_E_FORMAT, "%s: expected %" PRIu64 " bytes when it is unpacked, found more",
                         label, s->member.size);
}

bc_status bc_archive_stream_read(bc_error *err, const char *label, bc_archive_stream *s, uint64_t first,
                                 size_t count, void *out) {
    if (first > s->member.size || count > s->member.size - first)
        return bc_fail(err, BC_E_FORMAT, "%s: it has %" PRIu64 " bytes, expected %zu from %" PRIu64 " on",
                       label, s->member.size, count, first);
    if (first < s->at)
        BC_TRY(start(err, label, s));
    BC_TRY(skip(err, label, s, first - s->at));
    BC_TRY(take(err, label, s, count, out));
    return s->at == s->member.size && !s->jumped ? check_end(err, label, s) : BC_OK;
}

bc_status bc_archive_read(bc_error *err, const char *label, bc_archive *archive,
                          const bc_archive_member *member, uint64_t first, size_t count, void *out) {
    bc_archive_stream stream;
    BC_TRY(bc_archive_stream_open(err, label, archive, member, &stream));
    bc_status status = bc_archive_stream_read(err, label, &stream, first, count, out);
    bc_archive_stream_close(&stream);
    return status;
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
