/* One kernel, enqueued at once. */
#include "host/base/grow.h"
#include "host/device/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The side that is too long, or the longest of a group that has too many items; -1: the group is allowed. */
static int side_to_cut(const bc_host *host, size_t most, const size_t local[3]) {
    int longest = 0;
    for (int d = 0; d < 3; d++) {
        if (local[d] > host->device.max_items[d])
            return d;
        longest = local[d] > local[longest] ? d : longest;
    }
    return local[0] * local[1] * local[2] > most ? longest : -1;
}

/* Kernels that share work within a group say which group they are written for; the others take any. */
static bc_status fit_group(bc_host *host, const bc_launch *launch, const bc_kernel_limits *limits,
                           size_t local[3]) {
    bool tied = limits->required[0] > 0;
    for (int side; (side = side_to_cut(host, limits->most, local)) >= 0;) {
        if (tied || local[side] == 1)
            return bc_fail(
                host->err, BC_E_DEVICE,
                "%s:%s needs work-groups of %zu x %zu x %zu items; %s allows it %zu (%zu, %zu and %zu along "
                "the sides)",
                launch->source, launch->kernel, local[0], local[1], local[2], host->device.name, limits->most,
                host->device.max_items[0], host->device.max_items[1], host->device.max_items[2]);
        local[side] = (local[side] + 1) / 2;
    }
    return BC_OK;
}

bc_status bc_launch_sizes(bc_host *host, const bc_launch *launch, const bc_kernel_limits *limits,
                          size_t global[3], size_t local[3]) {
    bool chosen = launch->group[0] || launch->group[1] || launch->group[2];
    for (int d = 0; d < 3; d++)
        local[d] = launch->group[d] ? launch->group[d] : !chosen && d == 0 ? 64 : 1;
    if (local[0] * local[1] * local[2] > 256)
        return bc_fail(host->err, BC_E_ARGUMENT,
                       "%s:%s asks for a work-group of %zu; at most 256 is portable", launch->source,
                       launch->kernel, local[0] * local[1] * local[2]);
    BC_TRY(fit_group(host, launch, limits, local));
    for (int d = 0; d < 3; d++) {
        size_t items = launch->items[d] ? launch->items[d] : 1;
        global[d] = (items + local[d] - 1) / local[d] * local[d];
    }
    return BC_OK;
}

static cl_int set(cl_kernel kernel, cl_uint index, const bc_arg *value) {
    cl_int number = (cl_int)value->value.integer;
    cl_uint natural = (cl_uint)value->value.integer;
    switch (value->kind) {
    case BC_ARG_BUFFER:
        return clSetKernelArg(kernel, index, sizeof(cl_mem), &value->value.buffer.mem);
    case BC_ARG_INT:
        return clSetKernelArg(kernel, index, sizeof number, &number);
    case BC_ARG_UINT:
        return clSetKernelArg(kernel, index, sizeof natural, &natural);
    case BC_ARG_FLOAT:
        return clSetKernelArg(kernel, index, sizeof(cl_float), &value->value.f);
    }
    return CL_INVALID_VALUE;
}

/* `what` names the kernel in messages. */
static bc_status set_argument(bc_host *host, cl_kernel kernel, const char *what, int index,
                              const bc_arg *value) {
    int64_t integer = value->value.integer;
    bool fits = value->kind == BC_ARG_INT    ? integer >= INT32_MIN && integer <= INT32_MAX
                : value->kind == BC_ARG_UINT ? integer >= 0 && integer <= UINT32_MAX
                                             : true;
    if (!fits)
        return bc_fail(host->err, BC_E_ARGUMENT,
                       "argument %d of %s is %lld: such a size is beyond the 32 bits in which kernels count",
                       index, what, (long long)integer);
    cl_int code = set(kernel, (cl_uint)index, value);
    return code == CL_SUCCESS ? BC_OK : bc_fail_cl(host, code, "setting argument %d of %s", index, what);
}

/* Arguments given through .args without BC_ARGS: up to the last one that is not all zero. */
static int count_arguments(const bc_launch *launch) {
    static const bc_arg none;
    int count = launch->arg_count ? launch->arg_count : BC_MAX_ARGS;
    while (!launch->arg_count && count > 0 && memcmp(&launch->args[count - 1], &none, sizeof none) == 0)
        count--;
    return count;
}

bc_status bc_launch_arguments(bc_host *host, const bc_launch *launch, cl_kernel kernel) {
    cl_uint wanted = 0;
    int count = count_arguments(launch);
    cl_int code = clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof wanted, &wanted, NULL);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "asking %s:%s for its arguments", launch->source, launch->kernel);
    if ((int)wanted != count)
        return bc_fail(host->err, BC_E_ARGUMENT, "%s:%s takes %u arguments, %d were given", launch->source,
                       launch->kernel, wanted, count);
    char what[128];
    snprintf(what, sizeof what, "%s:%s", launch->source, launch->kernel);
    for (int i = 0; i < count; i++)
        BC_TRY(set_argument(host, kernel, what, i, &launch->args[i]));
    return BC_OK;
}

static bool is_kernel(const bc_kernel_entry *entry, const bc_launch *launch) {
    return strcmp(entry->kernel, launch->kernel) == 0 && strcmp(entry->source, launch->source) == 0 &&
           strcmp(entry->defines, launch->defines ? launch->defines : "") == 0;
}

static bc_status find_kernel(bc_host *host, const bc_launch *launch, const bc_kernel_entry **out) {
    for (int i = 0; i < host->kernel_count; i++)
        if (is_kernel(&host->kernels[i], launch)) {
            *out = &host->kernels[i];
            return BC_OK;
        }
    bc_kernel_entry entry = {0};
    BC_TRY(bc_kernel_create(host, launch, &entry.handle, &entry.limits));
    entry.source = strdup(launch->source);
    entry.kernel = strdup(launch->kernel);
    entry.defines = strdup(launch->defines ? launch->defines : "");
    if (entry.source && entry.kernel && entry.defines &&
        bc_grow((void **)&host->kernels, host->kernel_count, &host->kernel_capacity, sizeof entry)) {
        host->kernels[host->kernel_count] = entry;
        *out = &host->kernels[host->kernel_count++];
        return BC_OK;
    }
    free(entry.source);
    free(entry.kernel);
    free(entry.defines);
    clReleaseKernel(entry.handle);
    return bc_fail(host->err, BC_E_MEMORY, "no memory to keep the kernel %s:%s", launch->source,
                   launch->kernel);
}

bc_status bc_run(bc_host *host, const bc_launch *launch) {
    size_t global[3], local[3];
    const bc_kernel_entry *kernel = NULL;
    int row = 0;
    BC_TRY(find_kernel(host, launch, &kernel));
    BC_TRY(bc_launch_sizes(host, launch, &kernel->limits, global, local));
    BC_TRY(bc_launch_arguments(host, launch, kernel->handle));
    if (host->profiling)
        BC_TRY(bc_profile_row_of(host, launch->source, launch->kernel, &row));
    cl_event event = NULL;
    cl_int code = clEnqueueNDRangeKernel(host->queue, kernel->handle, 3, NULL, global, local, 0, NULL,
                                         host->profiling ? &event : NULL);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "launching %s:%s", launch->source, launch->kernel);
    return event ? bc_profile_event(host, row, event, launch->flops, launch->bytes) : BC_OK;
}

void bc_kernels_release(bc_host *host) {
    for (int i = 0; i < host->kernel_count; i++) {
        clReleaseKernel(host->kernels[i].handle);
        free(host->kernels[i].source);
        free(host->kernels[i].kernel);
        free(host->kernels[i].defines);
    }
    free(host->kernels);
}
