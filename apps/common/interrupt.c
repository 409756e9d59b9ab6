/* The flag that Ctrl-C sets, and what it says: a signal handler can reach nothing but a global. */
#include "apps/common/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static char answer[128]; /* empty: none */

static void handle(int signal_number) {
    int error = errno;
    (void)signal_number;
    if (!interrupted)
        (void)!write(STDERR_FILENO, answer, strlen(answer));
    interrupted = 1;
    errno = error;
}

void app_interrupt_install(app_volume volume, const char *until) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESETHAND | SA_RESTART};
    /* A terminal has a bar and ^C in the line. */
    if (volume > APP_QUIET)
        snprintf(answer, sizeof answer, "%sstopping after %s; once more: at once\n",
                 isatty(STDERR_FILENO) ? "\n" : "", until);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool app_interrupted(void) {
    return interrupted != 0;
}
