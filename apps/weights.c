/* What the commands that take weights say about them. */
#include "apps/weights.h"

#include "apps/common/app.h"
#include "bicross/formats/depth.h"

#include <stdio.h>

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

void app_weights_print(const char *path, const bc_trained *network) {
    print_nature(path, network);
    print_report(path, network);
}

float app_depth_scale(const bc_config *config) {
    return config->scene == BC_INDOOR ? BC_UNITS_INDOOR : BC_UNITS_OUTDOOR;
}
