/* While the device computes a window, the next one is read and uploaded, and the files of the one before are written. */
#include "apps/stream.h"

#include "apps/common/interrupt.h"
#include "host/base/clock.h"
#include "host/base/sort.h"

#include <math.h>
#include <stdlib.h>

enum { REMEMBERED = 4096 }; /* windows whose times are kept: a live stream may have no end */

typedef struct streaming {
    app_predictor *predictor;
    bc_spike_feed *feed;
    const app_stream *stream;
    app_outputs *outputs;
    long expected; /* windows; 0: nobody knows */
    bool ended;
    long done;
    double began, started;      /* the first window was there; the latest was given to the device */
    double seconds[REMEMBERED]; /* of the latest windows, in a circle */
} streaming;

static bc_sample sample_of(const bc_feed_window *w) {
    return (bc_sample){.height = w->spikes.height, .width = w->spikes.width, .spikes = w->spikes.words};
}

/* Lays the network out for the stream's size, and compiles what has to be compiled, before there is anything to wait for it. */
static bc_status warm_up(streaming *s) {
    bc_spike_info info = bc_spike_feed_info(s->feed);
    bc_feed_window dark = {0};
    BC_TRY(bc_spikes_create(s->predictor->err, BC_SPIKE_FRAMES, info.height, info.width, &dark.spikes));
    bc_sample sample = sample_of(&dark);
    bc_status status = app_predictor_run(s->predictor, &sample);
    bc_spikes_release(&dark.spikes);
    return status;
}

/* Takes the next window, if there is one, and uploads it. */
static bc_status take(streaming *s, bool wait, bc_feed_window *w) {
    BC_TRY(bc_spike_feed_take(s->feed, s->predictor->err, wait, app_interrupted, w, &s->ended));
    if (!w->spikes.words)
        return BC_OK;
    bc_sample sample = sample_of(w);
    return app_predictor_put(s->predictor, &sample);
}

static bc_status start(streaming *s) {
    s->started = bc_seconds_now();
    return bc_predictor_run(&s->predictor->maps);
}

static void print_window(const streaming *s, long number, double seconds) {
    if (s->stream->name)
        printf("%s, ", s->stream->name);
    printf("window %ld", number + 1);
    if (s->expected)
        printf(" of %ld", s->expected);
    printf(", %.1f ms: ", 1e3 * seconds);
}

/* A live window's time counts from its last frame to its files, as whoever waits for them sees it; a recorded one's is the device's. */
static bc_status finish(streaming *s, const bc_feed_window *w, double computed) {
    bc_sample sample = sample_of(w);
    app_progress_hide(s->stream->progress);
    print_window(s, w->number, computed);
    BC_TRY(app_outputs_write(s->outputs, s->predictor, &sample, s->stream->name, w->number));
    if (s->expected)
        app_progress_count(s->stream->progress, s->stream->name ? s->stream->name : "predicting", s->done + 1,
                           s->expected);
    s->seconds[s->done++ % REMEMBERED] = s->expected ? computed : bc_seconds_now() - w->arrived;
    return BC_OK;
}

/* One window; *next is the one that is computed meanwhile, if it is there already. */
static bc_status compute(streaming *s, const bc_feed_window *w, bc_feed_window *next) {
    BC_TRY(take(s, false, next));
    BC_TRY(bc_predictor_read(&s->predictor->maps));
    double computed = bc_seconds_now() - s->started;
    if (next->spikes.words)
        BC_TRY(start(s));
    BC_TRY(finish(s, w, computed));
    if (next->spikes.words || s->ended || app_interrupted())
        return BC_OK;
    BC_TRY(take(s, true, next));
    return next->spikes.words ? start(s) : BC_OK;
}

static bc_status interrupted(const streaming *s) {
    bc_error *err = s->predictor->err;
    return s->expected
               ? bc_fail(err, BC_E_INTERRUPTED, "interrupted after %ld of %ld windows", s->done, s->expected)
               : bc_fail(err, BC_E_INTERRUPTED, "interrupted after %ld windows", s->done);
}

static bc_status run(streaming *s) {
    bc_feed_window w, next;
    BC_TRY(bc_spike_feed_start(s->feed, s->predictor->err));
    BC_TRY(take(s, true, &w));
    s->began = w.arrived;
    bc_status status = w.spikes.words ? start(s) : BC_OK;
    while (status == BC_OK && w.spikes.words && !app_interrupted()) {
        next = (bc_feed_window){0};
        status = compute(s, &w, &next);
        bc_spikes_release(&w.spikes);
        w = next;
    }
    bool more = w.spikes.words != NULL || !s->ended;
    bc_spikes_release(&w.spikes);
    return status == BC_OK && more ? interrupted(s) : status;
}

/* Nearest rank. */
static double percentile(const double *sorted, int count, double share) {
    int rank = (int)ceil(share * count);
    return sorted[rank > 1 ? rank - 1 : 0];
}

static void print_speed(streaming *s) {
    int count = s->done < REMEMBERED ? (int)s->done : REMEMBERED;
    long dropped = bc_spike_feed_dropped(s->feed);
    if (count == 0)
        return;
    double seconds = bc_seconds_now() - s->began;
    bc_sort_ascending(s->seconds, count);
    printf("%.2f windows/s, a window takes p50 %.1f ms, p99 %.1f ms%s", (double)s->done / seconds,
           1e3 * percentile(s->seconds, count, 0.5), 1e3 * percentile(s->seconds, count, 0.99),
           s->expected ? "" : " from its last frame on");
    if (s->stream->drop)
        printf("; %ld of %ld dropped", dropped, dropped + s->done);
    putchar('\n');
}

bc_status app_predict_stream(app_predictor *predictor, bc_spike_feed *feed, const app_stream *stream,
                             app_outputs *outputs) {
    streaming *s = calloc(1, sizeof *s);
    bc_spike_info info = bc_spike_feed_info(feed);
    if (!s)
        return bc_fail(predictor->err, BC_E_MEMORY, "no memory for the times of windows");
    *s = (streaming){.predictor = predictor, .feed = feed, .stream = stream, .outputs = outputs};
    s->expected = info.frames ? (info.frames - stream->at) / BC_SPIKE_FRAMES : 0;
    bc_status status = warm_up(s);
    if (status == BC_OK)
        status = run(s);
    if (status == BC_OK && s->done == 0)
        status = bc_fail(predictor->err, BC_E_FORMAT, "%s ended before %d frames of %d x %d (width x height)",
                         stream->path, BC_SPIKE_FRAMES, info.width, info.height);
    if (status == BC_OK || status == BC_E_INTERRUPTED)
        print_speed(s);
    free(s);
    return status;
}
