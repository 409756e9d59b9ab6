/* Files named on the command line: files, folders and patterns, and what their results are called. */
#ifndef BC_APPS_INPUTS_H
#define BC_APPS_INPUTS_H

#include "apps/common/options.h"
#include "bicross/formats/kind.h"

typedef struct app_input {
    char *path;
    char *
        name; /* its path below the folder that all have in common, with '-' for '/' and without ending: no two have the same */
} app_input;

typedef struct app_inputs {
    app_input *files;
    int count, capacity;
} app_inputs;

/* A folder stands for all files of the kind in it and below it; a word with *, ? or [ that names no file for those that it matches. Files
 * are in the order of the words. BC_E_FORMAT where two would have one name. */
bc_status app_inputs_list(bc_error *err, const app_paths *paths, const bc_kind *kind, app_inputs *out);
void app_inputs_release(app_inputs *inputs);

#endif
