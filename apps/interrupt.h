/* Ctrl-C: the first asks long work to stop after the step, save and exit; the second kills. */
#ifndef BC_APPS_INTERRUPT_H
#define BC_APPS_INTERRUPT_H

#include <stdbool.h>

void app_interrupt_install(void); /* SIGINT and SIGTERM */
bool app_interrupted(void);

#endif
