/* Reading and writing spike files with what their descriptions say. */
#include "bicross/data/spike_files.h"
#include "host/base/path.h"

static bc_status fail_ending(bc_error *err, const char *path) {
    return bc_fail(err, BC_E_ARGUMENT, "%s: expected a spike file ending in .npy or .dat, found \"%s\"", path,
                   bc_path_ending(path));
}

bc_status bc_spikes_read(bc_error *err, const char *path, const bc_spike_format *format,
                         bc_spike_stream *out) {
    const bc_spike_format unsaid = {0};
    bc_spike_description described;
    bc_spike_format both;
    bool raw = bc_path_ends(path, ".dat");
    *out = (bc_spike_stream){0};
    if (!raw && !bc_path_ends(path, ".npy"))
        return fail_ending(err, path);
    BC_TRY(bc_spike_description_read(err, path, &described));
    BC_TRY(bc_spike_description_join(err, path, &described, format ? format : &unsaid, &both));
    bc_status status = raw ? bc_spike_dat_read(err, path, &both, described.format.width > 0, out)
                           : bc_spike_npy_read(err, path, &both, out);
    if (status == BC_OK && (status = bc_spike_description_check(err, path, &described, out)) != BC_OK)
        bc_spikes_release(out);
    return status;
}

/* Removing the old description first leaves, at worst, a file without one: that is asked about or said, never
 * misread. Where the file stays as it was, so does its description. */
static bc_status replace(bc_error *err, const char *path, const bc_spike_format *format,
                         const bc_spike_stream *stream) {
    bc_spike_description old;
    BC_TRY(bc_spike_description_read(err, path, &old));
    BC_TRY(bc_spike_description_remove(err, path));
    bc_status status = bc_path_ends(path, ".dat") ? bc_spike_dat_write(err, path, format, stream)
                                                  : bc_spike_npy_write(err, path, stream);
    if (status != BC_OK && old.there)
        bc_spike_description_write(NULL, path, &old);
    return status;
}

static bc_status write_npy(bc_error *err, const char *path, const bc_spike_stream *s) {
    bc_spike_format format = {.width = s->width, .height = s->height, .axes = "thw"};
    BC_TRY(replace(err, path, &format, s));
    if (!bc_spike_npy_doubt(s->frames, s->height, s->width))
        return BC_OK;
    return bc_spike_description_write(err, path,
                                      &(bc_spike_description){true, format, s->frames, bc_spikes_rate(s)});
}

static bc_status write_dat(bc_error *err, const char *path, const bc_spike_format *said,
                           const bc_spike_stream *s) {
    bc_spike_format format = said ? *said : (bc_spike_format){0};
    if ((format.width || format.height) && (format.width != s->width || format.height != s->height))
        return bc_fail(err, BC_E_ARGUMENT,
                       "%s: expected spikes of the format's %d x %d pixels, found %d x %d", path,
                       format.width, format.height, s->width, s->height);
    format.width = s->width;
    format.height = s->height;
    BC_TRY(replace(err, path, &format, s));
    return bc_spike_description_write(err, path,
                                      &(bc_spike_description){true, format, s->frames, bc_spikes_rate(s)});
}

bc_status bc_spikes_write(bc_error *err, const char *path, const bc_spike_format *format,
                          const bc_spike_stream *stream) {
    if (bc_path_ends(path, ".npy"))
        return write_npy(err, path, stream);
    if (bc_path_ends(path, ".dat"))
        return write_dat(err, path, format, stream);
    return fail_ending(err, path);
}
