/* What people call the things that files have short names for. */
#include "bicross/report/report_internal.h"

#include "bicross/report/demo_arms.h"
#include "host/base/path.h"

#include <string.h>

typedef struct pair {
    const char *key, *words;
} pair;

static const pair scenarios[] = {
    {"syn2real", "from clean streets to other textures, other optics and the noise of a real sensor"},
    {"weather", "from cloudy streets to fog and rain"},
    {"scene", "from streets to highways, with another camera"},
    {"realspike", "from rooms to dim rooms with the full noise of a real spike sensor"},
    {"night", "from streets by day to streets by night"},
};

static const pair curves[] = {
    {"total", "all losses, weighted"},
    {"sig", "depth loss, up to scale"},
    {"mse", "depth loss, squared"},
    {"ssi", "depth loss, up to scale and shift"},
    {"uncertainty", "uncertainty loss"},
    {"ckd", "coarse distillation from RGB"},
    {"fkd", "fine distillation from RGB"},
    {"scp", "pseudo-labels on the target"},
    {"sca_source", "alignment, source side"},
    {"sca_target", "alignment, target side"},
    {"rate", "learning rate"},
    {"share_kept", "share of pixels with a pseudo-label"},
    {"share_distilled", "share of cells distilled"},
    {"validation", "validation: depth loss"},
    {"validation_abs_rel", "validation: relative error"},
};

static const pair stages[] = {
    {"pretrain", "RGB network [pretrain]"},
    {"neuromorphic", "Pre_src [neuromorphic]"},
    {"crossmodality", "MonoCross [crossmodality]"},
    {"crossdomain", "BiCross [crossdomain]"},
    {"control", "Control [control]"},
    {"supervised", "Supervised [supervised]"},
};

#define FIND(pairs, key) find(pairs, (int)(sizeof(pairs) / sizeof *(pairs)), key)
static const pair *find(const pair *pairs, int count, const char *key) {
    for (int i = 0; i < count; i++)
        if (strcmp(pairs[i].key, key) == 0)
            return &pairs[i];
    return NULL;
}

const char *bc_report_scenario_words(const char *scenario) {
    const pair *found = FIND(scenarios, scenario);
    return found ? found->words : "";
}

void bc_report_curve_title(const char *curve, char title[BC_REPORT_NAME]) {
    static const char gradient[] = "gradient_";
    bool of_gradient = strncmp(curve, gradient, sizeof gradient - 1) == 0;
    const pair *found = FIND(curves, of_gradient ? curve + sizeof gradient - 1 : curve);
    if (found)
        snprintf(title, BC_REPORT_NAME, "%s%s [%s]", of_gradient ? "norm of the gradient: " : "",
                 found->words, curve);
    else
        snprintf(title, BC_REPORT_NAME, "%s", curve);
}

const char *bc_report_run_label(const char *run) {
    const char *name = bc_path_name(run);
    const pair *stage = FIND(stages, name);
    bool in_demo = name != run; /* "seed-0/control" */
    for (int i = 0; i < BC_ARM_RUNS && (in_demo || !stage); i++)
        if (strcmp(bc_arm_runs[i].folder, name) == 0)
            return bc_arm_runs[i].label;
    return stage ? stage->words : *name ? name : "run";
}

int bc_report_colour(const char *label, int place) {
    const char *key = strstr(label, " [");
    size_t length = key ? (size_t)(key - label) : strlen(label);
    for (int i = 0; i < BC_ARM_RUNS; i++)
        if (strlen(bc_arm_runs[i].label) == length && strncmp(label, bc_arm_runs[i].label, length) == 0)
            return i;
    return place;
}
