/* What the demo trains with (demo.h says why it is not the published recipe). */
#include "bicross/report/demo.h"

const char *const bc_protocol_words[] = {
    [BC_PROTOCOL_GENERIC] = "generic", [BC_PROTOCOL_SENSOR] = "sensor", NULL};

static bc_stage_config stage(int steps, float rate) {
    return (bc_stage_config){.steps = steps,
                             .batch = 4,
                             .lr_backbone = rate,
                             .lr_scratch = rate,
                             .lr_heads = rate,
                             .schedule = BC_SCHEDULE_COSINE,
                             .rate_warmup = 50,
                             .optimiser = BC_ADAM,
                             .clip_norm = 1.0f,
                             .checkpoint_every = 500};
}

/* The same in every arm. */
static void set_augmentation(bc_protocol protocol, bc_config *c) {
    c->flip = true;
    c->colour = 0.3f;
    if (protocol == BC_PROTOCOL_GENERIC) {
        c->gain = c->contrast = 0.3f;
    } else {
        c->thin = 0.6f;
        c->dark = 0.03f;
        c->fixed_pattern = 0.06f;
    }
}

static void set_stages(bool quick, bool indoor, bc_config *c) {
    float from_chance = indoor ? 2e-3f : 1e-3f; /* rooms vary more than streets */
    int first = quick ? 600 : 2000, last = quick ? 300 : 800;
    c->pretrain = c->neuromorphic = stage(first, from_chance);
    c->crossmodality = stage(first, 5e-4f);
    c->supervised = stage(last, 5e-4f);
    c->crossdomain = stage(last, 3e-4f);
    c->crossdomain.lr_heads = 3e-3f; /* else the classifier loses to the network */
    /* The published 0.999 for tens of thousands of updates would be the start, still, after hundreds. */
    c->alpha = quick ? 0.98f : 0.995f;
}

bc_status bc_demo_config(bc_error *err, const char *scenario, bc_protocol protocol, bool quick,
                         bc_config *c) {
    BC_TRY(bc_scenario_find(err, scenario, &c->scenario));
    bool indoor = bc_scenario_indoor(c->scenario);
    c->kind = BC_DATA_WORLD;
    c->preset = BC_TINY;
    c->scene = indoor ? BC_INDOOR : BC_OUTDOOR;
    c->stem_init = BC_STEM_INFLATED;
    c->dmax = indoor ? 10.0f : 80.0f;
    c->input_height = c->world_height = 64;
    c->input_width = c->world_width = 128;
    c->source_count = c->target_count = quick ? 400 : 2000;
    c->validation_count = 40;
    c->test_count = 100;
    set_augmentation(protocol, c);
    set_stages(quick, indoor, c);
    return BC_OK;
}
