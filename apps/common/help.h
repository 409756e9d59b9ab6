/* What --help prints, from the tables of options: grouped, and wrapped to the terminal's width. */
#ifndef BC_APPS_COMMON_HELP_H
#define BC_APPS_COMMON_HELP_H

#include "apps/common/options.h"
#include "bicross/formats/kind.h"

#include <stdio.h>

/* Columns of what is read at leisure: the terminal's, within bounds. */
int app_help_width(int file);
/* Writes words, and breaks the line before one that would pass `width`; a word that is longer than a line is broken behind a '|' where
 * it has one. `column`: where the first line stands already; the others begin at `indent`. The last line is not ended; returns its column. */
int app_wrap(FILE *out, const char *text, int column, int indent, int width);
/* A line of two columns, the right one from `indent` on; what is too long for the left one has lines of its own. Ends the line. */
void app_wrap_pair(FILE *out, const char *left, const char *right, int indent, int width);

void app_print_help(const app_command *command, const app_option *options, int count);

/* The kind of file that such an option names; NULL: none, or any. */
const bc_kind *app_file_kind(app_kind kind);

#endif
