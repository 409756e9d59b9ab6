/* What the commands that take weights say about them. */
#ifndef BC_APPS_WEIGHTS_H
#define BC_APPS_WEIGHTS_H

#include "bicross/train/weights.h"

/* One line on stderr: what the network is, or what is assumed; and what was overridden by hand. */
void app_weights_print(const char *path, const bc_trained *network);
/* Units a metre in 16-bit PNGs of depth. */
float app_depth_scale(const bc_config *config);

#endif
