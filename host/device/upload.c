/* Commands of one queue wait for those before them, so that a copy to the device would wait for the network that it is the next input
 * of: hence a second queue. */
#include "host/device/upload.h"

#include "host/device/internal.h"

bc_status bc_upload_open(bc_host *host, bc_upload *out) {
    cl_int code;
    *out = (bc_upload){.host = host};
    out->queue = clCreateCommandQueue(host->context, host->device.id, 0, &code);
    if (code == CL_SUCCESS)
        return BC_OK;
    *out = (bc_upload){0};
    return bc_fail_cl(host, code, "cannot create a queue for uploads on %s", host->device.name);
}

static void forget_readers(bc_upload *u, int turn) {
    if (u->read[turn])
        clReleaseEvent(u->read[turn]);
    u->read[turn] = NULL;
}

void bc_upload_close(bc_upload *u) {
    for (int i = 0; i < BC_UPLOAD_BUFFERS; i++) {
        forget_readers(u, i);
        bc_buffer_release(&u->buffers[i]);
    }
    if (u->queue)
        clReleaseCommandQueue(u->queue);
    *u = (bc_upload){0};
}

static bc_status wait_for_readers(bc_upload *u, int turn) {
    if (!u->read[turn])
        return BC_OK;
    cl_int code = clWaitForEvents(1, &u->read[turn]);
    forget_readers(u, turn);
    return code == CL_SUCCESS ? BC_OK : bc_fail_cl(u->host, code, "waiting for what reads an upload");
}

/* A blocking write promises that `data` may be used again, not that the buffer has it: that would be seen by this queue alone, as Intel's
 * CPU runtime shows. An event that is waited for is seen by all. (Blocking all the same: where waiting fails, `data` is not in use.) */
static bc_status write_through(bc_upload *u, bc_buffer to, const void *data, size_t bytes) {
    cl_event written;
    cl_int code = clEnqueueWriteBuffer(u->queue, to.mem, CL_TRUE, 0, bytes, data, 0, NULL, &written);
    if (code == CL_SUCCESS) {
        code = clWaitForEvents(1, &written);
        clReleaseEvent(written);
    }
    return code == CL_SUCCESS ? BC_OK : bc_fail_cl(u->host, code, "writing %zu bytes to the device", bytes);
}

bc_status bc_upload_write(bc_upload *u, const void *data, size_t bytes, const char *what, bc_buffer *out) {
    int turn = u->turn = (u->turn + 1) % BC_UPLOAD_BUFFERS;
    bc_buffer *buffer = &u->buffers[turn];
    BC_TRY(wait_for_readers(u, turn));
    if (buffer->bytes < bytes) {
        bc_buffer_release(buffer);
        BC_TRY(bc_buffer_create(u->host, bytes, what, buffer));
    }
    if (bytes)
        BC_TRY(write_through(u, *buffer, data, bytes));
    *out = *buffer;
    return BC_OK;
}

bc_status bc_upload_is_read(bc_upload *u) {
    forget_readers(u, u->turn);
    cl_int code = clEnqueueMarkerWithWaitList(u->host->queue, 0, NULL, &u->read[u->turn]);
    if (code == CL_SUCCESS)
        return BC_OK;
    u->read[u->turn] = NULL;
    return bc_fail_cl(u->host, code, "marking where an upload has been read");
}
