/* Opening and closing a device. */
#include "host/base/clock.h"
#include "host/base/path.h"
#include "host/device/internal.h"
#include "host/device/quirks.h"

#include <stdlib.h>
#include <string.h>

static bc_status copy_options(bc_host *host, const bc_device_options *options) {
    if (!options->cache_dir)
        host->cache_dir = bc_quirk_driver_caches(&host->device) ? NULL : bc_cache_folder();
    else if (*options->cache_dir && !(host->cache_dir = strdup(options->cache_dir)))
        return bc_fail(host->err, BC_E_MEMORY, "no memory to open the OpenCL device");
    if (options->kernel_dir && !(host->kernel_dir = strdup(options->kernel_dir)))
        return bc_fail(host->err, BC_E_MEMORY, "no memory to open the OpenCL device");
    host->profiling = options->profile;
    host->compiling = options->compiling;
    host->user = options->user;
    return BC_OK;
}

static bc_status choose_kernels(bc_host *host, const char *otherwise) {
    const char *wanted = getenv("BICROSS_KERNELS");
    bool asked = wanted && *wanted;
    host->cpu_kernels = strcmp(bc_device_kernels(&host->device), "cpu") == 0;
    if (!asked && !otherwise)
        return BC_OK;
    wanted = asked ? wanted : otherwise;
    if (strcmp(wanted, "cpu") != 0 && strcmp(wanted, "gpu") != 0)
        return bc_fail(host->err, BC_E_ARGUMENT, "BICROSS_KERNELS is \"%s\", expected cpu or gpu", wanted);
    host->cpu_kernels = strcmp(wanted, "cpu") == 0;
    if (!host->cpu_kernels && !bc_host_large_groups(host))
        return bc_fail(host->err, BC_E_DEVICE,
                       "the kernels for GPUs (BICROSS_KERNELS) need work-groups of 256 items; %s allows %zu",
                       host->device.name, host->device.max_work_group);
    return BC_OK;
}

static bc_status open_device(bc_host *host, const bc_device_options *options) {
    const char *selector = options->device ? options->device : getenv("BICROSS_DEVICE");
    BC_TRY(bc_device_choose(host->err, selector, &host->device, NULL));
    BC_TRY(choose_kernels(host, options->kernels));
    BC_TRY(copy_options(host, options));
    cl_context_properties properties[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)host->device.platform,
                                          0};
    cl_int code;
    host->context = clCreateContext(properties, 1, &host->device.id, NULL, NULL, &code);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "cannot open the device %s", host->device.name);
    cl_command_queue_properties flags = host->profiling ? CL_QUEUE_PROFILING_ENABLE : 0;
    host->queue = clCreateCommandQueue(host->context, host->device.id, flags, &code);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "cannot create a command queue on %s", host->device.name);
    return BC_OK;
}

bc_status bc_host_open_device(const bc_device_options *options, bc_error *err, bc_host **out) {
    *out = NULL;
    bc_host *host = calloc(1, sizeof *host);
    if (!host)
        return bc_fail(err, BC_E_MEMORY, "no memory to open the OpenCL device");
    host->err = err;
    host->account.opened = bc_seconds_now();
    bc_status status = open_device(host, options);
    if (status != BC_OK) {
        bc_host_close(host);
        return status;
    }
    *out = host;
    return BC_OK;
}

void bc_host_close(bc_host *host) {
    if (!host)
        return;
    if (host->queue)
        clFinish(host->queue);
    while (host->kept_count > 0) {
        bc_kept *kept = &host->kept[--host->kept_count];
        kept->release(kept->data);
    }
    free(host->kept);
    bc_profile_release(host);
    bc_kernels_release(host);
    bc_programs_release(host);
    if (host->queue)
        clReleaseCommandQueue(host->queue);
    if (host->context)
        clReleaseContext(host->context);
    free(host->cache_dir);
    free(host->kernel_dir);
    free(host);
}
