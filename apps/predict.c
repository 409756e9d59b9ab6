/* bicross predict: depth of a picture or a spike stream. */
#include "apps/app.h"
#include "apps/predictor.h"
#include "apps/spike_file.h"
#include "bicross/image.h"
#include "bicross/path.h"
#include "host/clock.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    const char *weights, *model, *scene, *spikes, *rgb;
    app_size input;
    app_outputs outputs;
    int at;
    bool stream;
} arguments;

/* What the command line says, over the config.ini that training left beside the weights, over the model's own
 * input. */
static bc_status configure(bc_error *err, const arguments *a, bc_config *config) {
    char path[APP_PATH], folder[APP_PATH];
    snprintf(folder, sizeof folder, "%.*s", (int)(bc_path_name(a->weights) - a->weights), a->weights);
    BC_TRY(app_path(err, path, *folder ? folder : ".", "config.ini"));
    bc_config_defaults(config);
    bool trained_here = bc_file_exists(path);
    if (trained_here)
        BC_TRY(bc_config_read(err, path, config));
    if (a->model)
        snprintf(config->preset, sizeof config->preset, "%s", a->model);
    if (a->scene)
        snprintf(config->scene, sizeof config->scene, "%s", a->scene);
    if (!trained_here && strcmp(config->preset, "hybrid") == 0)
        config->input_height = config->input_width = 384;
    if (!trained_here && strcmp(config->scene, "indoor") == 0)
        config->dmax = 10;
    if (a->input.height) {
        config->input_height = a->input.height;
        config->input_width = a->input.width;
    }
    if (config->input_height % 32 || config->input_width % 32)
        return bc_fail(err, BC_E_ARGUMENT, "--input must have sides that are multiples of 32, not %dx%d",
                       config->input_height, config->input_width);
    return BC_OK;
}

static bc_status wrong_network(bc_error *err, const arguments *a, bool rgb) {
    return bc_fail(err, BC_E_ARGUMENT, "%s reads %s: give it --%s FILE", a->weights,
                   rgb ? "pictures" : "spikes", rgb ? "rgb" : "spikes");
}

static bc_status predict_picture(app_predictor *p, bc_error *err, const arguments *a) {
    bc_sample sample = {0};
    if (!p->network.rgb)
        return wrong_network(err, a, false);
    BC_TRY(bc_png_read_rgb(err, a->rgb, &sample.width, &sample.height, &sample.rgb));
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

/* One window after the other; each file's name gets the number of its window. */
static bc_status predict_stream(app_predictor *p, bc_error *err, const arguments *a,
                                const bc_spike_stream *stream) {
    int windows = (stream->frames - a->at) / BC_SPIKE_FRAMES;
    for (int i = 0; i < windows; i++) {
        double started = bc_seconds_now();
        BC_TRY(predict_window(p, err, stream, a->at + i * BC_SPIKE_FRAMES));
        printf("window %d of %d, %.1f ms: ", i + 1, windows, 1e3 * (bc_seconds_now() - started));
        BC_TRY(app_write_outputs(p, &a->outputs, i));
    }
    return BC_OK;
}

static bc_status predict_spikes(app_predictor *p, bc_error *err, const arguments *a) {
    bc_spike_stream stream;
    bc_dat_format format = app_dat_format(&a->format);
    if (p->network.rgb)
        return wrong_network(err, a, true);
    BC_TRY(bc_spikes_read(err, a->spikes, &format, &stream));
    bc_status status;
    if (stream.frames - a->at < BC_SPIKE_FRAMES)
        status = bc_fail(err, BC_E_FORMAT, "%s has %d frames, expected at least %d from frame %d on",
                         a->spikes, stream.frames, BC_SPIKE_FRAMES, a->at);
    else if (a->stream)
        status = predict_stream(p, err, a, &stream);
    else if ((status = predict_window(p, err, &stream, a->at)) == BC_OK)
        status = app_write_outputs(p, &a->outputs, -1);
    bc_spikes_release(&stream);
    return status;
}

static bc_status predict(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host;
    app_predictor predictor;
    BC_TRY(configure(err, a, &config));
    BC_TRY(app_host(err, &a->common, NULL, false, &host));
    bc_status status = app_predictor_open(host, &config, a->weights, &predictor);
    if (status == BC_OK) {
        status = (a->rgb ? predict_picture : predict_spikes)(&predictor, err, a);
        app_predictor_close(&predictor);
    }
    bc_host_close(host);
    return status;
}

static bool writable_kind(const char *path) {
    return !path || bc_path_ends(path, ".npy") || bc_path_ends(path, ".pfm") || bc_path_ends(path, ".png");
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .format = APP_SPIKE_FORMAT_DEFAULTS};
    const app_option options[] = {
        {"weights", APP_TEXT, &a.weights, "FILE", "safetensors file", true, 0, 0},
        {"spikes", APP_TEXT, &a.spikes, "FILE", "spike stream, .npy or .dat", false, 0, 0},
        {"rgb", APP_TEXT, &a.rgb, "FILE", "picture, .png (for a network of the stage pretrain)", false, 0, 0},
        {"depth", APP_TEXT, &a.outputs.depth, "FILE",
         "metres as .npy or .pfm, or 16-bit .png (x 256, indoors x 1000)", false, 0, 0},
        {"uncertainty", APP_TEXT, &a.outputs.uncertainty, "FILE",
         "relative error to expect, .npy or .pfm, or .png (x 1000)", false, 0, 0},
        {"color", APP_TEXT, &a.outputs.color, "FILE.png", "depth as colours", false, 0, 0},
        {"model", APP_CHOICE, &a.model, "hybrid|tiny",
         "network (that of the config.ini beside the weights, else tiny)", false, 0, 0},
        {"scene", APP_CHOICE, &a.scene, "outdoor|indoor",
         "scale of the depth output (likewise, else outdoor)", false, 0, 0},
        {"input", APP_SIZE, &a.input, "HxW",
         "network input (likewise, else 384x384 for hybrid, 64x128 for tiny)", false, 0, 0},
        {"at", APP_INT, &a.at, "T", "first spike frame (0)", false, 0, 2147483647},
        {"stream", APP_FLAG, &a.stream, NULL, "every window of 128 frames, with the time each takes", false,
         0, 0},
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
    if (!writable_kind(a.outputs.depth) || !writable_kind(a.outputs.uncertainty))
        return app_usage_error(&app_predict, "--depth and --uncertainty must end in .npy, .pfm or .png");
    bc_error err = {0};
    return app_exit(&app_predict, &err, predict(&err, &a));
}

const app_command app_predict = {
    "predict", "Predict depth and its uncertainty from spikes (or from a picture).",
    "bicross predict --weights weights.safetensors --spikes car.npy --depth car.pfm --color car.png", run};
