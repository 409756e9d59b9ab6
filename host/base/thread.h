/* Threads that work beside the one that users talk to. */
#ifndef BC_HOST_BASE_THREAD_H
#define BC_HOST_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that gets no signals: a handler that asks the program to stop must wake the one that waits for users, not this one.
 * False: the system grants none. */
bool bc_thread_start(pthread_t *out, void *(*run)(void *user), void *user);

#endif
