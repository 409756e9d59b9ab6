/* How the domains look: one table of numbers each, mixed by the severity of a target image. The outdoor
 * values follow a prototype whose gap between source and target was measured: a network at AbsRel 0.13 on
 * source scenes falls to 0.18 on such targets. */
#include "bicross/world/scene.h"

#include <math.h>
#include <string.h>

static const bc_look CLEAN = {
    .height = {1.6f, 1.7f},
    .pitch = 0.02f,
    .pitch_deviation = 0.045f,
    .yaw_deviation = 0.08f,
    .focal = 0.58f,
    .sun_elevation = {45, 65},
    .sun_side = {-60, 60},
    .ambient = {0.45f, 0.55f},
    .diffuse = {0.5f, 0.65f},
    .exposure = {0.95f, 1.05f},
    .sky_top = {0.25f, 0.5f, 0.95f},
    .sky_horizon = {0.7f, 0.85f, 1},
    .road = {0.3f, 0.36f},
    .walk = {0.55f, 0.65f},
    .verge = {0.2f, 0.4f, 0.14f},
    .verge_spread = 0.1f,
    .marking = 1,
    .ground_noise = 0.1f,
    .wall_noise = 0.12f,
    .noise_frequency = 1,
    .contrast = {0.7f, 1},
    .wall = {0.4f, 0.85f},
    .colourful = 0.28f,
    .windows = 0.75f,
    .gain = {0.85f, 0.95f},
};

/* Low sun, hard shadows, rough dark surfaces, little light on the sensor. */
static const bc_look HARSH = {
    .height = {1.58f, 1.68f},
    .pitch = 0.03f,
    .pitch_deviation = 0.045f,
    .yaw_deviation = 0.08f,
    .focal = 0.565f,
    .vignette = 0.45f,
    .sun_elevation = {20, 40},
    .sun_side = {40, 160},
    .ambient = {0.28f, 0.4f},
    .diffuse = {0.7f, 1},
    .exposure = {0.6f, 1},
    .shadow = 0.85f,
    .sky_top = {0.5f, 0.56f, 0.65f},
    .sky_horizon = {0.72f, 0.7f, 0.66f},
    .cloud = 0.25f,
    .road = {0.12f, 0.6f},
    .walk = {0.15f, 0.65f},
    .verge = {0.3f, 0.32f, 0.15f},
    .verge_spread = 0.2f,
    .marking = 0.4f,
    .ground_noise = 0.9f,
    .wall_noise = 1.1f,
    .noise_frequency = 2.5f,
    .contrast = {0.6f, 1.3f},
    .wall = {0.08f, 0.85f},
    .colourful = 0.12f,
    .windows = 0.25f,
    .bricks = 0.5f,
    .patches = 0.55f,
    .fog = {0.01f, 0.01f},
    .gain = {0.25f, 0.5f},
    .shot = 0.045f,
};

static const bc_look ROOM = {
    .height = {1.35f, 1.45f},
    .pitch = 0.12f,
    .pitch_deviation = 0.05f,
    .focal = 0.62f,
    .ambient = {0.5f, 0.6f},
    .diffuse = {0.5f, 0.65f},
    .exposure = {0.95f, 1.05f},
    .shadow = 0.35f,
    .sky_top = {0.7f, 0.8f, 1},
    .sky_horizon = {0.9f, 0.95f, 1},
    .road = {0.4f, 0.6f},
    .ground_noise = 0.12f,
    .wall_noise = 0.08f,
    .noise_frequency = 3,
    .contrast = {0.7f, 1},
    .wall = {0.6f, 0.9f},
    .colourful = 0.2f,
    .gain = {0.85f, 0.95f},
};

static const bc_look DIM_ROOM = {
    .height = {1.33f, 1.43f},
    .pitch = 0.14f,
    .pitch_deviation = 0.05f,
    .focal = 0.605f,
    .vignette = 0.5f,
    .ambient = {0.28f, 0.42f},
    .diffuse = {0.5f, 0.9f},
    .exposure = {0.65f, 1},
    .shadow = 0.75f,
    .sky_top = {0.5f, 0.5f, 0.55f},
    .sky_horizon = {0.6f, 0.6f, 0.6f},
    .road = {0.15f, 0.6f},
    .ground_noise = 0.7f,
    .wall_noise = 0.45f,
    .noise_frequency = 5,
    .contrast = {0.6f, 1.3f},
    .wall = {0.3f, 0.85f},
    .colourful = 0.12f,
    .bricks = 0.4f,
    .patches = 0.25f,
    .gain = {0.3f, 0.6f},
    .shot = 0.02f,
};

/* One sky over the whole scene, soft light. */
static void make_cloudy(bc_look *look) {
    look->ambient = (bc_range){0.65f, 0.75f};
    look->diffuse = (bc_range){0.15f, 0.3f};
    look->cloud = 0.1f;
    memcpy(look->sky_top, (float[]){0.62f, 0.67f, 0.74f}, sizeof look->sky_top);
    memcpy(look->sky_horizon, (float[]){0.82f, 0.85f, 0.88f}, sizeof look->sky_horizon);
}

static void make_foggy(bc_look *look) {
    look->ambient = (bc_range){0.6f, 0.7f};
    look->diffuse = (bc_range){0.08f, 0.16f};
    look->exposure = (bc_range){0.6f, 0.85f};
    look->fog = (bc_range){0.025f, 0.055f};
    look->cloud = 0.02f;
    look->gain = (bc_range){0.5f, 0.7f};
    look->shot = 0.025f;
    memcpy(look->sky_top, (float[]){0.7f, 0.71f, 0.73f}, sizeof look->sky_top);
    memcpy(look->sky_horizon, (float[]){0.7f, 0.71f, 0.72f}, sizeof look->sky_horizon);
}

static void make_rainy(bc_look *look) {
    look->ambient = (bc_range){0.55f, 0.65f};
    look->diffuse = (bc_range){0.03f, 0.08f};
    look->exposure = (bc_range){0.6f, 0.85f};
    look->fog = (bc_range){0.006f, 0.018f};
    look->cloud = 0.25f;
    look->road = (bc_range){0.13f, 0.2f};
    look->walk = (bc_range){0.28f, 0.4f};
    look->marking = 0.75f;
    look->wet = 0.9f;
    look->rain = 0.55f;
    look->vignette = 0.2f;
    look->gain = (bc_range){0.45f, 0.65f};
    look->shot = 0.025f;
    memcpy(look->sky_top, (float[]){0.4f, 0.43f, 0.48f}, sizeof look->sky_top);
    memcpy(look->sky_horizon, (float[]){0.6f, 0.62f, 0.65f}, sizeof look->sky_horizon);
}

/* Another car with another camera, in the open country. */
static void make_highway(bc_look *look) {
    look->height = (bc_range){1.68f, 1.78f};
    look->pitch = 0.03f;
    look->focal = 0.61f;
    look->vignette = 0.2f;
    look->sun_elevation = (bc_range){30, 55};
    look->sun_side = (bc_range){-140, 140};
    look->shadow = 0.5f;
    look->road = (bc_range){0.24f, 0.45f};
    look->walk = (bc_range){0.3f, 0.42f};
    look->verge_spread = 0.15f;
    look->ground_noise = 0.2f;
    look->cloud = 0.12f;
    look->gain = (bc_range){0.6f, 0.85f};
    look->shot = 0.015f;
    memcpy(look->sky_top, (float[]){0.35f, 0.56f, 0.9f}, sizeof look->sky_top);
}

/* One street lamp ahead and what the sky has left: few spikes. */
static void make_night(bc_look *look) {
    look->ambient = (bc_range){0.12f, 0.25f};
    look->diffuse = (bc_range){0.9f, 1.2f};
    look->exposure = (bc_range){0.8f, 1};
    look->shadow = 0.8f;
    look->vignette = 0.3f;
    look->lamp = 1;
    look->marking = 0.7f;
    look->ground_noise = 0.25f;
    look->wall_noise = 0.25f;
    look->gain = (bc_range){0.6f, 0.9f};
    look->shot = 0.04f;
    memcpy(look->sky_top, (float[]){0.03f, 0.04f, 0.07f}, sizeof look->sky_top);
    memcpy(look->sky_horizon, (float[]){0.1f, 0.1f, 0.12f}, sizeof look->sky_horizon);
}

/* a + (b - a) * share, number by number. */
static void mix_looks(bc_look *look, const bc_look *other, float share) {
    enum { COUNT = sizeof(bc_look) / sizeof(float) };
    float a[COUNT], b[COUNT];
    memcpy(a, look, sizeof a);
    memcpy(b, other, sizeof b);
    for (int i = 0; i < COUNT; i++)
        a[i] += (b[i] - a[i]) * share;
    memcpy(look, a, sizeof a);
}

void bc_look_draw(bc_scenario scenario, bc_domain domain, bc_random *random, bc_look *look) {
    bc_look other;
    bool target = domain == BC_TARGET;
    *look = scenario == BC_REALSPIKE ? (target ? DIM_ROOM : ROOM) : CLEAN;
    if (scenario == BC_WEATHER) {
        make_cloudy(look);
        other = *look;
        if (bc_chance(random, 0.5f))
            make_foggy(&other);
        else
            make_rainy(&other);
        if (target)
            mix_looks(look, &other, bc_random_range(random, 0.35f, 1));
    } else if (scenario == BC_SYN2REAL && target) {
        float severity = bc_random_uniform(random);
        mix_looks(look, &HARSH, severity);
        const bc_look *walls =
            bc_chance(random, severity) ? &HARSH : &CLEAN; /* one kind of town, not half of each */
        look->windows = walls->windows;
        look->bricks = walls->bricks;
    } else if (scenario == BC_SCENE && target) {
        make_highway(look);
    } else if (scenario == BC_NIGHT && target) {
        make_night(look);
    }
}

/* The sensor of each domain: sources are ideal, targets have the spread of a real one. */
static bc_simulator simulator_of(bc_scenario scenario, bc_domain domain) {
    if (domain == BC_SOURCE)
        return bc_simulator_ideal();
    bc_simulator simulator = bc_simulator_sensor();
    if (scenario == BC_SYN2REAL) {
        simulator.fixed_pattern = 0.05f;
        simulator.mismatch = 0.04f;
        simulator.dark = 0.015f;
    }
    return simulator;
}

static void apply_light(const bc_look *look, bc_random *random, bc_scene *scene) {
    const float degree = 0.01745329252f;
    float elevation = bc_draw(random, look->sun_elevation) * degree,
          side = bc_draw(random, look->sun_side) * degree;
    float hand = bc_chance(random, 0.5f) ? 1.0f : -1.0f;
    scene->light[0] = hand * cosf(elevation) * sinf(side);
    scene->light[1] = sinf(elevation);
    scene->light[2] = -cosf(elevation) * cosf(side);
    scene->ambient = bc_draw(random, look->ambient);
    scene->diffuse = bc_draw(random, look->diffuse);
    scene->exposure = bc_draw(random, look->exposure);
    scene->shadow = look->shadow;
    float brightness = look->shadow > 0 ? bc_random_range(random, 1 - 0.5f * look->shadow, 1) : 1;
    for (int i = 0; i < 3; i++) {
        scene->sky_top[i] = look->sky_top[i] * brightness;
        scene->sky_horizon[i] = look->sky_horizon[i] * brightness;
    }
    scene->cloud = look->cloud;
    scene->hills = bc_random_range(random, 0, 0.06f);
    scene->fog = bc_draw(random, look->fog);
    scene->patches = look->patches;
    scene->wet = look->wet;
    scene->rain = look->rain;
    scene->vignette = look->vignette;
    scene->marking =
        bc_chance(random, look->marking + 0.2f) ? look->marking * bc_random_range(random, 0.6f, 1) : 0;
}

static void apply_camera(const bc_look *look, bc_random *random, bc_scene *scene) {
    scene->position[1] = bc_draw(random, look->height);
    scene->yaw = look->yaw_deviation * bc_random_normal(random);
    scene->pitch = look->pitch + look->pitch_deviation * bc_random_normal(random);
    scene->roll = 0.015f * bc_random_normal(random);
    scene->turn = 0.01f * bc_random_normal(random);
    scene->focal = look->focal;
    scene->horizon = 0.42f;
}

void bc_look_apply(const bc_look *look, bc_scenario scenario, bc_domain domain, bc_random *random,
                   bc_scene *scene) {
    memset(scene, 0, sizeof *scene);
    apply_light(look, random, scene);
    apply_camera(look, random, scene);
    scene->seed = bc_random_bits(random) >> 1;
    scene->simulator = simulator_of(scenario, domain);
    scene->simulator.gain = bc_draw(random, look->gain);
    scene->simulator.shot = fmaxf(scene->simulator.shot, look->shot);
}
