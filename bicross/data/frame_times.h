/* Which frame belongs to which spike file, where a data set says it by times and not by names: files timestamps.txt beside the spikes and
 * beside the frames of a sequence, with a line "NUMBER SECONDS" a file, in the order of the numbers in the names, from 0 on. */
#ifndef BC_BICROSS_DATA_FRAME_TIMES_H
#define BC_BICROSS_DATA_FRAME_TIMES_H

#include "bicross/data/path_pattern.h"

/* For each of `count` spike files, whose number is their part {n}, the number of the frame of its time, within 10 microseconds; -1: there is
 * none, as for the first of a sequence, before which nothing was recorded. `spikes` and `frames` are the patterns of the two files below
 * root; where either is missing, numbers are the same. *out is malloc'ed. BC_E_FORMAT names a line that is no time, or that goes back
 * in time, or a file whose number has none. */
bc_status bc_frame_times_match(bc_error *err, const char *root, const char *spikes, const char *frames,
                               const bc_path_parts *parts, int count, long **out);

#endif
