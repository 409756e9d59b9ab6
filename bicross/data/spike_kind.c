/* The formats of spike files. */
#include "bicross/data/spike_files.h"

#include "host/base/path.h"

#include <string.h>

static const bc_spike_file formats[] = {
    {BC_NPY, false, bc_spike_npy_open, bc_spike_array_lay_out, bc_spike_npy_write},
    {BC_NPZ, false, bc_spike_npz_open, bc_spike_array_lay_out, bc_spike_npz_write},
    {BC_DAT, true, bc_spike_dat_open, bc_spike_dat_lay_out, bc_spike_dat_write},
};
const bc_kind bc_spike_kind = BC_KIND("a spike file", formats);

const char *bc_spike_member_of(const char *path) {
    const char *colon = strrchr(path, ':');
    size_t ending = strlen(BC_NPZ);
    if (!colon || (size_t)(colon - path) < ending || strncasecmp(colon - ending, BC_NPZ, ending) != 0)
        return NULL;
    return colon + 1;
}

const bc_spike_file *bc_spike_file_of(const char *path) {
    return bc_kind_find(&bc_spike_kind, bc_spike_member_of(path) ? BC_NPZ : path);
}

bool bc_spikes_raw(const char *path) {
    const bc_spike_file *file = bc_spike_file_of(path);
    return file && file->raw;
}
