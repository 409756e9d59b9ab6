/* Reading NPZ files by way of libzip, which reads from memory: files themselves are host/base/file.h's. */
#include "bicross/formats/npz_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bc_status bc_npz_fail(bc_error *err, const char *path, const char *what, zip_error_t *reason) {
    bool memory = zip_error_code_zip(reason) == ZIP_ER_MEMORY;
    return bc_fail(err, memory ? BC_E_MEMORY : BC_E_FORMAT, "%s: %s: %s", path, what,
                   zip_error_strerror(reason));
}

void bc_npz_label(char label[BC_NPZ_LABEL], const char *path, const char *name) {
    snprintf(label, BC_NPZ_LABEL, "%.900s, %s" BC_NPY, path, name);
}

bc_status bc_npz_fail_size(bc_error *err, const char *label, uint64_t size) {
    return bc_fail(err, BC_E_FORMAT,
                   "%s: it has %.1f MiB, expected at most %.0f MiB in an array of an NPZ file", label,
                   (double)size / 0x1p20, (double)BC_NPZ_MEMBER / 0x1p20);
}

static bc_status open_archive(bc_error *err, const char *path, size_t size, bc_npz *npz) {
    static const char what[] = "expected an NPZ file, which is a zip archive";
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(npz->bytes, size, 0, &reason);
    npz->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    bc_status status = npz->zip ? BC_OK : bc_npz_fail(err, path, what, &reason);
    if (!npz->zip)
        zip_source_free(source); /* else it is the archive's */
    zip_error_fini(&reason);
    return status;
}

bc_status bc_npz_open(bc_error *err, const char *path, size_t limit, bc_npz **out) {
    size_t size;
    bc_npz *npz = calloc(1, sizeof *npz);
    *out = NULL;
    if (!npz)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open it", path);
    bc_status status = bc_file_read_within(err, path, limit, &npz->bytes, &size);
    if (status == BC_OK)
        status = open_archive(err, path, size, npz);
    if (status == BC_OK)
        *out = npz;
    else
        bc_npz_close(npz);
    return status;
}

void bc_npz_close(bc_npz *npz) {
    if (!npz)
        return;
    if (npz->zip)
        zip_discard(npz->zip);
    free(npz->bytes);
    free(npz);
}

const char *bc_npz_name(const bc_npz *npz, int index, char name[BC_NPZ_NAME]) {
    const char *member = zip_get_name(npz->zip, (zip_uint64_t)index, ZIP_FL_ENC_RAW);
    size_t length = member ? strlen(member) : 0, ending = strlen(BC_NPY);
    if (length <= ending || length - ending >= BC_NPZ_NAME || strcmp(member + length - ending, BC_NPY) != 0)
        return NULL;
    memcpy(name, member, length - ending);
    name[length - ending] = 0;
    return name;
}

int bc_npz_count(const bc_npz *npz) {
    zip_int64_t count = zip_get_num_entries(npz->zip, 0);
    return count > INT_MAX ? INT_MAX : (int)count;
}

/* NumPy stores or deflates; other methods may take memory as an archive says. */
static bc_status find_member(bc_error *err, const char *label, const bc_npz *npz, const char *name,
                             zip_stat_t *out) {
    const zip_uint64_t wanted = ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    char member[BC_NPZ_LABEL];
    snprintf(member, sizeof member, "%s" BC_NPY, name);
    zip_stat_init(out);
    if (zip_name_locate(npz->zip, member, 0) < 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected such a member, found none among %d", label,
                       bc_npz_count(npz));
    if (zip_stat(npz->zip, member, 0, out) != 0 || (out->valid & wanted) != wanted)
        return bc_npz_fail(err, label, "cannot be looked at", zip_get_error(npz->zip));
    if (out->comp_method != ZIP_CM_STORE && out->comp_method != ZIP_CM_DEFLATE)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a stored or deflated member, found zip's method %d",
                       label, out->comp_method);
    return BC_OK;
}

/* --- a member, unpacked from its beginning on --- */

static bc_status start(bc_error *err, bc_npz_stream *s) {
    if (s->file)
        zip_fclose(s->file);
    s->at = 0;
    s->file = zip_fopen_index(s->npz->zip, s->index, 0);
    return s->file ? BC_OK : bc_npz_fail(err, s->label, "cannot be unpacked", zip_get_error(s->npz->zip));
}

bc_status bc_npz_stream_open(bc_error *err, const char *path, bc_npz *npz, const char *name,
                             bc_npz_stream *out) {
    zip_stat_t found;
    *out = (bc_npz_stream){.npz = npz};
    bc_npz_label(out->label, path, name);
    BC_TRY(find_member(err, out->label, npz, name, &found));
    out->index = found.index;
    out->bytes = found.size;
    return start(err, out);
}

void bc_npz_stream_close(bc_npz_stream *s) {
    if (s->file)
        zip_fclose(s->file);
    *s = (bc_npz_stream){0};
}

static bc_status take(bc_error *err, bc_npz_stream *s, size_t count, uint8_t *out) {
    while (count > 0) {
        zip_int64_t got = zip_fread(s->file, out, count);
        if (got < 0)
            return bc_npz_fail(err, s->label, "cannot be unpacked", zip_file_get_error(s->file));
        if (got == 0)
            return bc_fail(err, BC_E_FORMAT, "%s: expected %zu bytes when it is unpacked, found fewer",
                           s->label, s->bytes);
        out += got;
        count -= (size_t)got;
        s->at += (size_t)got;
    }
    return BC_OK;
}

static bc_status skip(bc_error *err, bc_npz_stream *s, size_t count) {
    uint8_t passed[4096];
    while (count > 0) {
        size_t part = count < sizeof passed ? count : sizeof passed;
        BC_TRY(take(err, s, part, passed));
        count -= part;
    }
    return BC_OK;
}

/* A read past the end shows a member that is longer than it says, and lets libzip compare the checksum. */
static bc_status check_end(bc_error *err, bc_npz_stream *s) {
    uint8_t more;
    zip_int64_t got = zip_fread(s->file, &more, 1);
    if (got < 0)
        return bc_npz_fail(err, s->label, "cannot be unpacked", zip_file_get_error(s->file));
    return got == 0 ? BC_OK
                    : bc_fail(err, BC_E_FORMAT, "%s: expected %zu bytes when it is unpacked, found more",
                              s->label, s->bytes);
}

bc_status bc_npz_stream_read(bc_error *err, bc_npz_stream *s, size_t first, size_t count, void *out) {
    if (first > s->bytes || count > s->bytes - first)
        return bc_fail(err, BC_E_FORMAT, "%s: expected at least %zu bytes, found %zu", s->label,
                       first + count, s->bytes);
    if (first < s->at)
        BC_TRY(start(err, s));
    BC_TRY(skip(err, s, first - s->at));
    BC_TRY(take(err, s, count, out));
    return s->at == s->bytes ? check_end(err, s) : BC_OK;
}

bc_status bc_npz_stream_header(bc_error *err, bc_npz_stream *s, bc_npy_header *out) {
    size_t have = s->bytes < BC_NPY_HEADER_MOST ? s->bytes : BC_NPY_HEADER_MOST;
    uint8_t *bytes = malloc(have + 1);
    if (!bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory for its header", s->label);
    bc_status status = bc_npz_stream_read(err, s, 0, have, bytes);
    if (status == BC_OK)
        status = bc_npy_header_parse(err, s->label, bytes, have, s->bytes, out);
    free(bytes);
    return status;
}

/* --- a member at once --- */

static bc_status read_all(bc_error *err, bc_npz_stream *s, bc_npy *out) {
    if (s->bytes > BC_NPZ_MEMBER)
        return bc_npz_fail_size(err, s->label, s->bytes);
    uint8_t *bytes = malloc(s->bytes + 1);
    if (!bytes)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to unpack it", s->label);
    bc_status status = bc_npz_stream_read(err, s, 0, s->bytes, bytes);
    if (status == BC_OK)
        return bc_npy_decode(err, s->label, bytes, s->bytes, out);
    free(bytes);
    return status;
}

bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out) {
    bc_npz_stream stream;
    *out = (bc_npy){0};
    BC_TRY(bc_npz_stream_open(err, path, npz, name, &stream));
    bc_status status = read_all(err, &stream, out);
    bc_npz_stream_close(&stream);
    return status;
}
