/* One kernel, enqueued at once. */
#include "host/internal.h"

#include <stdlib.h>
#include <string.h>

bc_status bc_launch_sizes(bc_host *host, const bc_launch *launch, size_t global[3], size_t local[3]) {
    bool chosen = launch->group[0] || launch->group[1] || launch->group[2];
    size_t group_items = 1;
    for (int d = 0; d < 3; d++) {
        size_t items = launch->items[d] ? launch->items[d] : 1;
        local[d] = launch->group[d] ? launch->group[d] : !chosen && d == 0 ? 64 : 1;
        global[d] = (items + local[d] - 1) / local[d] * local[d];
        group_items *= local[d];
    }
    if (group_items > 256)
        return bc_fail(host->err, BC_E_ARGUMENT,
                       "%s:%s asks for a work-group of %zu; at most 256 is portable", launch->source,
                       launch->kernel, group_items);
    return BC_OK;
}

cl_int bc_set_argument(cl_kernel kernel, cl_uint index, const bc_arg *value) {
    switch (value->kind) {
    case BC_ARG_BUFFER:
        return clSetKernelArg(kernel, index, sizeof(cl_mem), &value->value.buffer.mem);
    case BC_ARG_INT:
        return clSetKernelArg(kernel, index, sizeof(cl_int), &value->value.i);
    case BC_ARG_UINT:
        return clSetKernelArg(kernel, index, sizeof(cl_uint), &value->value.u);
    case BC_ARG_FLOAT:
        return clSetKernelArg(kernel, index, sizeof(cl_float), &value->value.f);
    }
    return CL_INVALID_VALUE;
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
    for (int i = 0; i < count; i++) {
        code = bc_set_argument(kernel, (cl_uint)i, &launch->args[i]);
        if (code != CL_SUCCESS)
            return bc_fail_cl(host, code, "setting argument %d of %s:%s", i, launch->source, launch->kernel);
    }
    return BC_OK;
}

static bool is_kernel(const bc_kernel_entry *entry, const bc_launch *launch) {
    return strcmp(entry->kernel, launch->kernel) == 0 && strcmp(entry->source, launch->source) == 0 &&
           strcmp(entry->defines, launch->defines ? launch->defines : "") == 0;
}

static bc_status find_kernel(bc_host *host, const bc_launch *launch, cl_kernel *out) {
    for (int i = 0; i < host->kernel_count; i++)
        if (is_kernel(&host->kernels[i], launch)) {
            *out = host->kernels[i].handle;
            return BC_OK;
        }
    BC_TRY(bc_kernel_create(host, launch, out));
    bc_kernel_entry entry = {strdup(launch->source), strdup(launch->kernel),
                             strdup(launch->defines ? launch->defines : ""), *out};
    if (entry.source && entry.kernel && entry.defines &&
        bc_grow((void **)&host->kernels, host->kernel_count, &host->kernel_capacity, sizeof entry)) {
        host->kernels[host->kernel_count++] = entry;
        return BC_OK;
    }
    free(entry.source);
    free(entry.kernel);
    free(entry.defines);
    clReleaseKernel(*out);
    return bc_fail(host->err, BC_E_MEMORY, "no memory to keep the kernel %s:%s", launch->source,
                   launch->kernel);
}

bc_status bc_run(bc_host *host, const bc_launch *launch) {
    size_t global[3], local[3];
    cl_kernel kernel;
    int row = 0;
    BC_TRY(bc_launch_sizes(host, launch, global, local));
    BC_TRY(find_kernel(host, launch, &kernel));
    BC_TRY(bc_launch_arguments(host, launch, kernel));
    if (host->profiling)
        BC_TRY(bc_profile_row_of(host, launch->source, launch->kernel, &row));
    cl_event event = NULL;
    cl_int code = clEnqueueNDRangeKernel(host->queue, kernel, 3, NULL, global, local, 0, NULL,
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
