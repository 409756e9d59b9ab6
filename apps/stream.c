/* While the device computes a window, the next one is uploaded and the files of the one before are written. */
#include "apps/stream.h"

#include "apps/common/interrupt.h"
#include "host/base/clock.h"
#include "host/base/sort.h"

#include <math.h>
#include <stdlib.h>

typedef struct streaming {
    app_predictor *predictor;
    const bc_spike_stream *stream;
    int at, windows;
    const app_outputs *outputs;
    double started,
        first_done;    /* when the latest was given to the device, and when the first one's maps were there */
    double *latencies; /* seconds from the one to the other, of each window so far */
} streaming;

static bc_status upload(const streaming *s, int index) {
    bc_spike_stream window;
    BC_TRY(bc_spikes_window(s->predictor->err, s->stream, s->at + index * BC_SPIKE_FRAMES, BC_SPIKE_FRAMES,
                            &window));
    bc_sample sample = {.height = window.height, .width = window.width, .spikes = window.words};
    bc_status status = app_predictor_put(s->predictor, &sample);
    bc_spikes_release(&window);
    return status;
}

static bc_status start(streaming *s) {
    s->started = bc_seconds_now();
    return bc_predictor_run(&s->predictor->maps);
}

static bc_status run(streaming *s) {
    BC_TRY(upload(s, 0));
    BC_TRY(start(s));
    for (int i = 0; i < s->windows; i++) {
        bool more = i + 1 < s->windows;
        if (more)
            BC_TRY(upload(s, i + 1));
        BC_TRY(bc_predictor_read(&s->predictor->maps));
        double now = bc_seconds_now();
        s->latencies[i] = now - s->started;
        if (i == 0)
            s->first_done = now;
        if (more)
            BC_TRY(start(s));
        printf("window %d of %d, %.1f ms: ", i + 1, s->windows, 1e3 * s->latencies[i]);
        BC_TRY(app_write_outputs(s->predictor, s->outputs, i));
        if (more && app_interrupted())
            return bc_fail(s->predictor->err, BC_E_INTERRUPTED, "interrupted after %d of %d windows", i + 1,
                           s->windows);
    }
    return BC_OK;
}

/* Nearest rank. */
static double percentile(const double *sorted, int count, double share) {
    int rank = (int)ceil(share * count);
    return sorted[rank > 1 ? rank - 1 : 0];
}

/* Without the first window, for which the network is laid out and kernels may be compiled. */
static void print_speed(streaming *s, double seconds) {
    int count = s->windows - 1;
    double *sorted = s->latencies + 1;
    if (count == 0)
        return;
    bc_sort_ascending(sorted, count);
    printf("%.2f windows/s, a window takes p50 %.1f ms, p99 %.1f ms (without the first)\n", count / seconds,
           1e3 * percentile(sorted, count, 0.5), 1e3 * percentile(sorted, count, 0.99));
}

bc_status app_predict_stream(app_predictor *predictor, const bc_spike_stream *stream, int at,
                             const app_outputs *outputs) {
    streaming s = {predictor, stream, at, (stream->frames - at) / BC_SPIKE_FRAMES, outputs, 0, 0, NULL};
    s.latencies = calloc((size_t)s.windows, sizeof *s.latencies);
    if (!s.latencies)
        return bc_fail(predictor->err, BC_E_MEMORY, "no memory for the times of %d windows", s.windows);
    app_interrupt_install();
    bc_status status = run(&s);
    if (status == BC_OK)
        print_speed(&s, bc_seconds_now() - s.first_done);
    free(s.latencies);
    return status;
}
