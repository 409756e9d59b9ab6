/* What the commands that take weights say about them. */
#ifndef BC_APPS_WEIGHTS_H
#define BC_APPS_WEIGHTS_H

#include "bicross/train/weights.h"

/* One line on stderr: what the network is, or what is assumed; and what was overridden by hand. One more where the file has other
 * tensors than the network. */
void app_weights_print(const char *path, const bc_trained *network);
/* ", 1 resized (a), 2 of the file left out (b, c)": what a line about loading ends in; nothing when all was as it should. */
void app_load_report_print(const bc_load_report *report, bool missing);
/* Units a metre in 16-bit PNGs of depth. */
float app_depth_scale(const bc_config *config);

#endif
