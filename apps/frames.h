/* A folder of pictures as a video. */
#ifndef BC_APPS_FRAMES_H
#define BC_APPS_FRAMES_H

#include "apps/progress.h"
#include "bicross/data/video.h"

/* The pictures of a folder in the order of their numbers, which are of one sequence and of one size; *greys, which the video is of, is malloc'ed and
 * the caller's, also on failure. Gaps between the numbers are a warning. */
bc_status app_frames_read(bc_error *err, app_progress *progress, const char *folder, bc_video *out,
                          float **greys);

#endif
