/* What the commands that take weights say about them. */
#include "apps/weights.h"

#include "bicross/formats/depth.h"

#include <stdio.h>

void app_weights_print(const char *path, const bc_trained *network) {
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

float app_depth_scale(const bc_config *config) {
    return config->scene == BC_INDOOR ? BC_UNITS_INDOOR : BC_UNITS_OUTDOOR;
}
