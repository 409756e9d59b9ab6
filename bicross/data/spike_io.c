/* Reading and writing spike files with what their descriptions say. */
#include "bicross/data/spike_files.h"

bc_status bc_spikes_read(bc_error *err, const char *path, const bc_spike_format *format,
                         bc_spike_stream *out) {
    const bc_spike_file *file = bc_kind_find(&bc_spike_kind, path);
    const bc_spike_format unsaid = {0};
    bc_spike_description described;
    bc_spike_format both;
    *out = (bc_spike_stream){0};
    if (!file)
        return bc_kind_fail(err, &bc_spike_kind, path);
    BC_TRY(bc_spike_description_read(err, path, &described));
    BC_TRY(bc_spike_description_join(err, path, &described, format ? format : &unsaid, &both));
    bc_status status = file->read(err, path, &both, described.format.width > 0, out);
    if (status == BC_OK && (status = bc_spike_description_check(err, path, &described, out)) != BC_OK)
        bc_spikes_release(out);
    return status;
}

/* Removing the old description first leaves, at worst, a file without one: that is asked about or said, never
 * misread. Where the file stays as it was, so does its description. */
static bc_status replace(bc_error *err, const char *path, const bc_spike_file *file,
                         const bc_spike_format *format, const bc_spike_stream *stream) {
    bc_spike_description old;
    BC_TRY(bc_spike_description_read(err, path, &old));
    BC_TRY(bc_spike_description_remove(err, path));
    bc_status status = file->write(err, path, format, stream);
    if (status != BC_OK && old.there)
        bc_spike_description_write(NULL, path, &old);
    return status;
}

bc_status bc_spikes_write(bc_error *err, const char *path, const bc_spike_format *format,
                          const bc_spike_stream *stream) {
    const bc_spike_file *file = bc_kind_find(&bc_spike_kind, path);
    bc_spike_description d = {.there = true, .frames = stream->frames};
    bool describe;
    if (!file)
        return bc_kind_fail(err, &bc_spike_kind, path);
    BC_TRY(file->lay_out(err, path, format, stream, &d.format, &describe));
    BC_TRY(replace(err, path, file, &d.format, stream));
    if (!describe)
        return BC_OK;
    d.rate = bc_spikes_rate(stream);
    return bc_spike_description_write(err, path, &d);
}
