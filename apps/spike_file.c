/* Layout of raw spike files, from options. */
#include "apps/spike_file.h"

#include <string.h>

bc_dat_format app_dat_format(const app_spike_format *format) {
    return (bc_dat_format){.width = format->size.width,
                           .height = format->size.height,
                           .msb_first = strcmp(format->bit_order, "msb") == 0,
                           .no_flip = format->no_flip};
}
