/* Progress of long work. */
#include "apps/progress.h"

#include "apps/bar.h"
#include "apps/weights.h"

#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "apps/common/terminal.h"
#include "host/base/clock.h"
#include "host/base/text.h"
#include "host/tuning/choices.h"

#include <string.h>
#include <unistd.h>

static const double plain_interval = 10, /* seconds between lines when nobody watches, */
    drawn_interval = 0.05,               /* and between two drawings when somebody may */
    short_work = 1;                      /* what only counts and takes less is not worth a line */

app_progress app_progress_begin(app_volume volume) {
    return (app_progress){.volume = volume, .terminal = app_terminal(STDERR_FILENO)};
}

void app_progress_end(app_progress *state) {
    if (state->open && !app_interrupted()) /* which ended the line */
        fputc('\n', stderr);
    state->open = false;
}

void app_progress_hide(app_progress *state) {
    if (!state->open)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    state->open = false;
}

/* Work of another name begins. */
static void enter(app_progress *state, const char *label) {
    if (state->label[0] && strncmp(state->label, label, sizeof state->label - 1) == 0)
        return;
    app_progress_end(state);
    snprintf(state->label, sizeof state->label, "%s", label);
    state->began = bc_seconds_now();
    state->first = 0;
    state->shown = 0;
    state->losses[0] = 0;
}

/* Whether a line is due: the first one of this work, the last one, and now and then. */
static bool due(const app_progress *state, bool last) {
    double interval = state->terminal ? drawn_interval : plain_interval;
    if (state->volume == APP_QUIET || app_interrupted())
        return false;
    bool hidden = state->terminal && !state->open;
    return last || hidden || state->shown == 0 || bc_seconds_now() - state->shown >= interval;
}

/* On a terminal it is drawn over the last one, at the width that the window has now. */
static void show(app_progress *state, const app_bar *bar) {
    enum { SPARED = 3 }; /* for the cursor, or ^C */
    char line[APP_BAR_TEXT];
    state->shown = bc_seconds_now();
    if (!state->terminal) {
        fprintf(stderr, "%s\n", app_bar_plain(line, bar));
        return;
    }
    int width = app_terminal_width(STDERR_FILENO) - SPARED;
    fprintf(stderr, "\r%s\033[K", app_bar_line(line, bar, width));
    fflush(stderr);
    state->open = true;
    if (bar->step >= bar->steps)
        app_progress_end(state);
}

/* --- training --- */

static void note_losses(app_progress *state, const bc_progress *p) {
    int room = (int)sizeof state->losses, n = 0;
    for (int i = 0; i < p->term_count && n < room; i++)
        n += snprintf(state->losses + n, (size_t)(room - n), "  %s %.4f", i ? p->term_names[i] : "loss",
                      (double)p->terms[i]);
    if (p->term_count && n < room)
        snprintf(state->losses + n, (size_t)(room - n), "  rate %.1e", (double)p->rate);
}

static void observe(void *user, const bc_progress *p) {
    app_progress *state = user;
    enter(state, p->label);
    note_losses(state, p);
    if (due(state, p->step >= p->steps))
        show(state,
             &(app_bar){p->label, p->step, p->steps, p->steps_per_second, p->seconds_left, state->losses});
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
    char size[32];
    app_progress *state = user;
    app_progress_end(state);
    if (!app_tells(state->volume))
        return;
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
    app_detail(state->volume, "%s: %s for activations and gradients", b->label,
               bc_size_text(b->plan_bytes, size));
    if (b->validation && b->validates_on_target)
        app_warn(state->volume,
                 "%s: validation is %s, as in the released code: what is chosen by it, rates and best "
                 "weights, has seen the labels of the target",
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

bc_observer app_observe(app_progress *state, const bc_host *host, app_volume volume) {
    char tuning[BC_TUNING_TEXT];
    *state = app_progress_begin(volume);
    bc_host_tuning_text(host, tuning);
    snprintf(state->device, sizeof state->device, "device %s; tuning %s", bc_host_device(host)->name, tuning);
    app_interrupt_install(volume, "this update");
    return (bc_observer){.user = state, .started = observe_start, .progress = observe, .stop = stop};
}

/* --- work that only counts --- */

void app_progress_count(app_progress *state, const char *label, long step, long steps) {
    enter(state, label);
    double now = bc_seconds_now(), rate = 0;
    if (step > 0 && !state->first) {
        state->first = step;
        state->paced = now;
    }
    if (step > state->first && now > state->paced)
        rate = (double)(step - state->first) / (now - state->paced);
    bool worth = state->shown > 0 || now - state->began >= short_work;
    if (worth && step > 0 && due(state, step >= steps))
        show(state, &(app_bar){label, step, steps, rate, rate > 0 ? (double)(steps - step) / rate : 0, ""});
}
