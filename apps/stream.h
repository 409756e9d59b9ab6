/* Predicting a spike stream window by window. */
#ifndef BC_APPS_STREAM_H
#define BC_APPS_STREAM_H

#include "apps/predictor.h"
#include "bicross/data/spikes.h"

/* Every whole window of BC_SPIKE_FRAMES frames from frame `at` on, of which there is at least one. Each output's name gets the number
 * of its window. Prints the range of each and how long the device took until its maps were there, and at the end windows a second.
 * BC_E_INTERRUPTED after Ctrl-C, between two windows: what is written is whole. */
bc_status app_predict_stream(app_predictor *predictor, const bc_spike_stream *stream, int at,
                             const app_outputs *outputs);

#endif
