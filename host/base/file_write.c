/* Writing whole files: beside their place first, then renamed into it. */
#include "host/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bc_status fail_writer(bc_error *err, const char *path, int reason) {
    return bc_fail(err, BC_E_FILE, "cannot write %s: %s", path,
                   reason ? strerror(reason) : "a write failed (is the device full?)");
}

/* Replaces a symbolic link in path by what it points to, which need not exist. False with errno. */
static bool follow(char path[1024]) {
    enum { MOST_LINKS = 40 };
    struct stat info;
    for (int i = 0; i < MOST_LINKS; i++) {
        if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode))
            return true; /* a path that leads nowhere shows when it is opened */
        char target[1024], folder[1024];
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            return false;
        target[length] = 0;
        const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 0, path);
        if (strlen(folder) + (size_t)length >= sizeof folder) {
            errno = ENAMETOOLONG;
            return false;
        }
        strcpy(path, folder);
        strcat(path, target);
    }
    errno = ELOOP;
    return false;
}

/* A copy of stdout's or stderr's descriptor when `info` is what it goes to, else -1: a file that the shell writes to must stay
 * the one that it has open, and the place in it is common. */
static int standard_stream(const struct stat *info) {
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat open_file;
        bool same = fstat(fd, &open_file) == 0 && open_file.st_dev == info->st_dev &&
                    open_file.st_ino == info->st_ino;
        if (same && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
            fflush(fd == STDOUT_FILENO ? stdout : stderr); /* what was said before comes first */
            return fcntl(fd, F_DUPFD_CLOEXEC, 0);
        }
    }
    return -1;
}

/* The temporary file; one that a process of the same number has left is removed. `old`: what it will replace, or NULL. */
static int create_beside(const bc_file_writer *writer, const struct stat *old) {
    enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC };
    if (old && access(writer->path, W_OK) != 0)
        return -1; /* a rename would not ask */
    int fd = open(writer->temporary, FLAGS, 0666);
    if (fd < 0 && errno == EEXIST && unlink(writer->temporary) == 0)
        fd = open(writer->temporary, FLAGS, 0666);
    if (fd >= 0 && old)
        (void)fchmod(fd, old->st_mode & 0777); /* a file system without permissions may refuse */
    return fd;
}

static int open_output(bc_file_writer *writer) {
    struct stat info;
    bool exists = stat(writer->path, &info) == 0;
    int fd = exists ? standard_stream(&info) : -1;
    if (fd >= 0)
        return fd;
    if (exists && !S_ISREG(info.st_mode))
        return open(writer->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (!follow(writer->path))
        return -1;
    snprintf(writer->temporary, sizeof writer->temporary, "%s.tmp-%ld", writer->path, (long)getpid());
    return create_beside(writer, exists ? &info : NULL);
}

bc_status bc_file_writer_open(bc_error *err, const char *path, bc_file_writer *out) {
    out->stream = NULL;
    out->temporary[0] = 0;
    if (strlen(path) >= sizeof out->path)
        return bc_fail(err, BC_E_FILE, "cannot write %.100s...: the path is longer than %zu characters", path,
                       sizeof out->path - 1);
    snprintf(out->path, sizeof out->path, "%s", path);
    int fd = open_output(out);
    if (fd < 0)
        return fail_writer(err, path, errno);
    out->stream = fdopen(fd, "wb");
    if (out->stream)
        return BC_OK;
    int reason = errno;
    close(fd);
    if (out->temporary[0])
        unlink(out->temporary);
    return fail_writer(err, path, reason);
}

/* Where there is nothing to sync (a pipe, some file systems) it is no failure. */
static bool synced(FILE *stream) {
    return fsync(fileno(stream)) == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS;
}

bc_status bc_file_writer_commit(bc_error *err, bc_file_writer *writer) {
    errno = 0;
    bool good = !ferror(writer->stream) && fflush(writer->stream) == 0 && synced(writer->stream);
    int reason = good ? 0 : errno;
    if (fclose(writer->stream) != 0 && good) {
        good = false;
        reason = errno;
    }
    writer->stream = NULL;
    if (good && writer->temporary[0] && rename(writer->temporary, writer->path) != 0) {
        good = false;
        reason = errno;
    }
    if (good)
        return BC_OK;
    if (writer->temporary[0])
        unlink(writer->temporary);
    return fail_writer(err, writer->path, reason);
}

void bc_file_writer_abandon(bc_file_writer *writer) {
    if (!writer->stream)
        return;
    fclose(writer->stream);
    writer->stream = NULL;
    if (writer->temporary[0])
        unlink(writer->temporary);
}

bc_status bc_file_write(bc_error *err, const char *path, const void *data, size_t bytes) {
    bc_file_writer writer;
    BC_TRY(bc_file_writer_open(err, path, &writer));
    if (bytes)
        fwrite(data, 1, bytes, writer.stream); /* an error shows in ferror at commit */
    return bc_file_writer_commit(err, &writer);
}
