/* The options that say how a raw .dat spike file is laid out. */
#ifndef BC_APPS_SPIKE_FILE_H
#define BC_APPS_SPIKE_FILE_H

#include "apps/options.h"
#include "bicross/spikes.h"

typedef struct app_spike_format {
    app_size size;
    const char *bit_order;
    bool no_flip;
} app_spike_format;

#define APP_SPIKE_FORMAT_DEFAULTS                                                                            \
    { .bit_order = "lsb" }
#define APP_SPIKE_FORMAT_OPTIONS(format)                                                                      \
    {"size", APP_SIZE, &(format).size, "HxW", "sensor size of a .dat file (250x400)", false, 0, 0},           \
        {"bit-order", APP_CHOICE, &(format).bit_order, "lsb|msb", "of the bytes of a .dat file (lsb)", false, \
         0,           0},                                                                                     \
    {                                                                                                         \
        "no-flip", APP_FLAG, &(format).no_flip, NULL, "the rows of the .dat file are top-down", false, 0, 0   \
    }

bc_dat_format app_dat_format(const app_spike_format *format);

#endif
