/* Reading spike files as the command line says. */
#include "apps/spike_file.h"

#include "bicross/formats/npz.h"

#include <stdio.h>
#include <string.h>

bc_status app_spike_options_check(bc_error *err, const char *path, const app_spike_format *format) {
    bool raw = bc_spikes_raw(path);
    const char *of_raw = format->bit_order ? "--bit-order"
                         : format->no_flip ? "--no-flip"
                         : format->layout  ? "--layout"
                                           : NULL;
    if (raw && format->axes)
        return bc_fail(err, BC_E_ARGUMENT, "--axes goes with " BC_NPY " and " BC_NPZ " files, not with %s",
                       path);
    if (!raw && of_raw)
        return bc_fail(err, BC_E_ARGUMENT, "%s goes with " BC_DAT " files, not with %s", of_raw, path);
    return BC_OK;
}

bc_spike_format app_spike_format_said(const app_spike_format *format) {
    bc_spike_format said = {.width = format->size.width, .height = format->size.height};
    if (format->bit_order)
        said.bits = strcmp(format->bit_order, "msb") == 0 ? BC_BITS_MSB : BC_BITS_LSB;
    if (format->layout)
        said.layout = (bc_dat_layout)app_choice(format->layout, bc_dat_layout_words);
    if (format->no_flip)
        said.rows = BC_ROWS_TOP_DOWN;
    if (format->axes)
        snprintf(said.axes, sizeof said.axes, "%s", format->axes);
    return said;
}

void app_spikes_say(app_volume volume, const char *path, const bc_spike_info *info,
                    const bc_spike_stream *stream) {
    if (!app_tells(volume))
        return;
    fprintf(stderr, "%s: ", path);
    if (info->frames)
        fprintf(stderr, "%d ", info->frames);
    fprintf(stderr, "frames of %d x %d (width x height)", info->width, info->height);
    if (stream)
        fprintf(stderr, ", rate %.4f", bc_spikes_rate(stream));
    if (info->size_assumed) {
        char others[160];
        bc_spikes_other_sizes(info, others);
        fprintf(stderr, "; the size is assumed%s%s: say --size HxW",
                others[0] ? ", the bytes would also be " : "", others);
    }
    if (info->cut)
        fprintf(stderr, "; the last frame is cut off: its %zu bytes are passed over", info->cut);
    fputc('\n', stderr);
}

bc_status app_spikes_check_size(bc_error *err, const char *path, const app_spike_format *format,
                                const bc_spike_info *info) {
    const app_size *said = &format->size;
    if (!said->width || (said->width == info->width && said->height == info->height))
        return BC_OK;
    return bc_fail(err, BC_E_ARGUMENT,
                   "%s: expected %d x %d pixels (width x height) by --size, found %d x %d", path, said->width,
                   said->height, info->width, info->height);
}

bc_status app_spikes_open(bc_error *err, const char *path, const app_spike_format *format,
                          bc_spike_stream *out) {
    bc_spike_format said = app_spike_format_said(format);
    BC_TRY(app_spike_options_check(err, path, format));
    BC_TRY(bc_spikes_read(err, path, &said, out));
    bc_spike_info info = bc_spikes_info(out);
    bc_status status = app_spikes_check_size(err, path, format, &info);
    if (status != BC_OK)
        bc_spikes_release(out);
    return status;
}

bc_status app_spikes_read(bc_error *err, app_volume volume, const char *path, const app_spike_format *format,
                          bc_spike_stream *out) {
    BC_TRY(app_spikes_open(err, path, format, out));
    bc_spike_info info = bc_spikes_info(out);
    app_spikes_say(volume, path, &info, out);
    return BC_OK;
}

bc_status app_spike_reader_open(bc_error *err, const char *path, const app_spike_format *format,
                                bc_spike_reader **out) {
    bc_spike_format said = app_spike_format_said(format);
    *out = NULL;
    BC_TRY(app_spike_options_check(err, path, format));
    BC_TRY(bc_spike_reader_open(err, path, &said, out));
    bc_spike_info info = bc_spike_reader_info(*out);
    bc_status status = app_spikes_check_size(err, path, format, &info);
    if (status != BC_OK) {
        bc_spike_reader_close(*out);
        *out = NULL;
    }
    return status;
}
