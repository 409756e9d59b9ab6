/* bicross reconstruct: grey pictures of a spike stream. */
#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "apps/progress.h"
#include "apps/spike_file.h"
#include "bicross/data/spike_device.h"
#include "bicross/formats/image.h"
#include "host/base/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    const char *spikes, *method, *out;
    int at, window, every;
    float gamma;
    bool normalize;
} arguments;

typedef struct reconstruction {
    const arguments *a;
    bc_host *host;
    bc_error *err;
    bc_spike_reader *reader;
    bc_spike_info info;
    bool intervals; /* TFI, not TFP */
    int window;     /* frames of a rate; of TFI: on each side */
    float *
        values; /* (height, width): brightness in [0,1], more where the light was more than one spike a frame can say */
    uint8_t *grey;
} reconstruction;

/* --- brightness --- */

/* The frames that a picture at frame `at` is made of, moved inside the stream; *place: where `at` is in them. */
static bc_status read_frames(const reconstruction *r, int at, bc_spike_stream *out, int *place) {
    long before = r->intervals ? r->window : r->window / 2,
         count = r->intervals ? 2L * r->window + 1 : r->window;
    count = count < r->info.frames ? count : r->info.frames;
    long first = at - before, last = r->info.frames - count;
    first = first < 0 ? 0 : first > last ? last : first;
    *place = (int)(at - first);
    return bc_spike_reader_window(r->reader, r->err, (int)first, (int)count, out);
}

/* TFP: firing rate of the frames around `at`. TFI: inverse of the interval around it. */
static bc_status brightness(const reconstruction *r, int at) {
    bc_spike_stream frames;
    int place;
    BC_TRY(read_frames(r, at, &frames, &place));
    bc_status status = r->intervals ? bc_spike_interval(r->host, &frames, place, r->window, r->values)
                                    : bc_spike_rate(r->host, &frames, 0, frames.frames, r->values);
    bc_spikes_release(&frames);
    return status;
}

/* --- grey --- */

/* The brightness of all but the brightest 0.5 % of the pixels becomes white: a lamp does not make the rest black. */
static bc_status find_white(const reconstruction *r, float *white) {
    size_t pixels = (size_t)r->info.height * (size_t)r->info.width;
    *white = 1;
    if (!r->a->normalize)
        return BC_OK;
    double *sorted = malloc(pixels * sizeof *sorted);
    if (!sorted)
        return bc_fail(r->err, BC_E_MEMORY, "no memory to normalize a picture of %zu pixels", pixels);
    for (size_t i = 0; i < pixels; i++)
        sorted[i] = (double)r->values[i];
    bc_sort_ascending(sorted, (int)pixels);
    float bright = (float)sorted[(size_t)(0.995 * (double)(pixels - 1))];
    *white = bright > 0 ? bright : 1;
    free(sorted);
    return BC_OK;
}

static bc_status write_picture(const reconstruction *r, const char *path) {
    size_t pixels = (size_t)r->info.height * (size_t)r->info.width;
    float white;
    BC_TRY(find_white(r, &white));
    for (size_t i = 0; i < pixels; i++)
        r->grey[i] = (uint8_t)lrintf(255 * powf(fminf(r->values[i] / white, 1), 1 / r->a->gamma));
    return bc_png_write_grey(r->err, path, r->info.width, r->info.height, r->grey);
}

/* --- pictures --- */

static bc_status one_picture(const reconstruction *r) {
    int at = r->a->at < 0 ? r->info.frames / 2 : r->a->at;
    if (at >= r->info.frames)
        return bc_fail(r->err, BC_E_ARGUMENT, "frame %d was asked for, but %s has frames 0 to %d", at,
                       r->a->spikes, r->info.frames - 1);
    BC_TRY(brightness(r, at));
    return write_picture(r, r->a->out);
}

/* A picture every so many frames from --at on: "out.png" becomes "out-0000.png", ... */
static bc_status all_pictures(const reconstruction *r, app_progress *progress) {
    int written = 0;
    long first = r->a->at < 0 ? 0 : r->a->at,
         count = (r->info.frames - first + r->a->every - 1) / r->a->every;
    app_progress_count(progress, "reconstructing", 0, count);
    for (long at = first; at < r->info.frames; at += r->a->every, written++) {
        char path[APP_PATH];
        if (app_interrupted())
            return bc_fail(r->err, BC_E_INTERRUPTED, "interrupted after %d pictures", written);
        BC_TRY(app_numbered_path(r->err, r->a->out, NULL, written, path));
        BC_TRY(brightness(r, (int)at));
        BC_TRY(write_picture(r, path));
        app_progress_count(progress, "reconstructing", written + 1, count);
    }
    app_progress_end(progress);
    printf("wrote %d pictures, one every %d frames\n", written, r->a->every);
    return BC_OK;
}

static bc_status open_stream(bc_error *err, const arguments *a, reconstruction *r) {
    BC_TRY(app_spike_reader_open(err, a->spikes, &a->format, &r->reader));
    r->info = bc_spike_reader_info(r->reader);
    app_spikes_say(a->common.volume, a->spikes, &r->info, NULL);
    size_t pixels = (size_t)r->info.height * (size_t)r->info.width;
    r->values = malloc(pixels * sizeof *r->values);
    r->grey = malloc(pixels);
    return r->values && r->grey ? BC_OK
                                : bc_fail(err, BC_E_MEMORY, "no memory for a picture of %s", a->spikes);
}

static bc_status reconstruct(bc_error *err, const arguments *a) {
    reconstruction r = {.a = a, .intervals = strcmp(a->method, "tfi") == 0};
    app_progress progress = app_progress_begin(a->common.volume);
    r.window = a->window ? a->window : r.intervals ? 50 : 32;
    bc_status status = open_stream(err, a, &r);
    if (status == BC_OK)
        status = app_host(err, &a->common, NULL, false, &r.host);
    if (status == BC_OK) {
        r.err = bc_host_error(r.host);
        app_interrupt_install(a->common.volume, "this picture");
        status = a->every ? all_pictures(&r, &progress) : one_picture(&r);
        app_progress_end(&progress);
    }
    app_host_close(&a->common, r.host);
    bc_spike_reader_close(r.reader);
    free(r.values);
    free(r.grey);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .method = "tfp", .at = -1, .gamma = 1};
    const app_option options[] = {
        APP_GROUP("Files"),
        {"spikes", APP_SPIKES, &a.spikes, "FILE", "spike stream", true, 0, 0},
        {"out", APP_PICTURE, &a.out, "FILE", "picture to write", true, 0, 0},
        APP_GROUP("Brightness"),
        {"method", APP_CHOICE, &a.method, "tfp|tfi", "firing rate, or inverse inter-spike interval (tfp)",
         false, 0, 0},
        {"at", APP_INT, &a.at, "T", "frame (the middle; with --every the first)", false, 0, 2147483647},
        {"window", APP_INT, &a.window, "W", "frames that count (tfp: 32, tfi: 50 on each side)", false, 1,
         16777216},
        {"every", APP_INT, &a.every, "N", "the whole stream, a picture every N frames, in numbered files",
         false, 1, 2147483647},
        {"normalize", APP_FLAG, &a.normalize, NULL,
         "white is what the brightest pixels have, not a spike a frame", false, 0, 0},
        {"gamma", APP_FLOAT, &a.gamma, "G", "brighten the dark: value^(1/G) (1: in proportion to light)",
         false, 0.1, 10},
        APP_GROUP("Format of the stream"),
        APP_SPIKE_FORMAT_OPTIONS(a.format),
        APP_GROUP("General"),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_reconstruct, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, reconstruct(&err, &a));
}

const app_command app_reconstruct = {
    "reconstruct", "Turn a spike stream into grey pictures (TFP or TFI).",
    "bicross reconstruct --spikes car.dat --size 250x400 --method tfi --at 100 --out car.png", run};
