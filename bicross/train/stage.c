/* The table of the stages. */
#include "bicross/train/stage.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *section;
    bc_stage before; /* BC_STAGE_COUNT: none is needed */
} stages[BC_STAGE_COUNT] = {
    [BC_PRETRAIN] = {"pretrain", "pretrain", BC_STAGE_COUNT},
    [BC_NEUROMORPHIC] = {"neuromorphic", "neuromorphic", BC_STAGE_COUNT},
    [BC_CROSSMODALITY] = {"crossmodality", "crossmodality", BC_PRETRAIN},
    [BC_CROSSDOMAIN] = {"crossdomain", "crossdomain", BC_CROSSMODALITY},
    [BC_CONTROL] = {"control", "crossdomain", BC_CROSSMODALITY},
    [BC_SUPERVISED] = {"supervised", "supervised", BC_STAGE_COUNT},
};

const char *bc_stage_name(bc_stage stage) {
    return stages[stage].name;
}

const char *bc_stage_section(bc_stage stage) {
    return stages[stage].section;
}

bc_status bc_stage_find(bc_error *err, const char *name, bc_stage *out) {
    char known[128] = "";
    size_t used = 0;
    for (int i = 0; i < BC_STAGE_COUNT; i++) {
        if (strcmp(stages[i].name, name) == 0) {
            *out = (bc_stage)i;
            return BC_OK;
        }
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                 i == 0                    ? ""
                                 : i == BC_STAGE_COUNT - 1 ? " or "
                                                           : ", ",
                                 stages[i].name);
    }
    return bc_fail(err, BC_E_ARGUMENT, "unknown stage '%s': expected %s", name, known);
}

const bc_stage_config *bc_config_stage(const bc_config *config, bc_stage stage) {
    const bc_stage_config *all[BC_STAGE_COUNT] = {
        [BC_PRETRAIN] = &config->pretrain,           [BC_NEUROMORPHIC] = &config->neuromorphic,
        [BC_CROSSMODALITY] = &config->crossmodality, [BC_CROSSDOMAIN] = &config->crossdomain,
        [BC_CONTROL] = &config->crossdomain,         [BC_SUPERVISED] = &config->supervised};
    return all[stage];
}

bool bc_stage_before(bc_stage stage, bc_stage *before) {
    *before = stages[stage].before;
    return *before != BC_STAGE_COUNT;
}

bc_config bc_config_of_stage(const bc_config *config, bc_stage stage) {
    bc_config own = *config;
    if (stage == BC_CONTROL) {
        own.scp = own.sca = false;
        own.source_loss = true;
    }
    return own;
}

bool bc_crossdomain_reads_source(const bc_config *config) {
    return config->source_loss || config->sca;
}

bool bc_crossdomain_reads_target(const bc_config *config) {
    return config->scp || config->sca;
}
