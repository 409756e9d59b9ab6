/* What everybody asks of an open device. */
#include "host/base/grow.h"
#include "host/device/internal.h"

#include <stdarg.h>
#include <stdio.h>

bool bc_host_large_groups(const bc_host *host) {
    return bc_device_large_groups(&host->device);
}

bc_status bc_host_keep(bc_host *host, const void *key, void *data, void (*release)(void *data)) {
    if (!bc_grow((void **)&host->kept, host->kept_count, &host->kept_capacity, sizeof *host->kept)) {
        release(data);
        return bc_fail(host->err, BC_E_MEMORY, "no memory for what belongs to %s", host->device.name);
    }
    host->kept[host->kept_count++] = (bc_kept){key, data, release};
    return BC_OK;
}

void *bc_host_kept(const bc_host *host, const void *key) {
    for (int i = 0; i < host->kept_count; i++)
        if (host->kept[i].key == key)
            return host->kept[i].data;
    return NULL;
}

bc_error *bc_host_error(const bc_host *host) {
    return host->err;
}

bc_host_account bc_host_accounts(const bc_host *host) {
    return host->account;
}

const bc_device_info *bc_host_device(const bc_host *host) {
    return &host->device;
}

bool bc_host_cpu_kernels(const bc_host *host) {
    return host->cpu_kernels;
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

static bool is_memory_code(cl_int code) {
    return code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_RESOURCES ||
           code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE;
}

bc_status bc_fail_cl(bc_host *host, cl_int code, const char *format, ...) {
    char what[BC_ERROR_TEXT / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    bc_status status = is_memory_code(code) ? BC_E_MEMORY : BC_E_OPENCL;
    const char *hint = bc_cl_error_hint(code);
    return bc_fail(bc_host_error(host), status, "%s: %s (%d)%s%s%s", what, bc_cl_error_name(code), code,
                   hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
}
