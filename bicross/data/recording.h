/* Long recordings as data sets: each spike file is cut into windows of 128 frames, which are read one by one, however long it is. */
#ifndef BC_BICROSS_DATA_RECORDING_H
#define BC_BICROSS_DATA_RECORDING_H

#include "bicross/data/layout.h"

enum {
    BC_RECORDING_WINDOWS = 1 << 20
}; /* of all files of a set: a stride of one frame may ask for very many */

/* The windows that begin at frames 0, stride, 2 stride, ... (options->stride) of one file, or of the files in a folder that the place's
 * layout has (bc_layout.recordings), the files in the order of the numbers in their names. A sample is called after its file and first
 * frame: car_000128. Where labels are wanted and there is a folder depth/ beside the files, samples are the windows that have one there,
 * under their name. BC_E_FORMAT: there is no file, one is shorter than a window, no window has a label, or there are too many. */
bc_status bc_recording_open(bc_host *host, const bc_place *place, const bc_file_set_options *options,
                            bc_dataset **out);

#endif
