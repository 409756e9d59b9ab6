/* What the parts of NPZ files share: reading (npz.c) and writing (npz_write.c). */
#ifndef BC_BICROSS_FORMATS_NPZ_INTERNAL_H
#define BC_BICROSS_FORMATS_NPZ_INTERNAL_H

#include "bicross/formats/npz.h"

#include <zip.h>

struct bc_npz {
    zip_t *zip;
    uint8_t *bytes; /* of the file, which zip reads from */
};

/* FILE, NAME.npy: what messages call a member. */
void bc_npz_label(char label[BC_NPZ_LABEL], const char *path, const char *name);
/* BC_E_MEMORY or BC_E_FORMAT with libzip's reason. */
bc_status bc_npz_fail(bc_error *err, const char *path, const char *what, zip_error_t *reason);
/* BC_E_FORMAT: an array is larger than BC_NPZ_MEMBER. */
bc_status bc_npz_fail_size(bc_error *err, const char *label, uint64_t size);

#endif
