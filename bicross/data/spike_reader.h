/* Spike files read window by window, however long they are. */
#ifndef BC_BICROSS_DATA_SPIKE_READER_H
#define BC_BICROSS_DATA_SPIKE_READER_H

#include "bicross/data/spikes.h"

typedef struct bc_spike_reader bc_spike_reader;

/* What bc_spikes_read says of formats and descriptions holds here. `format` may be NULL. Memory: 32 frames as the file has them; an
 * array whose frames do not lie one after another in it is kept whole, a byte a value, within half of the memory that is free. */
bc_status bc_spike_reader_open(bc_error *err, const char *path, const bc_spike_format *format,
                               bc_spike_reader **out);
bc_spike_info bc_spike_reader_info(const bc_spike_reader *reader);
/* Frames first .. first+count-1. Windows in the order of time are cheap in every format. */
bc_status bc_spike_reader_window(bc_spike_reader *reader, bc_error *err, int first, int count,
                                 bc_spike_stream *out);
void bc_spike_reader_close(bc_spike_reader *reader);

#endif
