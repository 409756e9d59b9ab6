/* What is said to people, on standard error; standard output has results only. One style (CONTRIBUTING.md, "Messages"). */
#ifndef BC_APPS_COMMON_SAY_H
#define BC_APPS_COMMON_SAY_H

#include <stdarg.h>
#include <stdbool.h>

/* How much: --quiet, neither, --verbose. */
typedef enum app_volume {
    APP_QUIET = -1, /* errors */
    APP_NORMAL,     /* warnings, and facts: what was read, what is done */
    APP_VERBOSE,    /* details, too */
} app_volume;

/* "error: ..." and "warning: ...", in red and yellow where the terminal may have colours. A line each; the end is added. */
void app_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void app_error_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
void app_warn(app_volume volume, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A fact that begins with the thing that it is about: "car.dat: 250 frames ...". */
void app_tell(app_volume volume, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_detail(app_volume volume, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Before what a caller writes to stderr itself in several pieces: true where facts are told, and then the line is clear of a bar. */
bool app_tells(app_volume volume);

#endif
