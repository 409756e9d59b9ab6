/* bicross predict: depth of a picture or a spike stream. */
#include "apps/common/app.h"
#include "apps/predictor.h"
#include "apps/spike_file.h"
#include "apps/stream.h"
#include "apps/weights.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"

#include <stdlib.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    app_network network;
    const char *spikes, *rgb;
    app_outputs outputs;
    int at;
    bool stream, whole_image;
} arguments;

/* What cannot be written is said before anything is computed. */
static bc_status check_outputs(bc_error *err, const arguments *a, const bc_config *config) {
    if (!a->outputs.depth)
        return BC_OK;
    return bc_depth_check_range(err, a->outputs.depth, app_depth_scale(config), config->dmax);
}

static bc_status wrong_network(bc_error *err, const arguments *a, bool rgb) {
    return bc_fail(err, BC_E_ARGUMENT, "%s reads %s: give it --%s FILE", a->network.weights,
                   rgb ? "pictures" : "spikes", rgb ? "rgb" : "spikes");
}

static bc_status predict_picture(app_predictor *p, bc_error *err, const arguments *a) {
    bc_sample sample = {0};
    if (!p->network.rgb)
        return wrong_network(err, a, false);
    BC_TRY(bc_picture_read(err, a->rgb, &sample.width, &sample.height, &sample.rgb));
    bc_status status = app_predictor_run(p, &sample);
    bc_sample_release(&sample);
    return status == BC_OK ? app_write_outputs(p, &a->outputs, -1) : status;
}

/* The window of 128 frames that starts at `first`. */
static bc_status predict_window(app_predictor *p, bc_error *err, const bc_spike_stream *stream, int first) {
    bc_spike_stream window;
    BC_TRY(bc_spikes_window(err, stream, first, BC_SPIKE_FRAMES, &window));
    bc_sample sample = {.height = window.height, .width = window.width, .spikes = window.words};
    bc_status status = app_predictor_run(p, &sample);
    bc_spikes_release(&window);
    return status;
}

static bc_status predict_spikes(app_predictor *p, bc_error *err, const arguments *a) {
    bc_spike_stream stream;
    if (p->network.rgb)
        return wrong_network(err, a, true);
    BC_TRY(app_spikes_read(err, a->spikes, &a->format, &stream));
    bc_status status;
    if (stream.frames - a->at < BC_SPIKE_FRAMES)
        status = bc_fail(err, BC_E_FORMAT, "%s has %d frames, expected at least %d from frame %d on",
                         a->spikes, stream.frames, BC_SPIKE_FRAMES, a->at);
    else if (a->stream)
        status = app_predict_stream(p, &stream, a->at, &a->outputs);
    else if ((status = predict_window(p, err, &stream, a->at)) == BC_OK)
        status = app_write_outputs(p, &a->outputs, -1);
    bc_spikes_release(&stream);
    return status;
}

static bc_status predict(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    app_predictor predictor;
    BC_TRY(app_network_config(err, &a->network, &config));
    BC_TRY(app_host(err, &a->common, NULL, false, &host));
    bc_status status =
        app_predictor_open(host, &config, a->network.weights, a->whole_image, &a->outputs, &predictor);
    if (status == BC_OK) {
        app_weights_print(a->network.weights, &predictor.network);
        status = check_outputs(err, a, &predictor.network.config);
        if (status == BC_OK)
            status = (a->rgb ? predict_picture : predict_spikes)(&predictor, err, a);
        app_predictor_close(&predictor);
    }
    bc_host_close(host);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    char depth_help[80], uncertainty_help[80];
    snprintf(depth_help, sizeof depth_help, "metres (in a 16-bit PNG x %d, indoors x %d)", BC_UNITS_OUTDOOR,
             BC_UNITS_INDOOR);
    snprintf(uncertainty_help, sizeof uncertainty_help, "relative error to expect (in a PNG x %d)",
             BC_UNITS_UNCERTAINTY);
    const app_option options[] = {
        APP_NETWORK_OPTIONS(a.network),
        {"spikes", APP_SPIKES, &a.spikes, "FILE", "spike stream", false, 0, 0},
        {"rgb", APP_TEXT, &a.rgb, "FILE", "PNG picture (for a network of the stage pretrain)", false, 0, 0},
        {"depth", APP_DEPTH, &a.outputs.depth, "FILE", depth_help, false, 0, 0},
        {"uncertainty", APP_DEPTH, &a.outputs.uncertainty, "FILE", uncertainty_help, false, 0, 0},
        {"color", APP_PICTURE, &a.outputs.color, "FILE", "depth as colours", false, 0, 0},
        {"whole-image", APP_FLAG, &a.whole_image, NULL, "do not apply the crop that training used", false, 0,
         0},
        {"at", APP_INT, &a.at, "T", "first spike frame (0)", false, 0, 2147483647},
        {"stream", APP_FLAG, &a.stream, NULL, "every window of 128 frames, and how fast that is", false, 0,
         0},
        APP_SPIKE_FORMAT_OPTIONS(a.format),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_predict, options, argc, argv, &exit_status))
        return exit_status;
    if (!a.spikes == !a.rgb)
        return app_usage_error(&app_predict, "give either --spikes FILE or --rgb FILE");
    if (a.stream && a.rgb)
        return app_usage_error(&app_predict, "--stream goes with --spikes");
    bc_error err = {0};
    return app_exit(&app_predict, &err, predict(&err, &a));
}

const app_command app_predict = {
    "predict", "Predict depth and its uncertainty from spikes (or from a picture).",
    "bicross predict --weights weights.safetensors --spikes car.npy --depth car.pfm --color car.png", run};
