/* Opening and closing a device. */
#include "host/base/file.h"
#include "host/device/internal.h"

#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bc_grow(void **array, int count, int *capacity, size_t element_bytes) {
    if (count < *capacity)
        return true;
    int wanted = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*array, (size_t)wanted * element_bytes);
    if (!grown)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

char *bc_default_cache_dir(void) {
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int length = -1;
    if (base && *base)
        length = asprintf(&path, "%s/bicross", base);
    else if (home && *home)
        length = asprintf(&path, "%s/.cache/bicross", home);
    return length < 0 ? NULL : path;
}

/* PoCL caches every build itself, and asking it for a binary compiles each kernel a second time. */
static bool driver_caches(const bc_device_info *device) {
    return strstr(device->platform_version, "PoCL") || strstr(device->platform_version, "pocl");
}

static bc_gemm_provider usual_gemm(const bc_host *host) {
    if (host->cpu_kernels)
        return BC_GEMM_PANEL;
    return host->device.kind == BC_CLASS_CPU ? BC_GEMM_LOCAL : BC_GEMM_CLBLAST;
}

static bc_status copy_options(bc_host *host, const bc_host_options *options) {
    if (!options->cache_dir)
        host->cache_dir = driver_caches(&host->device) ? NULL : bc_default_cache_dir();
    else if (*options->cache_dir && !(host->cache_dir = strdup(options->cache_dir)))
        return bc_fail(host->err, BC_E_MEMORY, "no memory to open the OpenCL device");
    if (options->kernel_dir && !(host->kernel_dir = strdup(options->kernel_dir)))
        return bc_fail(host->err, BC_E_MEMORY, "no memory to open the OpenCL device");
    host->profiling = options->profile;
    host->gemm_given = options->gemm != BC_GEMM_AUTO;
    host->gemm = host->gemm_given ? options->gemm : usual_gemm(host);
    return BC_OK;
}

bool bc_host_large_groups(const bc_host *host) {
    const bc_device_info *d = &host->device;
    return d->max_work_group >= 256 && d->max_items[0] >= 128 && d->max_items[1] >= 16;
}

static bc_status choose_kernels(bc_host *host) {
    const char *wanted = getenv("BICROSS_KERNELS");
    host->cpu_kernels = host->device.kind == BC_CLASS_CPU || !bc_host_large_groups(host);
    if (!wanted || !*wanted)
        return BC_OK;
    if (strcmp(wanted, "cpu") != 0 && strcmp(wanted, "gpu") != 0)
        return bc_fail(host->err, BC_E_ARGUMENT, "BICROSS_KERNELS is \"%s\", expected cpu or gpu", wanted);
    host->cpu_kernels = strcmp(wanted, "cpu") == 0;
    if (!host->cpu_kernels && !bc_host_large_groups(host))
        return bc_fail(
            host->err, BC_E_DEVICE,
            "BICROSS_KERNELS is gpu, but those kernels need work-groups of 256 items; %s allows %zu",
            host->device.name, host->device.max_work_group);
    return BC_OK;
}

/* A host that measures makes the file where there is none, and so finds out that it can. */
static bc_status open_tuning(bc_host *host, const bc_host_options *options) {
    static const double seconds = 60; /* in all, for what is measured on the way */
    if (!options->tuning)
        return BC_OK;
    if (bc_file_exists(options->tuning) || !options->measure)
        BC_TRY(bc_tuning_read(host->err, options->tuning, &host->device, &host->tuning));
    else
        BC_TRY(bc_tuning_create(host->err, options->tuning, &host->device, &host->tuning));
    if (options->measure)
        BC_TRY(bc_tuning_write(host->err, host->tuning));
    host->measuring = options->measure;
    bc_tuning_observe(host, seconds, NULL);
    bc_clblast_apply(host);
    return BC_OK;
}

static bc_status open_device(bc_host *host, const bc_host_options *options) {
    const char *selector = options->device ? options->device : getenv("BICROSS_DEVICE");
    BC_TRY(bc_device_choose(host->err, selector, &host->device, NULL));
    BC_TRY(choose_kernels(host));
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
    return open_tuning(host, options);
}

bc_status bc_host_open(const bc_host_options *options, bc_error *err, bc_host **out) {
    static const bc_host_options defaults = {0};
    *out = NULL;
    bc_host *host = calloc(1, sizeof *host);
    if (!host)
        return bc_fail(err, BC_E_MEMORY, "no memory to open the OpenCL device");
    host->err = err;
    bc_status status = open_device(host, options ? options : &defaults);
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
    if (host->clblast_used)
        CLBlastClearCache();
    bc_profile_release(host);
    bc_kernels_release(host);
    bc_programs_release(host);
    if (host->queue)
        clReleaseCommandQueue(host->queue);
    if (host->context)
        clReleaseContext(host->context);
    bc_tuning_release(host->tuning);
    free(host->cache_dir);
    free(host->kernel_dir);
    free(host);
}

bc_error *bc_host_error(const bc_host *host) {
    return host->err;
}

const bc_device_info *bc_host_device(const bc_host *host) {
    return &host->device;
}

bool bc_host_cpu_kernels(const bc_host *host) {
    return host->cpu_kernels;
}

cl_context bc_host_context(const bc_host *host) {
    return host->context;
}

cl_command_queue bc_host_queue(const bc_host *host) {
    return host->queue;
}

bc_status bc_host_finish(bc_host *host) {
    cl_int code = clFinish(host->queue);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "waiting for %s", host->device.name);
    return BC_OK;
}
