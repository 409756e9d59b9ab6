/* Predicting spike streams window by window, recorded or live. */
#ifndef BC_APPS_STREAM_H
#define BC_APPS_STREAM_H

#include "apps/outputs.h"
#include "apps/progress.h"
#include "bicross/data/spike_feed.h"

typedef struct app_stream {
    const char *path, *name; /* name: for the files that come out; NULL: the stream is the only one */
    const bc_spike_format *format;
    int at;    /* frames that are passed over */
    bool drop; /* of a live stream: windows that come too fast */
    app_progress *progress;
} app_stream;

/* Every whole window of BC_SPIKE_FRAMES frames of a feed that has not begun; each output's name gets the number of its window. The network is laid out before the
 * first. Prints the range of each map and how long it took, and at the end windows a second and how many were dropped.
 * BC_E_INTERRUPTED after Ctrl-C, between two windows: what is written is whole. A live stream that is interrupted has ended, as it has
 * no other end. */
bc_status app_predict_stream(app_predictor *predictor, bc_spike_feed *feed, const app_stream *stream,
                             app_outputs *outputs);

#endif
