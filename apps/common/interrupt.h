/* Ctrl-C, a request to end and a terminal that goes away: the first asks long work to stop after the step, save and exit; the second
 * kills. */
#ifndef BC_APPS_COMMON_INTERRUPT_H
#define BC_APPS_COMMON_INTERRUPT_H

#include <stdbool.h>

void app_interrupt_install(void); /* SIGINT, SIGTERM, SIGHUP */
bool app_interrupted(void);

#endif
