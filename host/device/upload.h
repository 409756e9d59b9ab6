/* Uploads that do not wait for what the device is computing: two buffers by turns, written on a queue of their own. */
#ifndef BC_HOST_DEVICE_UPLOAD_H
#define BC_HOST_DEVICE_UPLOAD_H

#include "host/device/buffer.h"

enum { BC_UPLOAD_BUFFERS = 2 };

typedef struct bc_upload {
    bc_host *host;
    cl_command_queue queue;
    bc_buffer buffers[BC_UPLOAD_BUFFERS];
    cl_event read[BC_UPLOAD_BUFFERS]; /* whoever read the buffer has done so; NULL: nobody */
    int turn;
} bc_upload;

bc_status bc_upload_open(bc_host *host, bc_upload *out);
void bc_upload_close(bc_upload *upload); /* zeros are allowed */
/* Copies `bytes` to the device and returns the buffer that they are in: valid until the next but one. Waits for the readers of what
 * was in it. `what` names the buffer when it does not fit. */
bc_status bc_upload_write(bc_upload *upload, const void *data, size_t bytes, const char *what,
                          bc_buffer *out);
/* Whatever reads the latest buffer has been enqueued on the host's queue. */
bc_status bc_upload_is_read(bc_upload *upload);

#endif
