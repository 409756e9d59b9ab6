/* One process a folder: an advisory lock that the kernel gives back when its holder ends, however it ends. */
#ifndef BC_HOST_BASE_LOCK_H
#define BC_HOST_BASE_LOCK_H

#include "host/base/status.h"

typedef struct bc_lock {
    int file; /* open while the lock is held; -1: it is not */
} bc_lock;
#define BC_LOCK_NONE                                                                                         \
    { .file = -1 }

/* Locks FOLDER/.bicross.lock, which is made and stays there. BC_E_FILE when another process holds it, with its number and its
 * machine, or when the folder cannot be written. */
bc_status bc_lock_take(bc_error *err, const char *folder, bc_lock *out);
void bc_lock_release(bc_lock *lock); /* BC_LOCK_NONE is allowed */

#endif
