/* Which family of kernels a device takes. */
#include "host/device/device.h"

bool bc_device_large_groups(const bc_device_info *d) {
    return d->max_work_group >= 256 && d->max_items[0] >= 128 && d->max_items[1] >= 16;
}

const char *bc_device_kernels(const bc_device_info *d) {
    return d->kind == BC_CLASS_CPU || !bc_device_large_groups(d) ? "cpu" : "gpu";
}
