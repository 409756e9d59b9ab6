/* The calls that made a run folder, one a line of history.txt: when each ended, how long it took, the program's version, and its words. */
#ifndef BC_BICROSS_REPORT_HISTORY_H
#define BC_BICROSS_REPORT_HISTORY_H

#include "host/base/status.h"

#define BC_HISTORY_FILE "history.txt"

/* Adds this call, which began `seconds` ago: "2026-01-31T12:00:00Z  842 s  0.2.0  bicross train --config own.ini". Words with other characters than
 * a shell takes as they are stand in quotation marks. */
bc_status bc_history_add(bc_error *err, const char *folder, double seconds, int argc, char *const *argv);

#endif
