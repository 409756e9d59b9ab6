/* Patterns of paths, as data sets have them: "{scene}/{variant}/frames/rgb/Camera_0/rgb_{n}{.picture}".
 *
 * {name} is one or more characters without a slash; where the name is known already, just those. {.picture}, {.depth} and {.spikes} at the
 * end are any ending that such a file can be read from. Alternatives are separated by ';'. */
#ifndef BC_BICROSS_DATA_PATH_PATTERN_H
#define BC_BICROSS_DATA_PATH_PATTERN_H

#include "bicross/data/folder_list.h"

#include <stdbool.h>

enum { BC_PATTERN_PARTS = 6, BC_PATTERN_NAME = 16, BC_PATTERN_VALUE = 128, BC_PATTERN_PATH = 1024 };

typedef struct bc_path_part {
    char name[BC_PATTERN_NAME], value[BC_PATTERN_VALUE];
} bc_path_part;
typedef struct bc_path_parts {
    int count;
    bc_path_part part[BC_PATTERN_PARTS];
} bc_path_parts;

/* The value of a part, or NULL. */
const char *bc_path_part_value(const bc_path_parts *parts, const char *name);
/* One part more, or another value; what is too long is cut. */
void bc_path_part_set(bc_path_parts *parts, const char *name, const char *value);

/* Alternative `index`, from 0 on; false after the last. */
bool bc_path_alternative(const char *patterns, int index, char out[BC_PATTERN_PATH]);
/* Whether the path is one of this pattern (without alternatives); *parts, which may hold some already, gets the others. */
bool bc_path_match(const char *pattern, const char *path, bc_path_parts *parts);
/* The first alternative below `root` for which there is a file, whose parts are all known. */
bool bc_path_find(const char *root, const char *patterns, const bc_path_parts *parts,
                  char path[BC_PATTERN_PATH]);
/* The same for the first alternative whether it exists or not, for messages: {.picture} stays as it is. */
void bc_path_show(const char *root, const char *patterns, const bc_path_parts *parts,
                  char path[BC_PATTERN_PATH]);
/* All files below `root` of the first alternative that has any, in the order of bc_path_order; a stem is the path below root without its
 * ending. None is an empty list. */
bc_status bc_path_walk(bc_error *err, const char *root, const char *patterns, const bc_path_parts *known,
                       bc_folder_list *out);

#endif
