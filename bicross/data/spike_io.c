/* Reading and writing spike files with what their descriptions say. */
#include "bicross/data/spike_files.h"

static bc_status read_all(bc_error *err, bc_spike_reader *r, bc_spike_stream *out) {
    size_t pixels = (size_t)r->info.height * (size_t)r->info.width;
    BC_TRY(
        bc_file_memory_check(err, r->path, pixels * (((size_t)r->info.frames + 31) / 32) * sizeof(uint32_t)));
    BC_TRY(bc_spike_reader_window(r, err, 0, r->info.frames, out));
    bc_status status = bc_spike_description_check_rate(err, r->path, &r->described, out);
    if (status != BC_OK)
        bc_spikes_release(out);
    return status;
}

bc_status bc_spikes_read(bc_error *err, const char *path, const bc_spike_format *format,
                         bc_spike_stream *out) {
    bc_spike_reader *reader;
    *out = (bc_spike_stream){0};
    BC_TRY(bc_spike_reader_open(err, path, format, &reader));
    bc_status status = read_all(err, reader, out);
    bc_spike_reader_close(reader);
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
    const bc_spike_file *file = bc_spike_file_of(path);
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
