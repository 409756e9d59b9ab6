/* The lock of a folder: flock on a small file in it that says who holds it. */
#include "host/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATH_LENGTH = 1200, HOLDER_LENGTH = 320 };

/* "process 123 on NAME": what the holder wrote, for people only. */
static void read_holder(int file, char holder[HOLDER_LENGTH]) {
    ssize_t length = pread(file, holder, HOLDER_LENGTH - 1, 0);
    holder[length > 0 ? length : 0] = 0;
    holder[strcspn(holder, "\n")] = 0;
    if (!*holder)
        snprintf(holder, HOLDER_LENGTH, "another process");
}

/* A holder that cannot leave its name still holds the lock. */
static void write_holder(int file) {
    char machine[256] = "this machine", holder[HOLDER_LENGTH];
    gethostname(machine, sizeof machine - 1);
    int length = snprintf(holder, sizeof holder, "process %ld on %s\n", (long)getpid(), machine);
    if (ftruncate(file, 0) != 0 || pwrite(file, holder, (size_t)length, 0) != length)
        return;
}

bc_status bc_lock_take(bc_error *err, const char *folder, bc_lock *out) {
    char path[PATH_LENGTH], holder[HOLDER_LENGTH];
    *out = (bc_lock)BC_LOCK_NONE;
    if (snprintf(path, sizeof path, "%s/.bicross.lock", folder) >= PATH_LENGTH)
        return bc_fail(err, BC_E_FILE, "the folder's path is too long: %.200s...", folder);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0)
        return bc_fail(err, BC_E_FILE, "cannot write %s: %s", path, strerror(errno));
    if (flock(file, LOCK_EX | LOCK_NB) == 0) {
        write_holder(file);
        out->file = file;
        return BC_OK;
    }
    int reason = errno;
    read_holder(file, holder);
    close(file);
    if (reason == EWOULDBLOCK)
        return bc_fail(err, BC_E_FILE,
                       "%s is in use by %s: wait until it has finished, or write to another folder", folder,
                       holder);
    return bc_fail(err, BC_E_FILE, "cannot lock %s: %s", path, strerror(reason));
}

void bc_lock_release(bc_lock *lock) {
    if (lock->file >= 0)
        close(lock->file);
    lock->file = -1;
}
