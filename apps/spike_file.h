/* Spike files of the command line: the options that say how they are laid out, and reading them aloud. */
#ifndef BC_APPS_SPIKE_FILE_H
#define BC_APPS_SPIKE_FILE_H

#include "apps/common/options.h"
#include "bicross/data/spike_reader.h"

typedef struct app_spike_format {
    app_size size;                         /* 0 x 0: not given */
    const char *bit_order, *axes, *layout; /* NULL: not given */
    bool no_flip;
} app_spike_format;

/* Of files to write. */
#define APP_SPIKE_ORDER_OPTIONS(format)                                                                      \
    {"bit-order",                                                                                            \
     APP_CHOICE,                                                                                             \
     &(format).bit_order,                                                                                    \
     "lsb|msb",                                                                                              \
     "of the bytes of a " BC_DAT " file (lsb)",                                                              \
     false,                                                                                                  \
     0,                                                                                                      \
     0},                                                                                                     \
    {                                                                                                        \
        "no-flip", APP_FLAG, &(format).no_flip, NULL, "the rows of the " BC_DAT " file are top-down", false, \
            0, 0                                                                                             \
    }
/* Of files to read. What is not given is what FILE.ini beside the file says, else the default. */
#define APP_SPIKE_FORMAT_OPTIONS(format)                                                                     \
    {"size",                                                                                                 \
     APP_SIZE,                                                                                               \
     &(format).size,                                                                                         \
     "HxW",                                                                                                  \
     "sensor size of a " BC_DAT " file (what FILE.ini says, else 250x400)",                                  \
     false,                                                                                                  \
     0,                                                                                                      \
     0},                                                                                                     \
        {"axes",                                                                                             \
         APP_CHOICE,                                                                                         \
         &(format).axes,                                                                                     \
         "thw|hwt|twh|wht",                                                                                  \
         "order of time, height and width in an array (thw, unless it looks like another)",                  \
         false,                                                                                              \
         0,                                                                                                  \
         0},                                                                                                 \
        {"layout",                                                                                           \
         APP_CHOICE,                                                                                         \
         &(format).layout,                                                                                   \
         "plain|rows|head|pcie",                                                                             \
         "of a " BC_DAT " file: rows padded to bytes, 16 more columns, 1000x1000 in rows of 1024 (plain)",   \
         false,                                                                                              \
         0,                                                                                                  \
         0},                                                                                                 \
        APP_SPIKE_ORDER_OPTIONS(format)

/* BC_E_ARGUMENT names an option that does not go with the ending of `path`. */
bc_status app_spike_options_check(bc_error *err, const char *path, const app_spike_format *format);
bc_spike_format app_spike_format_said(const app_spike_format *format);
/* BC_E_ARGUMENT: what is open at `path` has not the size that --size says. */
bc_status app_spikes_check_size(bc_error *err, const char *path, const app_spike_format *format,
                                const bc_spike_info *info);
bc_status app_spikes_open(bc_error *err, const char *path, const app_spike_format *format,
                          bc_spike_stream *out);
/* Opens a file to be read window by window, as the options say. */
bc_status app_spike_reader_open(bc_error *err, const char *path, const app_spike_format *format,
                                bc_spike_reader **out);
/* Says on stderr, in one line, what a file was taken for. `stream` is NULL where its spikes are not all in memory. */
void app_spikes_say(app_volume volume, const char *path, const bc_spike_info *info,
                    const bc_spike_stream *stream);
/* Reads a file aloud: both. */
bc_status app_spikes_read(bc_error *err, app_volume volume, const char *path, const app_spike_format *format,
                          bc_spike_stream *out);

#endif
