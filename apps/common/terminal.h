/* What is known of the terminal that a file descriptor leads to. */
#ifndef BC_APPS_COMMON_TERMINAL_H
#define BC_APPS_COMMON_TERMINAL_H

#include <stdbool.h>

/* One whose lines can be drawn over: not TERM=dumb. */
bool app_terminal(int file);
/* One that may be given colours, too: NO_COLOR (no-color.org) is not set. */
bool app_terminal_colours(int file);
/* Its columns now, which may change at any time; where it does not know, or there is no terminal, COLUMNS, else 80. */
int app_terminal_width(int file);

#endif
