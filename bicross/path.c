/* Small questions about file names. */
#include "bicross/path.h"

#include <string.h>
#include <strings.h>

const char *bc_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *bc_path_ending(const char *path) {
    const char *name = bc_path_name(path), *dot = strrchr(name, '.');
    return dot && dot != name ? dot : name + strlen(name);
}

bool bc_path_ends(const char *path, const char *ending) {
    return strcasecmp(bc_path_ending(path), ending) == 0;
}
