/* Opening a device with all that a program needs to compute on it. */
#ifndef BC_HOST_OPEN_H
#define BC_HOST_OPEN_H

#include "host/device/host.h"
#include "host/tuning/choices.h"

typedef struct bc_host_options {
    const char *device, *cache_dir, *kernel_dir; /* as in bc_device_options */
    bool profile;
    void (*compiling)(const void *user, const bc_device_info *device);
    const void *user;
    bc_gemm_provider gemm; /* as in bc_choices_options */
    const char *tuning;
    bool measure;
    const bc_left_out *left_out;
} bc_host_options;

/* Opens a device and its choices between algorithms. `options` may be NULL for defaults. Closed by bc_host_close. On failure *out is
 * NULL. */
bc_status bc_host_open(const bc_host_options *options, bc_error *err, bc_host **out);

#endif
