#include "bicross/data/spike_feed.h"

#include "bicross/data/spike_pipe.h"
#include "bicross/data/spike_reader.h"
#include "host/base/clock.h"
#include "host/base/thread.h"

#include <stdlib.h>

enum { AHEAD = 2 }; /* windows that wait to be taken */

struct bc_spike_feed {
    bc_spike_reader *reader; /* one of these two is NULL */
    bc_spike_pipe *pipe;
    bc_spike_info info;
    int skip;
    bool drop;

    pthread_t thread;
    bool runs; /* there is a thread to be joined */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bc_feed_window waiting[AHEAD];
    int count, room; /* windows that wait, and that may */
    long dropped;
    bool closing, ended;
    bc_status status; /* of reading, and what there is to say of it */
    bc_error err;
};

/* --- the thread --- */

static bool is_closing(void *user) {
    bc_spike_feed *f = user;
    pthread_mutex_lock(&f->lock);
    bool closing = f->closing;
    pthread_mutex_unlock(&f->lock);
    return closing;
}

/* Window `number`, or an empty one after the last. */
static bc_status read_window(bc_spike_feed *f, bc_error *err, long number, bc_feed_window *w) {
    bc_status status;
    *w = (bc_feed_window){.number = number};
    if (f->pipe) {
        status = bc_spike_pipe_read(f->pipe, err, BC_SPIKE_FRAMES, is_closing, f, &w->spikes);
    } else {
        long first = f->skip + number * BC_SPIKE_FRAMES;
        if (first + BC_SPIKE_FRAMES > f->info.frames)
            return BC_OK;
        status = bc_spike_reader_window(f->reader, err, (int)first, BC_SPIKE_FRAMES, &w->spikes);
    }
    w->arrived = bc_seconds_now();
    return status;
}

static void forget_oldest(bc_spike_feed *f) {
    bc_spikes_release(&f->waiting[0].spikes);
    for (int i = 1; i < f->count; i++)
        f->waiting[i - 1] = f->waiting[i];
    f->count--;
    f->dropped++;
}

/* Hands a window over; false: nobody wants any more. */
static bool give(bc_spike_feed *f, bc_feed_window *w) {
    pthread_mutex_lock(&f->lock);
    while (f->count == f->room && !f->drop && !f->closing)
        pthread_cond_wait(&f->changed, &f->lock);
    bool wanted = !f->closing;
    if (wanted) {
        if (f->count == f->room)
            forget_oldest(f);
        f->waiting[f->count++] = *w;
        pthread_cond_broadcast(&f->changed);
    }
    pthread_mutex_unlock(&f->lock);
    if (!wanted)
        bc_spikes_release(&w->spikes);
    return wanted;
}

static bc_status skip_frames(bc_spike_feed *f, bc_error *err) {
    for (int left = f->pipe ? f->skip : 0; left > 0;) {
        bc_spike_stream passed;
        int count = left < BC_SPIKE_FRAMES ? left : BC_SPIKE_FRAMES;
        BC_TRY(bc_spike_pipe_read(f->pipe, err, count, is_closing, f, &passed));
        if (!passed.words)
            return BC_OK;
        bc_spikes_release(&passed);
        left -= count;
    }
    return BC_OK;
}

static void *read_ahead(void *user) {
    bc_spike_feed *f = user;
    bc_error err = {0};
    bc_status status = skip_frames(f, &err);
    for (long number = 0; status == BC_OK; number++) {
        bc_feed_window window;
        status = read_window(f, &err, number, &window);
        if (status != BC_OK || !window.spikes.words || !give(f, &window))
            break;
    }
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    f->status = status;
    f->err = err;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* --- opening and closing --- */

static bc_status open_source(bc_error *err, const char *path, const bc_spike_format *format,
                             bc_spike_feed *f) {
    if (bc_spike_is_pipe(path)) {
        BC_TRY(bc_spike_pipe_open(err, path, format, &f->pipe));
        f->info = bc_spike_pipe_info(f->pipe);
        return BC_OK;
    }
    BC_TRY(bc_spike_reader_open(err, path, format, &f->reader));
    f->info = bc_spike_reader_info(f->reader);
    if (f->info.frames - f->skip < BC_SPIKE_FRAMES)
        return bc_fail(err, BC_E_FORMAT, "%s has %d frames, expected at least %d from frame %d on", path,
                       f->info.frames, BC_SPIKE_FRAMES, f->skip);
    return BC_OK;
}

/* Waits are by the clock that is never set back. */
static bool make_lock(bc_spike_feed *f) {
    pthread_condattr_t clock;
    if (pthread_condattr_init(&clock) != 0)
        return false;
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    bool made = pthread_cond_init(&f->changed, &clock) == 0;
    pthread_condattr_destroy(&clock);
    if (made && pthread_mutex_init(&f->lock, NULL) != 0) {
        pthread_cond_destroy(&f->changed);
        made = false;
    }
    return made;
}

bc_status bc_spike_feed_open(bc_error *err, const char *path, const bc_spike_format *format, int skip,
                             bool drop, bc_spike_feed **out) {
    bc_spike_feed *f = calloc(1, sizeof *f);
    *out = NULL;
    if (!f || !make_lock(f)) {
        free(f);
        return bc_fail(err, BC_E_MEMORY, "no memory to read %s", path);
    }
    f->skip = skip;
    f->drop = drop;
    f->room = drop ? 1 : AHEAD; /* what is wanted then is the newest alone */
    bc_status status = open_source(err, path, format, f);
    if (status == BC_OK)
        *out = f;
    else
        bc_spike_feed_close(f);
    return status;
}

bc_status bc_spike_feed_start(bc_spike_feed *f, bc_error *err) {
    f->runs = bc_thread_start(&f->thread, read_ahead, f);
    return f->runs ? BC_OK : bc_fail(err, BC_E_MEMORY, "cannot start a thread to read spikes");
}

void bc_spike_feed_close(bc_spike_feed *f) {
    if (!f)
        return;
    if (f->runs) {
        pthread_mutex_lock(&f->lock);
        f->closing = true;
        pthread_cond_broadcast(&f->changed);
        pthread_mutex_unlock(&f->lock);
        pthread_join(f->thread, NULL);
    }
    for (int i = 0; i < f->count; i++)
        bc_spikes_release(&f->waiting[i].spikes);
    bc_spike_reader_close(f->reader);
    bc_spike_pipe_close(f->pipe);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

bc_spike_info bc_spike_feed_info(const bc_spike_feed *f) {
    return f->info;
}

long bc_spike_feed_dropped(bc_spike_feed *f) {
    pthread_mutex_lock(&f->lock);
    long dropped = f->dropped;
    pthread_mutex_unlock(&f->lock);
    return dropped;
}

/* --- taking --- */

/* Until something has changed, at most a tenth of a second. */
static void wait_a_little(bc_spike_feed *f) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 100000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&f->changed, &f->lock, &until);
}

bc_status bc_spike_feed_take(bc_spike_feed *f, bc_error *err, bool wait, bool (*stopped)(void),
                             bc_feed_window *out, bool *ended) {
    bc_status status = BC_OK;
    *out = (bc_feed_window){0};
    pthread_mutex_lock(&f->lock);
    while (wait && f->count == 0 && !f->ended && !stopped())
        wait_a_little(f);
    *ended = f->ended && f->count == 0;
    if (f->count > 0) {
        *out = f->waiting[0];
        for (int i = 1; i < f->count; i++)
            f->waiting[i - 1] = f->waiting[i];
        f->count--;
        pthread_cond_broadcast(&f->changed);
    } else if (f->ended && f->status != BC_OK) {
        *err = f->err;
        status = f->status;
    }
    pthread_mutex_unlock(&f->lock);
    return status;
}
