/* Device buffers, copies and fills. */
#include "host/base/text.h"
#include "host/device/internal.h"

#include <string.h>

/* OpenCL guarantees 128 bytes for the widest type (long16). */
size_t bc_buffer_alignment(const bc_host *host) {
    return host->device.base_alignment > 128 ? host->device.base_alignment : 128;
}

static bc_status fail_memory(bc_host *host, size_t bytes, const char *what, cl_int code) {
    char need[32], all[32], largest[32];
    return bc_fail(host->err, BC_E_MEMORY,
                   "%s needs %s in one allocation; %s has %s, at most %s per allocation (%s)", what,
                   bc_size_text(bytes, need), host->device.name, bc_size_text(host->device.global_bytes, all),
                   bc_size_text(host->device.max_allocation, largest), bc_cl_error_name(code));
}

/* Drivers allocate at first use. A four-byte fill makes a lack of memory show here, where it can be named. */
static cl_int touch(bc_host *host, cl_mem mem) {
    const float zero = 0;
    cl_int code = clEnqueueFillBuffer(host->queue, mem, &zero, sizeof zero, 0, sizeof zero, 0, NULL, NULL);
    return code == CL_SUCCESS ? clFinish(host->queue) : code;
}

bc_status bc_buffer_create(bc_host *host, size_t bytes, const char *what, bc_buffer *out) {
    *out = (bc_buffer){0};
    if (bytes > host->device.max_allocation)
        return fail_memory(host, bytes, what, CL_INVALID_BUFFER_SIZE);
    BC_TRY(bc_memory_check(host, bytes, what, NULL));
    cl_int code;
    size_t least = bytes ? bytes : 16;
    cl_mem mem = clCreateBuffer(host->context, CL_MEM_READ_WRITE, least, NULL, &code);
    if (code == CL_SUCCESS && bytes >= BC_LARGE_BUFFER && (code = touch(host, mem)) != CL_SUCCESS)
        clReleaseMemObject(mem);
    if (code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_RESOURCES ||
        code == CL_OUT_OF_HOST_MEMORY || code == CL_INVALID_BUFFER_SIZE)
        return fail_memory(host, bytes, what, code);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "allocating %zu bytes for %s", bytes, what);
    *out = (bc_buffer){mem, least};
    return BC_OK;
}

bc_status bc_buffer_view(bc_host *host, bc_buffer parent, size_t offset, size_t bytes, bc_buffer *out) {
    *out = (bc_buffer){0};
    if (offset > parent.bytes || bytes > parent.bytes - offset)
        return bc_fail(host->err, BC_E_ARGUMENT, "a view of %zu bytes at %zu leaves its buffer of %zu bytes",
                       bytes, offset, parent.bytes);
    if (offset % bc_buffer_alignment(host))
        return bc_fail(host->err, BC_E_ARGUMENT, "a view at byte %zu is not aligned to %zu bytes", offset,
                       bc_buffer_alignment(host));
    if (bytes == 0)
        return BC_OK;
    /* OpenCL has no sub-buffer of a sub-buffer: go back to the buffer that owns the memory. */
    cl_mem owner = NULL;
    size_t base = 0;
    cl_int code = clGetMemObjectInfo(parent.mem, CL_MEM_ASSOCIATED_MEMOBJECT, sizeof owner, &owner, NULL);
    if (code == CL_SUCCESS && owner)
        code = clGetMemObjectInfo(parent.mem, CL_MEM_OFFSET, sizeof base, &base, NULL);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "asking a buffer for its owner");
    cl_buffer_region region = {base + offset, bytes};
    out->mem = clCreateSubBuffer(owner ? owner : parent.mem, 0, CL_BUFFER_CREATE_TYPE_REGION, &region, &code);
    if (code != CL_SUCCESS) {
        out->mem = NULL;
        return bc_fail_cl(host, code, "creating a view of %zu bytes at %zu", bytes, offset);
    }
    out->bytes = bytes;
    return BC_OK;
}

void bc_buffer_release(bc_buffer *buffer) {
    if (buffer->mem)
        clReleaseMemObject(buffer->mem);
    *buffer = (bc_buffer){0};
}

static bc_status check_range(bc_host *host, bc_buffer buffer, size_t offset, size_t bytes, const char *what) {
    if (!buffer.mem)
        return bc_fail(host->err, BC_E_ARGUMENT, "%s: the buffer is empty", what);
    if (offset > buffer.bytes || bytes > buffer.bytes - offset)
        return bc_fail(host->err, BC_E_ARGUMENT, "%s: %zu bytes at %zu leave the buffer of %zu bytes", what,
                       bytes, offset, buffer.bytes);
    return BC_OK;
}

bc_status bc_buffer_write(bc_host *host, bc_buffer buffer, size_t offset, const void *data, size_t bytes) {
    if (bytes == 0)
        return BC_OK;
    BC_TRY(check_range(host, buffer, offset, bytes, "writing a buffer"));
    cl_int code = clEnqueueWriteBuffer(host->queue, buffer.mem, CL_TRUE, offset, bytes, data, 0, NULL, NULL);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "writing %zu bytes to the device", bytes);
    return BC_OK;
}

bc_status bc_buffer_read(bc_host *host, bc_buffer buffer, size_t offset, void *data, size_t bytes) {
    if (bytes == 0)
        return BC_OK;
    BC_TRY(check_range(host, buffer, offset, bytes, "reading a buffer"));
    cl_int code = clEnqueueReadBuffer(host->queue, buffer.mem, CL_TRUE, offset, bytes, data, 0, NULL, NULL);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "reading %zu bytes from the device", bytes);
    return BC_OK;
}

bc_status bc_buffer_read_later(bc_host *host, bc_buffer buffer, size_t offset, void *data, size_t bytes,
                               bc_read *out) {
    BC_TRY(check_range(host, buffer, offset, bytes, "reading a buffer"));
    cl_int code =
        clEnqueueReadBuffer(host->queue, buffer.mem, CL_FALSE, offset, bytes, data, 0, NULL, &out->event);
    if (code == CL_SUCCESS)
        return BC_OK;
    out->event = NULL;
    return bc_fail_cl(host, code, "reading %zu bytes from the device", bytes);
}

bc_status bc_read_done(bc_host *host, bc_read *read, bool *done) {
    cl_int state = CL_COMPLETE;
    cl_int code = clGetEventInfo(read->event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
    if (code == CL_SUCCESS && state < 0)
        code = state;
    *done = code != CL_SUCCESS || state == CL_COMPLETE;
    if (!*done)
        return BC_OK;
    clReleaseEvent(read->event);
    read->event = NULL;
    return code == CL_SUCCESS ? BC_OK : bc_fail_cl(host, code, "waiting for what is read from the device");
}

void bc_read_release(bc_read *read) {
    if (!read->event)
        return;
    clWaitForEvents(1, &read->event);
    clReleaseEvent(read->event);
    read->event = NULL;
}

bc_status bc_enqueue_copy(bc_host *host, bc_buffer from, size_t from_offset, bc_buffer to, size_t to_offset,
                          size_t bytes, cl_event *event) {
    BC_TRY(check_range(host, from, from_offset, bytes, "copying from a buffer"));
    BC_TRY(check_range(host, to, to_offset, bytes, "copying to a buffer"));
    cl_int code =
        clEnqueueCopyBuffer(host->queue, from.mem, to.mem, from_offset, to_offset, bytes, 0, NULL, event);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "copying %zu bytes on the device", bytes);
    return BC_OK;
}

bc_status bc_enqueue_fill(bc_host *host, bc_buffer buffer, size_t offset, size_t bytes, float value,
                          cl_event *event) {
    BC_TRY(check_range(host, buffer, offset, bytes, "filling a buffer"));
    cl_int code =
        clEnqueueFillBuffer(host->queue, buffer.mem, &value, sizeof value, offset, bytes, 0, NULL, event);
    if (code != CL_SUCCESS)
        return bc_fail_cl(host, code, "filling %zu bytes at %zu on the device", bytes, offset);
    return BC_OK;
}

bc_status bc_buffer_fill(bc_host *host, bc_buffer buffer, size_t offset, size_t bytes, float value) {
    return bytes ? bc_enqueue_fill(host, buffer, offset, bytes, value, NULL) : BC_OK;
}
