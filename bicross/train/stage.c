/* The names of the stages. */
#include "bicross/train/stage.h"

#include <string.h>

static const char *const stage_names[BC_STAGE_COUNT] = {"pretrain", "neuromorphic", "crossmodality",
                                                        "crossdomain", "supervised"};

const char *bc_stage_name(bc_stage stage) {
    return stage_names[stage];
}

bc_status bc_stage_find(bc_error *err, const char *name, bc_stage *out) {
    for (int i = 0; i < BC_STAGE_COUNT; i++)
        if (strcmp(stage_names[i], name) == 0) {
            *out = (bc_stage)i;
            return BC_OK;
        }
    return bc_fail(
        err, BC_E_ARGUMENT,
        "unknown stage '%s': expected pretrain, neuromorphic, crossmodality, crossdomain or supervised",
        name);
}

const bc_stage_config *bc_config_stage(const bc_config *config, bc_stage stage) {
    const bc_stage_config *all[BC_STAGE_COUNT] = {&config->pretrain, &config->neuromorphic,
                                                  &config->crossmodality, &config->crossdomain,
                                                  &config->supervised};
    return all[stage];
}
