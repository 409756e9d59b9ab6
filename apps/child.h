/* A child process of this program that tells what it does in lines, and is not waited for longer than wanted. */
#ifndef BC_APPS_CHILD_H
#define BC_APPS_CHILD_H

#include "host/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { APP_LINE = 1024, APP_CHILD_ARGUMENTS = 64 };

typedef struct app_child {
    pid_t process;
    int lines;               /* the end of its standard output that is read */
    char text[2 * APP_LINE]; /* read, and not yet taken */
    size_t used;
} app_child;

typedef enum app_heard { APP_HEARD_LINE, APP_HEARD_END, APP_HEARD_NOTHING, APP_HEARD_INTERRUPT } app_heard;

/* Starts this program again; arguments without its name, ended by NULL. It shares stderr, and nothing of OpenCL. */
bc_status app_child_start(bc_error *err, const char *const *arguments, app_child *out);
/* The next line, without its end; NOTHING: there was none for so long; INTERRUPT: the user wants to stop. */
app_heard app_child_hear(app_child *child, double seconds, char line[APP_LINE]);
/* Kills it where it still runs. `how`: how it had ended, "by signal 11 (Segmentation fault)" or "with status 1". */
void app_child_end(app_child *child, char how[80]);

#endif
