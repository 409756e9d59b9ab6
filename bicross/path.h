/* Small questions about file names. */
#ifndef BC_BICROSS_PATH_H
#define BC_BICROSS_PATH_H

#include <stdbool.h>

/* The last part of a path: a pointer into it. */
const char *bc_path_name(const char *path);
/* The ending of the last part, with its dot, or "" without one: a pointer into the path. */
const char *bc_path_ending(const char *path);
/* Whether the ending is this one (".npy"), ignoring case. */
bool bc_path_ends(const char *path, const char *ending);

#endif
