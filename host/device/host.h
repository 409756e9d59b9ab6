/* The one context that is passed around: an OpenCL device, its context, an in-order queue, the programs built so far,
 * the profile, and the last error. Everything that calls OpenCL goes through it. */
#ifndef BC_HOST_DEVICE_HOST_H
#define BC_HOST_DEVICE_HOST_H

#include "host/base/status.h"
#include "host/device/device.h"

#include <stdbool.h>

typedef struct bc_host bc_host;

typedef struct bc_device_options {
    const char *device; /* selector of bc_device_choose; NULL: BICROSS_DEVICE, then the best device */
    const char *
        cache_dir; /* program cache; "" switches it off; NULL: bc_cache_folder, and none where the driver has a good one of its own */
    const char
        *kernel_dir; /* load kernel sources from this folder instead of the embedded ones (development) */
    const char *
        kernels; /* "cpu" or "gpu", in place of what the device is; NULL: as it is. BICROSS_KERNELS comes first */
    bool profile; /* time every kernel */
    /* Called once, when kernels are being compiled that neither our cache nor the driver's had; may be NULL. */
    void (*compiling)(const void *user, const bc_device_info *device);
    const void *user;
} bc_device_options;

/* What a host has cost so far, beside the work. */
typedef struct bc_host_account {
    double opened; /* when (bc_seconds_now) */
    int compiled,
        loaded; /* programs from source, where the driver may have had them in a cache of its own; from our cache */
    double program_seconds; /* spent on both */
} bc_host_account;

/* Opens a device. `err` must outlive the host: it is where all later failures record their message. On failure *out is NULL.
 * Without choices between algorithms: who computes opens it by bc_host_open (host/open.h). */
bc_status bc_host_open_device(const bc_device_options *options, bc_error *err, bc_host **out);
void bc_host_close(bc_host *host); /* NULL is allowed */

/* What a room above keeps for each host, found again by the address of `key`. It is released when the host is closed, the last one
 * first, after all work has finished and before the context goes; at once, when there is no memory to keep it. */
bc_status bc_host_keep(bc_host *host, const void *key, void *data, void (*release)(void *data));
void *bc_host_kept(const bc_host *host, const void *key); /* NULL: nothing was kept */

bc_error *bc_host_error(const bc_host *host);
bc_host_account bc_host_accounts(const bc_host *host);
const bc_device_info *bc_host_device(const bc_host *host);
/* bc_device_large_groups of its device. */
bool bc_host_large_groups(const bc_host *host);
/* Which variants of the kernels to take: those for CPUs (long vectors, no local memory, small work-groups) or those for GPUs.
 * As the device is (without large groups: those for CPUs), unless the options or BICROSS_KERNELS=cpu|gpu (tests of one family on the
 * other's devices) say otherwise. */
bool bc_host_cpu_kernels(const bc_host *host);

/* Waits until everything enqueued has finished; failures of earlier kernels surface here. */
bc_status bc_host_finish(bc_host *host);

/* Records "what: CL_ERROR_NAME (hint)" and returns BC_E_OPENCL, or BC_E_MEMORY for out-of-memory codes. */
bc_status bc_fail_cl(bc_host *host, cl_int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The raw handle, for the rooms of host/ only. */
cl_command_queue bc_host_queue(const bc_host *host);

#endif
