#include "apps/weights.h"

#include "apps/common/app.h"
#include "bicross/formats/depth.h"

#include <stdio.h>

/* What an option says counts as said by hand. */
static bc_status take(bc_error *err, const char *key, const char *value, bc_config *config) {
    char assignment[APP_PATH];
    snprintf(assignment, sizeof assignment, "%s=%s", key, value);
    return bc_config_set(err, assignment, config);
}

static bc_status take_size(bc_error *err, const char *key, int side, bc_config *config) {
    char text[16];
    snprintf(text, sizeof text, "%d", side);
    return take(err, key, text, config);
}

bc_status app_network_config(bc_error *err, const app_network *network, bc_config *config) {
    bc_config_defaults(config);
    if (network->model)
        BC_TRY(take(err, "model.preset", network->model, config));
    if (network->scene)
        BC_TRY(take(err, "model.scene", network->scene, config));
    if (config->preset == BC_HYBRID) /* until the weights say otherwise */
        config->input_height = config->input_width = 384;
    if (!network->input.height)
        return BC_OK;
    if (network->input.height % 32 || network->input.width % 32)
        return bc_fail(err, BC_E_ARGUMENT, "--input must have sides that are multiples of 32, not %dx%d",
                       network->input.height, network->input.width);
    BC_TRY(take_size(err, "model.input_height", network->input.height, config));
    return take_size(err, "model.input_width", network->input.width, config);
}

static void print_list(const bc_load_list *list, const char *what) {
    if (list->count == 0)
        return;
    fprintf(stderr, ", %d %s (", list->count, what);
    app_shown(stderr, list->names, 0);
    fputc(')', stderr);
}

void app_load_report_print(const bc_load_report *report, bool missing) {
    print_list(&report->resized, "resized");
    if (missing)
        print_list(&report->missing, "that the file lacks");
    print_list(&report->skipped, "of the file left out");
}

static void print_report(const char *path, const bc_trained *network) {
    const bc_load_report *r = &network->report;
    if (r->resized.count + r->missing.count + r->skipped.count == 0)
        return;
    fprintf(stderr, "%s: %d tensors read", path, r->loaded);
    app_load_report_print(r, true);
    fprintf(stderr, "%s\n", network->no_uncertainty ? "; without its head, uncertainty is 0" : "");
}

static void print_nature(const char *path, const bc_trained *network) {
    const bc_config *c = &network->config;
    const bc_weights_info *info = &network->info;
    if (!info->known) {
        fprintf(stderr, "%s does not say what it is: %s%s\n", path, *network->notes ? "assumed " : "as given",
                network->notes);
        return;
    }
    fprintf(stderr, "%s: %s of the stage %s, %s, input %d x %d (height x width), dmax %g m\n", path,
            info->preset, info->stage, bc_model_scene_words[c->scene], c->input_height, c->input_width,
            (double)c->dmax);
    if (*network->notes)
        fprintf(stderr, "%s: %s\n", path, network->notes);
}

void app_weights_print(app_volume volume, const char *path, const bc_trained *network) {
    if (!app_tells(volume))
        return;
    print_nature(path, network);
    print_report(path, network);
}

float app_depth_scale(const bc_config *config) {
    return config->scene == BC_INDOOR ? BC_UNITS_INDOOR : BC_UNITS_OUTDOOR;
}
