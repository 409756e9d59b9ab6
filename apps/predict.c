/* bicross predict: depth of pictures or spike streams. */
#include "apps/common/interrupt.h"
#include "apps/common/ranks.h"
#include "apps/inputs.h"
#include "apps/outputs.h"
#include "apps/progress.h"
#include "apps/spike_file.h"
#include "apps/stream.h"
#include "apps/weights.h"
#include "bicross/data/spike_pipe.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/formats/ply.h"
#include "host/base/path.h"

#include <stdlib.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    app_network network;
    app_paths spikes, rgb;
    app_output_options outputs;
    const char *against; /* weights to compare with, or NULL */
    int at;
    bool stream, drop, whole_image;
} arguments;

/* Everything that inputs go through, one after the other. */
typedef struct prediction {
    bc_error *err;
    const arguments *a;
    bc_spike_format format;
    app_predictor predictor, before; /* before: of --against */
    app_outputs outputs;
    app_progress progress;
    int done, count; /* inputs */
} prediction;

/* A bar for one input would be full when there is something to show. */
static void count_inputs(prediction *p) {
    if (p->count > 1 && !p->a->stream)
        app_progress_count(&p->progress, "predicting", p->done, p->count);
}

/* --- one input --- */

/* `name`: for the files that come out; NULL where there is no other input. */
static bc_status predict_sample(prediction *p, const bc_sample *sample, const char *name) {
    count_inputs(p);
    BC_TRY(app_predictor_run(&p->predictor, sample));
    app_progress_hide(&p->progress);
    if (name)
        printf("%s: ", name);
    return app_outputs_write(&p->outputs, &p->predictor, sample, name, -1);
}

static bc_status predict_picture(prediction *p, const char *path, const char *name) {
    bc_sample sample = {0};
    BC_TRY(bc_picture_read(p->err, path, &sample.width, &sample.height, &sample.rgb));
    bc_status status = predict_sample(p, &sample, name);
    bc_sample_release(&sample);
    return status;
}

/* The window of 128 frames that starts at --at. */
static bc_status read_window(prediction *p, const char *path, bc_spike_stream *out) {
    bc_spike_reader *reader;
    int at = p->a->at;
    BC_TRY(app_spike_reader_open(p->err, path, &p->a->format, &reader));
    bc_spike_info info = bc_spike_reader_info(reader);
    app_progress_hide(&p->progress);
    app_spikes_say(p->a->common.volume, path, &info, NULL);
    bc_status status = BC_OK;
    if (info.frames - at < BC_SPIKE_FRAMES)
        status = bc_fail(p->err, BC_E_FORMAT, "%s has %d frames, expected at least %d from frame %d on", path,
                         info.frames, BC_SPIKE_FRAMES, at);
    if (status == BC_OK)
        status = bc_spike_reader_window(reader, p->err, at, BC_SPIKE_FRAMES, out);
    bc_spike_reader_close(reader);
    return status;
}

static bc_status predict_window(prediction *p, const char *path, const char *name) {
    bc_spike_stream window = {0};
    BC_TRY(read_window(p, path, &window));
    bc_sample sample = {.height = window.height, .width = window.width, .spikes = window.words};
    bc_status status = predict_sample(p, &sample, name);
    bc_spikes_release(&window);
    return status;
}

static bc_status predict_stream(prediction *p, const char *path, const char *name) {
    const arguments *a = p->a;
    bc_spike_feed *feed;
    app_stream stream = {path, name, &p->format, a->at, a->drop, &p->progress};
    if (!bc_spike_is_pipe(path))
        BC_TRY(app_spike_options_check(p->err, path, &a->format));
    BC_TRY(bc_spike_feed_open(p->err, path, &p->format, a->at, a->drop, &feed));
    bc_spike_info info = bc_spike_feed_info(feed);
    app_spikes_say(p->a->common.volume, path, &info, NULL);
    bc_status status = app_spikes_check_size(p->err, path, &a->format, &info);
    if (status == BC_OK)
        status = app_predict_stream(&p->predictor, feed, &stream, &p->outputs);
    bc_spike_feed_close(feed);
    return status;
}

/* --- all of them --- */

static bc_status check_network(const prediction *p) {
    bool rgb = p->predictor.network.rgb;
    if (rgb == (p->a->rgb.count > 0))
        return BC_OK;
    return bc_fail(p->err, BC_E_ARGUMENT, "%s reads %s: give it --%s FILE", p->a->network.weights,
                   rgb ? "pictures" : "spikes", rgb ? "rgb" : "spikes");
}

static bc_status predict_inputs(prediction *p, const app_inputs *inputs) {
    const arguments *a = p->a;
    int ranks = bc_team_size(a->common.team);
    p->count = inputs->count;
    count_inputs(p);
    for (int i = bc_team_rank(a->common.team); i < inputs->count; i += ranks) {
        const char *path = inputs->files[i].path, *name = inputs->count > 1 ? inputs->files[i].name : NULL;
        if (app_interrupted())
            return bc_fail(p->err, BC_E_INTERRUPTED, "interrupted after %d of %d inputs", i, inputs->count);
        BC_TRY((a->rgb.count ? predict_picture : a->stream ? predict_stream : predict_window)(p, path, name));
        p->done = i + 1;
        count_inputs(p);
    }
    return app_outputs_finish(&p->outputs, p->err);
}

static bc_status predict_and_write(prediction *p, const app_inputs *inputs) {
    BC_TRY(check_network(p));
    BC_TRY(app_outputs_open(p->err, &p->a->outputs, &p->predictor.network.config, &p->outputs));
    p->outputs.before = p->a->against ? &p->before : NULL;
    app_interrupt_install(p->a->common.volume, "this input");
    bc_status status = predict_inputs(p, inputs);
    app_progress_end(&p->progress);
    app_outputs_close(&p->outputs);
    return status;
}

/* The other weights, where there are some. */
static bc_status open_before(prediction *p, bc_host *host, const bc_config *config) {
    const arguments *a = p->a;
    if (!a->against)
        return BC_OK;
    BC_TRY(app_predictor_open(host, config, a->against, a->whole_image, APP_NO_UNCERTAINTY, &p->before));
    app_weights_print(a->common.volume, a->against, &p->before.network);
    if (p->before.network.rgb == p->predictor.network.rgb)
        return BC_OK;
    app_predictor_close(&p->before);
    return bc_fail(p->err, BC_E_ARGUMENT, "%s reads %s, but %s reads %s: they cannot be compared", a->against,
                   p->predictor.network.rgb ? "spikes" : "pictures", a->network.weights,
                   p->predictor.network.rgb ? "pictures" : "spikes");
}

static bc_status predict_with(prediction *p, bc_host *host, const bc_config *config,
                              const app_inputs *inputs) {
    const arguments *a = p->a;
    app_uncertainty wanted = a->outputs.uncertainty                 ? APP_UNCERTAINTY
                             : a->outputs.sheet || a->outputs.cloud ? APP_UNCERTAINTY_IF_ANY
                                                                    : APP_NO_UNCERTAINTY;
    BC_TRY(app_predictor_open(host, config, a->network.weights, a->whole_image, wanted, &p->predictor));
    app_weights_print(a->common.volume, a->network.weights, &p->predictor.network);
    bc_status status = open_before(p, host, config);
    if (status == BC_OK) {
        status = predict_and_write(p, inputs);
        if (a->against)
            app_predictor_close(&p->before);
    }
    app_predictor_close(&p->predictor);
    return status;
}

/* What several ranks cannot make together: what is in one file or stream, or looks at the first map. */
static bc_status check_ranks(bc_error *err, const arguments *a) {
    const app_output_options *o = &a->outputs;
    const char *what = o->raw                  ? "--raw"
                       : o->sheet              ? "--sheet"
                       : o->color && !o->range ? "--color without --range"
                                               : NULL;
    return what && a->common.team
               ? bc_fail(err, BC_E_ARGUMENT, "%s is for one process: several ranks have an input each", what)
               : BC_OK;
}

static bc_status predict(bc_error *err, const arguments *a) {
    bc_config config;
    bc_host *host = NULL;
    app_inputs inputs;
    const bc_kind *kind = a->rgb.count ? &bc_picture_kind : &bc_spike_kind;
    prediction p = {.a = a,
                    .format = app_spike_format_said(&a->format),
                    .progress = app_progress_begin(a->common.volume)};
    BC_TRY(check_ranks(err, a));
    BC_TRY(app_network_config(err, &a->network, &config));
    BC_TRY(app_inputs_list(err, a->rgb.count ? &a->rgb : &a->spikes, kind, &inputs));
    bc_status status = app_host(err, &a->common, NULL, false, &host);
    if (status == BC_OK) {
        p.err = bc_host_error(host);
        status = predict_with(&p, host, &config, &inputs);
    }
    app_host_close(&a->common, host);
    app_inputs_release(&inputs);
    return status;
}

/* What the table of options cannot say. */
static const char *mistake(const arguments *a) {
    if ((a->spikes.count > 0) == (a->rgb.count > 0))
        return "give either --spikes PATH or --rgb PATH";
    if (a->stream && a->rgb.count)
        return "--stream goes with --spikes";
    if (a->drop && !a->stream)
        return "--drop goes with --stream";
    if (a->outputs.range && !a->outputs.color && !a->outputs.raw && !a->outputs.sheet)
        return "--range is of colours: it goes with --color, --raw or --sheet";
    if (a->outputs.cloud && !bc_path_ends(a->outputs.cloud, BC_PLY))
        return "--cloud must be a file name that ends in " BC_PLY;
    if ((a->outputs.focal || a->outputs.centre) && !a->outputs.cloud)
        return "--focal and --centre are the camera of --cloud";
    if (a->against && (!a->outputs.sheet || a->stream))
        return "--against is shown in --sheet, of whole inputs: it goes with --sheet, without --stream";
    for (int i = 0; i < a->spikes.count; i++)
        if (bc_spike_is_pipe(a->spikes.items[i]) && (!a->stream || a->spikes.count > 1))
            return "a pipe is read with --stream, and alone";
    return NULL;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .outputs = APP_OUTPUT_DEFAULTS};
    char depth_help[80], uncertainty_help[80];
    snprintf(depth_help, sizeof depth_help, "metres (in a 16-bit PNG x %d, indoors x %d)", BC_UNITS_OUTDOOR,
             BC_UNITS_INDOOR);
    snprintf(uncertainty_help, sizeof uncertainty_help, "relative error to expect (in a PNG x %d)",
             BC_UNITS_UNCERTAINTY);
    const app_option options[] = {
        APP_GROUP("Network"),
        APP_NETWORK_OPTIONS(a.network),
        APP_GROUP("Input"),
        {"spikes", APP_PATHS, &a.spikes, "PATH...",
         "spike streams: files, folders, patterns; with --stream also a pipe or - (standard input)", false, 0,
         0},
        {"rgb", APP_PATHS, &a.rgb, "PATH...", "pictures likewise (for a network of the stage pretrain)",
         false, 0, 0},
        APP_GROUP("Results"),
        {"depth", APP_DEPTH, &a.outputs.depth, "FILE", depth_help, false, 0, 0},
        {"uncertainty", APP_DEPTH, &a.outputs.uncertainty, "FILE", uncertainty_help, false, 0, 0},
        {"color", APP_PICTURE, &a.outputs.color, "FILE", "depth as colours", false, 0, 0},
        {"map", APP_CHOICE, &a.outputs.map, "viridis|inferno|magma|turbo|spectral", "of colours (viridis)",
         false, 0, 0},
        {"range", APP_TEXT, &a.outputs.range, "NEAR:FAR",
         "metres that the colours span (as in the first depth map)", false, 0, 0},
        {"no-bar", APP_FLAG, &a.outputs.no_bar, NULL, "colours without their scale", false, 0, 0},
        {"sheet", APP_PICTURE, &a.outputs.sheet, "FILE", "the first inputs, their depth and uncertainty",
         false, 0, 0},
        {"against", APP_TEXT, &a.against, "WEIGHTS",
         "in the sheet: what other weights say of the same, and what changed", false, 0, 0},
        {"cloud", APP_TEXT, &a.outputs.cloud, "FILE.ply", "points in space, with colour and uncertainty",
         false, 0, 0},
        {"focal", APP_TEXT, &a.outputs.focal, "FX[,FY]",
         "of the cloud's camera, in pixels (70 degrees across the image)", false, 0, 0},
        {"centre", APP_TEXT, &a.outputs.centre, "CX,CY", "likewise (the middle)", false, 0, 0},
        {"raw", APP_CHOICE, &a.outputs.raw, "rgb24|float32",
         "frames of colours or metres to standard output, messages to standard error", false, 0, 0},
        APP_GROUP("How the input is read"),
        {"whole-image", APP_FLAG, &a.whole_image, NULL, "do not apply the crop that training used", false, 0,
         0},
        {"at", APP_INT, &a.at, "T", "first spike frame (0)", false, 0, 2147483647},
        {"stream", APP_FLAG, &a.stream, NULL, "every window of 128 frames, and how fast that is", false, 0,
         0},
        {"drop", APP_FLAG, &a.drop, NULL, "of a live stream: pass over windows that come too fast", false, 0,
         0},
        APP_SPIKE_FORMAT_OPTIONS(a.format),
        APP_GROUP("General"),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_predict, options, argc, argv, &exit_status))
        return exit_status;
    if (mistake(&a))
        return app_usage_error(&app_predict, "%s", mistake(&a));
    a.outputs.volume = a.common.volume;
    bc_error err = {0};
    app_ranks ranks = APP_RANKS_ALONE;
    bc_status status = app_ranks_open(&err, &ranks);
    a.common.team = ranks.team;
    if (status == BC_OK)
        status = predict(&err, &a);
    return app_ranks_exit(&ranks, &err, status);
}

const app_command app_predict = {
    "predict", "Predict depth and its uncertainty from spikes (or from pictures).",
    "bicross predict --weights weights.safetensors --spikes car.npy --depth car.pfm --color car.png", run};
