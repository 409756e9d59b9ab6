/* The standard streams. */
#include "apps/common/streams.h"

#include "apps/common/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void app_streams_prepare(void) {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            /* the wrong way round: reading from stdin and writing to the others fails; takes the lowest number */
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int app_streams_finish(int exit_status) {
    errno = 0;
    bool lost = fflush(stdout) != 0;
    int reason = lost ? errno : 0;
    if (!lost && !ferror(stdout))
        return exit_status;
    app_error("cannot write to standard output: %s", reason ? strerror(reason) : "an earlier write failed");
    return exit_status ? exit_status : 1;
}
