#include "bicross/report/demo_arms.h"

#include <string.h>

static const struct {
    const char *name, *about;
} arms[BC_ARM_COUNT] = {
    [BC_ARM_PRE_SRC] = {"Pre_src", "labelled source spikes alone"},
    [BC_ARM_PRE_SRC_LONGER] = {"Pre_src, longer",
                               "labelled source spikes, with as many updates more as the last stage has"},
    [BC_ARM_MONOCROSS] = {"MonoCross", "phase 1: an RGB network teaches the spike network on the source"},
    [BC_ARM_CONTROL] = {"Control", "MonoCross, then as many updates as BiCross on source spikes alone"},
    [BC_ARM_BICROSS] = {"BiCross", "MonoCross, then phase 2 on unlabelled target spikes, as published"},
    [BC_ARM_CONTROL_PLUS] = {"Control+", "Control on source spikes made like the target's (calibrated)"},
    [BC_ARM_BICROSS_PLUS] = {"BiCross+",
                             "BiCross with what this project adds, calibrated source spikes among it"},
    [BC_ARM_SUPERVISED] = {"Supervised",
                           "MonoCross, then as many updates with target labels: what labels would be worth"},
};

const bc_arm_run bc_arm_runs[BC_ARM_RUNS] = {
    {BC_ARM_COUNT, "rgb", "RGB network", BC_PRETRAIN, NULL, BC_FORM_AS_GIVEN},
    {BC_ARM_PRE_SRC, "pre_src", "Pre_src", BC_NEUROMORPHIC, NULL, BC_FORM_AS_GIVEN},
    {BC_ARM_PRE_SRC_LONGER, "pre_src_longer", "Pre_src, longer", BC_CROSSDOMAIN, "pre_src",
     BC_FORM_SOURCE_ONLY},
    {BC_ARM_MONOCROSS, "monocross", "MonoCross", BC_CROSSMODALITY, "rgb", BC_FORM_AS_GIVEN},
    {BC_ARM_CONTROL, "control", "Control", BC_CROSSDOMAIN, "monocross", BC_FORM_SOURCE_ONLY},
    {BC_ARM_BICROSS, "bicross", "BiCross", BC_CROSSDOMAIN, "monocross", BC_FORM_AS_GIVEN},
    {BC_ARM_CONTROL_PLUS, "control_plus", "Control+", BC_CROSSDOMAIN, "monocross",
     BC_FORM_SOURCE_ONLY | BC_FORM_PLUS},
    {BC_ARM_BICROSS_PLUS, "bicross_plus", "BiCross+", BC_CROSSDOMAIN, "monocross", BC_FORM_PLUS},
    {BC_ARM_SUPERVISED, "supervised", "Supervised", BC_SUPERVISED, "monocross", BC_FORM_AS_GIVEN},
};

const char *bc_arm_name(int arm) {
    return arms[arm].name;
}

const char *bc_arm_about(const char *name) {
    for (int i = 0; i < BC_ARM_COUNT; i++)
        if (strcmp(arms[i].name, name) == 0)
            return arms[i].about;
    return NULL;
}
