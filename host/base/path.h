/* Small questions about file names. */
#ifndef BC_HOST_BASE_PATH_H
#define BC_HOST_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The last part of a path: a pointer into it. */
const char *bc_path_name(const char *path);
/* The ending of the last part, with its dot, or "" without one: a pointer into the path. */
const char *bc_path_ending(const char *path);
/* Whether the ending is this one (".npy"), ignoring case. */
bool bc_path_ends(const char *path, const char *ending);
/* The order of files wherever they are listed: text, in which runs of digits count as the numbers they are, of any length (1, 2,
 * 10, a9b, a10b). Negative, zero or positive; zero only for equal texts: what differs in leading zeros alone is in the order of
 * its characters (01 before 1). */
int bc_path_order(const char *a, size_t a_length, const char *b, size_t b_length);
/* The folder for what the program keeps between runs: $XDG_CACHE_HOME/bicross or ~/.cache/bicross, malloc'ed; NULL when neither
 * variable is set or memory is short. */
char *bc_cache_folder(void);

#endif
