/* A camera's raw frames as they come, from a pipe, a device or standard input: how many there will be is not known. */
#ifndef BC_BICROSS_DATA_SPIKE_PIPE_H
#define BC_BICROSS_DATA_SPIKE_PIPE_H

#include "bicross/data/spikes.h"

#include <stdbool.h>

typedef struct bc_spike_pipe bc_spike_pipe;

/* Whether PATH is read as a pipe: "-", which is standard input, and what is there and neither a regular file nor a folder. */
bool bc_spike_is_pipe(const char *path);
/* Frames as in a .dat file of this format, which may be NULL; whose size nobody says is the camera's. The layout pcie is refused. Does
 * not wait for a writer. */
bc_status bc_spike_pipe_open(bc_error *err, const char *path, const bc_spike_format *format,
                             bc_spike_pipe **out);
/* frames: 0. After the end, cut: bytes that were not a whole frame. */
bc_spike_info bc_spike_pipe_info(const bc_spike_pipe *pipe);
/* The next `count` frames; waits for them. Where `stopped(user)` says so meanwhile, which is asked ten times a second, and at the end,
 * *out is empty: frames that are fewer than `count` are passed over. */
bc_status bc_spike_pipe_read(bc_spike_pipe *pipe, bc_error *err, int count, bool (*stopped)(void *user),
                             void *user, bc_spike_stream *out);
void bc_spike_pipe_close(bc_spike_pipe *pipe);

#endif
