/* bicross reconstruct: a grey picture of a spike stream. */
#include "apps/common/app.h"
#include "apps/spike_file.h"
#include "bicross/data/spike_device.h"
#include "bicross/formats/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    const char *spikes, *method, *out;
    int at, window;
} arguments;

/* TFP: firing rate of `window` frames around frame `at`, moved inside the stream. TFI: inverse of the
 * interval around it. */
static bc_status brightness(bc_host *host, const arguments *a, const bc_spike_stream *stream, float *values) {
    int at = a->at < 0 ? stream->frames / 2 : a->at;
    if (at >= stream->frames)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT,
                       "frame %d was asked for, but %s has frames 0 to %d", at, a->spikes,
                       stream->frames - 1);
    if (strcmp(a->method, "tfi") == 0)
        return bc_spike_interval(host, stream, at, a->window > 0 ? a->window : 50, values);
    int count = a->window > 0 ? a->window : 32;
    count = count < stream->frames ? count : stream->frames;
    int first = at - count / 2;
    first = first < 0 ? 0 : first > stream->frames - count ? stream->frames - count : first;
    return bc_spike_rate(host, stream, first, count, values);
}

static bc_status write_picture(bc_error *err, const char *path, const bc_spike_stream *stream,
                               const float *values) {
    size_t pixels = (size_t)stream->height * (size_t)stream->width;
    uint8_t *grey = malloc(pixels);
    if (!grey)
        return bc_fail(err, BC_E_MEMORY, "no memory for a picture of %zu pixels", pixels);
    for (size_t i = 0; i < pixels; i++)
        grey[i] = (uint8_t)lrintf(255 * fminf(values[i], 1));
    bc_status status = bc_png_write_grey(err, path, stream->width, stream->height, grey);
    free(grey);
    return status;
}

static bc_status reconstruct(bc_error *err, const arguments *a) {
    bc_spike_stream stream;
    bc_host *host = NULL;
    BC_TRY(app_spikes_read(err, a->spikes, &a->format, &stream));
    float *values = malloc((size_t)stream.height * (size_t)stream.width * sizeof *values);
    bc_status status = values ? app_host(err, &a->common, NULL, false, &host)
                              : bc_fail(err, BC_E_MEMORY, "no memory for a picture of %s", a->spikes);
    if (status == BC_OK)
        status = brightness(host, a, &stream, values);
    if (status == BC_OK)
        status = write_picture(err, a->out, &stream, values);
    bc_host_close(host);
    free(values);
    bc_spikes_release(&stream);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .method = "tfp", .at = -1};
    const app_option options[] = {
        {"spikes", APP_SPIKES, &a.spikes, "FILE", "spike stream", true, 0, 0},
        {"out", APP_PICTURE, &a.out, "FILE", "picture to write", true, 0, 0},
        {"method", APP_CHOICE, &a.method, "tfp|tfi", "firing rate, or inverse inter-spike interval (tfp)",
         false, 0, 0},
        {"at", APP_INT, &a.at, "T", "frame (the middle)", false, 0, 2147483647},
        {"window", APP_INT, &a.window, "W", "frames that count (tfp: 32, tfi: 50 on each side)", false, 1,
         2147483647},
        APP_SPIKE_FORMAT_OPTIONS(a.format),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_reconstruct, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&app_reconstruct, &err, reconstruct(&err, &a));
}

const app_command app_reconstruct = {
    "reconstruct", "Turn a spike stream into a grey picture (TFP or TFI).",
    "bicross reconstruct --spikes car.dat --size 250x400 --method tfi --at 100 --out car.png", run};
