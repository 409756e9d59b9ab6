/* Spike streams on the device: firing rates and intervals. Kernels in cl_kernels/spike.cl. */
#ifndef BC_BICROSS_DATA_SPIKE_DEVICE_H
#define BC_BICROSS_DATA_SPIKE_DEVICE_H

#include "bicross/data/spikes.h"
#include "host/device/host.h"

/* TFP: firing rate over frames first..first+count-1, in [0,1], (height, width) floats. */
bc_status bc_spike_rate(bc_host *host, const bc_spike_stream *stream, int first, int count, float *rate);
/* TFI at frame t: 1 / (interval between the last spike at or before t and the first after t), in (0,1]. A spike missing
 * within `window` frames counts as lying at the window's edge (method.md 9.2, "middleTFI"); no spike on either side: 0. */
bc_status bc_spike_interval(bc_host *host, const bc_spike_stream *stream, int t, int window, float *image);

#endif
