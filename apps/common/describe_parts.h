/* What the kinds of descriptions share: questions about options, and writing them. */
#ifndef BC_APPS_COMMON_DESCRIBE_PARTS_H
#define BC_APPS_COMMON_DESCRIBE_PARTS_H

#include "apps/common/options.h"

#include <stdio.h>

/* An option that a word of the command line names; else an argument without a name, or no option at all. */
bool app_is_named(const app_option *option);
/* An argument without a name. */
bool app_is_argument(const app_option *option);
/* What it takes is a file or a folder. */
bool app_takes_path(const app_option *option);
/* Writes the words of "tfp|tfi", or nothing where it takes no words, with this between them. */
void app_print_words(FILE *out, const app_option *option, const char *between);
/* Writes text with `escape` before each of these characters. */
void app_print_escaped(FILE *out, const char *text, const char *characters, const char *escape);

#endif
