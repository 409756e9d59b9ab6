/* How the bits of raw spike files lie: size and layout, which the files themselves do not say. */
#ifndef BC_BICROSS_DATA_DAT_GEOMETRY_H
#define BC_BICROSS_DATA_DAT_GEOMETRY_H

#include "bicross/data/spike_files.h"

typedef struct bc_dat_geometry {
    int width, height;
    bc_dat_layout layout; /* BC_DAT_UNSAID: plain */
} bc_dat_geometry;

/* What streams come in, the usual camera's first; NULL after the last. */
const bc_dat_geometry *bc_dat_known(int index);
bool bc_dat_is_sensor(long height, long width);
/* BC_E_ARGUMENT: sides out of range, or not those of the layout. */
bc_status bc_dat_geometry_check(bc_error *err, const char *path, bc_dat_geometry g);
size_t bc_dat_row_bits(bc_dat_geometry g);
size_t bc_dat_frame_bytes(bc_dat_geometry g);
/* Whether so many bytes are whole frames. */
bool bc_dat_fits(bc_dat_geometry g, size_t bytes);
bool bc_dat_same(bc_dat_geometry a, bc_dat_geometry b);
/* "128 frames of 1000 x 1000 or ..." for the known ones but `taken` that the bytes fit. */
enum { BC_DAT_TEXT = 160 };
void bc_dat_list(size_t bytes, bc_dat_geometry taken, char text[BC_DAT_TEXT]);
/* Makes the reader, whose file is open, read frames that lie like this from byte `start` on. */
void bc_dat_lay(bc_spike_reader *reader, bc_dat_geometry g, size_t start, const bc_spike_format *format);

#endif
