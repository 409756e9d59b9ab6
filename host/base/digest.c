/* Sizes and hashes of files. */
#include "host/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static bc_status add_file(bc_error *err, const char *path, int file, XXH3_state_t *state, bc_digest *out) {
    uint8_t block[1 << 16];
    ssize_t got;
    while ((got = read(file, block, sizeof block)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return bc_fail(err, BC_E_FILE, "cannot read %s: %s", path, strerror(errno));
        XXH3_64bits_update(state, block, (size_t)got);
        out->bytes += (uint64_t)got;
    }
    out->hash = XXH3_64bits_digest(state);
    return BC_OK;
}

bc_status bc_digest_file(bc_error *err, const char *path, bc_digest *out) {
    struct stat info;
    *out = (bc_digest){0};
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return bc_fail(err, BC_E_FILE, "cannot open %s: %s", path, strerror(errno));
    XXH3_state_t *state = XXH3_createState();
    bc_status status = BC_OK;
    if (!state || XXH3_64bits_reset(state) == XXH_ERROR)
        status = bc_fail(err, BC_E_MEMORY, "no memory to check %s", path);
    else if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        status = bc_fail(err, BC_E_FILE, "cannot read %s: not a regular file", path);
    else
        status = add_file(err, path, file, state, out);
    XXH3_freeState(state);
    close(file);
    return status;
}

bc_status bc_digest_check(bc_error *err, const char *path, bc_digest expected) {
    bc_digest found;
    BC_TRY(bc_digest_file(err, path, &found));
    if (found.bytes != expected.bytes)
        return bc_fail(err, BC_E_FORMAT,
                       "%s is not the file that was written: %" PRIu64 " bytes then, %" PRIu64 " now", path,
                       expected.bytes, found.bytes);
    if (found.hash != expected.hash)
        return bc_fail(err, BC_E_FORMAT,
                       "%s is not the file that was written: its hash was %016" PRIx64
                       ", now it is %016" PRIx64,
                       path, expected.hash, found.hash);
    return BC_OK;
}

uint64_t bc_digest_text(const void *text, size_t bytes) {
    return XXH3_64bits(text, bytes);
}
