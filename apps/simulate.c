/* bicross simulate: RGB video to spikes. */
#include "apps/common/app.h"
#include "apps/spike_file.h"
#include "bicross/data/folder_list.h"
#include "bicross/data/sequence.h"
#include "bicross/data/spike_device.h"
#include "bicross/formats/image.h"
#include "host/base/path.h"

#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    const char *frames, *out, *noise;
    float theta;
    int fps_up;
} arguments;

typedef struct video {
    int count, height, width;
    float *grey; /* (count, height, width) in [0,1] */
} video;

/* Luma of one file into its place; the first file decides the size. */
static bc_status read_frame(bc_error *err, const char *path, int index, video *v) {
    int width, height;
    uint8_t *rgb;
    BC_TRY(bc_picture_read(err, path, &width, &height, &rgb));
    bc_status status = BC_OK;
    if (index == 0) {
        v->height = height;
        v->width = width;
        v->grey = malloc((size_t)v->count * (size_t)height * (size_t)width * sizeof(float));
        if (!v->grey)
            status = bc_fail(err, BC_E_MEMORY, "no memory for %d frames of %d x %d", v->count, width, height);
    } else if (width != v->width || height != v->height) {
        status = bc_fail(err, BC_E_FORMAT, "%s is %d x %d, but the frames before it are %d x %d", path, width,
                         height, v->width, v->height);
    }
    if (status == BC_OK) {
        size_t pixels = (size_t)height * (size_t)width;
        float *out = v->grey + (size_t)index * pixels;
        for (size_t i = 0; i < pixels; i++)
            out[i] = (0.299f * rgb[3 * i] + 0.587f * rgb[3 * i + 1] + 0.114f * rgb[3 * i + 2]) / 255;
    }
    free(rgb);
    return status;
}

/* Frames of two sequences, or with one number, are no video. */
static bc_status check_frame(bc_error *err, const bc_folder_list *list, const bc_frame *frames, int i) {
    const char *name = bc_path_name(list->files[i].path), *before = bc_path_name(list->files[i - 1].path);
    if (frames[i].sequence != frames[i - 1].sequence)
        return bc_fail(err, BC_E_FORMAT,
                       "%s: expected the frames of one sequence, with names that differ in their last number "
                       "alone, found %s and %s",
                       list->folder, before, name);
    if (frames[i].number == frames[i - 1].number)
        return bc_fail(err, BC_E_FORMAT, "%s: expected one frame of each number, found %s and %s",
                       list->folder, before, name);
    return BC_OK;
}

static bc_status check_sequence(bc_error *err, const bc_folder_list *list) {
    bc_frame *frames;
    int gaps = 0, first = 0;
    bc_status status = bc_sequence_find(err, list, &frames);
    for (int i = 1; i < list->count && status == BC_OK; i++) {
        status = check_frame(err, list, frames, i);
        if (status == BC_OK && frames[i].before == i && gaps++ == 0)
            first = i;
    }
    if (status == BC_OK && gaps > 0)
        fprintf(stderr,
                "warning: %s has %d gap%s, the first between %s and %s (the numbers of frames that follow "
                "each other "
                "differ by %llu); the video goes over them as if nothing were missing\n",
                list->folder, gaps, gaps == 1 ? "" : "s", bc_path_name(list->files[first - 1].path),
                bc_path_name(list->files[first].path), (unsigned long long)frames[0].step);
    free(frames);
    return status;
}

static bc_status read_video(bc_error *err, const char *folder, video *v) {
    bc_folder_list list;
    BC_TRY(bc_folder_list_read(err, folder, ".", &bc_picture_kind, &list));
    *v = (video){.count = list.count};
    bc_status status =
        list.folder ? check_sequence(err, &list) : bc_fail(err, BC_E_FILE, "there is no folder %s", folder);
    for (int i = 0; i < list.count && status == BC_OK; i++)
        status = read_frame(err, list.files[i].path, i, v);
    bc_folder_list_release(&list);
    return status;
}

static bc_status simulate_video(bc_host *host, const arguments *a, const video *v, bc_spike_stream *stream) {
    bc_simulator simulator = strcmp(a->noise, "sensor") == 0 ? bc_simulator_sensor() : bc_simulator_ideal();
    simulator.threshold = a->theta;
    long frames = (long)(v->count > 1 ? v->count - 1 : 1) * a->fps_up;
    if (frames > 2147483647L)
        return bc_fail(bc_host_error(host), BC_E_ARGUMENT, "%ld spike frames are too many for one stream",
                       frames);
    uint32_t seed = a->common.seed < 0 ? 0 : (uint32_t)a->common.seed;
    return bc_simulate_stream(host, v->grey, v->count, v->height, v->width, (int)frames, &simulator, seed,
                              stream);
}

static bc_status write_stream(bc_error *err, const arguments *a, const bc_spike_stream *stream) {
    bc_spike_format format = app_spike_format_said(&a->format);
    BC_TRY(bc_spikes_write(err, a->out, &format, stream));
    printf("wrote %s: %d frames of %d x %d (width x height)\n", a->out, stream->frames, stream->width,
           stream->height);
    return BC_OK;
}

static bc_status simulate(bc_error *err, const arguments *a) {
    video v = {0};
    bc_host *host = NULL;
    bc_spike_stream stream = {0};
    bc_status status = app_spike_options_check(err, a->out, &a->format);
    if (status == BC_OK)
        status = read_video(err, a->frames, &v);
    if (status == BC_OK)
        status = app_host(err, &a->common, NULL, false, &host);
    if (status == BC_OK)
        status = simulate_video(host, a, &v, &stream);
    if (status == BC_OK)
        status = write_stream(err, a, &stream);
    bc_spikes_release(&stream);
    bc_host_close(host);
    free(v.grey);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .noise = "ideal", .theta = 1, .fps_up = BC_SPIKE_FRAMES};
    const app_option options[] = {
        {"frames", APP_TEXT, &a.frames, "DIR", "folder of PNG frames, in the order of their numbers", true, 0,
         0},
        {"out", APP_SPIKES, &a.out, "FILE", "stream to write", true, 0, 0},
        {"noise", APP_CHOICE, &a.noise, "ideal|sensor", "none, or that of a real sensor (ideal)", false, 0,
         0},
        {"theta", APP_FLOAT, &a.theta, "X", "threshold: full light fires every X frames (1)", false, 1e-3,
         1e6},
        {"fps-up", APP_INT, &a.fps_up, "N", "spike frames from one image to the next (128)", false, 1,
         1000000},
        APP_SPIKE_ORDER_OPTIONS(a.format),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_simulate, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&app_simulate, &err, simulate(&err, &a));
}

const app_command app_simulate = {
    "simulate", "Simulate a spike camera that watches a video of PNG frames.",
    "bicross simulate --frames video --out video.npy --noise sensor --fps-up 128", run};
