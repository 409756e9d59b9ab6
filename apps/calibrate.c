/* bicross calibrate: the noise and the light of a spike camera, from its spikes alone. */
#include "apps/common/app.h"
#include "apps/common/interrupt.h"
#include "apps/inputs.h"
#include "apps/progress.h"
#include "apps/sensor_text.h"
#include "apps/spike_file.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct arguments {
    app_common common;
    app_spike_format format;
    app_paths spikes;
    const char *out;
} arguments;

/* The files, of which one at a time is open. */
typedef struct recordings {
    const arguments *a;
    app_inputs inputs;
    int height, width; /* of all */
    int *windows;      /* whole ones of 128 frames, of each file */
    long total;
    int held;                /* the file that is open; -1: none */
    bc_spike_reader *reader; /* of it */
    app_progress progress;
} recordings;

/* --- files --- */

/* Has this file open. */
static bc_status hold(bc_error *err, recordings *r, int file) {
    if (r->held == file)
        return BC_OK;
    bc_spike_reader_close(r->reader);
    r->reader = NULL;
    r->held = -1;
    BC_TRY(app_spike_reader_open(err, r->inputs.files[file].path, &r->a->format, &r->reader));
    r->held = file;
    return BC_OK;
}

static bc_status stopped(bc_error *err) {
    return app_interrupted() ? bc_fail(err, BC_E_INTERRUPTED, "interrupted: nothing was written") : BC_OK;
}

/* What all files have in common is said of the first. */
static bc_status check_file(bc_error *err, recordings *r, int file) {
    const bc_spike_info s = bc_spike_reader_info(r->reader);
    const char *path = r->inputs.files[file].path;
    if (file == 0) {
        r->height = s.height;
        r->width = s.width;
        app_spikes_say(r->a->common.volume, path, &s, NULL);
    }
    if (s.height != r->height || s.width != r->width)
        return bc_fail(
            err, BC_E_FORMAT,
            "%s: expected %d x %d pixels (width x height) as in %s, found %d x %d: one camera has one "
            "size",
            path, r->width, r->height, r->inputs.files[0].path, s.width, s.height);
    r->windows[file] = s.frames / BC_SPIKE_FRAMES;
    r->total += r->windows[file];
    return BC_OK;
}

static bc_status count_windows(bc_error *err, recordings *r) {
    for (int i = 0; i < r->inputs.count; i++) {
        BC_TRY(stopped(err));
        BC_TRY(hold(err, r, i));
        BC_TRY(check_file(err, r, i));
        if (r->inputs.count > 1)
            app_progress_count(&r->progress, "counting", i + 1, r->inputs.count);
    }
    if (r->total == 0)
        return bc_fail(
            err, BC_E_FORMAT, "%s: expected at least one window of %d frames, found none in %d file%s",
            r->inputs.files[0].path, BC_SPIKE_FRAMES, r->inputs.count, r->inputs.count == 1 ? "" : "s");
    return BC_OK;
}

/* --- looking --- */

static bc_status look_at(bc_error *err, recordings *r, int file, int window, bc_sensor_survey *survey) {
    bc_spike_stream seen;
    BC_TRY(hold(err, r, file));
    BC_TRY(bc_spike_reader_window(r->reader, err, window * BC_SPIKE_FRAMES, BC_SPIKE_FRAMES, &seen));
    bc_sample sample = {.height = seen.height, .width = seen.width, .spikes = seen.words};
    snprintf(sample.name, sizeof sample.name, "%d", window);
    bc_status status = bc_sensor_add(survey, err, r->inputs.files[file].path, &sample);
    bc_spikes_release(&seen);
    return status;
}

/* `count` windows, evenly spread over those of all files. */
static bc_status look_at_all(bc_error *err, recordings *r, int count, bc_sensor_survey *survey) {
    int file = 0;
    app_progress_count(&r->progress, "looking", 0, count);
    long before = 0; /* windows of the files before this one */
    for (int i = 0; i < count; i++) {
        long window = (long)i * r->total / count;
        for (; window >= before + r->windows[file]; file++)
            before += r->windows[file];
        BC_TRY(stopped(err));
        BC_TRY(look_at(err, r, file, (int)(window - before), survey));
        app_progress_count(&r->progress, "looking", i + 1, count);
    }
    return BC_OK;
}

/* --- all of it --- */

static void print_findings(const arguments *a, const bc_sensor *sensor, double rate, long total) {
    printf("wrote %s: %d x %d pixels (width x height), %d of %ld windows of %d frames, mean rate %.4f\n",
           a->out, sensor->width, sensor->height, sensor->image_count, total, BC_SPIKE_FRAMES, rate);
    app_sensor_print(sensor);
}

static bc_status survey_all(bc_error *err, recordings *r) {
    const arguments *a = r->a;
    bc_sensor sensor = {0};
    bc_sensor_survey survey;
    BC_TRY(count_windows(err, r));
    int count = r->total < BC_SENSOR_IMAGES ? (int)r->total : BC_SENSOR_IMAGES;
    BC_TRY(bc_sensor_begin(err, r->height, r->width, count, &survey));
    bc_status status = look_at_all(err, r, count, &survey);
    if (status == BC_OK)
        status = bc_sensor_finish(&survey, err, r->inputs.files[0].path, &sensor);
    if (status == BC_OK)
        status = bc_sensor_write(err, a->out, &sensor);
    if (status == BC_OK)
        print_findings(a, &sensor, bc_sensor_rate(&survey), r->total);
    bc_sensor_release(&sensor);
    bc_sensor_abandon(&survey);
    return status;
}

static bc_status calibrate(bc_error *err, const arguments *a) {
    recordings r = {.a = a, .held = -1, .progress = app_progress_begin(a->common.volume)};
    BC_TRY(app_inputs_list(err, &a->spikes, &bc_spike_kind, &r.inputs));
    app_interrupt_install(a->common.volume, "this window");
    r.windows = calloc((size_t)r.inputs.count, sizeof *r.windows);
    bc_status status = r.windows
                           ? survey_all(err, &r)
                           : bc_fail(err, BC_E_MEMORY, "no memory for the list of %d files", r.inputs.count);
    app_progress_end(&r.progress);
    bc_spike_reader_close(r.reader);
    free(r.windows);
    app_inputs_release(&r.inputs);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS};
    const app_option options[] = {
        APP_GROUP("Files"),
        {"spikes", APP_PATHS, &a.spikes, "PATH...", "spike streams of the camera: files, folders, patterns",
         true, 0, 0},
        {"out", APP_SENSOR, &a.out, "FILE", "receives noise and light, for augment.sensor", true, 0, 0},
        APP_GROUP("Format of the streams"),
        APP_SPIKE_FORMAT_OPTIONS(a.format),
        APP_GROUP("General"),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_calibrate, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, calibrate(&err, &a));
}

const app_command app_calibrate = {
    "calibrate", "Estimate a spike camera's noise and light from its spikes, without labels.",
    "bicross calibrate --spikes recordings --size 250x400 --out noise.npz", run};
