/* Parts of files by pread, which needs no position and so serves several threads. */
#include "host/base/file_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bc_status look_at(bc_error *err, bc_file_parts *file) {
    struct stat info;
    if (fstat(file->fd, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", file->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return bc_fail(err, BC_E_FILE, "cannot read %s: expected a regular file, found %s", file->path,
                       bc_file_kind(info.st_mode));
    file->bytes = (size_t)info.st_size;
    return BC_OK;
}

bc_status bc_file_parts_open(bc_error *err, const char *path, bc_file_parts *out) {
    *out = (bc_file_parts){.fd = -1, .path = strdup(path)};
    if (!out->path)
        return bc_fail(err, BC_E_MEMORY, "no memory to open %s", path);
    out->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); /* a pipe must not hold us up */
    bc_status status = out->fd >= 0 ? look_at(err, out)
                                    : bc_fail(err, BC_E_FILE, "cannot open %s: %s", path, strerror(errno));
    if (status != BC_OK)
        bc_file_parts_close(out);
    return status;
}

bc_status bc_file_part_read(bc_error *err, const bc_file_parts *file, size_t first, size_t count, void *out) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = pread(file->fd, (uint8_t *)out + done, count - done, (off_t)(first + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return bc_fail(err, BC_E_FILE, "cannot read %s: %s", file->path,
                           got < 0 ? strerror(errno) : "it became shorter meanwhile");
        done += (size_t)got;
    }
    return BC_OK;
}

void bc_file_parts_close(bc_file_parts *file) {
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    *file = (bc_file_parts){.fd = -1};
}
