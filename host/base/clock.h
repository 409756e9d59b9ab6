/* The one clock for durations. */
#ifndef BC_HOST_BASE_CLOCK_H
#define BC_HOST_BASE_CLOCK_H

#include <time.h>

/* Seconds since some fixed moment; never set back. */
static inline double bc_seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Seconds that the calling thread has computed: others on the machine do not lengthen it. */
static inline double bc_thread_seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
