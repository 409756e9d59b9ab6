/* The front door of this storey. */
#include "host/open.h"

/* Of a family that is left out as a whole, the other one; NULL: as the device is. */
static const char *kernels_of(const bc_left_out *left_out) {
    bool no_cpu = bc_is_left_out(left_out, BC_KERNELS_KIND, "cpu"),
         no_gpu = bc_is_left_out(left_out, BC_KERNELS_KIND, "gpu");
    return no_cpu == no_gpu ? NULL : no_cpu ? "gpu" : "cpu";
}

bc_status bc_host_open(const bc_host_options *options, bc_error *err, bc_host **out) {
    static const bc_host_options defaults = {0};
    const bc_host_options *o = options ? options : &defaults;
    const bc_device_options device = {.device = o->device,
                                      .cache_dir = o->cache_dir,
                                      .kernel_dir = o->kernel_dir,
                                      .profile = o->profile,
                                      .compiling = o->compiling,
                                      .user = o->user,
                                      .kernels = kernels_of(o->left_out)};
    BC_TRY(bc_host_open_device(&device, err, out));
    bc_status status = bc_choices_open(
        *out, &(bc_choices_options){
                  .gemm = o->gemm, .tuning = o->tuning, .measure = o->measure, .left_out = o->left_out});
    if (status != BC_OK) {
        bc_host_close(*out);
        *out = NULL;
        return status;
    }
    return BC_OK;
}
