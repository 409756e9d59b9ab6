#include "apps/common/say.h"

#include "apps/common/terminal.h"

#include <stdio.h>
#include <unistd.h>

/* A bar may stand in the line (apps/progress.h): it makes room, and is drawn again below. */
static void clear_line(void) {
    if (app_terminal(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void say(const char *word, const char *colour, const char *format, va_list arguments) {
    bool coloured = app_terminal_colours(STDERR_FILENO);
    clear_line();
    if (word)
        fprintf(stderr, "%s%s:%s ", coloured ? colour : "", word, coloured ? "\033[0m" : "");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void app_error_list(const char *format, va_list arguments) {
    say("error", "\033[1;31m", format, arguments);
}

void app_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    app_error_list(format, arguments);
    va_end(arguments);
}

void app_warn(app_volume volume, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (volume > APP_QUIET)
        say("warning", "\033[1;33m", format, arguments);
    va_end(arguments);
}

void app_tell(app_volume volume, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (volume > APP_QUIET)
        say(NULL, NULL, format, arguments);
    va_end(arguments);
}

void app_detail(app_volume volume, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (volume >= APP_VERBOSE)
        say(NULL, NULL, format, arguments);
    va_end(arguments);
}

bool app_tells(app_volume volume) {
    if (volume > APP_QUIET)
        clear_line();
    return volume > APP_QUIET;
}
