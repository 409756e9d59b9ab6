/* Which OpenCL devices are there, and which one is taken and why. */
#ifndef BC_HOST_DEVICE_DEVICE_H
#define BC_HOST_DEVICE_DEVICE_H

#include "host/base/status.h"

#include <CL/cl.h>
#include <stdbool.h>
#include <stddef.h>

/* How a device wants its kernels written. Decided by device type and platform, never by a version number. */
typedef enum bc_device_class { BC_CLASS_CPU, BC_CLASS_GPU } bc_device_class;

typedef struct bc_device_info {
    cl_platform_id platform;
    cl_device_id id;
    int index; /* place in the ranked list: what `--device N` names */
    cl_device_type type;
    bc_device_class kind;
    bool integrated; /* shares memory with the host */
    char name[128], vendor[128], platform_name[128], platform_version[128], driver_version[128];
    char extensions[4096];
    int compute_units;
    size_t max_items[3]; /* of a work-group along each side */
    size_t global_bytes, local_bytes, max_allocation, max_work_group, base_alignment; /* bytes; work-items */
} bc_device_info;

enum { BC_MAX_DEVICES = 32 };

/* The device allows the work-groups for which kernels for GPUs are written: 16 x 16 items, 128 in a line. */
bool bc_device_large_groups(const bc_device_info *device);
/* The family of kernels that it takes by itself: "cpu" or "gpu". */
const char *bc_device_kernels(const bc_device_info *device);

/* Lists devices of all platforms, best first (discrete GPU, other accelerator, integrated GPU, CPU; then more compute
 * units). Platforms without devices are skipped, and devices that fail to say what they are. BC_E_DEVICE when there is none, with a hint on what to install. */
bc_status bc_devices_list(bc_error *err, bc_device_info list[BC_MAX_DEVICES], int *count);

/* Chooses by `selector`: NULL or "" takes the first; a number takes that index; any other text takes the first device
 * whose name, vendor or platform contains it, ignoring case. BC_E_DEVICE names what was asked and what is there.
 * `reason` (may be NULL) receives a phrase such as "the first GPU". */
bc_status bc_device_choose(bc_error *err, const char *selector, bc_device_info *out, char reason[128]);

#endif
