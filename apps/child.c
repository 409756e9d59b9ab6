/* Starting, hearing and ending a child process. */
#include "apps/child.h"

#include "apps/common/interrupt.h"
#include "host/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* argv of the child; spawn does not change the words that it is given as if it might. */
static int spawn(const char *const *arguments, int out, pid_t *process) {
    char *words[APP_CHILD_ARGUMENTS + 2] = {(char[]){"bicross"}};
    posix_spawn_file_actions_t files;
    for (int i = 0; arguments[i] && i < APP_CHILD_ARGUMENTS; i++)
        memcpy(&words[i + 1], &arguments[i], sizeof words[0]);
    int code = posix_spawn_file_actions_init(&files);
    if (code)
        return code;
    if ((code = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)) == 0 &&
        (code = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO)) == 0)
        code = posix_spawn(process, "/proc/self/exe", &files, NULL, words, environ);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

bc_status app_child_start(bc_error *err, const char *const *arguments, app_child *out) {
    int ends[2];
    *out = (app_child){.process = -1, .lines = -1};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return bc_fail(err, BC_E_FILE, "cannot make a pipe to a child process: %s", strerror(errno));
    int code = spawn(arguments, ends[1], &out->process);
    close(ends[1]);
    out->lines = ends[0];
    if (code == 0)
        return BC_OK;
    close(ends[0]);
    return bc_fail(err, BC_E_FILE, "cannot start a child process: %s", strerror(code));
}

/* Takes a line that is there already. One that is longer than fits is cut. */
static bool take_line(app_child *child, char line[APP_LINE]) {
    char *end = memchr(child->text, '\n', child->used);
    if (!end && child->used < sizeof child->text)
        return false;
    size_t length = end ? (size_t)(end - child->text) : child->used, taken = length + (end != NULL);
    snprintf(line, APP_LINE, "%.*s", (int)length, child->text);
    child->used -= taken;
    memmove(child->text, child->text + taken, child->used);
    return true;
}

app_heard app_child_hear(app_child *child, double seconds, char line[APP_LINE]) {
    double until = bc_seconds_now() + seconds;
    while (!take_line(child, line)) {
        struct pollfd wanted = {.fd = child->lines, .events = POLLIN};
        double left = until - bc_seconds_now();
        int ready = poll(&wanted, 1, left > 0 ? (int)ceil(1e3 * fmin(left, 1)) : 0);
        if (app_interrupted())
            return APP_HEARD_INTERRUPT;
        if (ready == 0 && left <= 0)
            return APP_HEARD_NOTHING;
        if (ready <= 0)
            continue;
        ssize_t count = read(child->lines, child->text + child->used, sizeof child->text - child->used);
        if (count == 0 || (count < 0 && errno != EINTR))
            return APP_HEARD_END;
        child->used += count > 0 ? (size_t)count : 0;
    }
    return APP_HEARD_LINE;
}

static void describe(int status, char how[80]) {
    if (WIFSIGNALED(status))
        snprintf(how, 80, "by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(how, 80, "with status %d", WEXITSTATUS(status));
}

/* A process that hangs in its driver may not even die: it is left behind then. */
static bool reap(pid_t process, double seconds, char how[80]) {
    static const struct timespec while_waiting = {.tv_nsec = 10000000};
    double until = bc_seconds_now() + seconds;
    int status;
    do {
        pid_t found = waitpid(process, &status, WNOHANG);
        if (found == process)
            describe(status, how);
        if (found != 0)
            return true;
        nanosleep(&while_waiting, NULL);
    } while (bc_seconds_now() < until);
    return false;
}

void app_child_end(app_child *child, char how[80]) {
    static const double to_leave = 1, to_die = 5;
    snprintf(how, 80, "without a word");
    close(child->lines);
    if (reap(child->process, to_leave, how))
        return;
    kill(child->process, SIGKILL);
    reap(child->process, to_die, how);
}
