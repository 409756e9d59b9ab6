/* bicross synth: the built-in world, written as a folder that a folder data set reads back. */
#include "apps/common/app.h"
#include "apps/progress.h"
#include "bicross/formats/depth.h"
#include "bicross/formats/image.h"
#include "bicross/world/world.h"

#include <string.h>
#include <unistd.h>

typedef struct arguments {
    app_common common;
    const char *scenario, *domain, *part, *out;
    app_size size;
    int count;
} arguments;

/* Depth beyond what the file holds is far outside every dmax: it is written as "no label". */
static void drop_far(const char *path, float depth_scale, bc_sample *s) {
    for (size_t i = 0; i < (size_t)s->height * (size_t)s->width; i++)
        if (bc_depth_check_range(NULL, path, depth_scale, s->depth[i]) != BC_OK)
            s->depth[i] = 0;
}

static bc_status write_sample(bc_error *err, const char *folder, int index, float depth_scale, bc_sample *s) {
    char name[64], path[APP_PATH];
    snprintf(name, sizeof name, "rgb/%06d" BC_PNG, index);
    BC_TRY(app_path(err, path, folder, name));
    BC_TRY(bc_png_write_rgb(err, path, s->width, s->height, s->rgb));
    snprintf(name, sizeof name, "depth/%06d" BC_PNG, index);
    BC_TRY(app_path(err, path, folder, name));
    drop_far(path, depth_scale, s);
    BC_TRY(bc_depth_write(err, path, depth_scale, s->width, s->height, s->depth));
    snprintf(name, sizeof name, "spikes/%06d" BC_NPY, index);
    BC_TRY(app_path(err, path, folder, name));
    bc_spike_stream stream = bc_sample_stream(s);
    return bc_spikes_write(err, path, NULL, &stream);
}

static bc_status make_folders(bc_error *err, const char *out) {
    static const char *const names[] = {"rgb", "depth", "spikes"};
    char path[APP_PATH];
    for (int i = 0; i < 3; i++) {
        BC_TRY(app_path(err, path, out, names[i]));
        BC_TRY(bc_make_folder(err, path));
    }
    return BC_OK;
}

static bc_status write_all(bc_error *err, const arguments *a, float depth_scale, bc_dataset *world) {
    app_progress progress = app_progress_begin(a->common.volume);
    bc_status status = make_folders(err, a->out);
    app_progress_count(&progress, "rendering", 0, a->count);
    for (int i = 0; i < a->count && status == BC_OK; i++) {
        bc_sample sample = {0}; /* loaded past the data set's cache: none is needed twice */
        status = world->load(world, err, i, &sample);
        if (status == BC_OK)
            status = write_sample(err, a->out, i, depth_scale, &sample);
        bc_sample_release(&sample);
        app_progress_count(&progress, "rendering", i + 1, a->count);
    }
    app_progress_end(&progress);
    return status;
}

static bc_split split_named(const char *name) {
    return strcmp(name, "test") == 0         ? BC_SPLIT_TEST
           : strcmp(name, "validation") == 0 ? BC_SPLIT_VALIDATION
                                             : BC_SPLIT_TRAIN;
}

static bc_status synth(bc_error *err, const arguments *a) {
    bc_scenario scenario;
    bc_host *host;
    bc_dataset *world = NULL;
    BC_TRY(bc_scenario_find(err, a->scenario, &scenario));
    float depth_scale = bc_scenario_indoor(scenario) ? BC_UNITS_INDOOR : BC_UNITS_OUTDOOR;
    bc_domain domain = strcmp(a->domain, "source") == 0 ? BC_SOURCE : BC_TARGET;
    uint32_t seed = a->common.seed < 0 ? 0 : (uint32_t)a->common.seed;
    BC_TRY(app_host(err, &a->common, NULL, false, &host));
    bc_status status = bc_world_open(host, scenario, domain, split_named(a->part), seed, a->count,
                                     a->size.height, a->size.width, &world);
    if (status == BC_OK)
        status = write_all(err, a, depth_scale, world);
    bc_dataset_release(world);
    app_host_close(&a->common, host);
    if (status == BC_OK)
        printf("wrote %d samples of %d x %d below %s (data.%s_depth_scale = %.0f)\n", a->count, a->size.width,
               a->size.height, a->out, a->domain, depth_scale);
    return status;
}

static int run(int argc, char **argv) {
    arguments a = {.common = APP_COMMON_DEFAULTS, .part = "train", .size = {64, 128}};
    const app_option options[] = {
        APP_GROUP("What is rendered"),
        {"scenario", APP_CHOICE, &a.scenario, "syn2real|weather|scene|realspike|night", "which world", true,
         0, 0},
        {"split", APP_CHOICE, &a.domain, "source|target", "which side of the gap", true, 0, 0},
        {"count", APP_INT, &a.count, "N", "samples", true, 1, 1000000},
        {"out", APP_TEXT, &a.out, "DIR", "receives rgb/, depth/ and spikes/", true, 0, 0},
        {"part", APP_CHOICE, &a.part, "train|validation|test", "parts never share a scene (train)", false, 0,
         0},
        {"size", APP_SIZE, &a.size, "HxW", "rendered size (64x128)", false, 0, 0},
        APP_GROUP("General"),
        APP_SEED_OPTION(a.common),
        APP_DEVICE_OPTION(a.common),
        APP_VOLUME_OPTIONS(a.common),
    };
    int exit_status;
    if (!APP_PARSE(&app_synth, options, argc, argv, &exit_status))
        return exit_status;
    bc_error err = {0};
    return app_exit(&err, synth(&err, &a));
}

const app_command app_synth = {"synth", "Write samples of the built-in world: RGB, depth and spikes.",
                               "bicross synth --scenario weather --split target --count 20 --out data/fog",
                               run};
