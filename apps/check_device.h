/* Checking a device in child processes: a kernel that ends the process, or never ends itself, is a finding like one that is wrong. */
#ifndef BC_APPS_CHECK_DEVICE_H
#define BC_APPS_CHECK_DEVICE_H

#include "bicross/reference/findings.h"

/* That a check may take: so many that a busy machine does not look like a kernel that hangs. */
enum { APP_CHECK_SECONDS = 300 };

typedef struct app_checking {
    const bc_device_info *device;
    bool whole;  /* every case in every way; else those of a first use */
    int seconds; /* that one check may take, its compiling included */
    /* An operation in kernels of one family is done: its findings are those from `first` on. */
    void (*done)(void *user, const bc_findings *findings, int first);
    void *user;
} app_checking;

/* Adds what is found in kernels of this family ("cpu" or "gpu"). A status says that the device could not be checked. */
bc_status app_check_device(bc_error *err, const app_checking *job, const char *kernels, bc_findings *out);

/* The child's side: makes the checks from number `from` on and tells of each on stdout, but for those of `skip` ("attention/tiled"). */
bc_status app_check_as_child(bc_error *err, const char *device, bool whole, int from, const char *const *skip,
                             int skip_count);

#endif
