/* A written configuration as lines that can be compared: whatever it says, also keys of other versions of the program. */
#ifndef BC_BICROSS_REPORT_CONFIG_LINES_H
#define BC_BICROSS_REPORT_CONFIG_LINES_H

#include "host/base/status.h"

#include <stdbool.h>

typedef struct bc_config_line {
    const char *section, *key, *value; /* into the text */
} bc_config_line;

typedef struct bc_config_lines {
    char *text; /* owned */
    bc_config_line *lines;
    int count, capacity;
} bc_config_lines;

/* Takes the text over, also on failure; comments and lines that are none are passed over. */
bc_status bc_config_lines_of(bc_error *err, char *text, bc_config_lines *out);
void bc_config_lines_release(bc_config_lines *config);
/* NULL: it is not said. */
const char *bc_config_lines_find(const bc_config_lines *config, const char *section, const char *key);
/* Whether both say the same, but for where a run lies and its seed. */
bool bc_config_lines_equal(const bc_config_lines *a, const bc_config_lines *b);
/* Whether a line tells one run from another, and not what it does: folder, seed. */
bool bc_config_line_of_run(const bc_config_line *line);

#endif
