/* Progress of long work. */
#include "apps/progress.h"

#include "apps/weights.h"

#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "host/base/clock.h"
#include "host/tuning/choices.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double plain_interval = 10; /* seconds between lines when nobody watches */

static const char *duration(double seconds, char text[32]) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(text, 32, "%ldh %02ldm", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(text, 32, "%ldm %02lds", s / 60, s % 60);
    else
        snprintf(text, 32, "%lds", s);
    return text;
}

static int terminal_width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* True when a line is due: always on a terminal; else at the start and end of a run and every few seconds. */
static bool due(app_progress *state, const char *label, bool last) {
    bool other = strncmp(state->label, label, sizeof state->label - 1) != 0;
    if (other) {
        app_progress_end(state);
        snprintf(state->label, sizeof state->label, "%s", label);
    }
    double now = bc_seconds_now();
    if (!state->terminal && !other && !last && now - state->last < plain_interval)
        return false;
    state->last = now;
    return true;
}

/* One line: on a terminal it overwrites the last one and is cut at the window's width. */
static void show(app_progress *state, long step, long steps, const char *details, bool last) {
    char bar[32] = "", line[512];
    if (state->terminal) {
        enum { CELLS = 20 };
        int full = steps > 0 ? (int)(step * CELLS / steps) : 0;
        snprintf(bar, sizeof bar, " [%.*s%*s]", full, "####################", CELLS - full, "");
    }
    int length = snprintf(line, sizeof line, "%s%s %ld/%ld%s", state->label, bar, step, steps, details);
    if (length >= (int)sizeof line)
        length = (int)sizeof line - 1;
    if (!state->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    int width = terminal_width() - 1;
    fprintf(stderr, "\r%.*s\033[K", length < width ? length : width, line);
    fflush(stderr);
    state->open = true;
    if (last)
        app_progress_end(state);
}

static void observe(void *user, const bc_progress *p) {
    app_progress *state = user;
    bool last = p->step >= p->steps;
    if (!due(state, p->label, last))
        return;
    char details[384], left[32];
    int n = 0;
    for (int i = 0; i < p->term_count && n < 256; i++)
        n += snprintf(details + n, sizeof details - (size_t)n, "  %s %.4f", p->term_names[i], p->terms[i]);
    snprintf(details + n, sizeof details - (size_t)n, "  rate %.1e  %.2f/s  %s left", p->rate,
             p->steps_per_second, duration(p->seconds_left, left));
    show(state, p->step, p->steps, details, last);
}

static void print_data(const char *role, const bc_dataset *data) {
    if (data)
        fprintf(stderr, "%s %s (%d samples), ", role, data->name, data->count);
}

static void print_start(const bc_beginning *b) {
    const bc_start *start = b->start;
    fprintf(stderr, "%s starts from %s: %d tensors read, %d drawn", b->label, start->path, start->loaded,
            start->drawn);
    app_load_report_print(&start->report, false);
    fputc('\n', stderr);
}

/* One line that says what will be done, to be read before hours are spent on it. */
static void observe_start(void *user, const bc_beginning *b) {
    app_progress *state = user;
    app_progress_end(state);
    fprintf(stderr, "%s: ", b->label);
    print_data("source", b->source);
    print_data("target", b->target);
    fprintf(stderr,
            "%ld updates of %d, %ld an epoch (a pass over %s); model %s at %d x %d (height x width); %s\n",
            b->steps, b->batch, b->steps_per_epoch, b->epoch, b->model->name, b->input_height, b->input_width,
            state->device);
    if (*b->shares)
        fprintf(stderr, "%s: of each batch the ranks have %s\n", b->label, b->shares);
    if (b->step > 0)
        fprintf(stderr, "%s goes on after update %ld\n", b->label, b->step);
    else if (b->start->path)
        print_start(b);
    if (b->step > 0 && b->ranks != b->ranks_then)
        fprintf(stderr,
                "%s goes on with %d rank%s after %d: the last bits are others than with as many as before\n",
                b->label, b->ranks, b->ranks == 1 ? "" : "s", b->ranks_then);
    if (*b->implied)
        fprintf(stderr, "%s: method = %s sets %s\n", b->label, b->method, b->implied);
    if (b->validation && b->validates_on_target)
        fprintf(
            stderr,
            "%s: warning: validation is %s, as in the released code: what is chosen by it, rates and best "
            "weights, has seen the labels of the target\n",
            b->label, b->validation->name);
    if (*b->departures)
        fprintf(stderr, "%s: method = code, but the released code has other settings: %s\n", b->label,
                b->departures);
}

bool app_progress_enough(const app_progress *state) {
    return state->stop_after > 0 && state->updates >= state->stop_after;
}

static bool stop(void *user) {
    app_progress *state = user;
    state->updates++;
    return app_interrupted() || app_progress_enough(state);
}

bc_observer app_observe(app_progress *state, const bc_host *host) {
    char tuning[BC_TUNING_TEXT];
    *state = (app_progress){.terminal = isatty(STDERR_FILENO)};
    bc_host_tuning_text(host, tuning);
    snprintf(state->device, sizeof state->device, "device %s; tuning %s", bc_host_device(host)->name, tuning);
    app_interrupt_install();
    return (bc_observer){.user = state, .started = observe_start, .progress = observe, .stop = stop};
}

void app_progress_end(app_progress *state) {
    if (state->open)
        fputc('\n', stderr);
    state->open = false;
}

void app_progress_count(app_progress *state, const char *label, long step, long steps) {
    if (due(state, label, step >= steps))
        show(state, step, steps, "", step >= steps);
}
