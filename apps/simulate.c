/* bicross simulate: RGB video to spikes. */
#include "apps/common/app.h"
#include "apps/frames.h"
#include "apps/progress.h"
#include "apps/spike_file.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    const char *frames, *out, *noise, *interpolate, *maps;
    float gain, theta;
    int fps_up, sub_frames;
} arguments;

static bc_filming filming_of(const arguments *a) {
    bc_filming filming = {
        .simulator = bc_simulator_of((bc_noise)app_choice(a->noise, bc_noise_words)),
        .interpolation = (bc_interpolation)app_choice(a->interpolate, bc_interpolate_words),
        .sub_frames = a->sub_frames,
        .fps_up = a->fps_up,
    };
    filming.simulator.gain = a->gain;
    filming.simulator.threshold = a->theta;
    return filming;
}

static void count_filmed(void *user, int done, int count) {
    app_progress_count(user, "filming", done, count);
}

static bc_status film(bc_error *err, const arguments *a, app_progress *progress, const bc_video *video,
                      const bc_pixel_maps *maps, bc_spike_stream *stream) {
    bc_host *host;
    bc_filming filming = filming_of(a);
    filming.filmed = count_filmed;
    filming.user = progress;
    uint32_t seed = a->common.seed < 0 ? 0 : (uint32_t)a->common.seed;
    BC_TRY(app_host(err, &a->common, NULL, false, &host));
    count_filmed(progress, 0, video->count - 1);
    bc_status status = bc_simulate_video(host, video, &filming, maps, seed, stream);
    app_host_close(&a->common, host);
    return status;
}

static bc_status write_stream(bc_error *err, const arguments *a, const bc_spike_stream *stream) {
    bc_spike_format format = app_spike_format_said(&a->format);
    BC_TRY(bc_spikes_write(err, a->out, &format, stream));
    printf("wrote %s: %d frames of %d x %d (width x height)\n", a->out, stream->frames, stream->width,
           stream->height);
    return BC_OK;
}

static bc_status simulate(bc_error *err, const arguments *a) {
    bc_video video;
    app_progress progress = app_progress_begin(a->common.volume);
    float *greys = NULL;
    bc_pixel_maps maps = {0};
    bc_spike_stream stream = {0};
    bc_status status = app_spike_options_check(err, a->out, &a->format);
    if (status == BC_OK && a->maps)
        status = bc_pixel_maps_read(err, a->maps, &maps);
    if (status == BC_OK)
        status = app_frames_read(err, &progress, a->frames, &video, &greys);
    if (status == BC_OK)
        status = film(err, a, &progress, &video, &maps, &stream);
    if (status == BC_OK)
        status = write_stream(err, a, &stream);
    app_progress_end(&progress);
    bc_spikes_release(&stream);
    bc_pixel_maps_release(&maps);
    free(greys);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS,
                   .noise = "ideal",
                   .interpolate = "linear",
                   .gain = 1,
                   .theta = 1,
                   .fps_up = BC_SPIKE_FRAMES,
                   .sub_frames = 16};
    const app_option options[] = {
        APP_GROUP("Files"),
        {"frames", APP_TEXT, &a.frames, "DIR", "folder of PNG or JPEG frames, in the order of their numbers",
         true, 0, 0},
        {"out", APP_SPIKES, &a.out, "FILE", "stream to write", true, 0, 0},
        APP_GROUP("Camera"),
        {"noise", APP_CHOICE, &a.noise, "ideal|sensor|scsim",
         "none, that of real streams, or SCSim's as published (ideal)", false, 0, 0},
        {"maps", APP_SENSOR, &a.maps, "FILE",
         "response and dark current of the camera's pixels (drawn, as the noise says)", false, 0, 0},
        {"gain", APP_FLOAT, &a.gain, "X", "what full light adds to a pixel's integral in each frame (1)",
         false, 1e-3, 1e3},
        {"theta", APP_FLOAT, &a.theta, "X", "threshold: full light fires every X frames (1)", false, 1e-3,
         1e6},
        {"fps-up", APP_INT, &a.fps_up, "N", "spike frames from one image to the next (128)", false, 1,
         1000000},
        APP_GROUP("Motion between the pictures"),
        {"interpolate", APP_CHOICE, &a.interpolate, "linear|motion",
         "an image fades into the next, or what they show moves (linear)", false, 0, 0},
        {"sub-frames", APP_INT, &a.sub_frames, "N", "images that motion makes from one to the next (16)",
         false, 1, 1024},
        APP_GROUP("Format of the stream"),
        APP_SPIKE_ORDER_OPTIONS(a.format),
        APP_GROUP("General"),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_simulate, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, simulate(&err, &a));
}

const app_command app_simulate = {
    "simulate", "Simulate a spike camera that watches a video.",
    "bicross simulate --frames video --out video.npy --noise sensor --interpolate motion", run};
