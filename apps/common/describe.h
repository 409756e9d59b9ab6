/* The commands and their options for others: the man page and the completions of shells, printed from the tables of options.
 *
 * `bicross --describe KIND` writes one: its beginning, then each command's part, which the command's own parser hands to app_describe since
 * it alone has the table, and its end. */
#ifndef BC_APPS_COMMON_DESCRIBE_H
#define BC_APPS_COMMON_DESCRIBE_H

#include "apps/common/options.h"

#include <stdio.h>

#define APP_DESCRIBE "--describe"

/* One kind of description, which goes to `out`. */
typedef struct app_description {
    const char *name; /* "man" */
    void (*begin)(FILE *out, const app_command *const *commands, int count);
    void (*command)(FILE *out, const app_command *command, const app_option *options, int count);
    void (*end)(FILE *out);
} app_description;

/* In a file each. */
extern const app_description app_describe_man, app_describe_bash, app_describe_zsh, app_describe_fish;

/* All of it to standard output; the exit status: 2 where there is no such kind, after saying so. */
int app_describe_all(const char *kind, const app_command *const *commands, int count);
/* False: the command line (`bicross COMMAND --describe KIND`) does not ask for it. */
bool app_describe(const app_command *command, const app_option *options, int count, int argc, char **argv);

#endif
