/* The formats of spike files. */
#include "bicross/data/spike_files.h"

static const bc_spike_file formats[] = {
    {BC_NPY, false, bc_spike_npy_read, bc_spike_npy_lay_out, bc_spike_npy_write},
    {BC_DAT, true, bc_spike_dat_read, bc_spike_dat_lay_out, bc_spike_dat_write},
};
const bc_kind bc_spike_kind = BC_KIND("a spike file", formats);

bool bc_spikes_raw(const char *path) {
    const bc_spike_file *file = bc_kind_find(&bc_spike_kind, path);
    return file && file->raw;
}
