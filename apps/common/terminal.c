#include "apps/common/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool app_terminal(int file) {
    const char *kind = getenv("TERM");
    return isatty(file) && kind && *kind && strcmp(kind, "dumb") != 0;
}

bool app_terminal_colours(int file) {
    const char *unwanted = getenv("NO_COLOR");
    return app_terminal(file) && !(unwanted && *unwanted);
}

int app_terminal_width(int file) {
    enum { USUAL = 80, MOST = 10000 };
    struct winsize size;
    if (ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *said = getenv("COLUMNS");
    long columns = said ? strtol(said, NULL, 10) : 0;
    return columns > 0 && columns <= MOST ? (int)columns : USUAL;
}
