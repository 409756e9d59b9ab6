/* The flag that Ctrl-C sets: a signal handler can reach nothing but a global. */
#include "apps/common/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t interrupted;

static void handle(int signal_number) {
    (void)signal_number;
    interrupted = 1;
}

void app_interrupt_install(void) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool app_interrupted(void) {
    return interrupted != 0;
}
