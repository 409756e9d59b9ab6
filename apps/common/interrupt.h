/* Ctrl-C, a request to end and a terminal that goes away: the first asks long work to stop after the step, save and exit, and says so; the
 * second of the same ends the process at once, as the signal does (a shell sees 130). Files are whole even then: they are renamed when they are. */
#ifndef BC_APPS_COMMON_INTERRUPT_H
#define BC_APPS_COMMON_INTERRUPT_H

#include "apps/common/say.h"

#include <stdbool.h>

/* SIGINT, SIGTERM, SIGHUP. `until` is what is finished before: "this update". */
void app_interrupt_install(app_volume volume, const char *until);
bool app_interrupted(void);

#endif
