/* config.yaml of SpikeCV's data sets, of which the size of the sensor counts here. */
#ifndef BC_BICROSS_DATA_SPIKECV_CONFIG_H
#define BC_BICROSS_DATA_SPIKECV_CONFIG_H

#include "bicross/data/spikes.h"

/* Takes width and height from `spike_w` and `spike_h` of FOLDER/config.yaml where it has them and the format does not say them. No such
 * file is no failure; a value that is no size is BC_E_FORMAT. */
bc_status bc_spikecv_config_read(bc_error *err, const char *folder, bc_spike_format *format);

#endif
