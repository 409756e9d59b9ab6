/* Windows of a recording or of a live camera, in the order of time, read ahead by a thread of its own. */
#ifndef BC_BICROSS_DATA_SPIKE_FEED_H
#define BC_BICROSS_DATA_SPIKE_FEED_H

#include "bicross/data/spikes.h"

typedef struct bc_spike_feed bc_spike_feed;

typedef struct bc_feed_window {
    bc_spike_stream spikes; /* BC_SPIKE_FRAMES frames, the taker's to release; empty: there was none */
    long number;            /* of the stream's windows, from 0; those that were dropped count */
    double arrived;         /* bc_seconds_now when its last frame had been read */
} bc_feed_window;

/* Opens a spike file, or a pipe (bc_spike_is_pipe), of which `skip` frames will be passed over. A taker who is slow makes the reading
 * wait; with `drop` the windows that nobody has taken are replaced by newer ones. What bc_spikes_read says of the format holds here. */
bc_status bc_spike_feed_open(bc_error *err, const char *path, const bc_spike_format *format, int skip,
                             bool drop, bc_spike_feed **out);
/* Begins to read. */
bc_status bc_spike_feed_start(bc_spike_feed *feed, bc_error *err);
/* frames: 0 where nobody knows. */
bc_spike_info bc_spike_feed_info(const bc_spike_feed *feed);
/* The next window; an empty one where there is none yet and `wait` is false, after the end (*ended is set), and where `stopped`, which
 * is asked ten times a second, says so. What went wrong while reading ahead comes after the windows before it. */
bc_status bc_spike_feed_take(bc_spike_feed *feed, bc_error *err, bool wait, bool (*stopped)(void),
                             bc_feed_window *out, bool *ended);
/* Windows that were replaced by newer ones so far. */
long bc_spike_feed_dropped(bc_spike_feed *feed);
void bc_spike_feed_close(bc_spike_feed *feed);

#endif
