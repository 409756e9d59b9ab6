/* Spikes in .npy files. */
#include "bicross/data/spike_files.h"

#include <stdlib.h>

bc_status bc_spike_npy_open(bc_error *err, bc_spike_reader *r, const bc_spike_format *format,
                            bool described) {
    (void)described; /* an array has a size of its own */
    BC_TRY(bc_file_parts_open(err, r->path, &r->file));
    BC_TRY(bc_npy_header_read(err, &r->file, &r->array));
    return bc_spike_array_open(err, r, format);
}

bc_status bc_spike_npy_write(bc_error *err, const char *path, const bc_spike_format *format,
                             const bc_spike_stream *s) {
    uint8_t *values;
    (void)format; /* bc_spike_array_lay_out knows one */
    BC_TRY(bc_spike_array_make(err, path, s, &values));
    bc_status status = bc_npy_write(err, path, "|u1", 3, (long[]){s->frames, s->height, s->width}, values);
    free(values);
    return status;
}
