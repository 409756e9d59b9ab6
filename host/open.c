/* The front door of this storey. */
#include "host/open.h"

bc_status bc_host_open(const bc_host_options *options, bc_error *err, bc_host **out) {
    static const bc_host_options defaults = {0};
    const bc_host_options *o = options ? options : &defaults;
    const bc_device_options device = {
        .device = o->device, .cache_dir = o->cache_dir, .kernel_dir = o->kernel_dir, .profile = o->profile};
    BC_TRY(bc_host_open_device(&device, err, out));
    bc_status status = bc_choices_open(
        *out, &(bc_choices_options){.gemm = o->gemm, .tuning = o->tuning, .measure = o->measure});
    if (status != BC_OK) {
        bc_host_close(*out);
        *out = NULL;
        return status;
    }
    return BC_OK;
}
