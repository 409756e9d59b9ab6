/* Reading whole files, and folders. */
#include "host/base/file.h"

#include "host/base/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *bc_trimmed(char *line) {
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        line[--length] = 0;
    return line;
}

/* --- reading --- */

const char *bc_file_kind(mode_t mode) {
    return S_ISDIR(mode) ? "a folder" : S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

bc_status bc_file_memory_check(bc_error *err, const char *path, size_t bytes) {
    if (bytes <= BC_FILE_SMALL) /* malloc says whether there is so little */
        return BC_OK;
    size_t memory = bc_memory_of_host("/proc", "/sys/fs/cgroup").left;
    if (bytes > memory / 2)
        return bc_fail(err, BC_E_MEMORY,
                       "cannot read %s: it takes %.1f MiB, expected at most half of the %.1f MiB of memory "
                       "that are free",
                       path, (double)bytes / 0x1p20, (double)memory / 0x1p20);
    return BC_OK;
}

static bc_status check_size(bc_error *err, const char *path, const struct stat *info, size_t limit) {
    if (!S_ISREG(info->st_mode))
        return bc_fail(err, BC_E_FILE, "cannot read %s: expected a regular file, found %s", path,
                       bc_file_kind(info->st_mode));
    size_t size = (size_t)info->st_size;
    if (size > limit)
        return bc_fail(err, BC_E_FILE,
                       "cannot read %s: it has %.1f MiB, expected at most %.0f MiB in a file of its kind",
                       path, (double)size / 0x1p20, (double)limit / 0x1p20);
    return bc_file_memory_check(err, path, size);
}

/* Reads up to `bytes`; returns how many there were, or -1 with errno. */
static ssize_t read_fully(int fd, uint8_t *data, size_t bytes) {
    size_t done = 0;
    while (done < bytes) {
        ssize_t got = read(fd, data + done, bytes - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static bc_status read_open(bc_error *err, int fd, const char *path, size_t limit, uint8_t **data,
                           size_t *bytes) {
    struct stat info;
    if (fstat(fd, &info) != 0)
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", path, strerror(errno));
    BC_TRY(check_size(err, path, &info, limit));
    size_t size = (size_t)info.st_size;
    uint8_t *buffer = malloc(size + 1);
    if (!buffer)
        return bc_fail(err, BC_E_MEMORY, "no memory for the %zu bytes of %s", size, path);
    ssize_t got = read_fully(fd, buffer, size + 1); /* the byte more shows a file that grew */
    if (got < 0 || (size_t)got != size) {
        const char *reason = got < 0 ? strerror(errno) : "its size changed meanwhile";
        free(buffer);
        return bc_fail(err, BC_E_FILE, "cannot read %s: %s", path, reason);
    }
    buffer[size] = 0;
    *data = buffer;
    *bytes = size;
    return BC_OK;
}

bc_status bc_file_read_within(bc_error *err, const char *path, size_t limit, uint8_t **data, size_t *bytes) {
    *data = NULL;
    *bytes = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC); /* a pipe must not hold us up */
    if (fd < 0)
        return bc_fail(err, BC_E_FILE, "cannot open %s: %s", path, strerror(errno));
    bc_status status = read_open(err, fd, path, limit, data, bytes);
    close(fd);
    return status;
}

bc_status bc_file_read(bc_error *err, const char *path, uint8_t **data, size_t *bytes) {
    return bc_file_read_within(err, path, BC_FILE_SMALL, data, bytes);
}

bool bc_file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bc_status bc_file_present(bc_error *err, const char *path, bool *out) {
    struct stat info;
    *out = stat(path, &info) == 0;
    if (*out || errno == ENOENT || errno == ENOTDIR)
        return BC_OK;
    return bc_fail(err, BC_E_FILE, "cannot look at %s: %s", path, strerror(errno));
}

/* --- folders --- */

static bc_status make_one(bc_error *err, const char *path) {
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return BC_OK;
    int reason = errno; /* stat has reasons of its own */
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return BC_OK;
    return bc_fail(err, BC_E_FILE, "cannot create the folder %s: %s", path,
                   reason == EEXIST ? "a file of this name is in the way" : strerror(reason));
}

bc_status bc_make_folder(bc_error *err, const char *path) {
    char *partial = strdup(path);
    if (!partial)
        return bc_fail(err, BC_E_MEMORY, "no memory to create the folder %s", path);
    bc_status status = BC_OK;
    for (char *p = partial + 1; status == BC_OK && partial[0]; p++) {
        char separator = *p;
        if (separator != '/' && separator != 0)
            continue;
        *p = 0;
        status = make_one(err, partial);
        if (separator == 0)
            break;
        *p = separator;
    }
    free(partial);
    return status;
}

bc_status bc_make_folder_of(bc_error *err, const char *path) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash || slash == folder)
        return BC_OK;
    *slash = 0;
    return bc_make_folder(err, folder);
}

/* --- removing --- */

bc_status bc_file_remove(bc_error *err, const char *path) {
    if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return BC_OK;
    return bc_fail(err, BC_E_FILE, "cannot remove %s: %s", path, strerror(errno));
}

/* Closes `files`, too. */
static bc_status remove_from(bc_error *err, DIR *files, const char *folder,
                             bool (*wanted)(const char *name, const void *user), const void *user) {
    bc_status status = BC_OK;
    for (const struct dirent *entry; (entry = readdir(files)) != NULL;) {
        const char *name = entry->d_name;
        if (wanted(name, user) && unlinkat(dirfd(files), name, 0) != 0 && errno != ENOENT && status == BC_OK)
            status = bc_fail(err, BC_E_FILE, "cannot remove %s/%s: %s", folder, name, strerror(errno));
    }
    closedir(files);
    return status;
}

bc_status bc_file_remove_some(bc_error *err, const char *folder,
                              bool (*wanted)(const char *name, const void *user), const void *user) {
    DIR *files = opendir(folder);
    if (files)
        return remove_from(err, files, folder, wanted, user);
    return errno == ENOENT ? BC_OK
                           : bc_fail(err, BC_E_FILE, "cannot look into %s: %s", folder, strerror(errno));
}

/* The process in NAME.tmp-PID as bc_file_writer writes it; 0 for any other name. */
static pid_t writer_of(const char *name) {
    static const char mark[] = ".tmp-";
    const char *at = NULL;
    for (const char *next = name; (next = strstr(next, mark)) != NULL; next++)
        at = next;
    if (!at || at == name || at[sizeof mark - 1] < '1' || at[sizeof mark - 1] > '9')
        return 0;
    char *end;
    errno = 0;
    long pid = strtol(at + sizeof mark - 1, &end, 10);
    return *end || errno || pid > INT_MAX ? 0 : (pid_t)pid;
}

/* A temporary file, and no link of such a name, in this folder, whose process is no more. */
static bool is_left_over(const char *name, const void *folder) {
    struct stat info;
    char path[PATH_MAX];
    pid_t pid = writer_of(name);
    snprintf(path, sizeof path, "%s/%s", (const char *)folder, name);
    return pid > 0 && kill(pid, 0) != 0 && errno == ESRCH && lstat(path, &info) == 0 && S_ISREG(info.st_mode);
}

void bc_file_clean_temporaries(const char *folder) {
    bc_error ignored = {0}; /* what cannot be removed stays */
    DIR *files = opendir(folder);
    if (files)
        remove_from(&ignored, files, folder, is_left_over, folder);
}
