/* NPZ files by way of libzip, which reads from memory and writes into it: files themselves are host/base/file.h's. */
#include "bicross/formats/npz.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zip.h>

struct bc_npz {
    zip_t *zip;
    uint8_t *bytes; /* of the file, which zip reads from */
};

static bc_status fail_zip(bc_error *err, const char *path, const char *what, zip_error_t *reason) {
    bool memory = zip_error_code_zip(reason) == ZIP_ER_MEMORY;
    return bc_fail(err, memory ? BC_E_MEMORY : BC_E_FORMAT, "%s: %s: %s", path, what,
                   zip_error_strerror(reason));
}

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

static bc_status open_archive(bc_error *err, const char *path, size_t size, bc_npz *npz) {
    static const char what[] = "expected an NPZ file, which is a zip archive";
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(npz->bytes, size, 0, &reason);
    npz->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    bc_status status = npz->zip ? BC_OK : fail_zip(err, path, what, &reason);
    if (!npz->zip)
        zip_source_free(source); /* else it is the archive's */
    zip_error_fini(&reason);
    return status;
}

bc_status bc_npz_open(bc_error *err, const char *path, bc_npz **out) {
    size_t size;
    bc_npz *npz = calloc(1, sizeof *npz);
    *out = NULL;
    if (!npz)
        return bc_fail(err, BC_E_MEMORY, "%s: no memory to open it", path);
    bc_status status = bc_file_read_within(err, path, BC_NPZ_FILE, &npz->bytes, &size);
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

/* NumPy stores or deflates; other methods may take memory as an archive says. */
static bc_status find_member(bc_error *err, const char *label, bc_npz *npz, const char *member,
                             zip_stat_t *out) {
    const zip_uint64_t wanted = ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
    zip_stat_init(out);
    if (zip_name_locate(npz->zip, member, 0) < 0)
        return bc_fail(err, BC_E_FORMAT, "%s: expected such a member, found none among %" PRId64, label,
                       (int64_t)zip_get_num_entries(npz->zip, 0));
    if (zip_stat(npz->zip, member, 0, out) != 0 || (out->valid & wanted) != wanted)
        return fail_zip(err, label, "cannot be looked at", zip_get_error(npz->zip));
    if (out->comp_method != ZIP_CM_STORE && out->comp_method != ZIP_CM_DEFLATE)
        return bc_fail(err, BC_E_FORMAT, "%s: expected a stored or deflated member, found zip's method %d",
                       label, out->comp_method);
    return out->size > BC_NPZ_MEMBER ? fail_size(err, label, out->size) : BC_OK;
}

/* The read past the end shows a member that is longer than it says, and lets libzip compare the checksum. */
static bc_status read_member(bc_error *err, const char *label, zip_file_t *file, size_t size,
                             uint8_t *bytes) {
    size_t done = 0;
    zip_int64_t got = 0;
    while (done <= size && (got = zip_fread(file, bytes + done, size + 1 - done)) > 0)
        done += (size_t)got;
    if (got < 0)
        return fail_zip(err, label, "cannot be unpacked", zip_file_get_error(file));
    if (done != size)
        return bc_fail(err, BC_E_FORMAT, "%s: expected %zu bytes when it is unpacked, found %s", label, size,
                       done < size ? "fewer" : "more");
    return BC_OK;
}

static bc_status unpack(bc_error *err, const char *label, bc_npz *npz, const zip_stat_t *member,
                        uint8_t **out) {
    zip_file_t *file = zip_fopen_index(npz->zip, member->index, 0);
    if (!file)
        return fail_zip(err, label, "cannot be unpacked", zip_get_error(npz->zip));
    *out = malloc(member->size + 1);
    bc_status status = *out ? read_member(err, label, file, member->size, *out)
                            : bc_fail(err, BC_E_MEMORY, "%s: no memory to unpack it", label);
    zip_fclose(file);
    if (status != BC_OK)
        free(*out);
    return status;
}

bc_status bc_npz_array(bc_error *err, const char *path, bc_npz *npz, const char *name, bc_npy *out) {
    char label[LABEL], member[LABEL];
    uint8_t *bytes = NULL;
    zip_stat_t found;
    *out = (bc_npy){0};
    label_of(label, path, name);
    snprintf(member, sizeof member, "%s" BC_NPY, name);
    BC_TRY(find_member(err, label, npz, member, &found));
    BC_TRY(unpack(err, label, npz, &found, &bytes));
    return bc_npy_decode(err, label, bytes, found.size, out);
}

/* --- writing --- */

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
        return fail_zip(err, label, "cannot be packed", zip_get_error(zip));
    return BC_OK;
}

static bc_status add_member(bc_error *err, const char *path, zip_t *zip, const bc_npz_member *member) {
    char label[LABEL], name[LABEL];
    uint8_t *bytes;
    size_t size;
    label_of(label, path, member->name);
    snprintf(name, sizeof name, "%s" BC_NPY, member->name);
    BC_TRY(bc_npy_encode(err, label, &member->array, &bytes, &size));
    if (size <= BC_NPZ_MEMBER)
        return add_bytes(err, label, zip, name, bytes, size);
    free(bytes);
    return fail_size(err, label, size);
}

/* Packs into `archive`, which stays the caller's. */
static bc_status pack(bc_error *err, const char *path, const bc_npz_member *members, int count,
                      zip_source_t *archive) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_keep(archive); /* the zip releases it once */
    zip_t *zip = zip_open_from_source(archive, ZIP_CREATE | ZIP_TRUNCATE, &reason);
    bc_status status = zip ? BC_OK : fail_zip(err, path, "cannot be packed", &reason);
    if (!zip)
        zip_source_free(archive);
    zip_error_fini(&reason);
    for (int i = 0; i < count && status == BC_OK; i++)
        status = add_member(err, path, zip, &members[i]);
    if (status == BC_OK && zip_close(zip) == 0)
        return BC_OK;
    if (status == BC_OK)
        status = fail_zip(err, path, "cannot be packed", zip_get_error(zip));
    if (zip)
        zip_discard(zip);
    return status;
}

static bc_status write_packed(bc_error *err, const char *path, zip_source_t *archive) {
    zip_stat_t info;
    if (zip_source_stat(archive, &info) != 0 || zip_source_open(archive) != 0)
        return fail_zip(err, path, "cannot be packed", zip_source_error(archive));
    uint8_t *bytes = malloc(info.size);
    bc_status status = bytes ? BC_OK : bc_fail(err, BC_E_MEMORY, "%s: no memory to pack it", path);
    if (bytes && zip_source_read(archive, bytes, info.size) != (zip_int64_t)info.size)
        status = fail_zip(err, path, "cannot be packed", zip_source_error(archive));
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
    bc_status status =
        archive ? pack(err, path, members, count, archive) : fail_zip(err, path, "cannot be packed", &reason);
    zip_error_fini(&reason);
    if (status == BC_OK)
        status = write_packed(err, path, archive);
    zip_source_free(archive);
    return status;
}
